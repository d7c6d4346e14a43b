import { ACQUIRED_BITS, type FoundClock } from './acquire/acquisition.js'
import type { Scale } from './acquire/scale.js'
import { ClockedCutter } from './cut/clocked-cutter.js'
import { Message } from './read/message.js'
import { Reading } from './read/reading.js'
import type { ChainKind, Finding } from './reception.js'

// A clock this much slower or faster is another one.
const SAME_PERIOD = 0.1

// Bits before the acquired ones that may belong to the sync, and how much of their light each must have: a slow sensor rises most in
// the first one.
const MOST_BITS_BEFORE = 24
const LEAST_LIGHT = 0.6
const MOST_LIGHT = 1.8

// How far up from the darker to the brighter half of a bit: within a sync the mean of a bit is half-way.
const BRIGHT_BEFORE = 0.75

// Below this SNR of either polarity, its black may be the lit symbols of data.
const UNSTEADY_DB = 10
// SNRs of a sync's two polarities that differ by less in noise are equal.
const EQUAL_DB = 2

// The bits that a clock is acquired from have to be alike: one less, as the newest one may be cut already or not yet.
const FEWEST_ALIKE = ACQUIRED_BITS - 1

// What still has no marker after so many bits is made of a message's data; a longer sync is found again.
const LONGEST_SYNC_BITS = 40

/**
 * What is tried with one clock: lit brighter or darker than black.
 */
export class Attempt {
  /** One with lit brighter than black, and one with lit darker. */
  readonly readings: readonly [Reading, Reading]
  /** When its first bit rises. */
  readonly startS: number
  readonly #isInverted: boolean

  constructor(
    readonly scale: Scale,
    clock: FoundClock,
    { lessFlicker, isFullScaleKnown }: ChainKind,
  ) {
    const bright = fromTheFirstBit(scale, clock)
    this.#isInverted = isBrightBefore(scale, bright)
    this.startS = bright.riseS
    const dark = fromTheFirstBit(scale, { ...clock, riseS: clock.riseS + clock.periodS / 2 })
    const read = (polarity: 1 | -1): Reading => {
      const first = polarity === 1 ? bright : dark
      const message = new Message(
        polarity,
        (timeS, symbolS) => lightAt(scale, polarity, timeS, symbolS),
        isFullScaleKnown,
      )
      const lit = polarity === 1 ? 'brighter' : 'darker'
      return new Reading(
        { cutBy: 'clock', lit, lessFlicker },
        new ClockedCutter(scale, polarity, first),
        message,
        first.riseS,
      )
    }
    this.readings = [read(1), read(-1)]
  }

  get hasMarker(): boolean {
    return this.#markerS !== null
  }

  /** Since when its light may be a message with the marker that it has: no sync is longer than some bits. */
  get messageS(): number {
    const markerS = this.#markerS ?? Number.POSITIVE_INFINITY
    return Math.max(this.startS, markerS - LONGEST_SYNC_BITS * this.periodS)
  }

