import { expect, it } from 'vitest'
import { seededRandom } from '../../../src/channel/index.js'
import { EdgeGrid } from '../../../src/receiver/judge/edge-grid.js'

const gridOf = (timesS: number[]) => {
  const grid = new EdgeGrid()
  for (const timeS of timesS) grid.add(timeS, 1)
  return grid
}
const regular = (edges: number, periodS: number, startS = 0) =>
  Array.from({ length: edges }, (_, n) => startS + n * periodS)

it('takes an edge a bit, which is two symbols', () => {
  const { symbolRateHz, timingSpread } = gridOf(regular(100, 0.1, 1e6)).fit()
  expect(symbolRateHz).toBeCloseTo(20, 6)
  expect(timingSpread.maxS).toBeLessThan(1e-9)
})

it('measures how far edges are off the line through all of them', () => {
  // +d, -d, -d, +d has no slope and no offset, so that the grid is the regular one.
  const times = regular(400, 0.1).map(
    (timeS, n) => timeS + (n % 4 === 1 || n % 4 === 2 ? -0.01 : 0.01),
  )
  const { symbolRateHz, timingSpread } = gridOf(times).fit()
  expect(symbolRateHz).toBeCloseTo(20, 3)
  expect(timingSpread.rmsS).toBeCloseTo(0.01, 5)
  expect(timingSpread.maxS).toBeCloseTo(0.01, 4)
})

it('keeps the last 4,096 edges', () => {
  const { symbolRateHz, timingSpread } = gridOf([
    ...regular(5000, 1),
    ...regular(4096, 0.1, 1e4),
  ]).fit()
  expect(symbolRateHz).toBeCloseTo(20, 6)
  expect(timingSpread.maxS).toBeLessThan(1e-6)
})

/** A reading that began with other light: thirty faint edges, one between, then a message's own with a marker at their end. */
const fromFlicker = (ownS: readonly number[], light = 0.3) => {
  const grid = new EdgeGrid()
  for (const timeS of regular(30, 0.15)) grid.add(timeS, 0.01)
  grid.add(5 - 0.03, 0.05)
  for (const timeS of ownS) grid.add(timeS, light)
  return grid
}
const DARK = () => 0

it('tells the edges of the message from those before it, by their light', () => {
  const grid = fromFlicker(regular(20, 0.1, 5))
  grid.addMarker(8, 0.3, DARK)
  expect(grid.own).toBe(20)
  const { symbolRateHz, startS, timingSpread } = grid.fit()
  expect(symbolRateHz).toBeCloseTo(20, 6)
  expect(startS).toBeCloseTo(5, 6)
  expect(timingSpread.maxS).toBeLessThan(1e-6)
})

it('tells them by their time where the light is the same', () => {
  const grid = gridOf([...regular(20, 0.1, 0.04), ...regular(20, 0.1, 2)])
  grid.addMarker(8, 1, (timeS) => (timeS > 1.95 ? 1 : 0))
  expect(grid.own).toBe(20)
})

it('finds the bits of the sync that a reading has missed', () => {
  const grid = fromFlicker(regular(20, 0.1, 5.3))
  grid.addMarker(8, 0.3, (timeS) => (timeS > 4.95 ? 0.29 : 0))
  expect(grid.fit().startS).toBeCloseTo(5, 6)
})

it('is not moved by a few edges that are wrong', () => {
  const times = regular(260, 0.1)
  for (const n of [3, 7, 11]) times[n] = (times[n] ?? 0) + 0.045
  const { symbolRateHz, startS, timingSpread } = gridOf(times).fit()
  expect(symbolRateHz).toBeCloseTo(20, 9)
  expect(startS).toBeCloseTo(0, 9)
  expect(timingSpread.maxS).toBeCloseTo(0.045, 6)
})

it('begins with the first edge of a clock that has no grid', () => {
  const times = regular(100, 0.1).map((timeS) => timeS ** 1.5)
  const grid = gridOf(times)
  grid.addMarker(times.length, 1, DARK)
  expect(grid.fit().startS).toBe(0)
})

it('knows by how much the rate may be off', () => {
  // Gaussian jitter of 0.01 by the sum of twelve uniform numbers.
  const random = seededRandom(1)
  const gaussian = () => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6)
  let inside = 0
  for (let trial = 0; trial < 400; trial++) {
    const grid = gridOf(regular(60, 0.1).map((timeS) => timeS + 0.01 * gaussian()))
    grid.addMarker(60, 1, DARK)
    const fit = grid.fit()
    if (Math.abs(fit.symbolRateHz - 20) < (fit.symbolRateErrorHz ?? 0)) inside++
  }
  expect(inside / 400).toBeGreaterThan(0.92)
  expect(inside / 400).toBeLessThan(0.99)
  expect(gridOf([0, 0.1]).fit().symbolRateErrorHz).toBeNull()
})
