import type { Scale } from '../acquire/scale.js'

// Twice as many as are read in a window of 0.1 s: samples may come faster for a while.
const MOST_SAMPLES = 512
// So many more samples than unknowns there must be, so that what is left can be called noise.
const LEAST_FREE = 4
// Mean square error of a line in one window, as a part of what is in it beside the lines: white noise has 4 / samples, and
// a message, whose samples are not independent, about this.
const LINE_ERROR = 0.05
// Far below the noise of a 16-bit ADC.
const LEAST_ERROR = 1e-12

// Entries of the sine's table in a turn: the nearest one is off by a part in 1,300 at most, 62 dB below.
const TURN = 4096
const QUARTER = TURN / 4
/** A sine, with a quarter more so that it holds the cosine. */
const SINE = Float64Array.from({ length: TURN + QUARTER }, (_, n) =>
  Math.sin((2 * Math.PI * n) / TURN),
)

/** The samples of one window, to be correlated with lines. Their mean, which is not flicker, is taken away. */
export class FlickerWindow {
  readonly #timesS = new Float64Array(MOST_SAMPLES)
  readonly #levels = new Float64Array(MOST_SAMPLES)
  #count = 0
  #squares = 0
  /** Each is the mean of so many samples of the finest scale. */
  #samples = 1
  /** Between two of them, and between two samples of the finest scale, roughly. */
  sampleS = 0
  finestS = 0

  /** Takes the samples of some time, from the scale that has at most so many a second. */
  cut(scales: readonly Scale[], mostASecond: number, startS: number, durationS: number): void {
    const [finest] = scales as [Scale]
    this.finestS = finest.sampleSAround(finest.count)
    const wanted = Math.max(0, Math.ceil(-Math.log2(mostASecond * this.finestS)))
    const order = Math.min(wanted, scales.length - 1)
    const scale = scales[order] as Scale
    this.#samples = 2 ** order
    this.sampleS = this.#samples * this.finestS
    const from = scale.indexAt(startS, this.sampleS)
    const to = Math.min(scale.indexAt(startS + durationS, this.sampleS), from + MOST_SAMPLES)
    this.#count = to - from
    const average = scale.sum(from, to) / this.#count
    this.#squares = 0
    for (let n = 0; n < this.#count; n++) {
      const level = scale.sum(from + n, from + n + 1) - average
      this.#timesS[n] = scale.timeS(from + n) - startS
      this.#levels[n] = level
      this.#squares += level ** 2
    }
  }

  /** The part of a line that is left in the means of samples. */
  passed(frequencyHz: number): number {
    const angle = Math.PI * frequencyHz * this.finestS
    return this.#samples === 1
      ? 1
      : Math.sin(this.#samples * angle) / (this.#samples * Math.sin(angle))
  }

  /** Takes away what is known: the phasors of the fundamental and its harmonics. */
  takeAway(re: Float64Array, im: Float64Array, frequencyHz: number): void {
    this.#squares = 0
    for (let n = 0; n < this.#count; n++) {
      const phase = frequencyHz * (this.#timesS[n] as number)
      const level = (this.#levels[n] as number) - levelOf(re, im, phase)
      this.#levels[n] = level
      this.#squares += level ** 2
    }
  }

  /** The phasor of one line. */
  line(frequencyHz: number): { re: number; im: number } {
    const levels = this.#levels
    const timesS = this.#timesS
    const count = this.#count
    let re = 0
    let im = 0
    for (let n = 0; n < count; n++) {
      const turn = entryOf(frequencyHz * (timesS[n] as number))
      const level = levels[n] as number
      re += level * (SINE[turn + QUARTER] as number)
      im -= level * (SINE[turn] as number)
    }
    const gain = count === 0 ? 0 : 2 / count
    return { re: gain * re, im: gain * im }
  }

  /** Mean square error of a line's phasor, when so many lines have that much power together; 1 when it is not known. */
  error(lines: number, power: number): number {
    // Each line has two unknowns, and the mean is one.
    const free = this.#count - 2 * lines - 1
    if (lines === 0 || free < LEAST_FREE) return 1
    const noise = Math.max(0, this.#squares - (this.#count * power) / 2) / free
    return LEAST_ERROR + noise * Math.max(4 / this.#count, LINE_ERROR)
  }
}

/** Index in the table of a phase in turns. */
const entryOf = (phase: number): number => (phase * TURN + 0.5) & (TURN - 1)

/** The sum of a fundamental and its harmonics, re cos - im sin each, at a phase in turns, by Horner's rule. */
export function levelOf(lineRe: Float64Array, lineIm: Float64Array, phase: number): number {
  const turn = entryOf(phase)
  const cos = SINE[turn + QUARTER] as number
  const sin = SINE[turn] as number
  let re = 0
  let im = 0
  for (let k = lineRe.length - 1; k >= 0; k--) {
    const sumRe = re + (lineRe[k] as number)
    const sumIm = im + (lineIm[k] as number)
    re = sumRe * cos - sumIm * sin
    im = sumRe * sin + sumIm * cos
  }
  return re
}
