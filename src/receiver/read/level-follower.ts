import { READABLE_GREY } from '../../light/limits.js'
import { DEFAULT_GREY_RATIO, MARKER } from '../../modulation/index.js'
import type { BitLight } from '../cut/bit-light.js'
import { Equaliser, type Neighbours } from './equaliser.js'
import { type LitLevels, marginOf, settle } from './packet-bits.js'

// Zero bits that show the grey level before a marker is looked for.
export const MIN_SYNC_BITS = 8

export const MARKER_BITS = [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (MARKER >> bit) & 1)
export const MARKER_ONES = MARKER_BITS.filter((bit) => bit === 1).length
const MARKER_ZEROS = MARKER_BITS.length - MARKER_ONES

// Averages begin as means of all that was seen, and then follow slowly. Gains fitted on noise, drift and hands.
const LEVEL_GAIN = 1 / 32
// Where noise allows, they follow faster: with the square of the step from grey to white over the noise.
const FASTEST_GAIN = 1 / 4
const CLEAR_STEP = 2000

// In a marker white is above grey by more than this many times a bit's noise (rms), which is known from few bits.
const CLEAR_MARKER = 3.5
// The same for a white so near to grey that the message will fail for it.
const CLEAR_NEAR_MARKER = 6
// This part of that is enough where the darkest one is above all zeros, those of the sync, too, by this part of the step: then it was
// another sender's light that seemed to be noise. Fitted on neighbours of 0.3 of the swing, and on syncs without a marker.
const OPEN_MARKER = 0.7
const LEAST_EYE = 0.2
// Where grey is below this part of white it is no grey, but the flicker before a message.
const FLICKER_RATIO = 0.15
const [, MAX_GREY_RATIO] = READABLE_GREY
// Where grey is above this part of white there is no white, whatever the noise.
const SAME_RATIO = 0.97

// Fitted on the darkest grey, noise and cables: a lit symbol is missing below this part of grey, or so many times the noise (rms) below grey if that is less; but in any case
// below the third, a part of grey too.
const LOST_BELOW = 0.35
const LOST_RMS = 4.5
const LOST_AT_LEAST = 0.1
// The same, as a part of grey, before the noise is known.
const LOST_EARLY = 0.25
// The clock is lost, or the light stays on, where a black symbol is above this part of grey and as bright as the lit one after it,
// or both black ones beside the lit one are above this part of that.
const LIT_BLACK = 0.9

// Other light is switched where black changes by more than so many times its noise (rms) and that of lit symbols, and this part of
// grey. Fitted on lamps that are switched within packets, and on drift, hands and flicker.
const SWITCHED_RMS = 8
const SWITCHED_LIT_RMS = 4.5
const SWITCHED = 0.2

/** A lit symbol, grey or white. */
export interface LitSymbol {
  /** Above black. */
  readonly swing: number
  readonly neighbours: Neighbours
  /** Whether other light was switched just before, in or after it: it says little of the levels. */
  readonly isHit?: boolean
}

/**
 * Follows the levels of one message, from its first bit on: black, grey and white, the noise, and what a symbol's
 * neighbours add to it. All levels are in the sense that makes lit brighter than black.
 */
export class LevelFollower {
  readonly #equaliser = new Equaliser()
  #bits = 0
  #black = 0
  /** Grey and white are swings above black; white is null as long as it was not seen. */
  #grey = 0
  #white: number | null = null
  #greys = 0
  /** Of those before the marker. */
  #brightestZero = -Infinity
  #whites = 0
  /** Of a bit's deviation from its level. */
  #variance = 0
  /** Mean square of the noise of a symbol, as black symbols show it. */
  #blackNoise = 0
  #litBefore = 0
  /** What has been added to all levels since other light was switched. */
  #switched = 0
  /** How often that was. */
  switches = 0

