import { randomNormal } from 'd3-random'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Trend, type Uncertain } from '../../src/bench/trend.js'
import { seededRandom } from '../../src/channel/random.js'

function trendOf(values: readonly number[], timeS = (n: number) => 10 * n): Trend {
  const trend = new Trend()
  for (const [n, value] of values.entries()) trend.push(timeS(n), value)
  return trend
}

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true })

describe('bins', () => {
  test('hold every value, however many there are, in constant memory', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 3000 }), (values) => {
        const { bins, all } = trendOf(values)
        expect(bins.length).toBeLessThanOrEqual(128)
        expect(bins.length).toBeGreaterThanOrEqual(Math.min(values.length, 64))
        let at = 0
        for (const bin of bins) {
          const part = values.slice(at, at + bin.count)
          expect(bin).toMatchObject({
            fromS: 10 * at,
            toS: 10 * (at + bin.count - 1),
            min: Math.min(...part),
            max: Math.max(...part),
          })
          const mean = part.reduce((sum, one) => sum + one, 0) / part.length
          expect(Math.abs(bin.mean - mean)).toBeLessThan(1e-6)
          at += bin.count
        }
        expect(at).toBe(values.length)
        expect(all).toMatchObject({ count: at, min: Math.min(...values), max: Math.max(...values) })
      }),
      { numRuns: 50 },
    )
  })

  test('of a million values are as few as of a thousand', () => {
    const trend = new Trend()
    for (let n = 0; n < 1e6; n++) trend.push(n, n % 7)
    expect(trend.bins.length).toBeLessThanOrEqual(128)
    expect(trend.all).toMatchObject({ count: 1e6, min: 0, max: 6 })
  })
})

describe('what is not known is null', () => {
  test('of nothing, of one value, of two', () => {
    expect(new Trend()).toMatchObject({ all: null, mean: null, perHour: null, bins: [] })
    expect(trendOf([5])).toMatchObject({ mean: { value: 5, uncertainty: null }, perHour: null })
    const two = trendOf([5, 7])
    expect(two.perHour).toBeNull()
    expect(two.mean).toEqual({ value: 6, uncertainty: expect.closeTo(12.706, 3) })
  })

  test('of values all at one time', () => {
    expect(trendOf([1, 2, 3, 4], () => 0).perHour).toBeNull()
  })
})

test('a straight line has its slope', () => {
  fc.assert(
    fc.property(
      value,
      fc.double({ min: -10, max: 10, noNaN: true }),
      fc.integer({ min: 3, max: 2000 }),
      (start, perS, count) => {
        const line = Array.from({ length: count }, (_, n) => start + perS * 10 * n)
        const slope = trendOf(line).perHour
        expect(slope?.value).toBeCloseTo(3600 * perS, 1)
      },
    ),
    { numRuns: 30 },
  )
})

describe('of a thousand runs the interval holds the truth in 95 of 100', () => {
  const RUNS = 1000

  /** Values around a line, each as like the one before it as that says. */
  function run(seed: number, count: number, likeness: number, perHour: number): Trend {
    const gaussian = randomNormal.source(seededRandom(seed))()
    let off = gaussian() / Math.sqrt(1 - likeness ** 2)
    const values = Array.from({ length: count }, (_, n) => {
      off = likeness * off + gaussian()
      return (perHour / 3600) * 10 * n + off
    })
    return trendOf(values)
  }

  const holds = (estimate: Uncertain | null, truth: number): boolean =>
    Math.abs((estimate?.value ?? Number.NaN) - truth) <= (estimate?.uncertainty ?? 0)

  // A thousand runs find 94 of 100 or more of what is 95, nearly always. Few values do not show how like they are.
  test.each([
    [5, 0, 0.94],
    [20, 0, 0.94],
    [100, 0, 0.94],
    [1000, 0, 0.94],
    [1000, 0.7, 0.94],
    [1000, 0.95, 0.9],
    [60, 0.5, 0.92],
  ])('%i values, likeness %f', (count, likeness, least) => {
    const seeds = Array.from({ length: RUNS }, (_, n) => n + 1)
    const slopes = seeds.filter((seed) => holds(run(seed, count, likeness, 3).perHour, 3))
    const means = seeds.filter((seed) => holds(run(seed, count, likeness, 0).mean, 0))
    expect(slopes.length / RUNS).toBeGreaterThanOrEqual(least)
    expect(means.length / RUNS).toBeGreaterThanOrEqual(least)
  })

  test('a mean of what drifts away is not known, or much less', () => {
    const steady = run(1, 1000, 0, 0).mean?.uncertainty ?? 0
    const { mean, perHour } = run(1, 1000, 0, 100)
    expect(mean?.uncertainty ?? Infinity).toBeGreaterThan(20 * steady)
    expect(holds(perHour, 100)).toBe(true)
  })
})
