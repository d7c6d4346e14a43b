/**
 * The light of one bit, cut out of the samples: a black symbol and a lit one. Levels are negated for an inverting sensor, so that
 * lit is above black.
 */
export interface BitLight {
  /** Mean levels of the black symbol, the lit one, and the black one of the next bit; NaN without a sample. */
  readonly black: number
  readonly lit: number
  readonly blackAfter: number
  /** Of their earlier halves, and of the later ones, when the sensor has settled. */
  readonly begunBlack: number
  readonly begunLit: number
  readonly begunAfter: number
  readonly settledBlack: number
  readonly settledLit: number
  readonly settledAfter: number
  /** How much the level falls from the first to the second quarter of the black symbol, and on to the third; NaN if not known. */
  readonly firstFall: number
  readonly secondFall: number
  /** How much it rises in the lit one. */
  readonly firstRise: number
  readonly secondRise: number
  /** When the lit symbol began and ended, on the clock of the samples. */
  readonly riseS: number
  readonly fallS: number
}
