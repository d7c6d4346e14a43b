import { Receiver, type ReceiverOptions, type Reception } from '../receiver/index.js'
import { KeptSamples, type Samples } from './kept-samples.js'
import type { Channel } from './recording.js'

/** What level 0 and level 1 are in a channel's own unit. */
export interface LevelScale {
  readonly zero: number
  readonly full: number
  /** Null where the file does not tell. */
  readonly unit: string | null
  /** Whether 0 is no light and 1 full scale: else they are guessed from what was seen. */
  readonly isKnown: boolean
}

/** A reception of light. */
export type Measured = Reception & {
  /** Of its levels, in a recording's own unit; those that a rig sees are parts of full scale. */
  readonly scale?: LevelScale
}

const PARTS = [0, 1] as const
/** A part of full scale may be so far beyond it, by rounding or by a zero that has drifted. */
const BEYOND_PARTS = 0.05
/** No sensor tells its level in such small parts: these are of another unit, as a current in amperes. */
const LEAST_PARTS = 1e-4
/** So many samples tell a range before any is read; few files of an oscilloscope have more. */
const FIRST_SAMPLES = 4096
/** On either side of the range that was seen the scale goes on for so many times as much. */
const MARGIN = 1.5
/** Light over the range of an instrument is read where white alone is, as well as where only the noise of white is. */
const OVER_RANGE = 0.5
/** Longer than a message at most rates: 13 s at 20,000 samples a second. */
const MOST_KEPT = 2 ** 18
/** What is larger is as infinite: no instrument has measured it. */
const MOST_VALUE = 1e100

/**
 * Reads the messages in the values of one channel, in whatever unit: streaming, in constant memory.
 *
 * With a full scale that is known each value has its level, and what is beyond is clipped. Without one, and without a unit, values are
 * parts of full scale until one is clearly beyond it. Any others have their levels by the range of the first 4,096 samples. When a
 * later one is far out of it, a new receiver takes a wider scale, and reads once more what came after the last reception, 2^18 samples
 * at most. A value that is no number is a gap; one beyond the range of the instrument is somewhat beyond what was seen.
 *
 * What is found does not depend on how the samples are cut into blocks.
 */
export class Ranging {
  #scale: LevelScale
  #receiver: Receiver
  /** The values that the scale is for. */
  #lowest = -Infinity
  #highest = Infinity
  /** Whether a range is still to be seen. */
  #isHolding: boolean
  /** What came after the last reception, as long as the scale may change. */
  readonly #kept: KeptSamples | null
  #count = 0
  /** Of all values. */
  #least = Infinity
  #most = -Infinity
  /** What is taken for values below and above the range of the instrument. */
  #beyond: readonly [below: number, above: number] = [-Infinity, Infinity]
  /** Whether any was beyond the range of the instrument. */
  #hasOverRange = false

  /** @param fullScale the values at no light and at full scale, instead of what the channel tells */
  constructor(
    private readonly channel: Channel,
    fullScale: readonly [zero: number, full: number] | undefined,
    private readonly options: ReceiverOptions = {},
  ) {
    const { kind, unit } = channel
    const known = fullScale ?? (kind === 'logic' ? PARTS : channel.fullScale)
    const [zero, full] = known ?? PARTS
    this.#isHolding = !known && unit !== null
    if (!known && unit === null) {
      this.#lowest = zero - BEYOND_PARTS
      this.#highest = full + BEYOND_PARTS
    }
    this.#kept = known ? null : new KeptSamples(MOST_KEPT)
    this.#scale = { zero, full, unit, isKnown: true }
    // A line of a logic analyser is at the ends of its scale, and is no sensor.
    this.#receiver = new Receiver({ ...options, isFullScaleKnown: kind !== 'logic' })
  }

  /** What level 0 and 1 are now. */
  get scale(): LevelScale {
    return this.#scale
  }

