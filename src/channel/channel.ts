import { randomNormal } from 'd3-random'
import { BLACK, DEFAULT_GREY_RATIO, GREY } from '../modulation/index.js'
import { checkInput } from './check.js'
import { seededRandom } from './random.js'

/**
 * The way from symbols to samples, with everything that may go wrong on it. Sizes are parts of the
 * white-black swing and durations parts of a symbol, unless the name has a unit.
 *
 * The order: emitter (symbol times), sensor (rise, fall), black, PWM ripple, other light, hand, noise, automatic gain,
 * clipping, polarity, ADC. So a hand dims black too, and `clipLow` of an inverting sensor is the upper end of its levels.
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

  /** A hand in front of the sensor: when, how long, and the part of all light that it lets through. */
  readonly handStartS: number
  readonly handS: number
  readonly handTransmission: number

  /** Time constants of the sensor, one pole. */
  readonly riseSymbols: number
  readonly fallSymbols: number

  /** Gaussian noise of a sample. */
  readonly noiseRms: number
  /** Probability that a sample is hit by an impulse of either sign, and its size. */
  readonly impulses: number
  readonly impulseSize: number

  /** Time constant of a gain that holds the mean level where it was at the start; 0 for none. */
  readonly automaticGainS: number

  /** The sensor's ends, as parts of full scale. */
  readonly clipLow: number
  readonly clipHigh: number
  readonly adcBits: number

  /** Each sample is late by up to this part of a sample period. */
  readonly sampleJitter: number
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
  handStartS: 0,
  handS: 0,
  handTransmission: 1,
  riseSymbols: 0,
  fallSymbols: 0,
  noiseRms: 0,
  impulses: 0,
  impulseSize: 1,
  automaticGainS: 0,
  clipLow: 0,
  clipHigh: 1,
  adcBits: 10,
  sampleJitter: 0,
  gaps: 0,
  gapSamples: 0,
  beforeS: 0.3,
  afterS: 0.3,
  startS: 0,
  seed: 1,
}

/**
 * What a photodiode sees of the given symbols (0 black, 1 grey, 2 white), the same for the same seed.
 *
 * @returns samples as `Receiver.push` takes them: times in seconds, levels 0..1 of full scale
 * @throws RangeError for another symbol, and for a field that is out of its range or no number; the sentence names it
 */
export function simulateChannel(
  symbols: ArrayLike<number>,
  channel: Partial<Channel> = {},
): { timesS: Float64Array; levels: Float64Array } {
  const c = { ...GOOD_CHANNEL, ...channel }
  checkInput(symbols, c)
  const random = seededRandom(c.seed)
  const gaussian = randomNormal.source(random)()
  const edgesS = symbolEdgesS(symbols.length, c, random)
  const durationS = (edgesS[symbols.length] ?? c.beforeS) + c.afterS
  const count = Math.floor(durationS * c.sampleRateHz)
  const timesS = new Float64Array(count)
  const levels = new Float64Array(count)
  const flickerPhase = 2 * Math.PI * random()
  const driftPhase = 2 * random()
  const lightOf = (symbol: number | undefined): number =>
    symbol === undefined || symbol === BLACK ? 0 : symbol === GREY ? c.greyRatio : 1

  let symbol = -1
  let light = 0
  let sensor = 0
  let sensedS = 0
  const sense = (timeS: number): void => {
    const tauS = (light > sensor ? c.riseSymbols : c.fallSymbols) / c.symbolRateHz
    sensor = light + (sensor - light) * (tauS > 0 ? Math.exp(-(timeS - sensedS) / tauS) : 0)
    sensedS = timeS
  }
  let kept = 0
  let missing = 0
  let meanLevel: number | null = null
  let startLevel = 0
  const toSteps = 2 ** c.adcBits - 1
  for (let index = 0; index < count; index++) {
    const timeS = (index + (c.sampleJitter && c.sampleJitter * random())) / c.sampleRateHz
    while (symbol < symbols.length && (edgesS[symbol + 1] ?? Infinity) <= timeS) {
      sense(edgesS[++symbol] ?? 0)
      light = lightOf(symbols[symbol])
    }
    sense(timeS)
    let level = c.black / c.swing + sensor
    if (c.pwmRipple) {
      const on = (timeS * c.pwmHz) % 1 < light ? 1 : 0
      level += c.pwmRipple * (on - light)
    }
    if (c.drift) level += c.drift * Math.abs(((timeS + driftPhase) % 2) - 1)
    if (c.flicker) level += c.flicker * flickerAt(2 * Math.PI * c.flickerHz * timeS + flickerPhase)
    if (c.handS) level *= handAt(timeS)
    if (c.noiseRms) level += c.noiseRms * gaussian()
    if (c.impulses && random() < c.impulses) level += c.impulseSize * (random() < 0.5 ? 1 : -1)
    level *= c.swing
    if (c.automaticGainS) {
      meanLevel ??= startLevel = Math.max(level, 0.01)
      const gain = startLevel / Math.max(meanLevel, 0.01)
      meanLevel += (level - meanLevel) * Math.min(1, 1 / (c.automaticGainS * c.sampleRateHz))
      level *= gain
    }
    level = Math.min(Math.max(level, c.clipLow), c.clipHigh)
    if (c.inverted) level = 1 - level
    if (missing > 0) missing--
    else if (c.gaps && random() < c.gaps) missing = c.gapSamples
    if (missing > 0) continue
    timesS[kept] = c.startS + timeS
    levels[kept++] = Math.round(Math.min(Math.max(level, 0), 1) * toSteps) / toSteps
  }
  return { timesS: timesS.subarray(0, kept), levels: levels.subarray(0, kept) }

  function flickerAt(phase: number): number {
    return c.flickerHarmonics.reduce(
      (sum, size, index) => sum + size * Math.sin((index + 2) * phase),
      Math.sin(phase),
    )
  }

  /** A raised cosine: the hand comes and goes smoothly. */
  function handAt(timeS: number): number {
    const part = (timeS - c.handStartS) / c.handS
    if (part <= 0 || part >= 1) return 1
    return 1 - (1 - c.handTransmission) * Math.sin(Math.PI * part) ** 2
  }
}

/** When each symbol begins, never before the one before it; the last is the end of all. */
function symbolEdgesS(symbols: number, c: Channel, random: () => number): Float64Array {
  const edgesS = new Float64Array(symbols + 1)
  const symbolS = 1 / c.symbolRateHz
  let shiftSymbols = 0
  let edgeS = c.beforeS
  for (let symbol = 0; symbol <= symbols; symbol++) {
    const slowedDown = (c.rateChange * symbol * (symbol - 1)) / (2 * symbols || 1)
    const late = c.symbolJitter && c.symbolJitter * random()
    edgeS = Math.max(edgeS, c.beforeS + (symbol + slowedDown + shiftSymbols + late) * symbolS)
    edgesS[symbol] = edgeS
    if (c.framesPerSymbol) {
      const repeated = random() < c.repeatedFrames ? 1 : 0
      const dropped = random() < c.droppedFrames ? 1 : 0
      shiftSymbols += (repeated - dropped) / c.framesPerSymbol
    }
  }
  return edgesS
}
