import { Command } from 'commander'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { FIGURES, type FigureName, type Limits } from '../../src/bench/figures.js'
import { addLimitOptions, limitsOf } from '../../src/cli/limit-options.js'
import { loadLightSettings } from '../../src/cli/rig-options.js'
import { test } from '../helpers/folder.js'

/** What the flags make of it; throws as commander does. */
function read(...flags: readonly string[]): Limits | undefined {
  const command = addLimitOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  command.parse(
    flags.flatMap((flag) => ['--limit', flag]),
    { from: 'user' },
  )
  return command.opts<{ limit?: Limits }>().limit
}

describe('a limit as a flag', () => {
  test('is a range of any figure', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true })
    const names = fc.constantFrom(...(Object.keys(FIGURES) as FigureName[]))
    fc.assert(
      fc.property(names, number, number, (name, a, b) => {
        const [least, most] = [Math.min(a, b), Math.max(a, b)]
        const limit = read(`${name}=${least}..${most}`)?.[name]
        expect(limit?.map((bound) => bound + 0)).toEqual([least + 0, most + 0])
      }),
    )
  })

  test('is the most alone, to either side of a figure that is best at zero', () => {
    expect(read('tie-rms-us=20', 'asymmetry-pct=1.5', 'frequency-error-ppm=-100..-1e1')).toEqual({
      'tie-rms-us': [0, 20],
      'asymmetry-pct': [-1.5, 1.5],
      'frequency-error-ppm': [-100, -10],
    })
  })

  test('none is none', () => {
    expect(read()).toBeUndefined()
    expect(limitsOf({}, { limits: {} })).toEqual({})
  })

  test.for([
    ['tie-rms=3', 'tie-rms is no figure: take tie-rms-us, '],
    ['', ' is no figure: take '],
    ['constructor=1', 'constructor is no figure: take '],
    ['tie-rms-us', 'tie-rms-us must have a number from 0 on, or a least and a most'],
    ['tie-rms-us=', 'must have'],
    ['tie-rms-us=-1', 'must have'],
    ['tie-rms-us=2..1', 'must have'],
    ['tie-rms-us=1..2..3', 'must have'],
    ['tie-rms-us=1..', 'must have'],
    ['tie-rms-us=0x10', 'must have'],
    ['tie-rms-us=Infinity', 'must have'],
    ['tie-rms-us=1e999', 'must have'],
    ['tie-rms-us= 1', 'must have'],
  ] as const)('%s: %s', ([flag, message]) => {
    expect(() => read(flag)).toThrow(message)
  })

  test('twice for one figure is a mistake', () => {
    expect(() => read('tie-rms-us=1', 'tie-rms-us=2')).toThrow('tie-rms-us is given twice')
  })

  test('whatever the text, it is a limit or a sentence', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('', 'tie-rms-us=', 'droop-pct='), (text, name) => {
        try {
          for (const limit of Object.values(read(name + text) ?? {})) {
            expect(limit.every(Number.isFinite) && limit[0] <= limit[1]).toBe(true)
          }
        } catch (error) {
          expect(String(error)).toMatch(/is no figure: take|must have|argument missing/)
        }
      }),
    )
  })
})

describe('limits of a fixture file', () => {
  test('are a section of numbers and pairs, which flags beat', async ({ folder }) => {
    const toml =
      'rig = "emulated"\n[limits]\ntie-rms-us = 20\ndroop-pct = [-0.5, 2]\ntie-max-us = 100.5\n'
    const settings = await loadLightSettings({ fixture: await folder.file('a.toml', toml) })
    expect(limitsOf({ limit: read('tie-rms-us=5') as Limits }, settings)).toEqual({
      'tie-rms-us': [0, 5],
      'droop-pct': [-0.5, 2],
      'tie-max-us': [0, 100.5],
    })
    expect((await loadLightSettings({})).limits).toEqual({})
  })

  test.for([
    ['limits = 3', 'limits must be a section: write [limits]'],
    ['[limits]\ntie-rms = 3', 'limits.tie-rms is no figure: take tie-rms-us, '],
    ['[limits]\ntie-rms-us = "3"', 'limits.tie-rms-us must have a number'],
    ['[limits]\ntie-rms-us = [3]', 'limits.tie-rms-us must have a number'],
    ['[limits]\ntie-rms-us = [3, 1]', 'limits.tie-rms-us must have a number'],
    ['[limits]\ntie-rms-us = inf', 'limits.tie-rms-us must have a number'],
    ['[limits]\ntie-rms-us = {}', 'limits.tie-rms-us must have a number'],
  ] as const)('%s is a bad fixture', async ([toml, message], { folder }) => {
    const fixture = await folder.file('a.toml', toml)
    await expect(loadLightSettings({ fixture })).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringContaining(`${fixture}: ${message}`),
    })
  })
})
