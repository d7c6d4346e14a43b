import fc from 'fast-check'
import type { SampleBlock } from '../../src/receiver/index.js'

/** Samples whose times are at least 2 µs apart. */
export const samplesArbitrary: fc.Arbitrary<SampleBlock> = fc
  .array(fc.tuple(fc.integer({ min: 2, max: 1e6 }), fc.double({ min: 0, max: 1, noNaN: true })), {
    minLength: 1,
    maxLength: 50,
  })
  .map((steps) => {
    let timeUs = 0
    return {
      timesS: Float64Array.from(steps, ([stepUs]) => {
        timeUs += stepUs
        return timeUs / 1e6
      }),
      levels: Float64Array.from(steps, ([, level]) => level),
    }
  })
