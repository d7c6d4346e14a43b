import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  binomialInterval,
  compareCounts,
  extremeFactor,
  fisherExact,
  holm,
  logFactorial,
  normalQuantile,
  student95,
  studentTails,
} from '../../src/bench/statistics.js'

const chanceOf = (passed: number, tried: number, share: number): number =>
  Math.exp(
    logFactorial(tried) -
      logFactorial(passed) -
      logFactorial(tried - passed) +
      passed * Math.log(share) +
      (tried - passed) * Math.log1p(-share),
  )

/** 1 to `n` or 0 to `n - 1`. */
const upTo = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => i + from)

test('ln n!, of which each is the one before and ln n', () => {
  for (const n of upTo(400, 1)) {
    const step = logFactorial(n) - logFactorial(n - 1)
    expect(Math.abs(step - Math.log(n))).toBeLessThan(2e-12)
  }
  expect(logFactorial(170)).toBeCloseTo(706.5730622457874, 10)
})

describe('the interval of Clopper and Pearson', () => {
  test.each([
    [5, 10, 0.187086, 0.812914],
    [0, 10, 0, 0.308497],
    [95, 100, 0.887165, 0.983568],
    [1, 1, 0.025, 1],
  ])('%i of %i, as in tables', (passed, tried, least, most) => {
    const interval = binomialInterval(passed, tried)
    expect(interval[0]).toBeCloseTo(least, 5)
    expect(interval[1]).toBeCloseTo(most, 5)
  })

  test('of all that passed it has a formula', () => {
    for (const tried of [1, 7, 1000, 100_000]) {
      const [least, most] = binomialInterval(tried, tried)
      expect(least).toBeCloseTo(0.025 ** (1 / tried), 12)
      expect(most).toBe(1)
    }
  })

  test('holds at least as often as it says, whatever the share is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        (tried, share) => {
          const held = upTo(tried + 1)
            .filter((passed) => {
              const [least, most] = binomialInterval(passed, tried)
              return share >= least && share <= most
            })
            .reduce((sum, passed) => sum + chanceOf(passed, tried, share), 0)
          expect(held).toBeGreaterThanOrEqual(0.95 - 1e-9)
        },
      ),
    )
  })

  test('is that of the failures, turned round', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), (passed, failed) => {
        fc.pre(passed + failed > 0)
        const [least, most] = binomialInterval(passed, passed + failed)
        const turned = binomialInterval(failed, passed + failed)
        expect(least).toBeCloseTo(1 - turned[1], 12)
        expect(most).toBeCloseTo(1 - turned[0], 12)
      }),
    )
  })
})

describe("Fisher's exact test", () => {
  test.each([
    [[3, 4], [1, 4], 0.4857142857],
    [[1, 10], [11, 14], 0.0027594562],
    [[10, 10], [10, 10], 1],
  ] as const)('%o and %o', (a, b, chance) => {
    expect(fisherExact(a, b)).toBeCloseTo(chance, 6)
    expect(fisherExact(b, a)).toBeCloseTo(chance, 6)
  })

  test('of ten failures, all on one side, it has a formula', () => {
    const chance = upTo(10).reduce((product, n) => (product * (1000 - n)) / (2000 - n), 2)
    expect(fisherExact([1000, 1000], [990, 1000])).toBeCloseTo(chance, 10)
  })

  test('alarms no more often than it says, whatever the share is', () => {
    const alarmed = (triedA: number, triedB: number, share: number): number =>
      upTo(triedA + 1)
        .flatMap((a) => upTo(triedB + 1).map((b) => [a, b] as const))
        .filter(([a, b]) => fisherExact([a, triedA], [b, triedB]) <= 0.05)
        .reduce((sum, [a, b]) => sum + chanceOf(a, triedA, share) * chanceOf(b, triedB, share), 0)
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 25 }),
        fc.integer({ min: 1, max: 25 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (triedA, triedB, share) => {
          expect(alarmed(triedA, triedB, share)).toBeLessThanOrEqual(0.05)
        },
      ),
      { numRuns: 20 },
    )
  })
})

describe("Student's distribution", () => {
  test.each([
    [1, 12.7062047],
    [2, 4.3026527],
    [4, 2.7764451],
    [10, 2.2281389],
    [30, 2.0422725],
    [1000, 1.9623391],
  ])('%i degrees of freedom: %f standard errors hold 95 of 100', (freedom, width) => {
    expect(student95(freedom)).toBeCloseTo(width, 6)
  })

  test('too few values tell no spread', () => {
    expect(student95(0)).toBe(Number.POSITIVE_INFINITY)
  })

  test('its tails, where they have a formula', () => {
    fc.assert(
      fc.property(fc.double({ min: -50, max: 50, noNaN: true }), (t) => {
        expect(studentTails(t, 1)).toBeCloseTo(1 - (2 * Math.atan(Math.abs(t))) / Math.PI, 12)
        expect(studentTails(t, 2)).toBeCloseTo(1 - Math.abs(t) / Math.sqrt(2 + t * t), 12)
      }),
    )
  })

  test('are the thinner the more is known', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 30, noNaN: true }),
        fc.integer({ min: 1, max: 2000 }),
        (t, freedom) => {
          expect(studentTails(t, freedom + 1)).toBeLessThanOrEqual(studentTails(t, freedom) + 1e-12)
        },
      ),
    )
  })
})

describe('the normal distribution', () => {
  test.each([
    [0.9, 1.2816],
    [0.975, 1.96],
    [0.9999, 3.719],
  ])('its quantile of %f is %f', (part, deviate) => {
    expect(normalQuantile(part)).toBeCloseTo(deviate, 3)
  })

  test('the more errors there are the farther is their extreme', () => {
    expect(extremeFactor(1)).toBeCloseTo(1.96, 2)
    expect(extremeFactor(1000)).toBeCloseTo(4.06, 1)
  })
})

describe("Holm's correction", () => {
  test('of an example', () => {
    const corrected = holm([0.01, 0.04, 0.03, 0.005])
    for (const [n, chance] of [0.03, 0.06, 0.06, 0.02].entries()) {
      expect(corrected[n]).toBeCloseTo(chance, 12)
    }
    expect(holm([])).toEqual([])
  })

  test('keeps the order, lowers none, and is no more than all tests together', () => {
    const chance = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(fc.array(chance, { minLength: 1, maxLength: 30 }), (chances) => {
        const corrected = holm(chances)
        for (const [n, one] of chances.entries()) {
          expect(corrected[n]).toBeGreaterThanOrEqual(one)
          expect(corrected[n]).toBeLessThanOrEqual(Math.min(1, one * chances.length) + 1e-12 || 1)
          for (const [m, other] of chances.entries()) {
            if (one < other) expect(corrected[n]).toBeLessThanOrEqual(corrected[m] as number)
          }
        }
      }),
    )
  })
})

describe('two counts', () => {
  test('of as much each, as a coin says', () => {
    expect(compareCounts([0, 1], [5, 1])).toBeCloseTo(2 / 32, 12)
    expect(compareCounts([1, 1], [4, 1])).toBeCloseTo((2 * 6) / 32, 12)
    expect(compareCounts([0, 7], [0, 3])).toBe(1)
    expect(compareCounts([10, 100], [10, 100])).toBeCloseTo(1, 12)
  })

  test('of more there may be more', () => {
    expect(compareCounts([10, 1000], [1, 100])).toBeGreaterThan(0.5)
    expect(compareCounts([10, 100], [1, 100])).toBeLessThan(0.05)
  })
})
