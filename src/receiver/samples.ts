/** Samples that were taken and lost on the way. */
export interface SampleGap {
  /** Time of the first one that is missing, in seconds. */
  readonly startS: number
  readonly samples: number
}

/** A run of photodiode samples on the rig's own monotonic clock, oldest first. */
export interface SampleBlock {
  /** Time of each sample in seconds, strictly increasing; a gap in the times is a gap in the samples. */
  readonly timesS: Float64Array
  /** Level of each sample, 0..1 of the sensor's full scale. Same length as `timesS`. */
  readonly levels: Float64Array
  /** What is missing before this block. */
  readonly gap?: SampleGap
}
