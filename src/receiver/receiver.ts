import { acquire } from './acquisition.js'
import { Attempt } from './attempt.js'
import { diagnose, RECEPTION_FAILURES, type Reception, swingOf } from './reception.js'
import type { SampleBlock } from './samples.js'
import { Scale } from './scale.js'

// Two symbols at 2,500 and at 5 Hz, with some room.
const SHORTEST_BIT_S = 0.95 * (2 / 2500)
const LONGEST_BIT_S = 1.05 * (2 / 5)

// Each scale has half the sample rate of the one before: 5 Hz is found among 8 million samples a second.
const MOST_SCALES = 20
// A clock is found at 5 to 12 samples a bit, and bits are cut at eight times as many where there are so many.
const SCALES_FINER = 3

// Messages that are read at the same time, most of which turn out to be none.
const MOST_ATTEMPTS = 8
const MOST_ALIKE = 2

// Of two syncs without a marker, flicker is the darker one.
const CLEARLY_BRIGHTER = 1.5

/** A capture that changes less, half the least swing of a message, has none because it has no light. */
const LEAST_SWING = 0.05

/**
 * Reads BlinkUp messages from photodiode samples: streaming, in constant memory. One receiver serves
 * one capture, with any number of messages in it, whatever stands between them.
 *
 *   samples -> Scale (each half as fast as the one before) -> acquire -> Attempt: ClockedCutter | EdgeCutter -> Message
 *
 * Receives without an error, each taken alone (tests in test/receiver/axes; measured limits in
 * benchmarks/receiver-limits.json; sizes are parts of the swing unless they have a unit):
 * - 5 to 2,500 symbols a second; 2.5 samples a symbol or more with regular clocks, 3 with symbols jittered by 0.1
 * - either polarity of the sensor; a swing from 0.01 of full scale at 10 bits, grey at 0.32 to 0.83 of white
 * - noise of 16 dB (half the step from grey to white over the noise of a symbol's mean); impulses in 2 % of the samples
 * - 100 and 120 Hz flicker with a peak of 0.5 up to 60 Hz, 0.15 at 142 Hz, 0.1 at 500 Hz
 * - other light that drifts by 0.7 a second, a hand that takes 0.4 of the light, an automatic gain of 0.3 s
 * - sensor rise and fall times (one pole, equal or not) of 0.6 to 0.7 symbols, clipping of 0.3 of white or 0.2 of black
 * - symbols late by up to 0.3; 0.5 % of them a frame of two longer or shorter, or 0.2 % of them twice as long
 * - gaps of four samples after each 200, at 16.7 samples a symbol
 * - 12 zero bits or more before the marker
 *
 * A sync without a marker is no message, as any regular light looks like one: only `end` reports it, when
 * the capture has nothing else, or nothing nearly as bright.
 */
export class Receiver {
  readonly #scales = [new Scale()]
  #attempts: Attempt[] = []
  /** Failures that may still turn out to be part of a message. */
  #failures: Reception[] = []
  #bareSync: Reception | null = null
  #bareSyncSwing = 0
  /** Until when messages were reported, and the most that the light of one swung. */
  #reportedS = -Infinity
  #reportedSwing = 0
  #firstS: number | null = null
  #lastS = -Infinity
  #min = Infinity
  #max = -Infinity

  /**
   * Takes the next samples; the result does not depend on how they are cut into blocks.
   *
   * @returns the messages that these samples complete, good or failed, oldest first: each at most two symbols and 16
   *   samples after its last lit symbol
   * @throws RangeError for a block that breaks the contract of SampleBlock, before any of it is used
   */
  push(block: SampleBlock): Reception[] {
    this.#check(block)
    const receptions: Reception[] = []
    const [finest] = this.#scales as [Scale]
    for (let index = 0; index < block.timesS.length; ) {
      index = finest.push(block, index)
      if (finest.hasNewBlock) this.#lookThrough(receptions)
    }
    return receptions
  }

