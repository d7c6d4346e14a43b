import { BLACK, GREY, WHITE } from '../modulation/index.js'
import type { Channel } from './channel.js'

type Range = readonly [least: number, most: number]

const PART: Range = [0, 1]
/** Of the swing. */
const SIZE: Range = [0, 1000]
const SYMBOLS: Range = [0, 1000]
const DURATION_S: Range = [0, 1e5]
const TIME_S: Range = [-1e6, 1e6]

/** What each number of a channel may be, and each of a list. */
export const CHANNEL_RANGES: Readonly<Record<Exclude<keyof Channel, 'inverted'>, Range>> = {
  symbolRateHz: [1e-3, 1e6],
  sampleRateHz: [1e-3, 1e6],
  swing: [1e-6, 1000],
  black: [-1000, 1000],
  greyRatio: PART,
  symbolJitter: PART,
  periodJitter: PART,
  shortestSymbol: [0.001, 1000],
  longestSymbol: [0.001, 1000],
  framesPerSymbol: [0, 1000],
  repeatedFrames: PART,
  droppedFrames: PART,
  rateChange: [-0.99, 100],
  pwmHz: [0, 1e6],
  pwmRipple: PART,
  drift: SIZE,
  flicker: SIZE,
  flickerHz: [0, 1e6],
  flickerHarmonics: [-1000, 1000],
  lamp: SIZE,
  lampS: TIME_S,
  handStartS: TIME_S,
  handS: DURATION_S,
  handTransmission: PART,
  ledRiseS: DURATION_S,
  ledFallS: DURATION_S,
  riseSymbols: SYMBOLS,
  fallSymbols: SYMBOLS,
  noiseRms: SIZE,
  impulses: PART,
  impulseSize: SIZE,
  gain: [1e-3, 1000],
  gainS: TIME_S,
  automaticGainS: DURATION_S,
  clipLow: PART,
  clipHigh: PART,
  adcBits: [1, 32],
  sampleJitter: [0, 0.99], // so that times increase
  clockStepS: [0, 1],
  gaps: PART,
  gapSamples: [0, 1e9],
  beforeS: DURATION_S,
  afterS: DURATION_S,
  startS: TIME_S,
  seed: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
}

export const WHOLE_NUMBERS: ReadonlySet<string> = new Set([
  'framesPerSymbol',
  'adcBits',
  'gapSamples',
  'seed',
])

/** Throws RangeError for what `simulateChannel` cannot take. */
export function checkInput(symbols: ArrayLike<number>, channel: Channel): void {
  for (const [name, [least, most]] of Object.entries(CHANNEL_RANGES)) {
    const isWhole = WHOLE_NUMBERS.has(name)
    for (const value of [channel[name as keyof typeof CHANNEL_RANGES]].flat()) {
      const isRight = isWhole ? Number.isInteger(value) : Number.isFinite(value)
      if (isRight && value >= least && value <= most) continue
      const kind = isWhole ? 'a whole number' : 'a number'
      throw new RangeError(`${name} is ${value}: give ${kind} from ${least} to ${most}.`)
    }
  }
  for (let n = 0; n < symbols.length; n++) {
    const symbol = symbols[n]
    if (symbol === BLACK || symbol === GREY || symbol === WHITE) continue
    throw new RangeError(`symbol ${n} is ${symbol}: give 0 (black), 1 (grey) or 2 (white).`)
  }
}
