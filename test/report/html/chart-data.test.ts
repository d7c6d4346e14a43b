import fc from 'fast-check'
import { expect, test } from 'vitest'
import { binned, density, extentOf, SHADES, thinned } from '../../../src/report/html/chart-data.js'

const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 })

test('every value is in a bin', () => {
  fc.assert(
    fc.property(numbers, fc.integer({ min: 1, max: 50 }), (values, bins) => {
      const [least, most] = extentOf([values]) ?? [0, 0]
      fc.pre(most > least)
      const found = binned(values, [least, most], bins)
      expect(found).toHaveLength(bins)
      expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(values.length)
    }),
  )
})

test('so it is where bins are narrower than any number', () => {
  expect(binned([0, -5e-324], [-5e-324, 0], 2).map(({ count }) => count)).toEqual([1, 1])
})

test('a line that is thinned keeps its peaks, and its order', () => {
  fc.assert(
    fc.property(numbers, fc.integer({ min: 4, max: 40 }), (values, most) => {
      const xs = values.map((_, i) => i)
      const points = thinned(xs, values, most)
      expect(points.length).toBeLessThanOrEqual(Math.max(most, 2))
      expect(extentOf([points.map(({ y }) => y)])).toEqual(extentOf([values]))
      expect(points.every(({ x, y }) => values[x] === y)).toBe(true)
      expect(points.map(({ x }) => x)).toEqual(points.map(({ x }) => x).toSorted((a, b) => a - b))
    }),
  )
})

test('what is no number is left out', () => {
  expect(thinned([0, 1, Number.NaN], [Number.NaN, 1, 2], 10)).toEqual([{ x: 1, y: 1 }])
  expect(extentOf([[Number.NaN, Infinity]])).toBe(null)
  expect(binned([Number.NaN, 1], [0, 2], 2).map(({ count }) => count)).toEqual([0, 1])
})

test('the more points are in a cell, the darker it is; one is seen', () => {
  const xs = [0.1, 0.6, 0.6, ...new Array(100).fill(0.6)]
  const ys = [0.1, 0.1, 0.1, ...new Array(100).fill(0.9)]
  const [one, two, none, most] = density(xs, ys, [0, 1], [0, 1], [2, 2])
  expect([one, none, most]).toEqual([1, 0, SHADES - 1])
  expect(two).toBeGreaterThan(1)
  expect(two).toBeLessThan(SHADES - 1)
})
