import type { BitLight } from '../cut/bit-light.js'
import type { LitLevels } from '../read/packet-bits.js'
import {
  clippingOf,
  type ReceivedLevels,
  type SignalQuality,
  swingOf,
  type TimingSpread,
} from './quality.js'

// The fall from the second to the third quarter of a symbol is seen when it is more than this part of the light, as less is
// what clock and sampling make of a fast sensor, and than twice what noise makes of it: the difference of two means of
// a quarter has 2 sqrt(2) times the rms of the mean of a symbol.
const LEAST_FALL = 0.005
const CLEAR_FALL = 2 * 2 * Math.SQRT2

// The latest of many levels counts for this part of their mean.
const SETTLED_GAIN = 1 / 64

// As a part of the signal: light without any deviation shows what rounding leaves.
const LEAST_NOISE = 1e-4

/** What a message's bits came to. */
interface Measured {
  readonly levels: ReceivedLevels
  readonly symbolRateHz: number
  readonly timingSpread: TimingSpread
  /** Levels of the bits after the marker, and those that decide them: without a marker, white as it should be. */
  readonly bits: readonly number[]
  readonly decided: LitLevels
  /** Rms deviation of a black symbol from its level, which tells the noise where there are no bits after the marker. */
  readonly noiseRms: number
}

/** The mean of all that was added; the latest counts for a 64th at least. */
class Mean {
  value: number | null = null
  #count = 0

  /** A symbol that no sample was in says nothing. */
  add(value: number): void {
    if (Number.isNaN(value)) return
    const mean = this.value ?? 0
    this.value = mean + Math.max(SETTLED_GAIN, 1 / ++this.#count) * (value - mean)
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
  /** Sums over the bits that show how the light falls, and their number. */
  #firstFalls = 0
  #secondFalls = 0
  #lights = 0
  #falls = 0

  constructor(private readonly polarity: 1 | -1) {}

  add(bit: BitLight): void {
    this.#black.add(bit.settledBlack)
    for (const level of [bit.settledBlack, bit.settledLit]) {
      if (Number.isNaN(level)) continue
      this.#least = Math.max(0, Math.min(this.#least, this.polarity * level))
      this.#most = Math.min(1, Math.max(this.#most, this.polarity * level))
    }
    if (Number.isNaN(bit.firstFall + bit.secondFall)) return
    this.#firstFalls += bit.firstFall
    this.#secondFalls += bit.secondFall
    this.#lights += bit.settledLit - bit.settledBlack
    this.#falls++
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
    return {
      swing: swingOf(levels),
      ...eye(measured),
      eyeWidth: Math.max(0, 1 - 2 * timingSpread.maxS * symbolRateHz),
      clipped: clippingOf(Math.min(black, lit), Math.max(black, lit)),
      timeConstantS: this.#timeConstantS(symbolRateHz, measured.noiseRms),
    }
  }

  /** One pole falls in each quarter of a symbol by the same part of what it fell in the one before. */
  #timeConstantS(symbolRateHz: number, noiseRms: number): number | null {
    const noise = CLEAR_FALL * noiseRms * Math.sqrt(this.#falls)
    if (!(this.#secondFalls > Math.max(LEAST_FALL * this.#lights, noise))) return null
    const symbols = 1 / (4 * Math.log(this.#firstFalls / this.#secondFalls))
    return symbols > 0 && symbols < 1 ? symbols / symbolRateHz : null
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
  const height = (darkestWhite - brightestGrey) / (2 * half)
  return {
    snrDb: ratioDb(half, Math.sqrt(squares / bits.length)),
    eyeHeight: Number.isFinite(height) ? height : null,
    leastCertainBit: { bit, margin },
  }
}

const ratioDb = (signal: number, noise: number): number | null =>
  signal > 0 && noise > LEAST_NOISE * signal ? 20 * Math.log10(signal / noise) : null
