import type { FoundClock } from '../acquire/acquisition.js'
import type { Scale } from '../acquire/scale.js'
import { FlickerWindow } from './flicker-window.js'
import { Lamp, WINDOW_S } from './lamp.js'
import { LampFinder } from './lamp-finder.js'

const MOST_LAMPS = 4
// A window is looked through for lamps when its last sample has come through the scales.
const SCALE_LATE_S = 0.013
// A lamp that did not stand out of the noise in so many windows on end is none any more.
const FORGOTTEN_WINDOWS = 50
// Without samples for longer, all is forgotten.
const LONGEST_GAP_S = 0.5

// Light that swings by less than this part of the flicker may be what is left of that.
const LEFT = 0.2

// Two frequencies that differ by less than this part are the same.
const SAME_FREQUENCY = 0.01
// Periods of a scale's test that differ by less than this part may be the same.
const ABOUT = 0.05
// What a window holds beside the flicker is louder than before where its power is so many times that of the quieter windows, which
// a mean follows, down by one part and up by another of the difference. What is about to come of it comes within some time.
const LOUDER = 3
const QUIET_GAIN = 1 / 4
const LOUD_GAIN = 1 / 32
const LOUD_S = 1
// A sync that lasted as long as a lamp is read from so many bits before its light changed.
const BITS_BEFORE = 12

// Windows of 0.1 s, as many as most messages have that share a line with flicker.
const WINDOWS_KEPT = 1024

/** Flicker of other light as it is known, its peak as a part of full scale, with the rms error of that. */
export interface KnownFlicker {
  readonly frequencyHz: number
  readonly peak: number
  readonly peakRms: number
}

/** A lamp as it was seen. */
type Seen = Pick<Lamp, 'lines' | 'variance'>

/** The flicker of all other light, so that it can be taken away: finds its lamps, and follows each. */
export class Flicker {
  readonly #finder = new LampFinder()
  readonly #window = new FlickerWindow()
  #lamps: Lamp[] = []
  /** Those that were there before, newest last. */
  #stopped: Lamp[] = []
  /** The most power that known flicker had at any time. */
  #mostPower = 0
  /** The flicker as it was known in each of the last windows, newest last. */
  readonly #history: { readonly atS: number; readonly lamps: readonly Seen[] }[] = []
  /** Power of what windows hold beside the flicker where they are quiet, and until when there is more. */
  #quiet = Number.POSITIVE_INFINITY
  #loudUntilS = Number.NEGATIVE_INFINITY
  #loudSinceS: number | null = null
  #readS = Number.NEGATIVE_INFINITY

  /** When there is another window to read. */
  dueS = Number.NEGATIVE_INFINITY

  /** Whether there is any flicker. */
  get isKnown(): boolean {
    return this.#lamps.some((lamp) => lamp.isKnown)
  }

  /** When there was any last. */
  get lastS(): number {
    return this.#history.at(-1)?.atS ?? Number.NEGATIVE_INFINITY
  }

  /** Takes the flicker away from the samples from one index to another, which come not long after the newest window. */
  takeFrom(timesS: Float64Array, levels: Float64Array, from: number, to: number): void {
    for (const { isKnown, lines } of this.#lamps) {
      if (isKnown) lines.takeFrom(timesS, levels, from, to)
    }
  }

