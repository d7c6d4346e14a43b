import type { Scale } from '../acquire/scale.js'
import type { FlickerWindow } from './flicker-window.js'
import { HARMONICS, Lines } from './lines.js'

/** About how long a window is: whole periods of a fundamental, so that its lines and what is constant are orthogonal in it. */
export const WINDOW_S = 0.1
// Samples are read from the scale that has at most so many a second, or so many a period of the fundamental if that is more: half
// as many at least, if they come that fast.
const FOLLOWED_A_SECOND = 2500
const FOLLOWED_A_PERIOD = 3
// A line is read where this part of it is left in the means of samples.
const LEAST_PASSED = 0.3
// When the last sample of a window has come through that scale.
const SCALE_LATE_S = 0.013
/** A line stands out where its power is so many times its mean square error. */
export const SIGNIFICANT = 16

// How far flicker wanders from one window to the next (variances): its size, as a part of it, and the turn of its phase.
const SIZE_WANDER = 1e-5
const TURN_WANDER = 2e-7
// Flicker has changed at once, or stopped, where what is left is so many times the expected error (mean square), in so many
// windows on end.
const CHANGED = 200
const CHANGED_WINDOWS = 3
// It is another one, so that what was read without the known one was made of it, where this part of its power is left.
const OTHER = 0.25

/** The scale from which the lines of a fundamental are read. */
export const followedASecond = (frequencyHz: number): number =>
  Math.max(FOLLOWED_A_SECOND, FOLLOWED_A_PERIOD * frequencyHz)

/** As many whole periods as last about as long as a window. */
export const windowOf = (frequencyHz: number): number =>
  Math.round(frequencyHz * WINDOW_S) / frequencyHz

/**
 * Follows the flicker of one lamp, so that it can be taken away: a fundamental and its harmonics, each with a size and phase of
 * its own.
 *
 * In each window, what is left of the lines when the flicker known so far is taken away corrects it: the phasors of the lines by
 * a part of what is left, the frequency by how all of it turns (harmonics k times as far). The parts are the gains of a
 * Kalman filter (state: phase, and its turn a window) whose measurement error is what the window holds beside
 * the lines: in darkness it learns at once, from a message, which has power at all frequencies, it takes hardly more
 * than it must to follow the wandering mains.
 */
export class Lamp {
  /** Whether there is flicker, that is more than the error of what is known of it: as a lamp flickers, or square as a sync. */
  isKnown = false
  isSquare = false
  /** Whether the newest windows, one after the other, show that it has changed or stopped. */
  hasStopped = false
  /** Windows in which there was none, on end. */
  unknownWindows = 0
  /** Their phase is zero where the next window begins. */
  readonly lines: Lines
  /** What the newest window holds beside them, and its mean square error. */
  readonly #leftRe = new Float64Array(HARMONICS)
  readonly #leftIm = new Float64Array(HARMONICS)
  #error = 0
  /** Of the filter: mean square error of the phasors, of their turn from window to window, and between both. */
  variance = 1
  #covariance = 0
  #turnVariance = 0
  #windows = 0
  #changedWindows = 0
  #finestS = 0

  /** A fundamental of which only the frequency is known, roughly, is followed from a time on. */
  constructor(startS: number, frequencyHz: number) {
    this.lines = new Lines(frequencyHz, startS)
  }

  /** When there is another window to read. */
  get dueS(): number {
    return this.lines.startS + windowOf(this.lines.frequencyHz) + SCALE_LATE_S
  }

  /** Whether light that blinks with this period has a line where the flicker has one last, or seems to in samples so far apart. */
  hasPeriod(periodS: number, within: number, sampleS = this.#finestS): boolean {
    const seemsHz = (hz: number): number => Math.abs(hz - Math.round(hz * sampleS) / sampleS)
    const blinksHz = 1 / periodS
    return this.lines.re.some((_, k) => {
      const offHz = seemsHz((k + 1) * this.lines.frequencyHz) - seemsHz(blinksHz)
      return Math.abs(offHz) < within * blinksHz
    })
  }

