import { LIGHT_LIMITS } from '../../light/limits.js'

/** Levels as parts of the sensor's full scale, 0..1; null for a level that was not seen. */
export interface ReceivedLevels {
  readonly black: number | null
  readonly grey: number | null
  readonly white: number | null
}

/** Deviation of the black-to-lit edges from the regular grid that fits them best, in seconds. */
export interface TimingSpread {
  readonly rmsS: number
  readonly maxS: number
}

/**
 * By how much the figures of a reception may be off: half-widths that hold in 95 of 100 cases, null where there is no such figure or
 * too little to tell. They allow for noise, as the bits show it, and for flicker where it does the same to each bit; not for what
 * a model leaves out, such as the clock of the samples.
 */
export interface Uncertainties {
  /** Of the least squares through the edges (see `EdgeGrid`). */
  readonly symbolRateHz: number | null
  /** Of the means of levels. */
  readonly swing: number | null
  readonly greyRatio: number | null
  /** Of the rms of so many bits. */
  readonly snrDb: number | null
  /** Of the means that it is told by; a tenth of it at least. */
  readonly timeConstantS: number | null
  /** Of the filter that follows it, as a part of full scale. */
  readonly flickerPeak: number | null
}

/** How good the light of a reception was. */
export interface SignalQuality {
  /** From black to the brightest level that was seen, as a part of full scale; without a sync, from the least sample to the most. */
  readonly swing: number
  /**
   * Half of the step from grey to white over the rms deviation of a bit from its level, in dB; without a marker grey is
   * taken for 0.52 of white. Null without a sync, and for light without any deviation but rounding.
   */
  readonly snrDb: number | null
  /** From the brightest grey bit to the darkest white one, as a part of the step from grey to white; null without both. */
  readonly eyeHeight: number | null
  /** The part of a symbol that no edge came into; null without a sync. */
  readonly eyeWidth: number | null
  /** The bit of the packet that is nearest to the threshold, where its margin is 0; 1 is as far as its level. Null without bits. */
  readonly leastCertainBit: { readonly bit: number; readonly margin: number } | null
  /**
   * Other light's flicker of about 100 or 120 Hz as it was known last, or before a message that blinks in time with it: its
   * frequency, and the most that it deviates from its mean as a part of full scale, harmonics and all. Null when none stood out of the noise, it was there for less than half a second,
   * it stopped more than a second before, or it began with a message that has a line of its own there: one whose bit rate (half
   * the symbol rate) is one to four times its frequency.
   */
  readonly flicker: { readonly frequencyHz: number; readonly peak: number } | null
  /** How often all levels moved at once, from the sync's eighth bit on: other light was switched on or off. */
  readonly lightSwitches: number
  /** Whether black or the brightest level, or without a sync any sample, is at that end of the sensor's range. */
  readonly clipped: { readonly low: boolean; readonly high: boolean }
  /**
   * Of the sensor's rise or fall, the slower one: right to about a quarter from a tenth to a half of a symbol, too short above; null when it is shorter,
   * or in the noise or the flicker, or not that of one pole.
   */
  readonly timeConstantS: number | null
  readonly uncertainty: Uncertainties
}

/** Nothing was measured. */
export const NO_UNCERTAINTY: Uncertainties = {
  symbolRateHz: null,
  swing: null,
  greyRatio: null,
  snrDb: null,
  timeConstantS: null,
  flickerPeak: null,
}

/** Of a normal distribution. */
export const TWO_SIDED_95 = 1.96

/** From black to the brightest level that was seen; 0 when none was. */
export function swingOf({ black, grey, white }: ReceivedLevels): number {
  return Math.abs((white ?? grey ?? black ?? 0) - (black ?? 0))
}

/** Null unless all three levels were seen, and white is not black. */
export function greyRatio({ black, grey, white }: ReceivedLevels): number | null {
  if (black === null || grey === null || white === null || white === black) return null
  return (grey - black) / (white - black)
}

export const UNCLIPPED: SignalQuality['clipped'] = { low: false, high: false }

const CLIPPED_LOW = 0.002
const CLIPPED_HIGH = 0.995

/** Whether light between these is at the ends of the sensor's range. */
export const clippingOf = (bottom: number, top: number): SignalQuality['clipped'] => ({
  low: bottom < CLIPPED_LOW,
  high: top > CLIPPED_HIGH,
})

/** From this peak on, as a part of the swing, flicker is worth to be kept away. */
export const LOUD_FLICKER = LIGHT_LIMITS.flicker.good[1] / 2
