import { LEAST_CHANGE } from '../light/limits.js'
import type { Chain } from './chain.js'
import { swingOf } from './judge/quality.js'
import type { Reading } from './read/reading.js'
import {
  type Finding,
  failedBits,
  failureOf,
  isClearlyBrighter,
  type TracedReading,
} from './reception.js'

// Flicker and the sync after it may seem to be a message that fails, one that blinks in time with the flicker or fails in its first
// bits. Such a failure waits for so long, as the chain without flicker may show the true message.
const FLICKER_HELD_S = 1
const FIRST_BITS = 24

// What follows what is left of flicker, while that changes, has a rate that is off by up to this part.
const ABOUT_IN_TIME = 0.05

// Far more than are open at a time; those of light that never ends must not add up.
const MOST_TRACED = 256

/** What there is to know of other light. */
export interface OtherLight {
  /** Whether what is known as flicker may be the light of this finding, or that light flicker; `within` a part of the rate. */
  isInTime(finding: Finding, within?: number): boolean
  /** Whether light that swings so little may be what is left of the flicker when it is taken away. */
  mayLeave(swing: number): boolean
  /** The same for the most flicker that was known at any time. */
  mayHaveLeft(swing: number): boolean
}

/** What is reported, and what was tried with its light. */
export interface Decision {
  readonly finding: Finding
  readonly trace: readonly TracedReading[]
}

const NO_BYTES = new Uint8Array()
const NOTHING: readonly Decision[] = []

/** A reading that has ended with something to tell. */
type Ended = Reading & { readonly end: Finding }

/**
 * Decides which readings count. The same light is read as it is and less the flicker, with all clocks that were found, cut by each
 * of them and by its edges, lit brighter and darker: up to 64 readings, at most one of which is reported.
 *
 * 1. A right packet beats any failure. The light of one that is reported counts for nothing else.
 * 2. Of two right packets, and of two failures, that read other bits the one with the larger log-likelihood counts: grey and white
 *    against no message (judge/log-likelihood.ts). It grows with each bit, and with how well the two levels are told apart.
 *    Only of lost symbols a clock tells more than edges. Of the same packet the reading counts that knows more of the sync, then one
 *    with a clock, then the likelier one: its figures are the truer ones.
 * 3. Nothing is decided while an open reading may beat it. A right packet waits for a likelier reading of other bits, as a
 *    message's data may hold a sync, a marker and a packet. A failure waits for any reading that may make more of its
 *    light, and for the chain without flicker.
 * 4. What may be left of flicker is no failure. A sync without a marker is one at the end of the capture only, where there was
 *    nothing else or nothing nearly as bright.
 */
export class Arbiter {
  /** Right packets that a likelier reading may still beat, and failures that any other may. */
  #right: Ended[] = []
  #failures: Ended[] = []
  /** Where the last of the reported messages ends, good or failed, and the brightest of them. */
  #reportedS = -Infinity
  #brightest: Finding | null = null
  /** Where the last right packet ends. */
  #acceptedS = -Infinity
  #traced: TracedReading[] = []

  /** @param chains that have open readings: of the samples as they are, then of those less the flicker, if there is any */
  constructor(
    private readonly chains: () => readonly [Chain, ...Chain[]],
    private readonly otherLight: OtherLight,
  ) {}

