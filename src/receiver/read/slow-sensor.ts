import type { BitLight } from '../cut/bit-light.js'

// Below this time constant, in symbols, what the symbols before have left is small enough for the equaliser. Fitted.
const SLOW = 0.7
const LEAST_SLOW = Math.exp(-1 / (4 * SLOW))
// So many bits of a sync tell whether it is, by a change that is so many times what noise makes of it.
const DECIDED_FROM = 6
const DECIDED_TO = 14
const CLEAR = 6
// And the part that remains is above that of the least slow one by so many times what noise makes of the second change: it moves the
// first one the other way, so that this is twice the rms of what their difference shows.
const CLEARLY_SLOWER = 3
// And by this part of the swing, which noise alone hardly makes: in a sync a sensor that is slow on one edge only changes by 0.4 of it.
const LEAST_CHANGE = 0.2
// A pole of four symbols; nothing is known of a slower one.
const MOST_SLOW = Math.exp(-1 / (4 * 4))

/**
 * Takes away what a slow sensor of one pole has left of the symbols before. Such a level comes nearer to where it goes by the same part
 * of the way in each half of a symbol: the means of two halves tell where that is. The sensor's rise and its fall may differ.
 */
export class SlowSensor {
  readonly #fall = new Pole()
  readonly #rise = new Pole()

  /** Learns from a bit; returns it as a sensor at once would have seen it, if the sensor is slow. */
  sharpen(bit: BitLight): BitLight {
    const swing = bit.lit - bit.black
    this.#fall.add(bit.firstFall, bit.secondFall, swing)
    this.#rise.add(bit.firstRise, bit.secondRise, swing)
    if (!this.#fall.isSlow && !this.#rise.isSlow) return bit
    const black = this.#fall.goal(bit.black, bit.begunBlack, bit.settledBlack)
    const blackAfter = this.#fall.goal(bit.blackAfter, bit.begunAfter, bit.settledAfter)
    const lit = this.#rise.goal(bit.lit, bit.begunLit, bit.settledLit)
    return { ...bit, black, lit, blackAfter, settledBlack: black, settledLit: lit }
  }
}

/** One pole: in each quarter of a symbol the level changes by the same part of what it did in the one before. */
class Pole {
  #first = 0
  #second = 0
  #swing = 0
  /** Sum of squares of what noise makes of the second change, as it differs from bit to bit. */
  #noise = 0
  #before = 0
  #bits = 0
  /** Whether the sensor is slow, once enough bits have shown it. */
  isSlow = false

  add(first: number, second: number, swing: number): void {
    if (Number.isNaN(first + second + swing)) return
    this.#swing += swing
    this.#first += first
    this.#second += second
    // What is before the first bit may be darkness.
    if (this.#bits > 1) this.#noise += (second - this.#before) ** 2 / 2
    this.#before = second
    const bits = ++this.#bits
    if (bits >= DECIDED_FROM && bits <= DECIDED_TO && !this.isSlow) {
      const noise = Math.sqrt(this.#noise)
      const least = Math.max(CLEAR * noise, LEAST_CHANGE * this.#swing)
      this.isSlow =
        this.#second > least && this.#second - LEAST_SLOW * this.#first > CLEARLY_SLOWER * noise
    }
  }

  /** Where the level of a symbol goes, by its mean and those of its halves. */
  goal(mean: number, begun: number, settled: number): number {
    if (!this.isSlow) return mean
    const left = this.#remains ** 2
    return settled + ((settled - begun) * left) / (1 - left)
  }

  /** The part of the way that is left a quarter of a symbol later. */
  get #remains(): number {
    return this.#first > 0 && this.#second > 0 ? Math.min(this.#second / this.#first, MOST_SLOW) : 0
  }
}
