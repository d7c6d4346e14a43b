import type { BitLight } from '../cut/bit-light.js'
import type { LitLevels } from '../read/packet-bits.js'
import {
  clippingOf,
  greyRatio,
  type ReceivedLevels,
  type SignalQuality,
  swingOf,
  type TimingSpread,
  TWO_SIDED_95,
  type Uncertainties,
} from './quality.js'
import { firstFallOf, timeConstantError, timeConstantOf } from './time-constant.js'

// The fall from the second to the third quarter of a symbol is seen when it is more than this part of the light, as less is
// what clock and sampling make of a fast sensor, and than so many times what noise makes of it.
const LEAST_FALL = 0.005
const CLEAR_FALL = 2
// The first fall is at least this part of that of one pole: else flicker or the clock makes both. The clock has a black symbol begin
// half-way down the fall or later, which leaves half of it or less (fitted: 0.37 the least, at 0.06 to 0.9 symbols).
const OF_ONE_POLE = 0.33

// The latest of many levels counts for this part of their mean.
const SETTLED_GAIN = 1 / 64

// As a part of the signal: light without any deviation shows what rounding leaves.
const LEAST_NOISE = 1e-4

/** What a message's bits came to. */
interface Measured {
  readonly levels: ReceivedLevels
  readonly symbolRateHz: number
  readonly symbolRateErrorHz: number | null
  readonly timingSpread: TimingSpread
  /** Levels of the bits after the marker, and those that decide them: without a marker, white as it should be. */
  readonly bits: readonly number[]
  readonly decided: LitLevels
  /** Rms deviation of a black symbol from its level, which tells the noise where there are no bits after the marker. */
  readonly noiseRms: number
  readonly lightSwitches: number
}

/** The mean of all that was added; the latest counts for a 64th at least. */
class Mean {
  value: number | null = null
  #count = 0
  #variance = 0

