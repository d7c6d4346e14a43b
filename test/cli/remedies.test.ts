import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { commandsFor } from '../../src/cli/commands.js'
import { explain } from '../../src/cli/errors.js'
import { createProgram } from '../../src/cli/program.js'
import { WORDED_REMEDIES, withRemedy } from '../../src/cli/remedies.js'
import { type Remedy, RigError, UntimelyLightError } from '../../src/rig/errors.js'

const program = createProgram(await commandsFor([]))
const allCommands = (command: Command): Command[] => [
  command,
  ...command.commands.flatMap(allCommands),
]
const flags = allCommands(program).flatMap(({ options }) => options.map(({ long }) => long))

/** What of it is for another program: npm's. */
const OF_OTHERS: readonly Remedy[] = ['allow-install-scripts']

describe('a remedy is what this command line has', () => {
  const remedies = Object.entries(WORDED_REMEDIES).filter(
    ([name]) => !OF_OTHERS.includes(name as Remedy),
  )

  test.each(remedies)('%s: %s', (_, words) => {
    const named = Array.from(words.matchAll(/blinkup ((?:[a-z]+ ?)+)/g), ([, path = '']) => path)
    for (const path of named) {
      const command = path
        .split(' ')
        .reduce<Command | undefined>(
          (within, name) => within?.commands.find((command) => command.name() === name),
          program,
        )
      expect(command, path).toBeDefined()
    }
    const given = words.match(/--[a-z-]+/g) ?? []
    for (const flag of given) expect(flags).toContain(flag)
    expect(named.length + given.length).toBeGreaterThan(0)
  })

  test('and so is the value of a flag', () => {
    const [, model] = / ?--board ([\w-]+)/.exec(WORDED_REMEDIES['flash-old-bootloader']) ?? []
    const board = allCommands(program)
      .flatMap(({ options }) => options)
      .find(({ long }) => long === '--board')
    expect(board?.argChoices).toContain(model)
  })
})

describe('the remedy of an error', () => {
  test('follows its sentence in brackets, and is told as data, too', () => {
    const error = new RigError('foreign', 'the board is old: flash it', { remedy: 'flash' })
    expect(explain(error)).toEqual({
      code: 'rig.foreign',
      exitCode: 69,
      message: 'the board is old: flash it (blinkup firmware flash)',
      remedy: 'flash',
    })
  })

  test('is what the error class says', () => {
    const play = { symbols: 1, symbolRateHz: 1, greyRatio: 0.5, startS: 0, clock: 'host' } as never
    expect(explain(new UntimelyLightError(play, 1))).toMatchObject({
      message: expect.stringMatching(/ \(blinkup firmware flash\)$/),
      remedy: 'flash',
    })
  })

  test('is not made up', () => {
    expect(withRemedy('do this', undefined)).toBe('do this')
    expect(explain(new RigError('missing', 'do this'))).not.toHaveProperty('remedy')
  })
})
