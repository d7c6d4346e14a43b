import type { Scale } from '../acquire/scale.js'
import type { FlickerWindow, Line } from './flicker-window.js'
import { followedASecond, type Lamp, SIGNIFICANT, WINDOW_S, windowOf } from './lamp.js'
import { Periodogram } from './periodogram.js'

// Light on the mains is brightest twice in each of their periods, at 50 or 60 Hz.
const FUNDAMENTALS_HZ = [100, 120] as const
// They are looked for at the scale that has at most so many samples a second.
const SEARCHED_A_SECOND = 1250

// Flicker is what is the same in so many windows: as parts of the mean power of a line in them, the least power in one of them,
// and what is coherent from each to the next; how far its frequency is off at most.
const MAINS_WINDOWS = 4
const WEAKEST = 0.5
const COHERENT = 0.9
const MAINS_OFF_HZ = 0.6

// Any other lamp is looked for in a periodogram, once in so many windows, of a power of two of samples that last so long at most, at
// the scale that has at most so many a second: its bins tell a frequency to better than 1 Hz.
const PERIODOGRAM_WINDOWS = 4
const PERIODOGRAM_S = 0.2
const PERIODOGRAM_A_SECOND = 5000
const OFF_HZ = 1
// Of a line and the harmonic that it may be: a bin of a periodogram.
const PERIODOGRAM_OFF_HZ = 1 / PERIODOGRAM_S
// Lower lines are those of drift, or of slow messages.
const LOWEST_HZ = 40
// Such a line is a lamp's when it lasts for so long, and for longer than any sync whose bits come as often: 24 bits, and some zeros
// of data. So long at most:
const LAMP_S = 0.75
const LAMP_PERIODS = 40
// A weaker line than this part of the strongest lamp's power does less harm than is done where a message has one there.
const WORTH = 0.02
const LONGEST_S = LAMP_PERIODS / LOWEST_HZ

/** Where a lamp was found: its frequency, roughly, and since when it is certain. */
export interface FoundLamp {
  readonly frequencyHz: number
  readonly startS: number
}

/** Looks for lamps that are not known yet, in windows of 0.1 s. */
export class LampFinder {
  /** When the next window begins. */
  startS = Number.NaN
  /** Since when there is light in which any lamp may be found. */
  #sinceS = 0
  #messageEndS = Number.NEGATIVE_INFINITY
  #windows = 0
  readonly #periodogram = new Periodogram()
  /** Of each fundamental of the mains in the last windows in which nothing was found, newest last. */
  readonly #lines: readonly [Line[], Line[]] = [[], []]

  /** Forgets what was seen, and looks for flicker from a time on. */
  searchFrom(startS: number): void {
    this.startS = startS
    this.#sinceS = startS
    for (const lines of this.#lines) lines.length = 0
  }

  /**
   * Reads the next window. Beside lamps that are known, the mains' own frequencies are no reason to be quick, as a message may have
   * lines there; and while one is read, since `messageS`, only what began before is a lamp's.
   */
  search(
    scales: readonly Scale[],
    window: FlickerWindow,
    lamps: readonly Lamp[],
    messageS: number,
  ): FoundLamp | null {
    const { startS } = this
    this.startS += WINDOW_S
    const mains = lamps.length === 0 ? this.#mains(scales, window, startS) : null
    if (messageS < this.startS) this.#messageEndS = this.startS
    else this.#sinceS = Math.max(this.#sinceS, this.#messageEndS)
    const isDue = ++this.#windows % PERIODOGRAM_WINDOWS === 0
    if (mains || !isDue || messageS < this.startS - LONGEST_S) return mains
    return this.#any(scales, window, lamps, messageS)
  }

  /** A lamp on the mains, by four windows. */
  #mains(scales: readonly Scale[], window: FlickerWindow, startS: number): FoundLamp | null {
    window.cut(scales, SEARCHED_A_SECOND, startS, WINDOW_S)
    const found = FUNDAMENTALS_HZ.map((frequencyHz, n) => {
      const lines = this.#lines[n] as Line[]
      lines.push(window.line(frequencyHz))
      if (lines.length > MAINS_WINDOWS) lines.shift()
      const { power, turn } = coherence(lines, MAINS_OFF_HZ)
      return { power, frequencyHz: frequencyHz + turn / (2 * Math.PI * WINDOW_S) }
    }).reduce((a, b) => (b.power > a.power ? b : a))
    if (found.power === 0 || this.#lines[0].length < MAINS_WINDOWS) return null
    for (const lines of this.#lines) lines.length = 0
    return { frequencyHz: found.frequencyHz, startS: this.startS - MAINS_WINDOWS * WINDOW_S }
  }

  /** The strongest line that has lasted for long enough. */
  #any(
    scales: readonly Scale[],
    window: FlickerWindow,
    lamps: readonly Lamp[],
    messageS: number,
  ): FoundLamp | null {
    const cut = (mostASecond: number, startS: number, durationS: number, isPowerOfTwo = false) => {
      window.cut(scales, mostASecond, startS, durationS, isPowerOfTwo)
      for (const lamp of lamps) if (lamp.isKnown || lamp.isSquare) window.takeAway(lamp.lines)
    }
    cut(PERIODOGRAM_A_SECOND, this.startS - PERIODOGRAM_S, PERIODOGRAM_S, true)
    const { sampleS, finestS } = window
    const least = WORTH * Math.max(0, ...lamps.map(({ lines }) => lines.power(0)))
    for (const seemsHz of this.#periodogram.peaksHz(window, LOWEST_HZ)) {
      // In means of samples, a line above half of their rate seems to be below.
      const mayBeHz = sampleS > finestS ? [seemsHz, 1 / sampleS - seemsHz] : [seemsHz]
      for (const frequencyHz of mayBeHz) {
        if (lamps.some((lamp) => isOfSquare(frequencyHz, lamp))) continue
        const windowS = windowOf(frequencyHz)
        const windows = Math.ceil(Math.max(LAMP_S, LAMP_PERIODS / frequencyHz) / windowS)
        const startS = this.startS - windows * windowS
        if (startS < this.#sinceS || startS >= messageS) continue
        const lines = Array.from({ length: windows }, (_, n) => {
          cut(followedASecond(frequencyHz), startS + n * windowS, windowS)
          return window.line(frequencyHz)
        })
        const { power, turn } = coherence(lines, OFF_HZ)
        if (power > least)
          return { frequencyHz: frequencyHz + turn / (2 * Math.PI * windowS), startS }
      }
    }
    return null
  }
}

/** Whether it may be a harmonic of light that is square, which has them without end. */
function isOfSquare(frequencyHz: number, { isSquare, lines }: Lamp): boolean {
  const order = Math.round(frequencyHz / lines.frequencyHz)
  return isSquare && Math.abs(frequencyHz - order * lines.frequencyHz) < PERIODOGRAM_OFF_HZ
}

/** Mean power and turn from window to window of a line that all windows share; no power when they do not. */
function coherence(lines: readonly Line[], mostOffHz: number): { power: number; turn: number } {
  let power = 0
  let error = 0
  let re = 0
  let im = 0
  let weakest = Number.POSITIVE_INFINITY
  for (let n = 0; n < lines.length; n++) {
    const line = lines[n] as Line
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
    weakest > WEAKEST * power &&
    Math.hypot(re, im) > COHERENT * power &&
    power > SIGNIFICANT * error &&
    Math.abs(turn) < 2 * Math.PI * WINDOW_S * mostOffHz
  return { power: isFlicker ? power : 0, turn }
}