  /** Takes readings that have ended; returns what that decides, oldest first. */
  take(ended: readonly Reading[]): readonly Decision[] {
    if (ended.length + this.#right.length + this.#failures.length === 0) return NOTHING
    for (const reading of ended) this.#take(reading)
    const decisions: Decision[] = []
    for (let best = this.#bestRight; best && !this.#mayBeBeaten(best); ) {
      this.#accept(best, decisions)
      best = this.#bestRight
    }
    this.#decideFailures(decisions)
    return decisions
  }

  /** Decides what is left when the capture has ended, so that nothing is open any more. */
  end(): Decision[] {
    const decisions = [...this.take([])]
    this.#decideFailures(decisions, true)
    return decisions
  }

  /** What to report at the end of a capture that has shown no message, or none nearly as bright as a sync without a marker. */
  noMessage(sync: Finding | null, noMessage: (sync: Finding | null) => Finding): Decision[] {
    const { otherLight } = this
    const isFlicker =
      sync &&
      (otherLight.isInTime(sync, this.#brightest ? ABOUT_IN_TIME : undefined) ||
        otherLight.mayHaveLeft(swingOf(sync.levels)))
    // What is left of flicker jumps where the light of a message ends.
    const own = isFlicker || (sync && sync.startS < this.#acceptedS) ? null : sync
    if (this.#brightest && !(own && isClearlyBrighter(own, this.#brightest))) return []
    return [{ finding: noMessage(own), trace: this.#traced }]
  }

  #take(reading: Reading): void {
    const { end } = reading
    if (hasFound(reading)) {
      if (reading.end.kind === 'message') this.#right.push(reading)
      else if (!this.#isNoLight(reading)) this.#failures.push(reading)
      else this.#trace(reading, 'flicker')
    } else if (end) this.#trace(reading, 'no message')
  }

  /**
   * Whether its light is too little to be a message that fails, or may be flicker or what is left of it: edges without a clock follow
   * that, too, while it changes.
   */
  #isNoLight({ way, end }: Ended): boolean {
    const swing = swingOf(end.levels)
    const followsEdges = way.cutBy === 'edges' && way.lessFlicker
    return (
      swing < LEAST_CHANGE.ofMeans ||
      this.otherLight.mayLeave(swing) ||
      (followsEdges && this.otherLight.isInTime(end, ABOUT_IN_TIME))
    )
  }

  get #bestRight(): Ended | undefined {
    return likeliest(this.#right, tellsMore)
  }

  /** Whether a likelier reading of the same light goes on and has other bits. */
  #mayBeBeaten(best: Ended): boolean {
    const { end, logLikelihood } = best
    return this.chains().some((chain) =>
      chain.openReadings.some(
        (open) =>
          open.startS < end.endS &&
          open.logLikelihood > logLikelihood &&
          !open.message.hasRead(packetOf(best)),
      ),
    )
  }

  #accept(best: Ended, decisions: Decision[]): void {
    const { startS, endS } = best.end
    this.#acceptedS = endS
    for (const chain of this.chains()) {
      for (const open of chain.dropUpTo(endS)) this.#trace(open, 'beaten')
    }
    this.#right = this.#without(best, this.#right)
    this.#failures = this.#failures.filter((failure) => {
      if (failure.end.endS < startS) return true
      this.#trace(failure, 'beaten')
      return false
    })
    this.#decideFailures(decisions, true)
    this.#report(best, decisions)
  }

  #report(reading: Ended, decisions: Decision[]): void {
    this.#trace(reading, 'reported')
    const { end } = reading
    this.#reportedS = Math.max(this.#reportedS, end.endS)
    if (!this.#brightest || swingOf(end.levels) > swingOf(this.#brightest.levels))
      this.#brightest = end
    decisions.push({ finding: end, trace: this.#traced })
    this.#traced = []
  }

  /** Decides the failures that nothing may beat any more; those settled need not wait for the chain without flicker. */
  #decideFailures(decisions: Decision[], isSettled = false): void {
    if (this.#failures.length === 0) return
    const isOpen = ({ end }: Ended): boolean =>
      this.chains().some((chain) => chain.mayBetter(end)) ||
      (!isSettled &&
        (failedBits(end) < FIRST_BITS || this.otherLight.isInTime(end)) &&
        this.chains()[0].newestS < end.endS + FLICKER_HELD_S)
    const failures = this.#failures
    // One that waits may be what counts of the light of others.
    const waits = (failure: Ended): boolean =>
      isOpen(failure) ||
      this.#right.some((right) => overlap(right, failure)) ||
      failures.some((other) => overlap(other, failure) && beats(other, failure) && waits(other))
    let closed = failures.filter((failure) => !waits(failure))
    this.#failures = failures.filter((failure) => !closed.includes(failure))
    const counting: Ended[] = []
    for (;;) {
      const best = likeliest(closed, beats)
      if (!best) break
      counting.push(best)
      closed = this.#without(best, closed)
    }
    for (const failure of counting.sort((a, b) => a.end.startS - b.end.startS)) {
      if (failure.end.startS >= this.#reportedS) this.#report(failure, decisions)
      else this.#trace(failure, 'beaten')
    }
  }

  /** Those whose light is not that of one of them. */
  #without(counting: Ended, readings: readonly Ended[]): Ended[] {
    return readings.filter((other) => {
      if (!overlap(other, counting)) return true
      if (other !== counting) this.#trace(other, 'beaten')
      return false
    })
  }

  #trace(reading: Reading, verdict: TracedReading['verdict']): void {
    const { way, startS, cutter, message, end, logLikelihood } = reading
    if (this.#traced.length === MOST_TRACED) this.#traced.shift()
    this.#traced.push({
      ...way,
      startS,
      markerS: message.markerS,
      symbolRateHz: 2 / cutter.periodS,
      logLikelihood,
      end: end === null ? 'open' : end === 'nothing' ? 'no-marker' : (failureOf(end) ?? 'message'),
      verdict,
    })
  }
}

const hasFound = (reading: Reading): reading is Ended =>
  reading.end !== null && reading.end !== 'nothing'

const overlap = ({ end: a }: Ended, { end: b }: Ended): boolean =>
  a === b || (a.startS < b.endS && b.startS < a.endS)

const isLikelier = (one: Ended, other: Ended): boolean =>
  one.logLikelihood > other.logLikelihood && !one.message.hasRead(packetOf(other))

/**
 * Whether a right packet is likelier than another; or of the same one, as of two that read its light with and without flicker, more of
 * the sync is known, or as much with a clock, or its light is better.
 */
function tellsMore(one: Ended, other: Ended): boolean {
  const isLikelier = one.logLikelihood > other.logLikelihood
  if (!one.message.hasRead(packetOf(other))) return isLikelier
  const earlierS = other.end.startS - one.end.startS
  if (Math.abs(earlierS) > one.cutter.periodS / 2) return earlierS > 0
  return one.way.cutBy === other.way.cutBy ? isLikelier : one.way.cutBy === 'clock'
}

/** Edges alone do not show where one is missing: a clock tells it better, with fewer bits. */
const isLostToEdges = ({ way, end }: Ended): boolean =>
  way.cutBy === 'edges' && failureOf(end) === 'lost-symbol'

/** Whether the light of two failures is that of one rather than of the other. */
const beats = (one: Ended, other: Ended): boolean =>
  isLostToEdges(one) === isLostToEdges(other) ? isLikelier(one, other) : isLostToEdges(other)

const packetOf = ({ end }: Ended): Uint8Array => ('packet' in end ? end.packet : NO_BYTES)

const likeliest = (readings: readonly Ended[], isBetter = isLikelier): Ended | undefined =>
  readings.reduce<Ended | undefined>(
    (best, one) => (best && !isBetter(one, best) ? best : one),
    undefined,
  )
