import type { BitLight } from './bit-light.js'
import type { LitLevels } from './packet-bits.js'
import {
  clippingOf,
  type ReceivedLevels,
  type SignalQuality,
  swingOf,
  type TimingSpread,
} from './quality.js'

// Of the light: a smaller fall between two quarters of a symbol may be noise.
const LEAST_FALL = 0.02

/** What a message's bits came to. */
interface Measured {
  readonly levels: ReceivedLevels
  readonly symbolRateHz: number
  readonly timingSpread: TimingSpread
  /** Of each bit after the marker, and the levels that decide them: without a marker, white as it should be. */
  readonly bits: readonly number[]
  readonly decided: LitLevels
  /** Rms deviation of a bit from its level, to be told where there are no bits after the marker. */
  readonly noiseRms: number
}

/** Collects what a message shows of its light path beside its bits. */
export class SignalMeter {
  #firstFalls = 0
  #secondFalls = 0
  #lights = 0

  add(bit: BitLight): void {
    if (Number.isNaN(bit.firstFall + bit.secondFall)) return
    this.#firstFalls += bit.firstFall
    this.#secondFalls += bit.secondFall
    this.#lights += bit.settledLit - bit.settledBlack
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
      timeConstantS: this.#timeConstantS(symbolRateHz),
    }
  }

  /** One pole falls in each quarter of a symbol by the same part of what it fell in the one before. */
  #timeConstantS(symbolRateHz: number): number | null {
    if (!(this.#firstFalls > LEAST_FALL * this.#lights && this.#secondFalls > 0)) return null
    const quarters = 1 / Math.log(this.#firstFalls / this.#secondFalls)
    return quarters > 0 ? quarters / 4 / symbolRateHz : null
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
  signal > 0 && noise > 0 ? 20 * Math.log10(signal / noise) : null
