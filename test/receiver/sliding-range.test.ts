import fc from 'fast-check'
import { expect, it, test } from 'vitest'
import { SlidingRange } from '../../src/receiver/sliding-range.js'

it('is empty at first and after clear', () => {
  const range = new SlidingRange(1)
  expect([range.min, range.max]).toEqual([Infinity, -Infinity])
  range.push(0, 0.5)
  range.clear()
  expect([range.min, range.max]).toEqual([Infinity, -Infinity])
  range.push(0.001, 0.2)
  expect([range.min, range.max]).toEqual([0.2, 0.2])
})

test('it covers at least 15/16 of its span and never more than the span', () => {
  const steps = fc.array(
    fc.tuple(
      fc.double({ min: 1e-3, max: 2, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    ),
  )
  fc.assert(
    fc.property(steps, (all) => {
      const range = new SlidingRange(1)
      const samples: { timeS: number; level: number }[] = []
      let timeS = 0
      for (const [stepS, level] of all) {
        timeS += stepS
        samples.push({ timeS, level })
        range.push(timeS, level)
        const since = (spanS: number) =>
          samples.filter((sample) => sample.timeS > timeS - spanS).map((sample) => sample.level)
        expect(range.min).toBeLessThanOrEqual(Math.min(...since(15 / 16 - 1e-9)))
        expect(range.max).toBeGreaterThanOrEqual(Math.max(...since(15 / 16 - 1e-9)))
        expect(range.min).toBeGreaterThanOrEqual(Math.min(...since(1 + 1e-9)))
        expect(range.max).toBeLessThanOrEqual(Math.max(...since(1 + 1e-9)))
      }
    }),
  )
})
