/** One channel of a recording, as its file tells of it. */
export interface Channel {
  /** As the file names it; `channel 1` and so on where it does not. */
  readonly name: string
  /** What its values are measured in, such as `V` or `mV`; null where the file does not tell. */
  readonly unit: string | null
  readonly kind: 'analog' | 'logic'
  /** The values at no light and at full scale, where the format tells them; null where it does not. */
  readonly fullScale: readonly [zero: number, full: number] | null
}

/** As many as are looked at in one file of which a few bytes may stand for many: bounds how long it may take. */
export const MOST_VALUES = 2 ** 27

/** A run of the values of neighbouring channels, oldest first. */
export interface ValueBlock {
  /** Which channel the first of `values` belongs to. */
  readonly firstChannel: number
  /** Time of each row in seconds, never less than the one before in these channels, at most `FARTHEST_S` from zero. */
  readonly timesS: Float64Array
  /**
   * Of each channel, in its own unit; as many as times. NaN where there is none, which is a gap; infinite where the
   * instrument marks that the light is beyond its range.
   */
  readonly values: readonly Float64Array[]
}

/** What a file may not tell, and its reader must be told. */
export interface ReadOptions {
  /** Of a file without times; one that tells a rate of its own is read with this one instead. */
  readonly sampleRateHz?: number
  /** Seconds in one unit of the times of a file; one that names its unit is read with this one instead. */
  readonly timeUnitS?: number
}
