import fc from 'fast-check'
import { parse, stringify } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import { withSettings } from '../../src/cli/toml-edit.js'

describe('settings in a TOML text', () => {
  test('take the place of the old ones, and all else stays as it is', () => {
    const before = `# The bench by the window
rig = "bridge"
  rate=60 # as slow as the imp likes it
"grey" = 0.52

# of the line
[limits]
rate = [1, 2]
`
    expect(
      withSettings(before, { rate: 142, grey: 0.5, brightness: 0.8, rig: 'bridge' }),
    ).toBe(`# The bench by the window
rig = "bridge"
  rate=142 # as slow as the imp likes it
"grey" = 0.5
brightness = 0.8

# of the line
[limits]
rate = [1, 2]
`)
  })

  test('are added to an empty text, and behind a last line that has no end', () => {
    expect(withSettings('', { rig: 'emulated', rate: 60 })).toBe('rig = "emulated"\nrate = 60\n')
    expect(withSettings('rate = 60', { grey: 0.5 })).toBe('rate = 60\ngrey = 0.5\n')
    expect(withSettings('rate = 60\r\n', { grey: 0.5, rate: 1 })).toBe('rate = 1\r\ngrey = 0.5\r\n')
  })

  test('are not taken for text that looks like them', () => {
    const text = 'note = """\nrate = 60\n[limits]\n"""\nrate = 30\n'
    expect(withSettings(text, { rate: 142 })).toBe(text.replace('rate = 30', 'rate = 142'))
    expect(withSettings(text.replace('rate = 30\n', ''), { rate: 142 })).toBe(
      text.replace('rate = 30', 'rate = 142'),
    )
  })

  test('are refused where a line does not do it', () => {
    expect(withSettings('[rate]\nhz = 60\n', { rate: 142 })).toBeNull()
    expect(() => withSettings('rate = = 1', { rate: 142 })).toThrow()
  })

  const scalar = fc.oneof(
    fc.string(),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
  )
  const key = fc.stringMatching(/^[a-z][a-z-]{0,6}$/)
  const table = fc.dictionary(
    fc.oneof(key, fc.string({ minLength: 1 })),
    fc.oneof(scalar, fc.array(fc.integer()), fc.dictionary(key, scalar)),
    { noNullPrototype: true },
  )

  test('are then there, and nothing else has changed, whatever the text', () => {
    fc.assert(
      fc.property(
        table,
        fc.dictionary(key, scalar, { noNullPrototype: true }),
        fc.constantFrom('\n', '\r\n'),
        fc.stringMatching(/^[ -~]{0,20}$/),
        (before, settings, newLine, comment) => {
          const text = `# ${comment}\n${stringify(before)}# ${comment}\n`.replaceAll('\n', newLine)
          const said = parse(text)
          const isTable = Object.keys(settings).some((name) => typeof said[name] === 'object')
          const after = withSettings(text, settings)
          if (after === null) {
            expect(isTable).toBe(true)
            return
          }
          expect(parse(after)).toEqual({ ...said, ...settings })
          expect(after.split(`# ${comment}`).length).toBeGreaterThanOrEqual(3)
          expect(after.replaceAll('\r\n', '').includes('\n')).toBe(newLine === '\n')
        },
      ),
    )
  })
})
