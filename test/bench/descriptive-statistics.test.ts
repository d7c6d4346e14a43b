import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  fitLine,
  inOrder,
  quantileOf,
  rms,
  standardDeviation,
} from '../../src/bench/descriptive-statistics.js'

test('a line is fitted to points on one', () => {
  const number = fc.double({ min: -1e3, max: 1e3, noNaN: true })
  fc.assert(
    fc.property(number, number, fc.integer({ min: 3, max: 50 }), (intercept, slope, count) => {
      const xs = Array.from({ length: count }, (_, n) => n)
      const line = fitLine(
        xs,
        xs.map((x) => intercept + slope * x),
      )
      expect(line.slope).toBeCloseTo(slope, 6)
      expect(line.intercept).toBeCloseTo(intercept, 6)
      expect(line.standardError).toBeLessThan(1e-5)
    }),
  )
})

test('points near a line that is far from zero are as near as they are', () => {
  const xs = Array.from({ length: 50 }, (_, n) => n)
  const off = (n: number): number => (n % 2 === 0 ? 1e-6 : -1e-6)
  const { standardError } = fitLine(
    xs,
    xs.map((x) => 1e6 + 1000 * x + off(x)),
  )
  expect(standardError).toBeGreaterThan(9e-9)
  expect(standardError).toBeLessThan(1.1e-8)
})

test('spread and quantiles', () => {
  expect(rms([3, -4])).toBeCloseTo(Math.sqrt(12.5), 12)
  expect(standardDeviation([1, 2, 3, 4])).toBeCloseTo(1.291, 3)
  const sorted = inOrder([4, 1, 3, 2])
  expect([0, 0.25, 0.5, 0.99, 1].map((part) => quantileOf(sorted, part))).toEqual([1, 1, 2, 4, 4])
  expect(quantileOf([], 0.5)).toBeNaN()
})
