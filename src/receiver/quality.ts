import type { BitLight } from './bit-light.js'
import type { LitLevels } from './packet-bits.js'
import {
  RECEPTION_FAILURES,
  type ReceivedLevels,
  type Reception,
  type ReceptionFailure,
  swingOf,
  type TimingSpread,
} from './reception.js'

/** How good the light of a reception was. */
export interface SignalQuality {
  /** White above black as a part of full scale; null when white was not seen. */
  readonly swing: number | null
  /** Half of the step from grey to white over the rms deviation of a bit from its level, in dB; null without bits. */
  readonly snrDb: number | null
  /** Between the brightest grey and the darkest white, as a part of the step between them; null without both. */
  readonly eyeHeight: number | null
  /** The part of a symbol that no edge came into. */
  readonly eyeWidth: number
  /** The bit of the packet that is nearest to the threshold, 1 being as far as its level; null without bits. */
  readonly leastCertainBit: { readonly bit: number; readonly margin: number } | null
  /**
   * Other light's flicker of about 100 or 120 Hz: its frequency, and the most that it deviates from its mean as a part of full
   * scale, harmonics and all; null when none stands out of the noise, it was there for less than half a second, or the
   * message has a line of its own there: bit rates (half the symbol rate) of one to four times its frequency.
   */
  readonly flicker: { readonly frequencyHz: number; readonly peak: number } | null
  /** Whether black or white are at the ends of the sensor's range. */
  readonly clipped: { readonly low: boolean; readonly high: boolean }
  /** Of the sensor's fall, as one pole, to about a quarter; null when it is too short to be seen. */
  readonly timeConstantS: number | null
}

const CLIPPED_LOW = 0.002
const CLIPPED_HIGH = 0.995

// Of the light: a smaller fall between two quarters of a symbol may be noise.
const LEAST_FALL = 0.02

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

  measure(
    bits: readonly number[],
    decided: LitLevels,
    received: ReceivedLevels,
    symbolRateHz: number,
    timingSpread: TimingSpread,
  ): SignalQuality {
    const { black, white } = received
    const top = Math.max(black ?? 0, white ?? received.grey ?? 0)
    const bottom = Math.min(black ?? 1, white ?? received.grey ?? 1)
    return {
      swing: black === null || white === null ? null : Math.abs(white - black),
      ...eye(bits, decided),
      eyeWidth: Math.max(0, 1 - 2 * timingSpread.maxS * symbolRateHz),
      flicker: null,
      clipped: { low: bottom < CLIPPED_LOW, high: top > CLIPPED_HIGH },
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

function eye(
  bits: readonly number[],
  { grey, white }: LitLevels,
): Pick<SignalQuality, 'snrDb' | 'eyeHeight' | 'leastCertainBit'> {
  const half = (white - grey) / 2
  if (bits.length === 0 || !(half > 0)) {
    return { snrDb: null, eyeHeight: null, leastCertainBit: null }
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
  const rms = Math.sqrt(squares / bits.length)
  const height = (darkestWhite - brightestGrey) / (2 * half)
  return {
    snrDb: rms > 0 ? 20 * Math.log10(half / rms) : null,
    eyeHeight: Number.isFinite(height) ? height : null,
    leastCertainBit: { bit, margin },
  }
}

// Beyond these something is worth to be changed on the bench. A swing of 0.1 is what an imp needs (protocol.md
// section 4); grey is nominally 0.52 of white.
const LEAST_SWING = 0.1
const NEAR_FULL_SCALE = 0.93
const DARK_GREY = 0.4
const BRIGHT_GREY = 0.65
const LOUD_FLICKER = 0.05
const SLOW_SYMBOLS = 0.2
const NARROW_EYE = 0.5
const LOW_SNR_DB = 16

/** What to change on the bench first, in one sentence. */
export function advise(
  reason: ReceptionFailure | null,
  levels: ReceivedLevels,
  greyRatio: number | null,
  quality: SignalQuality | null,
  symbolRateHz: number | null,
): string {
  if (quality === null || symbolRateHz === null) {
    return reason === null ? NOTHING : RECEPTION_FAILURES[reason]
  }
  const { swing, snrDb, flicker, eyeWidth, timeConstantS } = quality
  const inverted = (levels.white ?? 0) < (levels.black ?? 0)
  const reached = inverted ? 1 - (levels.white ?? 1) : (levels.white ?? 0)
  if (reason === 'saturated' || reached > NEAR_FULL_SCALE) {
    return 'The sensor saturates: reduce its gain resistor or the LED current, or keep other light away.'
  }
  if (reason === 'tlv' || reason === 'bytes-differ') return RECEPTION_FAILURES[reason]
  if (swing !== null && swing < LEAST_SWING) {
    return 'The light is weak: move the sensor closer to the LED, or use a larger gain resistor.'
  }
  if (greyRatio !== null && (greyRatio < DARK_GREY || greyRatio > BRIGHT_GREY)) {
    return `Grey is ${greyRatio.toFixed(2)} of white: set the grey ratio to about 0.52.`
  }
  if (flicker && flicker.peak > LOUD_FLICKER * swingOf(levels)) {
    return `Mains light flickers at ${flicker.frequencyHz} Hz: shield the sensor, or switch the lamp off.`
  }
  if (timeConstantS && timeConstantS * symbolRateHz > SLOW_SYMBOLS) {
    return 'The sensor is slow: use a smaller gain resistor, or a lower symbol rate.'
  }
  if (eyeWidth < NARROW_EYE) {
    return 'The symbols are not even: use an emitter that keeps time, or a lower symbol rate.'
  }
  if (snrDb !== null && snrDb < LOW_SNR_DB) {
    return 'The light is noisy: bring the sensor closer, shield it, or use a lower symbol rate.'
  }
  return reason === null ? NOTHING : RECEPTION_FAILURES[reason]
}

/** The same reception, in light that was found to flicker so: its bits alone do not show that. */
export function withFlicker(reception: Reception, flicker: SignalQuality['flicker']): Reception {
  if (reception.quality === null || flicker === null) return reception
  const { reason, levels, greyRatio, symbolRateHz } = reception
  const quality = { ...reception.quality, flicker }
  return { ...reception, quality, advice: advise(reason, levels, greyRatio, quality, symbolRateHz) }
}

const NOTHING = 'The light is good: nothing needs to be changed.'
