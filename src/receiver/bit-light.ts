/** The light of one bit, cut out of the samples. Levels with the sign that makes lit brighter than black. */
export interface BitLight {
  /** Mean levels of the black symbol, the lit one, and the black one after it; NaN without a sample. */
  readonly black: number
  readonly lit: number
  readonly blackAfter: number
  /** Of the later halves of the black and the lit symbol, when the sensor has settled. */
  readonly settledBlack: number
  readonly settledLit: number
  /** How much the level falls from the first to the second quarter of the black symbol, and on to the third. */
  readonly firstFall: number
  readonly secondFall: number
  /** When the light rose and fell, in seconds. */
  readonly riseS: number
  readonly fallS: number
}
