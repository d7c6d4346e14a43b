import { DEFAULT_GREY_RATIO } from '../modulation/index.js'

/**
 * The way from symbols to samples, with everything that may go wrong on it. Sizes are parts of the
 * white-black swing and durations parts of a symbol, unless the name has a unit.
 *
 * The order: emitter (symbol times), LED and sensor (rise, fall), PWM ripple, black, other light, hand, noise, gain, automatic
 * gain, clipping, polarity, ADC. So a hand dims black too, and `clipLow` of an inverting sensor is the upper end of its levels.
 */
export interface Channel {
  readonly symbolRateHz: number
  readonly sampleRateHz: number
  /** White above black, and black itself, as parts of the sensor's full scale. */
  readonly swing: number
  readonly black: number
  readonly greyRatio: number
  /** The sensor's level falls where the light rises: full scale less what it would be. */
  readonly inverted: boolean

  /** Each symbol begins late by up to this part of a symbol; delays do not add up. */
  readonly symbolJitter: number
  /** Rms deviation of each symbol's own length, which adds up: Gaussian, but no symbol is shorter than a fifth. */
  readonly periodJitter: number
  /** Each symbol lasts for a random number of symbols from the one to the other, alike on a logarithmic scale. */
  readonly shortestSymbol: number
  readonly longestSymbol: number
  /** A screen shows a symbol for so many frames; 0 for an emitter that has none. */
  readonly framesPerSymbol: number
  /** Of a screen, the probability that a symbol lasts a frame longer, or shorter. */
  readonly repeatedFrames: number
  readonly droppedFrames: number
  /** The symbol period has changed by this part at the end of the symbols, evenly on the way. */
  readonly rateChange: number
  /** Frequency of the PWM that makes grey, and how much of its ripple the sensor leaves, 0 to 1. */
  readonly pwmHz: number
  readonly pwmRipple: number

  /** Other light that gets brighter by this within one second and darker by it within the next. */
  readonly drift: number
  /** Other light's flicker: peak of its fundamental, its frequency, and its harmonics from the second on, as parts of that peak. */
  readonly flicker: number
  readonly flickerHz: number
  readonly flickerHarmonics: readonly number[]

  /** A lamp's steady light, and when it is switched: on, off, on again ... */
  readonly lamp: number
  readonly lampS: readonly number[]

  /** A hand in front of the sensor: when, how long, and the part of all light that it lets through. */
  readonly handStartS: number
  readonly handS: number
  readonly handTransmission: number

  /** Time constants of the LED, in seconds, one pole. */
  readonly ledRiseS: number
  readonly ledFallS: number
  /** Time constants of the sensor, one pole more. */
  readonly riseSymbols: number
  readonly fallSymbols: number

  /** Gaussian noise of a sample. */
  readonly noiseRms: number
  /** Probability that a sample is hit by an impulse of either sign, and its size. */
  readonly impulses: number
  readonly impulseSize: number

  /** Factor of a gain, and when it is switched: to this, back to 1, to this again ... */
  readonly gain: number
  readonly gainS: readonly number[]

  /** Time constant of a gain that holds the mean level where it was at the start; 0 for none. */
  readonly automaticGainS: number

  /** The sensor's ends, as parts of full scale. */
  readonly clipLow: number
  readonly clipHigh: number
  readonly adcBits: number

  /** Each sample is late by up to this part of a sample period. */
  readonly sampleJitter: number
  /** Step of the clock that stamps the samples, in seconds: a sample has the time of the last step before it; 0 for none. */
  readonly clockStepS: number
  /** Probability that a gap begins at a sample, and its length in samples. */
  readonly gaps: number
  readonly gapSamples: number

  /** Darkness around the symbols. */
  readonly beforeS: number
  readonly afterS: number
  /** Time of the first sample. */
  readonly startS: number
  readonly seed: number
}

/** A light path without a fault: 60 Hz seen by a 10-bit ADC 1,000 times a second. */
export const GOOD_CHANNEL: Channel = {
  symbolRateHz: 60,
  sampleRateHz: 1000,
  swing: 0.6,
  black: 0.1,
  greyRatio: DEFAULT_GREY_RATIO,
  inverted: false,
  symbolJitter: 0,
  periodJitter: 0,
  shortestSymbol: 1,
  longestSymbol: 1,
  framesPerSymbol: 0,
  repeatedFrames: 0,
  droppedFrames: 0,
  rateChange: 0,
  pwmHz: 1000,
  pwmRipple: 0,
  drift: 0,
  flicker: 0,
  flickerHz: 100,
  flickerHarmonics: [],
  lamp: 0,
  lampS: [],
  handStartS: 0,
  handS: 0,
  handTransmission: 1,
  ledRiseS: 0,
  ledFallS: 0,
  riseSymbols: 0,
  fallSymbols: 0,
  noiseRms: 0,
  impulses: 0,
  impulseSize: 1,
  gain: 1,
  gainS: [],
  automaticGainS: 0,
  clipLow: 0,
  clipHigh: 1,
  adcBits: 10,
  sampleJitter: 0,
  clockStepS: 0,
  gaps: 0,
  gapSamples: 0,
  beforeS: 0.3,
  afterS: 0.3,
  startS: 0,
  seed: 1,
}
