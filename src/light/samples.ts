import type { ClockId } from './clock.js'

/** Samples that were taken and lost on the way. */
export interface SampleGap {
  /** Time of the first one that is missing, in seconds. */
  readonly startS: number
  readonly samples: number
}

/** Times are within so many seconds of zero, 300 years: beyond, a double does not hold a microsecond. */
export const FARTHEST_S = 1e10

/** A run of photodiode samples on the rig's own monotonic clock, oldest first. */
export interface SampleBlock {
  /**
   * Time of each sample in seconds, never less than the one before, at most `FARTHEST_S` from zero; a gap in the times is a gap in
   * the samples. Equal times are those of a coarse clock: the samples came evenly from that time to the next one.
   */
  readonly timesS: Float64Array
  /** Level of each sample, 0..1 of the sensor's full scale. Same length as `timesS`. */
  readonly levels: Float64Array
  /** Whose times they are; a recording does not tell. */
  readonly clock?: ClockId
  /** What is missing before this block. */
  readonly gap?: SampleGap
}

/** The samples of several blocks, one after another, in one piece. */
export function joinSamples(
  blocks: readonly Pick<SampleBlock, 'timesS' | 'levels'>[],
): Pick<SampleBlock, 'timesS' | 'levels'> {
  const count = blocks.reduce((sum, { timesS }) => sum + timesS.length, 0)
  const timesS = new Float64Array(count)
  const levels = new Float64Array(count)
  let at = 0
  for (const block of blocks) {
    timesS.set(block.timesS, at)
    levels.set(block.levels, at)
    at += block.timesS.length
  }
  return { timesS, levels }
}
