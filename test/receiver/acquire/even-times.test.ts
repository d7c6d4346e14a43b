import fc from 'fast-check'
import { expect, it, test } from 'vitest'
import { EvenTimes } from '../../../src/receiver/acquire/even-times.js'
import type { SampleBlock } from '../../../src/receiver/index.js'

const block = (timesS: readonly number[], levels = timesS.map((_, n) => n)): SampleBlock => ({
  timesS: Float64Array.from(timesS),
  levels: Float64Array.from(levels),
})
/** Times of all samples that come out, when they are pushed in blocks of so many. */
function spread(timesS: readonly number[], blockSamples = timesS.length || 1) {
  const even = new EvenTimes()
  const blocks: SampleBlock[] = []
  for (let at = 0; at < timesS.length; at += blockSamples) {
    const piece = timesS.slice(at, at + blockSamples)
    const isIncreasing = piece.every((timeS, n) => timeS > (timesS[at + n - 1] ?? -Infinity))
    blocks.push(even.push(block(piece), isIncreasing))
  }
  return [...blocks, even.end()].flatMap((out) => [...out.timesS])
}

it('leaves increasing times as they are, in the same block', () => {
  const increasing = block([0, 1, 3])
  expect(new EvenTimes().push(increasing, true)).toBe(increasing)
})

it('spreads samples of one time up to the next one, and the last of them as those before', () => {
  expect(spread([0, 0, 4, 4, 4, 4, 8, 8])).toEqual([0, 2, 4, 5, 6, 7, 8, 9])
})

it('does not spread samples over a gap', () => {
  expect(spread([0, 0, 2, 2, 102, 102, 104])).toEqual([0, 1, 2, 3, 102, 103, 104])
})

it('keeps one sample of a clock that never goes on', () => {
  expect(spread([5, 5, 5])).toEqual([5])
})

test('times increase, no sample is lost but at an only time, and blocks do not matter', () => {
  const steps = fc.array(fc.constantFrom(0, 0, 0, 1, 1, 2, 50), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 7 }), (stepsS, blockSamples) => {
      let timeS = 0
      const timesS = stepsS.map((stepS) => (timeS += stepS))
      const out = spread(timesS)
      expect(out.every((outS, n) => n === 0 || outS > (out[n - 1] ?? 0))).toBe(true)
      expect(out.length).toBe(new Set(timesS).size > 1 ? timesS.length : 1)
      expect(spread(timesS, blockSamples)).toEqual(out)
    }),
  )
})
