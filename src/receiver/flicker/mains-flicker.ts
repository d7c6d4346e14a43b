import type { Scale } from '../acquire/scale.js'
import { FlickerWindow, levelOf } from './flicker-window.js'

// Light on the mains is brightest twice in each of their periods, at 50 or 60 Hz.
const FUNDAMENTALS_HZ = [100, 120] as const
const HARMONICS = 4
/** Whole periods of both, so that all lines and what is constant are orthogonal in it. */
const WINDOW_S = 0.1

// Samples are read from the scale that has at most so many a second, if they come that fast: fundamentals alone, or all.
const SEARCHED_A_SECOND = 1250
const FOLLOWED_A_SECOND = 2500
// When the last sample of a window has come through that scale.
const SCALE_LATE_S = 0.013

// Flicker is what is the same in so many windows: as parts of the mean power of a line in them, the least power in one of them,
// and what is coherent from each to the next; how far its frequency is off at most; and how many times its mean square error the
// power is.
const ACQUIRED_WINDOWS = 4
const WEAKEST = 0.5
const COHERENT = 0.9
const MOST_OFF_HZ = 0.6
const SIGNIFICANT = 16

// How far flicker wanders from one window to the next (variances): its size, as a part of it, and the turn of its phase.
const SIZE_WANDER = 1e-5
const TURN_WANDER = 2e-7
// Flicker has changed at once, or stopped, where what is left is so many times the expected error (mean square), in so many
// windows on end.
const CHANGED = 200
const CHANGED_WINDOWS = 3
// It is another one, so that what was read without the known one was made of it, where this part of its power is left.
const OTHER = 0.25

// Light that swings by less than this part of the flicker may be what is left of that.
const LEFT = 0.2
// Two frequencies that differ by less than this part are the same.
const SAME_FREQUENCY = 0.01

// Without samples for longer, all is forgotten.
const LONGEST_GAP_S = 0.5

/** What a window shows of one fundamental. */
interface Line {
  readonly re: number
  readonly im: number
  readonly error: number
}

const NO_LINE = { re: 0, im: 0 }

/**
 * Follows the flicker of other light on the mains, so that it can be taken away: one fundamental near 100 or 120 Hz and
 * its harmonics, each with a size and phase of its own.
 *
 * Windows of 0.1 s are correlated with the lines. At first with both fundamentals alone, until one of them is coherent over
 * four windows: then these are read again, and from there on what is left of them, when the flicker known so
 * far is taken away, corrects it: the phasors of the lines by a part of what is left, the frequency by how all
 * of it turns (harmonics k times as far). The parts are the gains of a Kalman filter (state: phase, and its turn
 * a window) whose measurement error is what the window holds beside the lines: in darkness it learns at once,
 * from a message, which has power at all frequencies, it takes hardly more than it must to follow the wandering mains.
 */
export class MainsFlicker {
  /** When there is another window to read. */
  dueS = Number.NEGATIVE_INFINITY
  /** Whether there is flicker, that is more than the error of what is known of it. */
  isKnown = false
  /** Since when it is known, or was the last time. */
  knownSinceS = Infinity
  /** Of the fundamental. */
  #frequencyHz = 0
  /** The most power that known flicker had at any time. */
  #mostPower = 0
  #isFollowed = false
  /** When the next window begins, where the fundamental's phase is zero. */
  #startS = Number.NaN
  /** Phasors: a line is re cos - im sin of its phase. */
  readonly #re = new Float64Array(HARMONICS)
  readonly #im = new Float64Array(HARMONICS)
  /** What the newest window holds beside them, and its mean square error. */
  readonly #leftRe = new Float64Array(HARMONICS)
  readonly #leftIm = new Float64Array(HARMONICS)
  #error = 0
  readonly #window = new FlickerWindow()
  /** Of the filter: of the phasors, of their turn from window to window, and between both. */
  #variance = 0
  #covariance = 0
  #turnVariance = 0
  #changedWindows = 0
  /** Of each fundamental in the last windows in which nothing was found, newest last. */
  readonly #lines: readonly [Line[], Line[]] = [[], []]