  /** When the last bit of its marker rose; null as long as it has none. */
  get #markerS(): number | null {
    return (
      this.readings.find(({ message, end }) => !end && message.hasMarker)?.message.markerS ?? null
    )
  }

  /** Whether it is about the same message as another that has found its marker. */
  repeats(other: Attempt): boolean {
    const markerS = other.#markerS
    const { periodS } = other
    if (markerS === null || !this.hasPeriod(periodS)) return false
    if (this.#markerS !== null) return Math.abs(this.#markerS - markerS) < periodS / 2
    return this.startS < markerS || this.isOverdue
  }

  /** Whether its marker should have come. */
  get isOverdue(): boolean {
    return this.startS + LONGEST_SYNC_BITS * this.periodS < this.scale.newestS
  }

  get periodS(): number {
    return this.readings[0].cutter.periodS
  }

  hasPeriod(periodS: number): boolean {
    return this.readings.some(({ cutter, end }) => !end && isSamePeriod(cutter.periodS, periodS))
  }

  /** Whether it still waits for the marker of a sync of this period. */
  expects(periodS: number): boolean {
    return this.readings.every(
      ({ cutter, message, end }) =>
        !end && !message.hasMarker && isSamePeriod(cutter.periodS, periodS),
    )
  }

  /** Whether the newest light of about this period is a message's data, among which there is no sync: the bits differ. */
  isAmongData(periodS: number): boolean {
    return this.readings.some(
      ({ cutter, message, end }) =>
        !end &&
        message.hasMarker &&
        message.alike < FEWEST_ALIKE &&
        isSamePeriod(cutter.periodS, periodS),
    )
  }

  /** Reads on, and adds the readings that end by it to `ended`. */
  advance(isEnd: boolean, ended: Reading[]): void {
    for (const reading of this.readings) {
      if (reading.end) continue
      reading.advance(isEnd)
      if (reading.end) ended.push(reading)
    }
    this.#settle()
  }

  /** Whether nothing is left to read. */
  get isOver(): boolean {
    return this.readings.every(({ end }) => end)
  }

  /** What there was if no reading found a marker, in the polarity that black and what was before it show. */
  get bareSync(): Finding | null {
    const [bright, dark] = this.readings.map(({ message }) => message.bareSync)
    if (!bright || !dark) return bright ?? dark ?? null
    const brightDb = bright.quality.snrDb ?? Infinity
    const darkDb = dark.quality.snrDb ?? Infinity
    // Among data, black is the steadier one.
    const isClear =
      Math.min(brightDb, darkDb) < UNSTEADY_DB && !(Math.abs(brightDb - darkDb) < EQUAL_DB)
    return (isClear ? darkDb > brightDb : this.#isInverted) ? dark : bright
  }

  /** A marker tells the polarity. */
  #settle(): void {
    if (!this.readings.some(({ message }) => message.hasClearMarker)) return
    for (const reading of this.readings) {
      if (!reading.message.hasMarker) reading.end ??= 'nothing'
    }
  }
}

const isSamePeriod = (periodS: number, otherS: number): boolean =>
  Math.abs(periodS / otherS - 1) < SAME_PERIOD

/** Whether the level before the first bit is that of its brighter half: that is black, which an inverting sensor sees. */
function isBrightBefore(scale: Scale, { periodS, riseS }: FoundClock): boolean {
  const sampleS = scale.sampleSAround(scale.count)
  const mean = (fromBits: number, toBits: number): number =>
    scale.meanBetween(riseS + fromBits * periodS, riseS + toBits * periodS, sampleS)
  const dark = mean(0.5, 1)
  return mean(-2.25, -1.25) - dark > BRIGHT_BEFORE * (mean(0, 0.5) - dark)
}

/** A clock is found late in a sync: steps back to its first bit, of which `riseS` may be the rise or the fall. */
function fromTheFirstBit(scale: Scale, { periodS, riseS }: FoundClock): FoundClock {
  /** Lit symbol less the black one before it, of a bit so many before the acquired one. */
  const light = (bit: number): number => riseAt(scale, riseS - bit * periodS, periodS / 2)
  const oldestS = scale.timeS(scale.oldest)
  const acquired = (light(0) + light(-1) + light(-2) + light(-3)) / 4
  const isAlike = (part: number): boolean => part > LEAST_LIGHT && part < MOST_LIGHT
  let bits = 0
  while (
    bits < MOST_BITS_BEFORE &&
    riseS - (bits + 2) * periodS > oldestS &&
    isAlike(light(bits + 1) / acquired)
  ) {
    bits++
  }
  return { periodS, riseS: riseS - bits * periodS }
}

/** Mean level of the symbol after a time less that of the one before; NaN where there are no samples. */
function riseAt(scale: Scale, timeS: number, symbolS: number): number {
  const sampleS = scale.sampleSAround(scale.count)
  return (
    scale.meanBetween(timeS, timeS + symbolS, sampleS) -
    scale.meanBetween(timeS - symbolS, timeS, sampleS)
  )
}

/**
 * By how much the symbol from a time on is above the mean of the two beside it, if it is half as much above either: a step is no
 * light of a symbol. NaN where there are no samples of them.
 */
export function lightAt(scale: Scale, polarity: 1 | -1, timeS: number, symbolS: number): number {
  if (timeS - symbolS < scale.timeS(scale.oldest)) return Number.NaN
  const rise = polarity * riseAt(scale, timeS, symbolS)
  const fall = -polarity * riseAt(scale, timeS + symbolS, symbolS)
  return Math.min((rise + fall) / 2, 2 * rise, 2 * fall)
}