  /**
   * Corrects the lines by the next window, which `scales` have got whole, less the flicker of other lamps.
   *
   * @returns whether they turned out to be others than what was known
   */
  follow(scales: readonly Scale[], window: FlickerWindow, others: readonly Lamp[]): boolean {
    const { lines } = this
    const durationS = windowOf(lines.frequencyHz)
    this.#readLines(scales, window, others)
    const scaleOfTurn = lines.power(2)
    this.variance += 2 * this.#covariance + this.#turnVariance + SIZE_WANDER * scaleOfTurn
    this.#covariance += this.#turnVariance
    this.#turnVariance += TURN_WANDER * scaleOfTurn
    const total = this.variance + this.#error
    // A message may have lines of its own where flicker has harmonics: what changes has its fundamental changed.
    const power = square(lines.re, lines.im)
    const left = square(this.#leftRe, this.#leftIm)
    let turned = 0
    const gain = this.variance / total
    for (let k = 0; k < HARMONICS; k++) {
      const [re, im] = [lines.re[k] as number, lines.im[k] as number]
      const [leftRe, leftIm] = [this.#leftRe[k] as number, this.#leftIm[k] as number]
      turned += (k + 1) * (re * leftIm - im * leftRe)
      lines.re[k] = re + gain * leftRe
      lines.im[k] = im + gain * leftIm
    }
    const middleS = lines.startS + durationS / 2
    if (scaleOfTurn > 0) {
      const turn = (this.#covariance / total) * (turned / scaleOfTurn)
      lines.frequencyHz += turn / (2 * Math.PI * durationS)
    }
    this.#turnVariance -= this.#covariance ** 2 / total
    this.#covariance *= 1 - gain
    this.variance *= 1 - gain
    // What one window knows of the phase, two know of its turn.
    if (this.#windows++ === 0) this.#turnVariance = this.variance
    // The phase is that of the window's middle, whatever the frequency.
    lines.startS = middleS + windowOf(lines.frequencyHz) / 2
    const hasChanged = left > CHANGED * total
    this.#changedWindows = hasChanged ? this.#changedWindows + 1 : 0
    this.hasStopped = this.#changedWindows >= CHANGED_WINDOWS
    const isSignificant = lines.power(0) >= SIGNIFICANT * this.variance
    this.isSquare = isSignificant && lines.isSquare
    this.isKnown = isSignificant && !this.isSquare
    this.unknownWindows = isSignificant ? 0 : this.unknownWindows + 1
    return hasChanged && left > OTHER * power
  }

  /** What the window holds beside the known flicker, at the frequencies of its lines. */
  #readLines(scales: readonly Scale[], window: FlickerWindow, others: readonly Lamp[]): void {
    const { frequencyHz, startS } = this.lines
    window.cut(scales, followedASecond(frequencyHz), startS, windowOf(frequencyHz))
    this.#finestS = window.finestS
    for (const other of others) if (other.isKnown && other !== this) window.takeAway(other.lines)
    window.takeAway(this.lines)
    const count = distinctLines(frequencyHz, window)
    window.readLines(frequencyHz, count, this.#leftRe, this.#leftIm)
    let power = 0
    for (let k = 0; k < count; k++) {
      const passed = window.passed((k + 1) * frequencyHz)
      power += (this.#leftRe[k] as number) ** 2 + (this.#leftIm[k] as number) ** 2
      this.#leftRe[k] = (this.#leftRe[k] as number) / passed
      this.#leftIm[k] = (this.#leftIm[k] as number) / passed
    }
    this.#error = window.error(count, power)
  }
}

/** Square of the fundamental's phasor. */
function square(re: Float64Array, im: Float64Array): number {
  return (re[0] as number) ** 2 + (im[0] as number) ** 2
}

/**
 * How many harmonics are told apart by the samples of a window. Above half of their rate they seem to be of a lower
 * frequency, which is as good, unless a window does not tell that from another line or from what is constant.
 */
function distinctLines(frequencyHz: number, window: FlickerWindow): number {
  const leastHz = 0.9 / WINDOW_S
  const sampleRateHz = 1 / window.sampleS
  const seemHz: number[] = []
  for (let k = 1; k <= HARMONICS; k++) {
    const periods = (k * frequencyHz) / sampleRateHz
    const hz = Math.abs(periods - Math.round(periods)) * sampleRateHz
    const isDistinct = seemHz.every((other) => Math.abs(other - hz) > leastHz)
    if (!isDistinct || hz < leastHz || sampleRateHz - 2 * hz < leastHz) break
    if (Math.abs(window.passed(k * frequencyHz)) < LEAST_PASSED) break
    seemHz.push(hz)
  }
  return seemHz.length
}
