import { LEAST_CHANGE } from '../light/limits.js'
import { FARTHEST_S, type SampleBlock } from '../light/samples.js'
import { SYMBOLS_PER_BIT } from '../modulation/index.js'
import { EvenTimes } from './acquire/even-times.js'
import { Arbiter, type Decision } from './arbiter.js'
import { Chain } from './chain.js'
import { Flicker, type KnownFlicker } from './flicker/flicker.js'
import { advise } from './judge/advice.js'
import { besideFlicker } from './judge/beside-flicker.js'
import { diagnose } from './judge/failures.js'
import {
  clippingOf,
  NO_UNCERTAINTY,
  type SignalQuality,
  swingOf,
  UNCLIPPED,
} from './judge/quality.js'
import type { Reading } from './read/reading.js'
import { type Finding, failureOf, type Reception } from './reception.js'

// A sender that skips or repeats symbols seems to be so much faster or slower than its line.
const SKIPPED = 0.05

// Flicker that stopped so long before a message was not there with it.
const FLICKER_STOPPED_S = 1
// So long after the last flicker nothing is left of it.
const FLICKER_FORGOTTEN_S = 10
// Of the steps at a scale, as a part of the flicker's power: what blinks less is what rounding leaves of it, 2 % of its size.
const FAINT = 0.01
// A bit's harmonics become weak with their order.
const MOST_HARMONIC = 13
// Lines that differ by less than this part of the bit rate are one.
const SAME_LINE = 0.01

// What changes by less than this part of all that the light did is no sync of it: grey is at least twice as much of it.
const LEAST_SYNC = 0.15
// From the least to the most of ten thousand samples of Gaussian noise, over its rms.
const NOISE_RANGE = 8

// A capture that ends so soon after the last light has ended within the message.
const CUT_OFF_SYMBOLS = 2.5

export interface ReceiverOptions {
  /** Receptions say what was tried with their light, and what became of it. */
  readonly trace?: boolean
  /**
   * False where what 0 and 1 are is no more than a guess from what was seen: nothing is judged by how large levels are then, neither
   * that the sensor saturates or clips, nor that its light is weak. Default true.
   */
  readonly isFullScaleKnown?: boolean
}

/**
 * Reads BlinkUp messages from photodiode samples: streaming, in constant memory. One receiver serves
 * one capture, with any number of messages in it, whatever stands between them.
 *
 *   Chain: samples -> Scale (each half as fast as the one before) -> acquire -> Attempt: ClockedCutter -> Message
 *                                                           -> EdgeReader: PulseFollower -> EdgeCutter -> Message
 *
 * When Flicker has found a lamp, a second chain gets the samples less the flicker: both read on, since a message may have
 * a line where the flicker has one. The Arbiter decides which of all readings counts.
 *
 * Receives without an error, each taken alone (tests in test/receiver/axes; measured limits in
 * benchmarks/receiver-limits.json; at 60 symbols and 1,000 samples a second unless said otherwise; sizes are parts of the swing
 * unless they have a unit):
 * - 5 to 2,500 symbols a second; 2.5 samples a symbol or more with regular clocks, 3 with symbols jittered by 0.1
 * - either polarity of the sensor; a swing from 0.01 of full scale at 10 bits, 0.0002 at 16, grey at 0.32 to 0.83 of white
 * - noise of 16 dB (half the step from grey to white over the noise of a symbol's mean); impulses in 2 % of the samples
 * - 100 and 120 Hz flicker (mains off by 0.4 %) with a peak of 1 and harmonics, after 0.45 s without a message; 0.2 where
 *   the symbol rate is twice its frequency to half a per cent; not sampled so slowly that a line seems to lie among those of the message
 * - pick-up of 50 and 60 Hz and lamps of 83 to 1,300 Hz, as much, after 1.3 s without a message; not light that is on and off for
 *   equally long, as that may be a sync
 * - other light that drifts by 0.7 a second, a hand that takes 0.4 of the light (0.2 in sync and marker), an automatic gain of 0.3 s;
 *   within the packet, a lamp of the swing that is switched and a gain that changes by a quarter
 * - the light of another sender, up to 0.2 of the own one
 * - sensor rise and fall times (one pole, equal or not) of 0.6 to 0.7 symbols, a fall of 1.5 after a quick rise, clipping of 0.3 of
 *   white or 0.2 of black
 * - symbols late by up to 0.3, periods that differ by 0.4 (rms); a tenth of them a frame of two longer or shorter, or twice as
 *   long; lengths from 0.2 to 20 symbols in any order, with noise of 0.03 from 0.5 to 5
 * - equal times of samples, from a clock with steps of 10 ms
 * - gaps of five samples, one in 200 samples, at 16.7 samples a symbol
 * - ripple of PWM, 0.1 of what makes grey
 * - 12 zero bits or more before the marker
 *
 * A sync without a marker is no message, as any regular light looks like one: only `end` reports it, when
 * the capture has nothing else, or nothing nearly as bright.
 */
