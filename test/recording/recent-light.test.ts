import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RecentLight } from '../../src/recording/recent-light.js'

const ALL = { startS: -Infinity, endS: Infinity }
const samples = (...pairs: [timeS: number, level: number][]) => ({
  timesS: Float64Array.from(pairs, ([timeS]) => timeS),
  levels: Float64Array.from(pairs, ([, level]) => level),
})

test('the light of a message has a second of darkness around it', () => {
  const recent = new RecentLight()
  recent.push(samples([0, 0.1], [1, 0.2], [2, 0.3]))
  recent.push(samples([3, 0.4], [4, 0.5], [5, 0.6]))
  expect(recent.around({ startS: 2, endS: 3 })).toEqual(
    samples([1, 0.2], [2, 0.3], [3, 0.4], [4, 0.5]),
  )
})

test('samples within 50 µs are one, their mean, however they come', () => {
  const all: [number, number][] = [
    [0, 0.2],
    [0.00001, 0.4],
    [0.00004, 0.6],
    [0.00006, 0.8],
    [0.0002, 1],
  ]
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: all.length })), (cuts) => {
      const recent = new RecentLight(8)
      const ends = [...cuts.sort((a, b) => a - b), all.length]
      for (const [i, end] of ends.entries())
        recent.push(samples(...all.slice(ends[i - 1] ?? 0, end)))
      const { timesS, levels } = recent.around(ALL)
      expect([...timesS]).toEqual([0, 0.00006, 0.0002])
      expect(levels[0]).toBeCloseTo(0.4, 12)
      expect([...levels.subarray(1)]).toEqual([0.8, 1])
    }),
  )
})

test('the newest light is kept', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(60), (most, count) => {
      const recent = new RecentLight(most)
      const timesS = Array.from({ length: count }, (_, i) => i)
      for (const timeS of timesS) recent.push(samples([timeS, timeS / 100]))
      const kept = timesS.slice(-most)
      expect(recent.around(ALL)).toEqual(
        samples(...kept.map((t): [number, number] => [t, t / 100])),
      )
    }),
  )
})
