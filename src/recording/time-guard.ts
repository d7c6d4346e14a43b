import { RecordingError } from './errors.js'

/** So many steps between samples are looked at; and so few, where there are no more, tell nothing. */
const FIRST_STEPS = 256
const FEWEST_STEPS = 8
/** Of the slowest message that is read, 5 symbols a second, two samples a symbol: 2.5 are needed. */
const MOST_STEP_S = 0.1
/** The shortest message is 5 bytes at 2,500 symbols a second, with a sync and a marker. */
export const LEAST_SPAN_S = 0.04

/** Refuses times in which there could be no message: their unit, or the sample rate, is not what the file seems to tell. */
export class TimeGuard {
  /** What is wrong with the times by now. */
  fault: RecordingError | null = null
  #firstS = Number.NaN
  #lastS = Number.NaN
  #longestS = 0
  #steps = -1
  #count = 0

  /** Takes the next times; returns how many of them may be used, which are fewer where there is a fault. */
  take(timesS: Float64Array): number {
    let n = 0
    this.#count += timesS.length
    for (; n < timesS.length && this.#steps < FIRST_STEPS; n++) {
      const timeS = timesS[n] as number
      if (++this.#steps === 0) this.#firstS = timeS
      else this.#longestS = Math.max(this.#longestS, timeS - this.#lastS)
      this.#lastS = timeS
      if (this.#steps === FIRST_STEPS) this.#checkSteps()
      if (this.fault) return n
    }
    this.#lastS = timesS.at(-1) ?? this.#lastS
    return timesS.length
  }

  /** Whether a message could be in what has come. */
  get hasSpan(): boolean {
    return this.#spanS >= LEAST_SPAN_S
  }

  /** Takes the end of the samples. */
  end(): void {
    if (this.#steps < FEWEST_STEPS) return
    if (this.#steps < FIRST_STEPS) this.#checkSteps()
    if (this.hasSpan) return
    const count = `all samples are within ${this.#span}`
    const rateHz = this.#count / this.#spanS
    this.fault = unitFault(rateHz < Infinity ? `${count}, ${shown(rateHz)} a second` : count)
  }

  #checkSteps(): void {
    // Without the longest step, which may be a pause.
    const stepS = (this.#spanS - this.#longestS) / (this.#steps - 1)
    if (stepS < MOST_STEP_S) return
    this.fault = unitFault(
      `the samples are ${shown(stepS)} s apart, ${shown(1 / stepS)} a second over ${this.#span}`,
    )
  }

  get #spanS(): number {
    return this.#lastS - this.#firstS
  }

  get #span(): string {
    return `${shown(this.#spanS)} s`
  }
}

/** A figure of a sentence. */
export const shown = (value: number): string =>
  value.toLocaleString('en', { maximumSignificantDigits: 3 })

const unitFault = (found: string): RecordingError =>
  new RecordingError(
    'unit',
    `no message could be in these times, as ${found}: give the unit of the times, or the sample rate`,
  )