  /** Level of the flicker at a time not long after the newest window; 0 as long as none is known. */
  at(timeS: number): number {
    if (!this.isKnown) return 0
    return levelOf(this.#re, this.#im, this.#frequencyHz * (timeS - this.#startS))
  }

  /**
   * Frequency to 0.1 Hz and the most that flicker deviates from its mean, as a part of full scale, with its rms error; null when
   * there is none.
   */
  get flicker(): {
    readonly frequencyHz: number
    readonly peak: number
    readonly peakRms: number
  } | null {
    if (!this.isKnown) return null
    let peak = 0
    for (let n = 0; n < 64; n++)
      peak = Math.max(peak, Math.abs(levelOf(this.#re, this.#im, n / 64)))
    return {
      frequencyHz: Math.round(10 * this.#frequencyHz) / 10,
      peak,
      peakRms: Math.sqrt(this.#variance),
    }
  }

  /** Whether light that swings so little may be what is left of the flicker when it is taken away. */
  mayLeave(swing: number): boolean {
    return this.isKnown && swing < LEFT * Math.sqrt(this.#power(0))
  }

  /** The same for the most flicker that was known at any time. */
  mayHaveLeft(swing: number): boolean {
    return swing < LEFT * Math.sqrt(this.#mostPower)
  }

  /** Whether light that blinks with this period has a line where the flicker had one last, or seems to, as samples are few. */
  hasPeriod(periodS: number, within = SAME_FREQUENCY): boolean {
    const { finestS } = this.#window
    const seemsHz = (hz: number): number => Math.abs(hz - Math.round(hz * finestS) / finestS)
    const blinksHz = 1 / periodS
    return this.#re.some((_, k) => {
      const offHz = seemsHz((k + 1) * this.#frequencyHz) - seemsHz(blinksHz)
      return Math.abs(offHz) < within * blinksHz
    })
  }

  /**
   * Reads the next window, which `scales` have got whole.
   *
   * @returns whether the flicker turned out to be another than what was known, or none
   */
  read(scales: readonly Scale[]): boolean {
    const { newestS } = scales[0] as Scale
    const wasFollowed = this.#isFollowed
    let isOther = false
    if (!(newestS - this.#startS < WINDOW_S + LONGEST_GAP_S)) this.#searchFrom(newestS)
    else if (wasFollowed) isOther = this.#follow(scales)
    else this.#search(scales)
    this.dueS = this.#startS + this.#windowS + SCALE_LATE_S
    const wasKnown = this.isKnown
    this.isKnown = this.#isFollowed && this.#power(0) >= SIGNIFICANT * this.#variance
    if (this.isKnown && !wasKnown) this.knownSinceS = this.#startS
    if (this.isKnown) this.#mostPower = Math.max(this.#mostPower, this.#power(0))
    return isOther || this.#isFollowed !== wasFollowed
  }

  /** Length of a window: as many periods as the nominal one has. */
  get #windowS(): number {
    return this.#isFollowed
      ? Math.round(this.#frequencyHz * WINDOW_S) / this.#frequencyHz
      : WINDOW_S
  }

  /** Forgets all that is known, and looks for flicker from a time on. */
  #searchFrom(startS: number): void {
    this.#isFollowed = false
    this.#startS = startS
    for (const lines of this.#lines) lines.length = 0
  }

  #search(scales: readonly Scale[]): void {
    const window = this.#window
    window.cut(scales, SEARCHED_A_SECOND, this.#startS, WINDOW_S)
    this.#startS += WINDOW_S
    for (const [n, frequencyHz] of FUNDAMENTALS_HZ.entries()) {
      const lines = this.#lines[n] as Line[]
      const { re, im } = window.line(frequencyHz)
      lines.push({ re, im, error: window.error(1, re ** 2 + im ** 2) })
      if (lines.length > ACQUIRED_WINDOWS) lines.shift()
    }
    const found = [coherence(this.#lines[0]), coherence(this.#lines[1])] as const
    const strongest = found[0].power > found[1].power ? 0 : 1
    if (found[strongest].power === 0) return
    this.#followFrom(
      this.#startS - ACQUIRED_WINDOWS * WINDOW_S,
      FUNDAMENTALS_HZ[strongest] + found[strongest].turn / (2 * Math.PI * WINDOW_S),
    )
    for (let n = 0; n < ACQUIRED_WINDOWS; n++) {
      this.#follow(scales)
      // What one window knows of the phase, two know of its turn.
      if (n === 0) this.#turnVariance = this.#variance
    }
  }

  /** Follows a fundamental of which only the frequency is known, roughly, from a time on. */
  #followFrom(startS: number, frequencyHz: number): void {
    this.#isFollowed = true
    this.#startS = startS
    this.#frequencyHz = frequencyHz
    this.#re.fill(0)
    this.#im.fill(0)
    this.#variance = 1
    this.#covariance = 0
    this.#turnVariance = 0
    this.#changedWindows = 0
  }

  /** Corrects the lines by one window; returns whether they had become others. */
  #follow(scales: readonly Scale[]): boolean {
    this.#readLines(scales)
    const scaleOfTurn = this.#power(2)
    this.#variance += 2 * this.#covariance + this.#turnVariance + SIZE_WANDER * scaleOfTurn
    this.#covariance += this.#turnVariance
    this.#turnVariance += TURN_WANDER * scaleOfTurn
    const total = this.#variance + this.#error
    // A message may have lines of its own where flicker has harmonics: what changes has its fundamental changed.
    const power = square(this.#re, this.#im)
    const left = square(this.#leftRe, this.#leftIm)
    let turned = 0
    const gain = this.#variance / total
    for (let k = 0; k < HARMONICS; k++) {
      const [re, im] = [this.#re[k] as number, this.#im[k] as number]
      const [leftRe, leftIm] = [this.#leftRe[k] as number, this.#leftIm[k] as number]
      turned += (k + 1) * (re * leftIm - im * leftRe)
      this.#re[k] = re + gain * leftRe
      this.#im[k] = im + gain * leftIm
    }
    const middleS = this.#startS + this.#windowS / 2
    if (scaleOfTurn > 0) {
      const turn = (this.#covariance / total) * (turned / scaleOfTurn)
      this.#frequencyHz += turn / (2 * Math.PI * this.#windowS)
    }
    this.#turnVariance -= this.#covariance ** 2 / total
    this.#covariance *= 1 - gain
    this.#variance *= 1 - gain
    // The phase is that of the window's middle, whatever the frequency.
    this.#startS = middleS + this.#windowS / 2
    const hasChanged = left > CHANGED * total
    this.#changedWindows = hasChanged ? this.#changedWindows + 1 : 0
    if (this.#changedWindows === CHANGED_WINDOWS) this.#searchFrom(this.#startS)
    return hasChanged && left > OTHER * power
  }

  /** Sum of the squared phasors, weighted with a power of their order. */
  #power(exponent: number): number {
    let sum = 0
    for (let k = 0; k < HARMONICS; k++) {
      sum += (k + 1) ** exponent * ((this.#re[k] as number) ** 2 + (this.#im[k] as number) ** 2)
    }
    return sum
  }

  /** What the window holds beside the known flicker, at the frequencies of its lines. */
  #readLines(scales: readonly Scale[]): void {
    const window = this.#window
    window.cut(scales, FOLLOWED_A_SECOND, this.#startS, this.#windowS)
    const lines = distinctLines(this.#frequencyHz, 1 / window.sampleS)
    let power = 0
    for (let k = 0; k < HARMONICS; k++) {
      const passed = k < lines ? window.passed((k + 1) * this.#frequencyHz) : 0
      this.#leftRe[k] = passed * (this.#re[k] as number)
      this.#leftIm[k] = passed * (this.#im[k] as number)
    }
    window.takeAway(this.#leftRe, this.#leftIm, this.#frequencyHz)
    for (let k = 0; k < HARMONICS; k++) {
      const frequencyHz = (k + 1) * this.#frequencyHz
      const { re, im } = k < lines ? window.line(frequencyHz) : NO_LINE
      power += re ** 2 + im ** 2
      const passed = window.passed(frequencyHz)
      this.#leftRe[k] = re / passed
      this.#leftIm[k] = im / passed
    }
    this.#error = window.error(lines, power)
  }
}

/** Square of the fundamental's phasor. */
function square(re: Float64Array, im: Float64Array): number {
  return (re[0] as number) ** 2 + (im[0] as number) ** 2
}

/**
 * How many harmonics are told apart at this sample rate. Above half of it they seem to be of a lower frequency, which is
 * as good, unless a window does not tell that from another line or from what is constant.
 */
function distinctLines(frequencyHz: number, sampleRateHz: number): number {
  const leastHz = 0.9 / WINDOW_S
  const seemHz: number[] = []
  for (let k = 1; k <= HARMONICS; k++) {
    const periods = (k * frequencyHz) / sampleRateHz
    const hz = Math.abs(periods - Math.round(periods)) * sampleRateHz
    const isDistinct = seemHz.every((other) => Math.abs(other - hz) > leastHz)
    if (!isDistinct || hz < leastHz || sampleRateHz - 2 * hz < leastHz) break
    seemHz.push(hz)
  }
  return seemHz.length
}

/** Mean power and turn from window to window of a line that all windows share; no power when they do not. */
function coherence(lines: readonly Line[]): { power: number; turn: number } {
  let [power, error, re, im] = [0, 0, 0, 0]
  let weakest = Number.POSITIVE_INFINITY
  for (const [n, line] of lines.entries()) {
    const linePower = line.re ** 2 + line.im ** 2
    power += linePower / lines.length
    weakest = Math.min(weakest, linePower)
    error += line.error / lines.length
    const before = lines[n - 1]
    if (!before) continue
    re += (line.re * before.re + line.im * before.im) / (lines.length - 1)
    im += (line.im * before.re - line.re * before.im) / (lines.length - 1)
  }
  const turn = Math.atan2(im, re)
  const isFlicker =
    lines.length === ACQUIRED_WINDOWS &&
    weakest > WEAKEST * power &&
    Math.hypot(re, im) > COHERENT * power &&
    power > SIGNIFICANT * error &&
    Math.abs(turn) < 2 * Math.PI * WINDOW_S * MOST_OFF_HZ
  return { power: isFlicker ? power : 0, turn }
}