  /** Takes the next samples; returns the receptions that they complete. */
  push(timesS: Float64Array, values: Float64Array): Measured[] {
    const found: Measured[] = []
    for (let from = 0; from < timesS.length; ) {
      const most = this.#isHolding ? FIRST_SAMPLES - this.#count : FIRST_SAMPLES
      const end = Math.min(timesS.length, from + most)
      const { samples, to } = this.#next(timesS, values, from, end)
      this.#kept?.push(samples)
      this.#count += samples.timesS.length
      if (!this.#isHolding) this.#read(samples, found)
      if (to < end) this.#exceed(values[to] as number, found)
      else if (this.#isHolding && this.#count === FIRST_SAMPLES) this.#rescale(found)
      from = to
    }
    return found
  }

  /** Ends the recording; returns the receptions that this completes or breaks. */
  end(): Measured[] {
    const found: Measured[] = []
    const isTiny = Math.max(-this.#least, this.#most) < LEAST_PARTS && this.#most > this.#least
    if (this.#isHolding || (isTiny && this.#kept && this.#scale.isKnown)) this.#rescale(found)
    this.#add(this.#receiver.end(), found)
    return found
  }

  /** Samples from one index on, up to the first that the scale is not for. */
  #next(
    timesS: Float64Array,
    values: Float64Array,
    from: number,
    end: number,
  ): { readonly samples: Samples; readonly to: number } {
    let least = this.#least
    let most = this.#most
    let arePlain = true
    let to = from
    for (; to < end; to++) {
      const value = values[to] as number
      if (value >= least && value <= most) continue
      if (!(Math.abs(value) <= MOST_VALUE)) {
        arePlain = false
        continue
      }
      if (value < this.#lowest || value > this.#highest) break
      least = Math.min(least, value)
      most = Math.max(most, value)
    }
    this.#least = least
    this.#most = most
    const samples = { timesS: timesS.subarray(from, to), values: values.subarray(from, to) }
    return { samples: arePlain ? samples : this.#withoutGaps(samples), to }
  }

  #withoutGaps({ timesS, values }: Samples): Samples {
    const isNumber = (_: number, n: number): boolean => !Number.isNaN(values[n])
    const numbers = values.filter(isNumber)
    this.#hasOverRange ||= numbers.some(isOverRange)
    return { timesS: timesS.filter(isNumber), values: numbers }
  }

  /** A value that the scale is not for: another one, as soon as enough was seen. */
  #exceed(value: number, found: Measured[]): void {
    this.#least = Math.min(this.#least, value)
    this.#most = Math.max(this.#most, value)
    if (this.#count >= FIRST_SAMPLES) {
      this.#rescale(found)
      return
    }
    this.#isHolding = true
    this.#lowest = -Infinity
    this.#highest = Infinity
  }

  /** Reads what is kept, once more if it was, on the scale that all values until now make. */
  #rescale(found: Measured[]): void {
    if (this.#least > this.#most) [this.#least, this.#most] = PARTS
    const range = this.#most - this.#least
    this.#beyond = [this.#least - OVER_RANGE * range, this.#most + OVER_RANGE * range]
    const margin = MARGIN * range
    this.#lowest = this.#least - margin
    this.#highest = this.#most + margin
    const { unit } = this.channel
    this.#scale = { zero: this.#lowest, full: this.#highest, unit, isKnown: false }
    this.#isHolding = false
    this.#receiver = new Receiver({ ...this.options, isFullScaleKnown: false })
    for (const samples of this.#kept?.runs() ?? []) this.#read(samples, found)
  }

  #read({ timesS, values }: Samples, found: Measured[]): void {
    this.#add(this.#receiver.push({ timesS, levels: this.#levelsOf(values) }), found)
  }

  #levelsOf(values: Float64Array): Float64Array {
    const { zero, full } = this.#scale
    const areLevels = zero === 0 && full === 1 && this.#least >= 0 && this.#most <= 1
    if (areLevels && !this.#hasOverRange) return values
    const [below, above] = this.#beyond
    const levels = new Float64Array(values.length)
    for (let n = 0; n < levels.length; n++) {
      const seen = values[n] as number
      const value = isOverRange(seen) ? (seen < 0 ? below : above) : seen
      const level = (value - zero) / (full - zero)
      if (level > 0) levels[n] = Math.min(level, 1)
    }
    return levels
  }

  #add(receptions: readonly Reception[], found: Measured[]): void {
    for (const reception of receptions) {
      found.push({ ...this.#withOverRange(reception), scale: this.#scale })
      this.#kept?.dropUpTo(reception.endS)
    }
  }

  /** What is beyond the range of the instrument is clipped, though nothing else tells where its scale ends. */
  #withOverRange(reception: Reception): Reception {
    if (!this.#hasOverRange || this.#scale.isKnown) return reception
    const { startS, endS, quality } = reception
    const clipped = { low: false, high: false }
    for (const { timesS, values } of this.#kept?.runs() ?? []) {
      for (const [n, value] of values.entries()) {
        const timeS = timesS[n] as number
        if (!isOverRange(value) || timeS < startS || timeS > endS) continue
        clipped[value < 0 ? 'low' : 'high'] = true
      }
    }
    return { ...reception, quality: { ...quality, clipped } }
  }
}

const isOverRange = (value: number): boolean => Math.abs(value) > MOST_VALUE
