import type { Scale } from '../acquire/scale.js'
import { cosine, HARMONICS, Lines, sine } from './lines.js'

// Twice as many as are read in a window of 0.1 s: samples may come faster for a while.
const MOST_SAMPLES = 1024
// So many more samples than unknowns there must be, so that what is left can be called noise.
const LEAST_FREE = 4
// Mean square error of a line in one window, as a part of what is in it beside the lines: white noise has 4 / samples, and
// a message, whose samples are not independent, about this.
const LINE_ERROR = 0.05
// Far below the noise of a 16-bit ADC.
const LEAST_ERROR = 1e-12

// A rate is this much more at most for what times are rounded to.
const ROUNDED = 1.01

/** What a window shows of one fundamental. */
export interface Line {
  readonly re: number
  readonly im: number
  readonly error: number
}

/** The samples of one window, to be correlated with lines. Their mean, which is not flicker, is taken away. */
export class FlickerWindow {
  readonly #timesS = new Float64Array(MOST_SAMPLES)
  /** Of its samples, as many as `count`. */
  readonly levels = new Float64Array(MOST_SAMPLES)
  /** When it begins: its lines have their phase there. */
  startS = 0
  count = 0
  /** Sum of the squared levels. */
  #squares = 0
  /** Each is the mean of so many samples of the finest scale. */
  #samples = 1
  /** Between two of them, and between two samples of the finest scale, roughly. */
  sampleS = 0
  finestS = 0

  /**
   * Takes the samples of some time, from the scale that has at most so many a second; where a power of two is wanted, as many of
   * the first ones.
   */
  cut(
    scales: readonly Scale[],
    mostASecond: number,
    startS: number,
    durationS: number,
    isPowerOfTwo = false,
  ): void {
    const [finest] = scales as [Scale]
    this.finestS = finest.sampleSAround(finest.count)
    const wanted = Math.max(0, Math.ceil(-Math.log2(ROUNDED * mostASecond * this.finestS)))
    const order = Math.min(wanted, scales.length - 1)
    const scale = scales[order] as Scale
    this.startS = startS
    this.#samples = 2 ** order
    this.sampleS = this.#samples * this.finestS
    const from = scale.indexAt(startS, this.sampleS)
    const to = Math.min(scale.indexAt(startS + durationS, this.sampleS), from + MOST_SAMPLES)
    this.count = isPowerOfTwo ? 2 ** Math.floor(Math.log2(to - from)) : to - from
    const timesS = this.#timesS
    const levels = this.levels
    scale.copyTimes(from, from + this.count, timesS)
    scale.copyLevels(from, from + this.count, levels)
    const average = scale.sum(from, from + this.count) / this.count
    let squares = 0
    for (let n = 0; n < this.count; n++) {
      const level = (levels[n] as number) - average
      timesS[n] = (timesS[n] as number) - startS
      levels[n] = level
      squares += level * level
    }
    this.#squares = squares
  }

  /** How long it is from the first sample to the last one. */
  get durationS(): number {
    return (this.#timesS[this.count - 1] as number) - (this.#timesS[0] as number)
  }

  /** Mean square of what is in it. */
  get power(): number {
    return this.#squares / this.count
  }

  /** The part of a line that is left in the means of samples. */
  passed(frequencyHz: number): number {
    const angle = Math.PI * frequencyHz * this.finestS
    return this.#samples === 1
      ? 1
      : Math.sin(this.#samples * angle) / (this.#samples * Math.sin(angle))
  }

  /** Takes away lines that are known. */
  takeAway(lines: Lines): void {
    const { frequencyHz } = lines
    const seen = new Lines(frequencyHz, lines.startS - this.startS)
    for (let k = 0; k < HARMONICS; k++) {
      const passed = this.passed((k + 1) * frequencyHz)
      seen.re[k] = passed * (lines.re[k] as number)
      seen.im[k] = passed * (lines.im[k] as number)
    }
    seen.takeFrom(this.#timesS, this.levels, 0, this.count)
    this.#squares = 0
    for (let n = 0; n < this.count; n++) this.#squares += (this.levels[n] as number) ** 2
  }

  /** Writes the phasors of a fundamental and its first harmonics, so many in all; there are none of others. */
  readLines(frequencyHz: number, count: number, lineRe: Float64Array, lineIm: Float64Array): void {
    lineRe.fill(0)
    lineIm.fill(0)
    const gain = this.count === 0 ? 0 : 2 / this.count
    for (let n = 0; n < this.count; n++) {
      const phase = frequencyHz * (this.#timesS[n] as number)
      const cos = cosine(phase)
      const sin = sine(phase)
      let re = gain * (this.levels[n] as number)
      let im = 0
      for (let k = 0; k < count; k++) {
        const turned = re * cos + im * sin
        im = im * cos - re * sin
        re = turned
        lineRe[k] = (lineRe[k] as number) + re
        lineIm[k] = (lineIm[k] as number) + im
      }
    }
  }

  /** One line alone, with the mean square error of its phasor. */
  line(frequencyHz: number): Line {
    const timesS = this.#timesS
    const levels = this.levels
    const gain = this.count === 0 ? 0 : 2 / this.count
    let cosines = 0
    let sines = 0
    for (let n = 0; n < this.count; n++) {
      const phase = frequencyHz * (timesS[n] as number)
      cosines += (levels[n] as number) * cosine(phase)
      sines += (levels[n] as number) * sine(phase)
    }
    const re = gain * cosines
    const im = -gain * sines
    return { re, im, error: this.error(1, re ** 2 + im ** 2) }
  }

  /** Mean square error of a line's phasor, when so many lines have that much power together; 1 when it is not known. */
  error(lines: number, power: number): number {
    // Each line has two unknowns, and the mean is one.
    const free = this.count - 2 * lines - 1
    if (lines === 0 || free < LEAST_FREE) return 1
    const noise = Math.max(0, this.#squares - (this.count * power) / 2) / free
    return LEAST_ERROR + noise * Math.max(4 / this.count, LINE_ERROR)
  }
}
