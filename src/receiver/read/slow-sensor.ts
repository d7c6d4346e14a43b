import type { BitLight } from '../cut/bit-light.js'

// Below this time constant, in symbols, what the symbols before have left is small enough for the equaliser. Fitted.
const SLOW = 0.7
const LEAST_SLOW = Math.exp(-1 / (4 * SLOW))
// So many bits of a sync tell whether it is, by a change that is so many times what noise makes of it.
const DECIDED_FROM = 6
const DECIDED_TO = 14
const CLEAR = 6
// A pole of four symbols; nothing is known of a slower one.
const MOST_SLOW = Math.exp(-1 / (4 * 4))

/**
 * Takes away what a slow sensor of one pole has left of the symbols before: a level that has come nearer to where it goes by some
 * part of the way, from one half of a symbol to the next, will have come there by ... The sensor's rise and its fall may differ.
 */
export class SlowSensor {
  readonly #fall = new Pole()
  readonly #rise = new Pole()

  /** Learns from a bit; returns it as a sensor at once would have seen it, if the sensor is slow. */
  sharpen(bit: BitLight): BitLight {
    this.#fall.add(bit.firstFall, bit.secondFall)
    this.#rise.add(bit.firstRise, bit.secondRise)
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
  /** Sum of squares of what noise makes of the second change, as it differs from bit to bit. */
  #noise = 0
  #before = 0
  #bits = 0
  /** Whether the sensor is slow, once enough bits have shown it. */
  isSlow = false

  add(first: number, second: number): void {
    if (Number.isNaN(first + second)) return
    this.#first += first
    this.#second += second
    // What is before the first bit may be darkness.
    if (this.#bits > 1) this.#noise += (second - this.#before) ** 2 / 2
    this.#before = second
    const bits = ++this.#bits
    if (bits >= DECIDED_FROM && bits <= DECIDED_TO && !this.isSlow) {
      const isClear = this.#second > CLEAR * Math.sqrt(this.#noise)
      this.isSlow = isClear && this.#remains > LEAST_SLOW
    }
  }

  /** Where the level of a symbol goes, by its mean and those of its halves. */
  goal(mean: number, begun: number, settled: number): number {
    if (!this.isSlow) return mean
    const left = this.#remains ** 2
    return settled + ((settled - begun) * left) / (1 - left)
  }

  /** That part. */
  get #remains(): number {
    return this.#first > 0 && this.#second > 0 ? Math.min(this.#second / this.#first, MOST_SLOW) : 0
  }
}
