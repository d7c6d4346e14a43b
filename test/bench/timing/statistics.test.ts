import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  extremeFactor,
  fitLine,
  inOrder,
  normalQuantile,
  quantileOf,
  rms,
  standardDeviation,
  studentFactor,
} from '../../../src/bench/timing/statistics.js'

describe('factors are those of the tables', () => {
  test.each([
    [3, 3.182],
    [5, 2.571],
    [10, 2.228],
    [30, 2.042],
    [1000, 1.962],
  ])("Student's t with %i degrees of freedom is %f", (degrees, factor) => {
    expect(Math.abs(studentFactor(degrees) / factor - 1)).toBeLessThan(0.02)
  })

  test.each([
    [0.9, 1.2816],
    [0.975, 1.96],
    [0.9999, 3.719],
  ])('the normal quantile of %f is %f', (part, deviate) => {
    expect(normalQuantile(part)).toBeCloseTo(deviate, 3)
  })

  test('the more errors there are the farther is their extreme', () => {
    expect(extremeFactor(1)).toBeCloseTo(1.96, 2)
    expect(extremeFactor(1000)).toBeCloseTo(4.06, 1)
  })

  test('too few values tell no spread', () => {
    expect(studentFactor(1)).toBe(Number.POSITIVE_INFINITY)
  })
})

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

test('spread and quantiles', () => {
  expect(rms([3, -4])).toBeCloseTo(Math.sqrt(12.5), 12)
  expect(standardDeviation([1, 2, 3, 4])).toBeCloseTo(1.291, 3)
  const sorted = inOrder([4, 1, 3, 2])
  expect([0, 0.25, 0.5, 0.99, 1].map((part) => quantileOf(sorted, part))).toEqual([1, 1, 2, 4, 4])
  expect(quantileOf([], 0.5)).toBeNaN()
})
