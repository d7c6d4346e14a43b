import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { RecordingError } from '../../src/recording/errors.js'
import { parseJsonPairs } from '../../src/recording/json.js'
import { samplesArbitrary } from './samples.js'

it('reads pairs of time in µs and level of 65535', () => {
  const { timesS, levels } = parseJsonPairs(' [ [0, 0], [1000,65535],\n[2000 , 13107] ]\n')
  expect([...timesS]).toEqual([0, 0.001, 0.002])
  expect([...levels]).toEqual([0, 1, 0.2])
})

test('what JSON.stringify writes of any samples is read back', () => {
  fc.assert(
    fc.property(samplesArbitrary, ({ timesS, levels }) => {
      const pairs = Array.from(timesS, (timeS, n) => [timeS * 1e6, 65535 * (levels[n] ?? 0)])
      const read = parseJsonPairs(JSON.stringify(pairs))
      for (const [n, timeS] of timesS.entries()) {
        expect(read.timesS[n]).toBeCloseTo(timeS, 9)
        expect(read.levels[n]).toBeCloseTo(levels[n] ?? 0, 9)
      }
    }),
  )
})

describe('a broken file is told with line and column', () => {
  it.each([
    ['[]', 'there are no samples'],
    ['{}', 'line 1, column 1: give an array of pairs'],
    ['[[0,0],\n [1,x]]', 'line 2, column 2: give pairs'],
    ['[[0,0],\n [1]]', 'line 2, column 2: give pairs'],
    ['[[0,0],\n[1,2]', 'line 2, column 6: give pairs'],
    ['[[0,0],]', 'line 1, column 8: give pairs'],
    ['[[1,0],\n[0,0]]', 'line 2, column 1: the time must be'],
    ['[[0,0],\n[1,65536]]', 'line 2, column 1: give the level'],
    ['[[0,-1]]', 'give the level'],
    ['[[1e9e,1]]', 'the time must be'],
    ['[[0,0]] x', 'line 1, column 9: nothing may follow'],
  ])('%j', (text, message) => {
    expect(() => parseJsonPairs(text)).toThrow(RecordingError)
    expect(() => parseJsonPairs(text)).toThrow(message)
  })
})

test('any text is samples or a RecordingError', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc
      .array(fc.constantFrom('[', ']', ',', '0', '1', '7', '.', '-', 'e', '\n', ' '))
      .map((all) => `[${all.join('')}`),
  )
  fc.assert(
    fc.property(text, (content) => {
      try {
        expect(parseJsonPairs(content).timesS.length).toBeGreaterThan(0)
      } catch (error) {
        expect(error).toBeInstanceOf(RecordingError)
      }
    }),
    { numRuns: 2000 },
  )
})