  /**
   * Ends the capture.
   *
   * @returns the message that the end completes or breaks; when the whole capture had none, not even one
   *   that failed after its marker and was not far fainter than a sync without, one failed reception that says why
   */
  end(): Reception[] {
    const receptions: Reception[] = []
    for (const [n, scale] of this.#scales.slice(1).entries()) this.#scales[n]?.passOnTo(scale)
    this.#advance(receptions)
    const isFaint = this.#bareSyncSwing > CLEARLY_BRIGHTER * this.#reportedSwing
    if (this.#reportedS === -Infinity || isFaint) receptions.push(this.#nothing())
    return receptions
  }

  /** Looks at the new samples of each scale, and gives the mean of each two to the next one. */
  #lookThrough(receptions: Reception[]): void {
    for (let n = 0; n < MOST_SCALES; n++) {
      const scale = this.#scales[n] as Scale
      if (scale.longestPeriodS > SHORTEST_BIT_S) {
        scale.correlate()
        this.#look(scale, n)
      }
      if (this.#attempts.length > 0) this.#advance(receptions, scale)
      const next = this.#scales[n + 1] ?? this.#addScale()
      scale.passOnTo(next)
      if (!next.hasNewBlock) return
    }
  }

  #addScale(): Scale {
    const scale = new Scale()
    this.#scales.push(scale)
    return scale
  }

  /** Begins to read when a scale shows a clock that nothing reads yet. */
  #look(scale: Scale, n: number): void {
    const period = scale.period
    if (period === 0) return
    const roughlyS = (period * (scale.newestS - scale.timeS(scale.count - 13))) / 12
    if (this.#attempts.some((attempt) => attempt.expects(roughlyS))) return
    // With twice the samples a bit, the edges of one are clear of those of the next.
    const finer = this.#scales[n - 1]
    const clock = finer ? acquire(finer, 2 * period) : acquire(scale, period)
    if (!clock || clock.periodS < SHORTEST_BIT_S || clock.periodS > LONGEST_BIT_S) return
    this.#makeRoom(clock.periodS)
    if (this.#attempts.length === MOST_ATTEMPTS) return
    this.#attempts.push(new Attempt(this.#scales[Math.max(0, n - SCALES_FINER)] as Scale, clock))
  }

  /** Gives up the oldest of two attempts with this period that wait for a marker, or of any when there are many. */
  #makeRoom(periodS: number): void {
    const waiting = this.#attempts.filter(({ hasMarker }) => !hasMarker)
    const alike = waiting.filter((attempt) => attempt.hasPeriod(periodS))
    const oldest =
      alike.length >= MOST_ALIKE
        ? alike[0]
        : this.#attempts.length === MOST_ATTEMPTS
          ? waiting[0]
          : undefined
    if (!oldest) return
    this.#attempts.splice(this.#attempts.indexOf(oldest), 1)
    this.#keepBareSync(oldest.bareSync)
  }

  /** Reads on where this scale has new samples; without one, everything to its end. */
  #advance(receptions: Reception[], scale?: Scale): void {
    for (const attempt of this.#attempts) {
      if (scale && attempt.scale !== scale) continue
      const result = attempt.advance(!scale)
      if (result === null) continue
      this.#attempts = this.#attempts.filter((other) => other !== attempt)
      if (result === 'nothing') {
        this.#keepBareSync(attempt.bareSync)
      } else if (result.ok) {
        // What else was tried with the same light is of no interest any more.
        this.#attempts = []
        this.#failures = this.#failures.filter(({ endS }) => endS < result.startS)
        this.#reportFailures(receptions)
        this.#report(result, receptions)
        break
      } else {
        this.#failures.push(result)
      }
    }
    this.#dropRepeats()
    this.#reportFailures(receptions)
  }

  /** Of attempts at the same message one is enough: each reads it in all ways. */
  #dropRepeats(): void {
    if (this.#attempts.length < 2) return
    const found = this.#attempts.find(({ hasMarker }) => hasMarker)
    if (!found) return
    this.#attempts = this.#attempts.filter(
      (attempt) => attempt === found || !attempt.repeats(found),
    )
  }

  #report(reception: Reception, receptions: Reception[]): void {
    this.#reportedS = Math.max(this.#reportedS, reception.endS)
    this.#reportedSwing = Math.max(this.#reportedSwing, swingOf(reception.levels))
    receptions.push(reception)
  }

  /**
   * Reports failures that nothing reads better any more. Of those that overlap only the first is one of a message: the
   * others began inside it, as zeros there look like a sync.
   */
  #reportFailures(receptions: Reception[]): void {
    if (this.#failures.length === 0) return
    const isOpen = (failure: Reception): boolean =>
      this.#attempts.some(
        ({ hasMarker, startS }) => startS < failure.endS && (hasMarker || startS >= failure.startS),
      )
    const closed = this.#failures.filter((failure) => !isOpen(failure))
    if (closed.length === 0) return
    this.#failures = this.#failures.filter(isOpen)
    for (const failure of closed.sort((a, b) => a.startS - b.startS)) {
      if (failure.startS >= this.#reportedS) this.#report(failure, receptions)
    }
  }

  /** The brightest sync that ended before any marker: no message, but all there was if there is none. */
  #keepBareSync(sync: Reception | null): void {
    if (!sync) return
    const swing = swingOf(sync.levels)
    if (swing <= CLEARLY_BRIGHTER * this.#bareSyncSwing) return
    this.#bareSyncSwing = swing
    this.#bareSync = sync
  }

  #nothing(): Reception {
    const lit = this.#max - this.#min >= LEAST_SWING
    if (lit && this.#bareSync) return this.#bareSync
    const levels = { black: this.#firstS === null ? null : this.#min, grey: null, white: null }
    const reason = lit ? 'no-marker' : diagnose('no-light', levels)
    return {
      ok: false,
      reason,
      startS: this.#firstS ?? 0,
      endS: this.#firstS === null ? 0 : this.#lastS,
      packetBits: 0,
      packet: null,
      config: null,
      repaired: null,
      symbolRateHz: null,
      timingSpread: null,
      levels,
      greyRatio: null,
      quality: null,
      advice: RECEPTION_FAILURES[reason],
    }
  }

  #check({ timesS, levels }: SampleBlock): void {
    if (timesS.length !== levels.length) {
      throw new RangeError(
        `Give as many times as levels: there are ${timesS.length} times and ${levels.length} levels.`,
      )
    }
    let lastS = this.#lastS
    let min = this.#min
    let max = this.#max
    for (let index = 0; index < timesS.length; index++) {
      const timeS = timesS[index] as number
      const level = levels[index] as number
      if (!(timeS > lastS && timeS < Infinity)) {
        throw new RangeError(
          `Give finite, strictly increasing times: sample ${index} of the block is at ${timeS} s after ${lastS} s.`,
        )
      }
      if (!(level >= 0 && level <= 1)) {
        throw new RangeError(
          `Give levels from 0 to 1 of full scale: sample ${index} of the block is ${level}.`,
        )
      }
      lastS = timeS
      if (level < min) min = level
      if (level > max) max = level
    }
    if (timesS.length === 0) return
    this.#min = min
    this.#max = max
    this.#firstS ??= timesS[0] as number
    this.#lastS = lastS
  }
}