  /** How many values it is worth. */
  get count(): number {
    return Math.min(this.#count, 2 / SETTLED_GAIN)
  }

  /** Square of the mean's 95 % half-width, by how much the values differ; of a single one by the noise (rms). */
  squaredError(noiseRms: number): number {
    const variance = this.count > 1 ? this.#variance / (this.count - 1) : noiseRms ** 2
    return TWO_SIDED_95 ** 2 * variance
  }

  /** A symbol that no sample was in says nothing. */
  add(value: number): void {
    if (Number.isNaN(value)) return
    const off = value - (this.value ?? value)
    const gain = Math.max(SETTLED_GAIN, 1 / ++this.#count)
    this.value = value - (1 - gain) * off
    this.#variance = (1 - gain) * (this.#variance + gain * off ** 2)
  }
}

/** Collects what a message shows of its light path beside its bits. */
export class SignalMeter {
  readonly #black = new Mean()
  /** Above black. */
  readonly #grey = new Mean()
  #white = new Mean()
  /** The least and the most that any symbol was, as the sensor shows it. */
  #least = 1
  #most = 0
  readonly #fall = new Settling()
  readonly #rise = new Settling()

  constructor(private readonly polarity: 1 | -1) {}

  add(bit: BitLight): void {
    this.#black.add(bit.settledBlack)
    for (const level of [bit.settledBlack, bit.settledLit]) {
      if (Number.isNaN(level)) continue
      this.#least = Math.max(0, Math.min(this.#least, this.polarity * level))
      this.#most = Math.min(1, Math.max(this.#most, this.polarity * level))
    }
    const light = bit.settledLit - bit.settledBlack
    this.#fall.add(bit.firstFall, bit.secondFall, light)
    this.#rise.add(bit.firstRise, bit.secondRise, light)
  }

  /** The same bit, when it is known which level its lit symbol has. */
  addLit({ settledLit, settledBlack }: BitLight, isWhite: boolean): void {
    const lit = isWhite ? this.#white : this.#grey
    lit.add(settledLit - settledBlack)
  }

  forgetWhite(): void {
    this.#white = new Mean()
  }

  /** Means of the later halves of symbols, within what any of them was; a slow sensor would settle further out. */
  get levels(): ReceivedLevels {
    const black = this.#black.value
    const absolute = (swing: number | null): number | null =>
      black === null || swing === null
        ? null
        : Math.min(Math.max(this.polarity * (black + swing), this.#least), this.#most)
    return {
      black: absolute(0),
      grey: absolute(this.#grey.value),
      white: absolute(this.#white.value),
    }
  }

  measure(measured: Measured): Omit<SignalQuality, 'flicker'> {
    const { levels, symbolRateHz, timingSpread } = measured
    const black = levels.black ?? 0
    const lit = levels.white ?? levels.grey ?? black
    const { snrDb, ...bits } = eye(measured)
    const constant = this.#timeConstant
    return {
      swing: swingOf(levels),
      snrDb,
      ...bits,
      eyeWidth: Math.max(0, 1 - 2 * timingSpread.maxS * symbolRateHz),
      clipped: clippingOf(Math.min(black, lit), Math.max(black, lit)),
      lightSwitches: measured.lightSwitches,
      timeConstantS: constant && constant.symbols / symbolRateHz,
      uncertainty: {
        symbolRateHz: measured.symbolRateErrorHz,
        ...this.#levelErrors(measured),
        snrDb: snrDb === null ? null : ratioErrorDb(measured.bits.length || this.#black.count),
        timeConstantS: constant && constant.error / symbolRateHz,
        flickerPeak: null,
      },
    }
  }

  /** By how much symbols of one level differ. */
  #levelErrors({ levels, noiseRms }: Measured): Pick<Uncertainties, 'swing' | 'greyRatio'> {
    const grey = this.#grey.squaredError(noiseRms)
    const white = this.#white.squaredError(noiseRms)
    const ratio = greyRatio(levels)
    return {
      swing: levels.grey === null ? null : Math.sqrt(levels.white === null ? grey : white),
      greyRatio: ratio === null ? null : Math.sqrt(grey + ratio ** 2 * white) / swingOf(levels),
    }
  }

  /** Of the slower one of rise and fall. */
  get #timeConstant(): TimeConstant | null {
    const fall = this.#fall.timeConstant
    const rise = this.#rise.timeConstant
    return (rise?.symbols ?? 0) > (fall?.symbols ?? 0) ? rise : fall
  }
}

/** In symbols. */
interface TimeConstant {
  readonly symbols: number
  readonly error: number
}

/** How the light of many bits settles in a symbol: by how much it changes from the first quarter to the second, and on to the third. */
class Settling {
  #first = 0
  #second = 0
  #secondSquares = 0
  #light = 0
  #bits = 0

  add(first: number, second: number, light: number): void {
    if (Number.isNaN(first + second)) return
    this.#first += first
    this.#second += second
    this.#secondSquares += second ** 2
    this.#light += light
    this.#bits++
  }

  /** Null where that is not the way of one pole, or in the noise. */
  get timeConstant(): TimeConstant | null {
    const bits = this.#bits
    const falls = { first: this.#first / bits, second: this.#second / bits }
    const light = this.#light / bits
    const noise = Math.sqrt((this.#secondSquares / bits - falls.second ** 2) / (bits - 1))
    if (!(falls.second > Math.max(LEAST_FALL * light, CLEAR_FALL * noise))) return null
    const symbols = timeConstantOf(falls)
    if (!(symbols > 0 && symbols < 1)) return null
    if (falls.first < OF_ONE_POLE * firstFallOf(symbols, light)) return null
    return { symbols, error: timeConstantError(falls, TWO_SIDED_95 * noise) }
  }
}

function eye({
  bits,
  decided: { grey, white },
  noiseRms,
}: Measured): Pick<SignalQuality, 'snrDb' | 'eyeHeight' | 'leastCertainBit'> {
  const half = (white - grey) / 2
  if (bits.length === 0 || !(half > 0)) {
    return { snrDb: ratioDb(half, noiseRms), eyeHeight: null, leastCertainBit: null }
  }
  let [squares, brightestGrey, darkestWhite, bit, margin] = [0, -Infinity, Infinity, 0, Infinity]
  for (const [index, level] of bits.entries()) {
    const above = level - grey - half
    squares += (Math.abs(above) - half) ** 2
    if (above > 0) darkestWhite = Math.min(darkestWhite, level)
    else brightestGrey = Math.max(brightestGrey, level)
    if (Math.abs(above) / half < margin) {
      bit = index
      margin = Math.abs(above) / half
    }
  }
  const deviationRms = Math.sqrt(squares / bits.length)
  const height = (darkestWhite - brightestGrey) / (2 * half)
  return {
    snrDb: ratioDb(half, deviationRms),
    eyeHeight: Number.isFinite(height) ? height : null,
    leastCertainBit: { bit, margin },
  }
}

const ratioDb = (signal: number, noise: number): number | null =>
  signal > 0 && noise > LEAST_NOISE * signal ? 20 * Math.log10(signal / noise) : null

/** Of an rms of so many values of Gaussian noise. */
const ratioErrorDb = (values: number): number =>
  (TWO_SIDED_95 * (20 / Math.LN10)) / Math.sqrt(2 * values)
