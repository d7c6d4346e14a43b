import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { CSV_HEADER, csvLines, parseCsv } from '../../../src/rig/recording/csv.js'
import { RecordingError } from '../../../src/rig/recording/errors.js'
import { samplesArbitrary } from './samples.js'

describe('the unit of time', () => {
  it.each([
    ['0,0.5\n2,0.6\n', 2],
    ['time_s,level\n0,0.5\n2,0.6\n', 2],
    ['time,level\n0,0.5\n2,0.6\n', 2],
    ['time_ms,level\n0,0.5\n2,0.6\n', 2e-3],
    ['"Time (us)","A0"\n0,0.5\n2,0.6\n', 2e-6],
    ['t [µs], volts\r\n0 , 0.5\r\n\r\n2 , 0.6\r\n', 2e-6],
  ])('%j', (text, endS) => {
    const { timesS, levels } = parseCsv(text)
    expect([...timesS]).toEqual([0, endS])
    expect([...levels]).toEqual([0.5, 0.6])
  })
})

test('what csvLines writes is read back to its last digit', () => {
  fc.assert(
    fc.property(samplesArbitrary, (samples) => {
      const { timesS, levels } = parseCsv(CSV_HEADER + csvLines(samples))
      expect([...timesS]).toEqual(Array.from(samples.timesS, (timeS) => Number(timeS.toFixed(6))))
      expect([...levels]).toEqual(Array.from(samples.levels, (level) => Number(level.toFixed(5))))
    }),
  )
})

describe('a broken file is told with line and column', () => {
  it.each([
    ['', 'there are no samples'],
    ['time_s,level\n', 'there are no samples'],
    ['time_fortnights,level\n0,0.5\n', 'line 1, column 1: name the unit'],
    ['0,0.5\n1\n', 'line 2, column 2: give a time and a level'],
    ['0,0.5\n1,0.5,7\n', 'line 2, column 8: give a time and a level'],
    ['0,0.5\nx,0.5\n', 'line 2, column 1: the time is not a number'],
    ['0,0.5\n1,0x10\n', 'line 2, column 3: the level is not a number'],
    ['0,0.5\n1,1.5\n', 'line 2, column 3: give the level as a part'],
    ['0,0.5\n0,0.5\n', 'line 2, column 1: the time must be later'],
    ['0,0.5\n1e999,0.5\n', 'line 2, column 1: the time is farther than 10^10 s'],
    [
      'time_s,level\n1764000000000000000,0.5\n',
      'line 2, column 1: the time is farther than 10^10 s',
    ],
    ['0,0.5\r\n\r\n1\r\n', 'line 3, column 2: give a time and a level'],
  ])('%j', (text, message) => {
    expect(() => parseCsv(text)).toThrow(RecordingError)
    expect(() => parseCsv(text)).toThrow(message)
  })
})

it.each([
  ['digits', `0,${'1'.repeat(1e6)}x`],
  ['spaces', `0,1${' '.repeat(1e6)}x`],
  ['digits and spaces', `0,${'1'.repeat(1e6)}${' '.repeat(1e6)}x`],
])('a cell of a million %s that is no number is refused, and soon', (_, text) => {
  expect(() => parseCsv(text)).toThrow('line 1, column 3: the level is not a number')
})

test('any text is samples or a RecordingError', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom('0', '1', '.', ',', '-', 'e', '\n', ' ', 't', '_', 'ms'))
      .map((all) => all.join('')),
  )
  fc.assert(
    fc.property(text, (content) => {
      try {
        expect(parseCsv(content).timesS.length).toBeGreaterThan(0)
      } catch (error) {
        expect(error).toBeInstanceOf(RecordingError)
      }
    }),
    { numRuns: 2000 },
  )
})