  /** What is known of it now; null when there is none. */
  get known(): KnownFlicker | null {
    return this.isKnown ? summaryOf(this.#known) : null
  }

  /** The same as it was last, or before a time, with when that was; null when none was known there. */
  knownBefore(timeS = Number.POSITIVE_INFINITY): (KnownFlicker & { readonly atS: number }) | null {
    const last = this.#history.findLast(({ atS }) => atS < timeS)
    return last ? { ...summaryOf(last.lamps), atS: last.atS } : null
  }

  /** Whether light that swings so little may be what is left of the flicker when it is taken away. */
  mayLeave(swing: number): boolean {
    return this.isKnown && swing < LEFT * Math.sqrt(this.power)
  }

  /** The same for the most flicker that was known at any time. */
  mayHaveLeft(swing: number): boolean {
    return swing < LEFT * Math.sqrt(this.#mostPower)
  }

  /** Whether light that blinks with this period has a line where a lamp has one, or had last, or seems to, as samples are few. */
  hasPeriod(periodS: number, within = SAME_FREQUENCY): boolean {
    return [...this.#lamps, ...this.#stopped].some((lamp) => lamp.hasPeriod(periodS, within))
  }

  /** Whether there is flicker, and not long ago there was no more light beside it than before: no message, and no lamp that changes. */
  get isSteady(): boolean {
    return this.isKnown && this.#readS >= this.#loudUntilS
  }

  /**
   * What may be syncs that lasted as long as lamps, when the light has become another: their clocks, from some bits before that.
   * Each time it is told once.
   */
  takeClocks(): FoundClock[] {
    const sinceS = this.#loudSinceS
    this.#loudSinceS = null
    if (sinceS === null) return []
    return this.#known.map(({ lines }) => {
      const periodS = 1 / lines.frequencyHz
      return { periodS, riseS: lines.riseS(sinceS - BITS_BEFORE * periodS) }
    })
  }

  /** Whether a lamp may blink with about this period in samples so far apart. */
  mayBlink(periodS: number, sampleS: number): boolean {
    return this.#lamps.some((lamp) => lamp.isKnown && lamp.hasPeriod(periodS, ABOUT, sampleS))
  }

  /**
   * Reads the next window of each lamp, and looks for others, where it is time; the scales have got them whole.
   *
   * @param messageS since when there is a message, whose lines are no lamp's; infinite without one
   * @returns whether the flicker turned out to be another than what was known, or none
   */
  read(scales: readonly Scale[], messageS: number): boolean {
    const hasChanged = this.#read(scales, messageS)
    const foundS = this.#finder.startS + WINDOW_S + SCALE_LATE_S
    this.dueS = Math.min(foundS, ...this.#lamps.map((lamp) => lamp.dueS))
    return hasChanged
  }

  #read(scales: readonly Scale[], messageS: number): boolean {
    const { newestS } = scales[0] as Scale
    this.#readS = newestS
    if (!(newestS - this.dueS < LONGEST_GAP_S)) {
      this.#finder.searchFrom(newestS)
      return this.#keep(() => false)
    }
    let hasChanged = false
    for (const lamp of this.#lamps) {
      if (newestS < lamp.dueS) continue
      if (this.#follow(lamp, scales)) hasChanged = true
      if (lamp === this.#lamps[0]) this.#listen(this.#window.power, lamp.lines.startS)
    }
    if (this.#keep((lamp) => !lamp.hasStopped && !(lamp.unknownWindows > FORGOTTEN_WINDOWS))) {
      this.#finder.searchFrom(newestS)
      hasChanged = true
    }
    if (newestS >= this.#finder.startS + WINDOW_S + SCALE_LATE_S) {
      const found = this.#finder.search(scales, this.#window, this.#lamps, messageS)
      if (found && this.#lamps.length < MOST_LAMPS) {
        const lamp = new Lamp(found.startS, found.frequencyHz)
        while (newestS >= lamp.dueS && !lamp.hasStopped) this.#follow(lamp, scales)
        this.#lamps.push(lamp)
        hasChanged = true
      }
      this.#record(newestS)
    }
    return hasChanged
  }

  get #known(): Lamp[] {
    return this.#lamps.filter(({ isKnown }) => isKnown)
  }

  /** Sum of the squares of all lines, as parts of full scale. */
  get power(): number {
    return this.#known.reduce((sum, { lines }) => sum + lines.power(0), 0)
  }

  /** Corrects a lamp by its next window; returns whether it had become another. */
  #follow(lamp: Lamp, scales: readonly Scale[]): boolean {
    const isOther = lamp.follow(scales, this.#window, this.#lamps)
    this.#mostPower = Math.max(this.#mostPower, this.power)
    return isOther
  }

  /** Keeps some of the lamps; returns whether there were others. */
  #keep(isKept: (lamp: Lamp) => boolean): boolean {
    const kept = this.#lamps.filter(isKept)
    const stopped = this.#lamps.filter((lamp) => !kept.includes(lamp))
    this.#lamps = kept
    this.#stopped = [...this.#stopped, ...stopped].slice(-MOST_LAMPS)
    return stopped.length > 0
  }

  /** Notes how much there is beside the flicker in a window that ends at a time. */
  #listen(power: number, endS: number): void {
    if (power > LOUDER * this.#quiet) {
      if (!(endS < this.#loudUntilS)) this.#loudSinceS = endS - WINDOW_S
      this.#loudUntilS = endS + LOUD_S
    }
    const gain = power < this.#quiet ? QUIET_GAIN : LOUD_GAIN
    this.#quiet = Number.isFinite(this.#quiet) ? this.#quiet + gain * (power - this.#quiet) : power
  }

  #record(atS: number): void {
    if (!this.isKnown) return
    const lamps = this.#known.map(({ lines, variance }) => ({ lines: lines.copy(), variance }))
    this.#history.push({ atS, lamps })
    if (this.#history.length > WINDOWS_KEPT) this.#history.shift()
  }
}

/** The fundamental of the strongest lamp, to 0.1 Hz, and the most that all together deviate from their mean. */
function summaryOf(lamps: readonly Seen[]): KnownFlicker {
  const strongest = lamps.reduce((a, b) => (b.lines.power(0) > a.lines.power(0) ? b : a))
  return {
    frequencyHz: Math.round(10 * strongest.lines.frequencyHz) / 10,
    peak: lamps.reduce((sum, { lines }) => sum + lines.peak, 0),
    peakRms: Math.sqrt(lamps.reduce((sum, { variance }) => sum + variance, 0)),
  }
}
