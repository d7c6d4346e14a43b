import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Command,
  EVENTS,
  type EventName,
  parseEvent,
  parseReply,
  REPLIES,
} from '../../../src/rig/bridge/protocol.js'
import { RigError } from '../../../src/rig/errors.js'

const PROTOCOL = readFileSync(
  new URL('../../../firmware-bridge/PROTOCOL.md', import.meta.url),
  'utf8',
)

/** Rows of the table under a heading of PROTOCOL.md: what stands between backticks in its columns. */
function rows(heading: string): string[][] {
  const [, section = ''] = PROTOCOL.split(`## ${heading}`)
  const [table = ''] = section.split('\n## ')
  return table
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => /`([^`]*)`/.exec(cell)?.[1] ?? ''))
}

const COMMANDS = Object.keys(REPLIES) as Command[]

/** The reply of the document, as a board says it. */
function reply(command: Command): string[] {
  const [row] = rows('Commands').filter(([, said = '']) => said.startsWith(command))
  const [verb] = command.split(' ', 1)
  return `ok ${verb} ${row?.[2]}`.trim().split(' ')
}

const fieldNames = (words: readonly string[]): string[] =>
  words.flatMap((word) => (word.includes('=') ? [word.split('=')[0] as string] : [])).sort()

describe('the table is that of PROTOCOL.md', () => {
  test('has its commands', () => {
    const documented = rows('Commands').map(([, said = '']) => said.replace(/ [A-Z].*/, '').trim())
    expect([...COMMANDS, 'help'].sort()).toEqual(documented.sort())
  })

  test.each(COMMANDS)('%s: takes the reply that stands there, and has its fields', (command) => {
    const words = reply(command)
    expect(Object.keys(parseReply(command, words)).sort()).toEqual(fieldNames(words))
  })

  test('has its events', () => {
    const documented = rows('What the board says on its own').map(([, said = '']) => said)
    expect(documented.map((said) => said.split(' ')[0]).sort()).toEqual(Object.keys(EVENTS).sort())
    for (const said of documented) {
      const [name = '', ...words] = said.split(' ')
      const { words: places, fields } = EVENTS[name as EventName]
      const named = fieldNames(words).filter((field) => field !== 'name') // who is ready is known
      expect(Object.keys(fields.shape).sort(), said).toEqual([...places, ...named].sort())
      expect(words.filter((word) => !word.includes('='))).toHaveLength(places.length)
    }
  })
})

const kept = <T>(parse: () => T): T | 'damaged' | 'foreign' => {
  try {
    return parse()
  } catch (error) {
    if (error instanceof RigError && /^(damaged|foreign)$/.test(error.code)) {
      return error.code as 'damaged' | 'foreign'
    }
    throw error
  }
}

/** What a liar may put in the place of a value. */
const VALUE = fc.oneof(
  fc.constantFrom(
    '',
    '-',
    '-1',
    '0',
    'NaN',
    '1e309',
    'Infinity',
    '1.5',
    '0x10',
    '٣',
    '４',
    '1 ',
    'true',
  ),
  fc.constantFrom('4294967296', '99999999999999999999', '00000000001', '__proto__', 'constructor'),
  fc.string({ maxLength: 20 }),
  fc.nat().map(String),
)

describe('no answer is believed unchecked', () => {
  test('a field of any value is one in its range, or an error', () => {
    fc.assert(
      fc.property(fc.constantFrom(...COMMANDS), fc.nat(), VALUE, (command, place, value) => {
        const words = reply(command)
        const fields = words.flatMap((word, index) => (word.includes('=') ? [index] : []))
        const index = fields[place % fields.length]
        if (index === undefined) return
        words[index] = `${words[index]?.split('=')[0]}=${value}`
        const parsed = kept(() => parseReply(command, words))
        if (typeof parsed === 'string') return
        for (const field of Object.values(parsed)) {
          if (typeof field === 'number') expect(field).toBeGreaterThanOrEqual(0)
          if (typeof field === 'number') expect(Number.isSafeInteger(field)).toBe(true)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('any words are an event, nothing that is known, or an error', () => {
    const word = fc.oneof(VALUE, fc.constantFrom(...Object.keys(EVENTS), 'symbols=1', 'count=NaN'))
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        const event = kept(() => parseEvent(words))
        if (event === null) expect(Object.keys(EVENTS)).not.toContain(words[0])
        else if (typeof event !== 'string') expect(event.name).toBe(words[0])
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    ['another program', 'name=blonkup-bridge', 'foreign'],
    ['another protocol', 'protocol=2', 'foreign'],
    ['another clock', 'clock=8000000', 'foreign'],
    ['a clock that is no number', 'clock=NaN', 'foreign'],
    ['no time', 'now=garbage', 'damaged'],
    ['room for no symbol', 'symbols=0', 'damaged'],
    ['a name that steers a terminal', 'serial=\x1b[2J', 'damaged'],
  ])('hello with %s', (_, field, code) => {
    const name = field.split('=')[0]
    const words = reply('hello').map((word) => (word.startsWith(`${name}=`) ? field : word))
    expect(kept(() => parseReply('hello', words))).toBe(code)
  })

  test('a field that is missing, or the reply to another command', () => {
    expect(kept(() => parseReply('rate', ['ok', 'rate']))).toBe('damaged')
    expect(kept(() => parseReply('rate', ['ok', 'sample', 'period=266664']))).toBe('damaged')
  })

  test('what a later version may add is ignored', () => {
    expect(parseReply('rate', ['ok', 'rate', 'period=266664', 'new=1', '#1'])).toEqual({
      period: 266_664,
    })
    expect(parseEvent(['new', 'line'])).toBeNull()
  })

  test('what cannot be is quoted, and not at length', () => {
    const words = ['s', '00000000', 'x'.repeat(500)]
    expect(() => parseEvent(words)).toThrow(
      /says "s 00000000 x{49}…", which is impossible: flash its firmware/,
    )
  })

  test('symbols, which are as secret as the password, are not quoted', () => {
    const words = ['ok', 'load', 'symbols=0102010201020102', 'crc=b772', '#1']
    expect(() => parseReply('load', words)).toThrow('says "load symbols=…", which')
  })

  test('what a greeting does not say is not told', () => {
    const told = (...said: string[]): void => void parseReply('hello', ['ok', 'hello', ...said])
    const name = 'name=blinkup-bridge'
    expect(() => told(name, 'protocol=1')).toThrow(
      /^the board says "ok hello .*", which is impossible/,
    )
    expect(() => told('name=other')).toThrow('the board runs other with protocol unknown, not')
    expect(() => told()).toThrow('the board says "ok hello", which is impossible')
  })
})