export class Receiver {
  readonly #times = new EvenTimes()
  readonly #flicker = new Flicker()
  readonly #raw: Chain
  /** Reads the samples less the flicker, as soon as any was found. */
  #clean: Chain | null = null
  readonly #arbiter = new Arbiter(() => (this.#clean ? [this.#raw, this.#clean] : [this.#raw]), {
    isInTime: (finding, within) => this.#isInTime(finding, within),
    mayLeave: (swing) => this.#flicker.mayLeave(swing),
    mayHaveLeft: (swing) => this.#flicker.mayHaveLeft(swing),
  })
  /** Of all samples. */
  #firstS: number | null = null
  #lastS = -Infinity
  #min = Infinity
  #max = -Infinity
  #hasEnded = false

  readonly #isFullScaleKnown: boolean

  constructor(private readonly options: ReceiverOptions = {}) {
    this.#isFullScaleKnown = options.isFullScaleKnown ?? true
    this.#raw = this.#chain(false)
  }

  #chain(lessFlicker: boolean): Chain {
    return new Chain({ lessFlicker, isFullScaleKnown: this.#isFullScaleKnown })
  }

  /**
   * Takes the next samples; the result does not depend on how they are cut into blocks.
   *
   * @returns the messages that these samples complete, good or failed, oldest first: a good one at most two symbols and 16
   *   samples after its last lit symbol, or four and 16 where only its edges tell its bits; a failed one up to a second later,
   *   as something may still read it better
   * @throws RangeError for a block that breaks the contract of SampleBlock, before any of it is used
   */
  push(block: SampleBlock): Reception[] {
    const isIncreasing = this.#examine(block)
    return this.#read(this.#times.push(block, isIncreasing))
  }

  #read(block: SampleBlock): Reception[] {
    const receptions: Reception[] = []
    const raw = this.#raw
    let clean: SampleBlock | null = null
    for (let from = 0; from < block.timesS.length; ) {
      const to = raw.push(block, from)
      if (this.#clean) {
        clean ??= { timesS: block.timesS, levels: block.levels.slice() }
        this.#flicker.takeFrom(clean.timesS, clean.levels, from, to)
        this.#clean.push(clean, from)
      }
      from = to
      if (!raw.hasNewBlock) break
      const ended = this.#readOn()
      this.#report(this.#arbiter.take(ended), receptions)
      if ((block.timesS[to - 1] as number) >= this.#flicker.dueS) this.#followFlicker()
    }
    return receptions
  }

  /** Whether what came last seems to be within a message, after its marker. */
  get isReading(): boolean {
    return this.#raw.isReading || (this.#clean?.isReading ?? false)
  }

  /**
   * Ends the capture.
   *
   * @returns the messages that the end completes or breaks; and one failed reception that says why there was none, if the whole
   *   capture had none, good or failed after its marker, or a sync without a marker that is far brighter than all
   */
  end(): Reception[] {
    this.#hasEnded = true
    const receptions = this.#read(this.#times.end())
    const ended = [...this.#raw.end(), ...(this.#clean?.end() ?? [])]
    this.#report(this.#arbiter.take(ended), receptions)
    this.#report(this.#arbiter.end(), receptions)
    const { bareSync } = this.#clean ?? this.#raw
    const noMessage = (sync: Finding | null) => this.#noMessage([sync, this.#raw.bareSync])
    this.#report(this.#arbiter.noMessage(bareSync, noMessage), receptions)
    return receptions
  }

  #readOn(): readonly Reading[] {
    const clean = this.#clean
    if (!clean) return this.#raw.read()
    const ofRaw = this.#raw.read(this.#isOfFlicker)
    const ofClean = clean.read(this.#isLeft)
    return ofClean.length === 0 ? ofRaw : [...ofRaw, ...ofClean]
  }

  #followFlicker(): void {
    const raw = this.#raw
    const flicker = this.#flicker
    while (raw.newestS >= flicker.dueS) {
      const hasChanged = flicker.read(raw.scales, (this.#clean ?? raw).messageS)
      if (flicker.isKnown) this.#clean ??= this.#chain(true)
      if (hasChanged) this.#clean?.forgetSyncs()
      if (this.#isLongGone && this.#clean && !this.#clean.isReading) this.#clean = null
      raw.dropOverdue(this.#isOfFlicker)
      for (const clock of flicker.takeClocks()) raw.readWith(clock)
      this.#clean?.dropOverdue(this.#mayBeLeft)
    }
  }

  /** Whether the last flicker was so long ago that the samples are as good without taking any away. */
  get #isLongGone(): boolean {
    return this.#raw.newestS > this.#flicker.lastS + FLICKER_FORGOTTEN_S
  }

  /**
   * Whether the samples blink at a scale for no other reason than flicker: less that, they do not. A message with a line where
   * flicker has one makes itself known there when it begins.
   */
  readonly #isOfFlicker = (periodS: number, scale: number): boolean =>
    this.#flicker.isSteady && this.#clean?.isQuiet(periodS, scale) === true

  /** Whether what is left of the flicker blinks at a scale: faintly, or as it did before. */
  readonly #isLeft = (periodS: number, scale: number): boolean => {
    const clean = this.#clean
    if (!clean || !this.#mayBeLeft(periodS, scale)) return false
    const stepPower = clean.scales[scale]?.power ?? 0
    return clean.isQuiet(periodS, scale) || stepPower < FAINT * this.#flicker.power
  }

  readonly #mayBeLeft = (periodS: number, scale: number): boolean =>
    this.#flicker.isSteady && this.#flicker.mayBlink(periodS, this.#raw.sampleS * 2 ** scale)

  #report(decisions: readonly Decision[], receptions: Reception[]): void {
    for (const { finding, trace } of decisions) {
      const reception = this.#advised(finding)
      receptions.push(this.options.trace ? { ...reception, trace } : reception)
    }
  }

  /** Whether what is known as flicker may be this message, or a harmonic of its bits, or the message flicker. */
  #isInTime(finding: Finding, within?: number, harmonic = 1): boolean {
    return (
      finding.kind !== 'no-sync' &&
      this.#flicker.hasPeriod(SYMBOLS_PER_BIT / (harmonic * finding.symbolRateHz), within)
    )
  }

  #advised(finding: Finding): Reception {
    const seen = this.#qualityOf(finding)
    const quality = this.#isFullScaleKnown ? seen : { ...seen, clipped: UNCLIPPED }
    const reception = { ...finding, quality }
    const capture = {
      isCutOff: this.#isCutOff(finding),
      sampleS: this.#raw.sampleS,
      isFullScaleKnown: this.#isFullScaleKnown,
    }
    return { ...reception, advice: advise(reception, capture) }
  }

  #qualityOf(finding: Finding): SignalQuality {
    const flicker = this.#flickerBeside(finding)
    if (!flicker) return { ...finding.quality, flicker }
    if (finding.kind === 'no-sync') {
      const { frequencyHz, peak } = flicker
      return { ...finding.quality, flicker: { frequencyHz, peak } }
    }
    const { symbolRateHz, startS, endS } = finding
    const bits = ((endS - startS) * symbolRateHz) / SYMBOLS_PER_BIT
    return besideFlicker(finding.quality, flicker, symbolRateHz, bits)
  }

  /** The flicker that was there with a message: of one that has a line there as it was before, since the message changes it. */
  #flickerBeside(finding: Finding): KnownFlicker | null {
    const { startS, levels } = finding
    const sharesLine = this.#sharesLine(finding)
    const mayBeOwn = sharesLine || this.#isInTime(finding, SKIPPED)
    const before = this.#flicker.knownBefore(startS)
    const sinceS = startS - FLICKER_STOPPED_S
    if (mayBeOwn && levels.white !== null && !(before && before.atS >= sinceS)) return null
    const known = sharesLine && before ? before : this.#flicker.knownBefore()
    return known && known.atS >= sinceS ? known : null
  }

  /** Whether a message has a line where the flicker has one: that of its bits, or an odd harmonic, as half of each bit is lit. */
  #sharesLine(finding: Finding): boolean {
    for (let harmonic = 1; harmonic <= MOST_HARMONIC; harmonic += 2) {
      if (this.#isInTime(finding, SAME_LINE / harmonic, harmonic)) return true
    }
    return false
  }

  /** Whether light was lost where the capture ended. */
  #isCutOff(finding: Finding): boolean {
    if (!this.#hasEnded || finding.kind === 'no-sync') return false
    const reason = failureOf(finding)
    const isLost = reason === 'lost-symbol' || (reason === 'no-marker' && !this.#isInTime(finding))
    return isLost && this.#lastS - finding.endS < CUT_OFF_SYMBOLS / finding.symbolRateHz
  }

  /** Why a capture had no message; the first of these syncs that is bright enough is all that there was. */
  #noMessage(syncs: readonly (Finding | null)[]): Finding {
    const isEmpty = this.#firstS === null
    const swing = isEmpty ? 0 : this.#max - this.#min
    const isLit = swing - 2 * (this.#flicker.known?.peak ?? 0) >= LEAST_CHANGE.ofSamples
    const ofLight = swing - NOISE_RANGE * this.#raw.noiseRms
    const bareSync = syncs.find((sync) => sync && swingOf(sync.levels) > LEAST_SYNC * ofLight)
    if (isLit && bareSync) return bareSync
    const levels = { black: isEmpty ? null : this.#min, grey: null, white: null }
    return {
      kind: 'no-sync',
      reason: diagnose(isLit ? 'no-marker' : 'no-light', levels, this.#isFullScaleKnown),
      startS: this.#firstS ?? 0,
      endS: isEmpty ? 0 : this.#lastS,
      levels,
      quality: {
        swing,
        snrDb: null,
        eyeHeight: null,
        eyeWidth: null,
        leastCertainBit: null,
        clipped: clippingOf(this.#min, this.#max),
        lightSwitches: 0,
        timeConstantS: null,
        uncertainty: NO_UNCERTAINTY,
      },
    }
  }

  /**
   * Refuses a block that breaks the contract of SampleBlock; keeps the range of its times and levels. Returns whether each time is
   * later than the one before.
   */
  #examine({ timesS, levels }: SampleBlock): boolean {
    if (timesS.length !== levels.length) {
      throw new RangeError(
        `Give as many times as levels: there are ${timesS.length} times and ${levels.length} levels.`,
      )
    }
    const count = timesS.length
    let lastS = Math.max(this.#lastS, -FARTHEST_S)
    let min = this.#min
    let max = this.#max
    let isIncreasing = true
    for (let n = 0; n < count; n++) {
      const timeS = timesS[n] as number
      const level = levels[n] as number
      if (!(timeS > lastS)) {
        if (timeS !== lastS) throw timeFault(timesS, n, this.#lastS)
        isIncreasing = false
      }
      lastS = timeS
      if (level >= min && level <= max) continue
      if (!(level >= 0 && level <= 1)) {
        throw new RangeError(
          `Give levels from 0 to 1 of full scale: sample ${n} of the block is ${level}.`,
        )
      }
      if (level < min) min = level
      if (level > max) max = level
    }
    if (count === 0) return true
    if (!(lastS < FARTHEST_S)) throw timeFault(timesS, count - 1, this.#lastS)
    this.#min = min
    this.#max = max
    this.#firstS ??= timesS[0] as number
    this.#lastS = lastS
    return isIncreasing
  }
}

function timeFault(timesS: Float64Array, index: number, beforeS: number): RangeError {
  const lastS = timesS[index - 1] ?? Math.max(beforeS, -FARTHEST_S)
  return new RangeError(
    `Give times within 10^10 s that do not decrease: sample ${index} of the block is at ${timesS[index]} s after ${lastS} s.`,
  )
}