  /** Takes the black symbols of the next bit. */
  follow(bit: BitLight): LitSymbol {
    if (this.#bits++ === 0) this.#black = Number.isNaN(bit.black) ? bit.blackAfter : bit.black
    const black = Number.isNaN(bit.black) ? this.#black : bit.black - this.#switched
    const step = bit.blackAfter - this.#switched - this.#black
    const rms = Math.max(SWITCHED_RMS * this.blackRms, SWITCHED_LIT_RMS * this.#noiseRms)
    const most = Math.max(rms, SWITCHED * this.#grey)
    // Before the marker it may be this that changes black: in the wrong polarity that is what has the whites.
    if (this.#white !== null && Math.abs(step) > most) {
      // What is switched again and again is noise.
      this.#blackNoise += LEVEL_GAIN * (most ** 2 / 2 - this.#blackNoise)
      return this.#switch(bit, black, step, this.#white)
    }
    // After the marker the equaliser knows what black has to do with lit.
    const gain = this.#white === null ? this.#levelGain : LEVEL_GAIN
    this.#black += Math.max(gain, 1 / this.#bits) * (black - this.#black)
    const after = Number.isNaN(step) ? this.#black : bit.blackAfter - this.#switched
    this.#blackNoise += LEVEL_GAIN * ((after - black) ** 2 / 2 - this.#blackNoise)
    return {
      swing: bit.lit - this.#switched - this.#black,
      neighbours: [black - this.#black, after - this.#black, this.#litBefore],
    }
  }

  /**
   * Other light was switched in one of the three symbols. Then one half of the lit one is as it should be, above the black symbol
   * on its side: the one that is nearer to a level.
   */
  #switch(bit: BitLight, black: number, step: number, white: number): LitSymbol {
    const ways = [
      bit.lit - this.#switched - black,
      bit.lit - bit.blackAfter,
      bit.begunLit - this.#switched - black,
      bit.settledLit - bit.blackAfter,
    ]
    this.#switched += step
    this.switches++
    const off = (level: number): number =>
      Math.min(Math.abs(level - this.#grey), Math.abs(level - white))
    const swing = ways.reduce((best, level) => (off(level) < off(best) ? level : best))
    return { swing, neighbours: [0, 0, this.#litBefore], isHit: true }
  }

  /** Whether enough bits have shown grey. */
  get knowsGrey(): boolean {
    return this.#greys >= MIN_SYNC_BITS
  }

  /** Rms deviation of a black symbol from its level: noise alone, where lit symbols after a sync may be data. */
  get blackRms(): number {
    return Math.sqrt(this.#blackNoise / (1 - (1 - LEVEL_GAIN) ** this.#bits)) || 0
  }

  /** Rms deviation of a bit from its level. */
  get #noiseRms(): number {
    return Math.sqrt(this.#variance)
  }

  /** Whether white, if there is one, is too near to be told from grey. */
  get isGreyNearWhite(): boolean {
    return this.#grey > MAX_GREY_RATIO * (this.#white ?? Infinity)
  }

  /** Level of a lit symbol above black, less what its neighbours add to it as far as that is known by now. */
  level({ swing, neighbours }: LitSymbol): number {
    return swing - this.#equaliser.explain(neighbours)
  }

  /** 'dark' for a lit symbol that is black, 'lit-black' for black ones beside it that are lit; null when nothing is wrong. */
  faultOf(symbol: LitSymbol): 'dark' | 'lit-black' | null {
    if (!this.knowsGrey) {
      return this.#greys >= 2 && symbol.swing < LOST_EARLY * this.#grey ? 'dark' : null
    }
    const level = this.level(symbol)
    const [black, after] = symbol.neighbours
    if (level < this.#lostBelow) return 'dark'
    const isNoDarker = black > level || Math.min(black, after) > LIT_BLACK * symbol.swing
    return black > LIT_BLACK * this.#grey && isNoDarker ? 'lit-black' : null
  }

  /** Whether the bit after a dark one, which was not followed, is lit again. */
  isLit({ lit }: BitLight): boolean {
    return lit - this.#switched - this.#black >= this.#lostBelow
  }

  get #lostBelow(): number {
    const noise = this.#grey - LOST_RMS * this.#noiseRms
    return Math.max(Math.min(LOST_BELOW * this.#grey, noise), LOST_AT_LEAST * this.#grey)
  }

  /** Learns from a symbol that is grey. */
  learnGrey(symbol: LitSymbol): void {
    this.#litBefore = 0
    if (symbol.isHit) return
    const level = this.level(symbol)
    const error = level - this.#grey
    if (this.#white === null) this.#brightestZero = Math.max(this.#brightestZero, level)
    else this.#white *= 1 + this.#commonGain * (error / this.#grey)
    this.#learn(symbol, error)
    this.#grey += Math.max(this.#levelGain, 1 / ++this.#greys) * error
  }

  /** The margin of a bit, by what is known of the levels so far; learns from it. */
  decide(symbol: LitSymbol): number {
    const grey = this.#grey
    const white = this.#white as number
    const level = this.level(symbol)
    const margin = marginOf(level, { grey, white })
    if (margin <= 0) {
      this.learnGrey(symbol)
      return margin
    }
    this.#litBefore = white - grey
    if (symbol.isHit) return margin
    this.#learn(symbol, level - white)
    this.#white = white + Math.max(this.#levelGain, 1 / ++this.#whites) * (level - white)
    this.#grey *= 1 + this.#commonGain * (level / white - 1)
    return margin
  }

  /**
   * Learns white if the newest bits, as many as the marker has, are the marker. In the wrong polarity it is in the black
   * symbols, and what is left of it in the lit ones is less.
   */
  learnMarker(symbols: readonly LitSymbol[]): boolean {
    const levels = symbols.map((symbol) => this.level(symbol))
    const white =
      levels.reduce((sum, level, n) => sum + (MARKER_BITS[n] ? level : 0), 0) / MARKER_ONES
    // A one counts by what the others say of white: else a grey one that noise made brighter would lower its own bar.
    const middle = (level: number, one: number | undefined): number =>
      (this.#grey + (one ? (MARKER_ONES * white - level) / (MARKER_ONES - 1) : white)) / 2
    const isPattern = levels.every(
      (level, n) => Number(level > middle(level, MARKER_BITS[n])) === MARKER_BITS[n],
    )
    // Nearly all bits end here.
    if (!isPattern) return false
    const contrast = (side: 0 | 1): number =>
      symbols.reduce(
        (sum, { neighbours }, n) =>
          sum + neighbours[side] * (MARKER_BITS[n] ? 1 / MARKER_ONES : -1 / MARKER_ZEROS),
        0,
      )
    const step = white - this.#grey
    const ones = levels.filter((_, n) => MARKER_BITS[n])
    const zeros = levels.filter((_, n) => !MARKER_BITS[n])
    const eye = Math.min(...ones) - Math.max(this.#brightestZero, ...zeros)
    const part = eye > LEAST_EYE * step ? OPEN_MARKER : 1
    const clear = this.#grey > MAX_GREY_RATIO * white ? CLEAR_NEAR_MARKER : CLEAR_MARKER
    const isMarker =
      this.#grey > FLICKER_RATIO * white &&
      this.#grey < SAME_RATIO * white &&
      step > part * clear * this.#noiseRms &&
      step > Math.max(Math.abs(contrast(0)), Math.abs(contrast(1)))
    if (!isMarker) return false
    this.#white = white
    this.#whites = MARKER_ONES
    return true
  }

  /** The marker was none. */
  forgetWhite(): void {
    this.#white = null
    this.#litBefore = 0
  }

  /** Grey and white as all of these bits show them; without any, as they are known by now, white by the usual ratio if not at all. */
  settle(levels: readonly number[]): LitLevels {
    return settle(levels, {
      grey: this.#grey,
      white: this.#white ?? this.#grey / DEFAULT_GREY_RATIO,
    })
  }

  #learn({ neighbours }: LitSymbol, error: number): void {
    const seen = this.#greys + this.#whites
    if (seen === 0) return
    // The mean that the error is from was made of the same bits: 1 - 1/n of the variance is left.
    this.#variance +=
      Math.max(LEVEL_GAIN, 1 / seen) * (error ** 2 * (seen / (seen + 1)) - this.#variance)
    if (seen >= 2) this.#equaliser.learn(neighbours, error, this.#variance)
  }

  /** Levels follow the faster, the less noise there is: a hand in front of the sensor passes quickly. */
  get #levelGain(): number {
    const step = (this.#white ?? this.#grey / DEFAULT_GREY_RATIO) - this.#grey
    const clear = step ** 2 / this.#blackNoise || 0
    return Math.min(Math.max(LEVEL_GAIN, clear / CLEAR_STEP), FASTEST_GAIN)
  }

  /** What dims one level dims the other; not so noise. */
  get #commonGain(): number {
    return (this.#levelGain - LEVEL_GAIN) / (1 - LEVEL_GAIN / FASTEST_GAIN)
  }
}
