import { expect, it } from 'vitest'
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

it('forgets dim edges and all before them', () => {
  const grid = new EdgeGrid()
  for (const timeS of regular(30, 0.15)) grid.add(timeS, timeS < 2 ? 0.01 : 0.3)
  const startS = 5
  grid.add(startS - 0.03, 0.05)
  for (const timeS of regular(20, 0.1, startS)) grid.add(timeS, 0.3)
  expect(grid.forgetDim(0.1)).toBe(startS)
  expect(grid.fit().symbolRateHz).toBeCloseTo(20, 6)
  expect(grid.forgetDim(0.1)).toBeNull()
})
