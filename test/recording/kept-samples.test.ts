import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeptSamples } from '../../src/recording/kept-samples.js'

const MOST = 8192

test('the newest samples are kept, less those that are dropped', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ count: fc.integer({ min: 0, max: 10_000 }) }),
      fc.record({ dropped: fc.integer({ min: 0, max: 12_000 }) }),
    ),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(steps, (steps) => {
      const kept = new KeptSamples(MOST)
      let model: number[] = []
      let next = 0
      for (const step of steps) {
        if ('count' in step) {
          // Two samples each have the same time.
          const times = Array.from({ length: step.count }, () => next++ >> 1)
          kept.push({
            timesS: Float64Array.from(times),
            values: Float64Array.from(times, (timeS) => -timeS),
          })
          model = [...model, ...times].slice(-MOST)
        } else {
          const upTo = (next >> 1) - step.dropped
          kept.dropUpTo(upTo)
          model = model.filter((timeS) => timeS > upTo)
        }
        const runs = kept.runs()
        expect(runs.flatMap(({ timesS }) => [...timesS])).toEqual(model)
        expect(runs.flatMap(({ values }) => [...values])).toEqual(model.map((timeS) => -timeS))
      }
    }),
    { numRuns: 50 },
  )
})
