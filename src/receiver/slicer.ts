import { SlidingRange } from './sliding-range.js'

/** One stretch of light between two of black. Times in seconds, levels 0..1 of full scale. */
export interface Pulse {
  /** Where the light crossed half of this pulse's own swing. */
  readonly riseS: number
  readonly fallS: number
  readonly level: number
  /** Level of the black before it. */
  readonly black: number
}

/** What a sync has shown of the signal that carries it. */
export interface KnownSignal {
  readonly black: number
  /** Swing above black. */
  readonly grey: number
  /** Light for a shorter time is a glitch. */
  readonly shortestPulseS: number
}

/** A smaller change than this part of full scale is no light: the grey of the least swing, 0.035, is above it. */
const MIN_SWING = 0.02

// Hysteresis, as parts of the swing above black.
const RISE_AT = 0.5
const FALL_AT = 0.3

// Longer than a bit at 10 Hz, so that a sync always shows both black and grey in it.
const WINDOW_S = 0.25
const LONGEST_SYMBOL_S = 0.13

// The part of a black or lit stretch in which the sensor has settled.
const SETTLED_FROM = 0.25
const SETTLED_TO = 0.85

// Samples kept: one bit at 10 Hz sampled at 40 kHz. A power of two, for the index mask.
const RING = 8192
const MASK = RING - 1

/** Cuts samples into pulses of light. Constant memory, no allocation for a sample. */
export class Slicer {
  readonly #range = new SlidingRange(WINDOW_S)
  readonly #timesS = new Float64Array(RING)
  readonly #levels = new Float64Array(RING)
  #count = 0
  #known: KnownSignal | null = null
  #lit = false
  /** First samples of the last lit and black stretches, and the level of black before the lit one. */
  #riseIndex = 0
  #fallIndex = 0
  #black = 0

  /** Takes one sample; returns the pulse that it ends. */
  push(timeS: number, level: number): Pulse | null {
    const index = this.#count++
    this.#timesS[index & MASK] = timeS
    this.#levels[index & MASK] = level
    this.#range.push(timeS, level)

    const range = this.#range.max - this.#range.min
    const swing = this.#known?.grey ?? (range < MIN_SWING ? Infinity : range)
    if (this.#lit) {
      const black = this.#known ? this.#black : this.#range.min
      return level <= black + FALL_AT * swing ? this.#fall(index) : null
    }
    const black = this.#known?.black ?? this.#range.min
    if (level >= black + RISE_AT * swing) this.#rise(index)
    return null
  }

  /** Ends the pulse that is in progress, if there is one. */
  end(): Pulse | null {
    return this.#lit ? this.#fall(this.#count) : null
  }

  /** Slices by what is known from now on; null: by the range of the last samples. */
  follow(known: KnownSignal | null): void {
    this.#known = known
  }

  /** Forgets the range of the last samples, so that the white of one message cannot hide the next one's grey. */
  forget(): void {
    this.#range.clear()
  }

  #rise(index: number): void {
    this.#lit = true
    this.#riseIndex = index
    this.#black = this.#settledLevel(this.#fallIndex, index)
  }

  #fall(index: number): Pulse | null {
    this.#lit = false
    this.#fallIndex = index
    const black = this.#black
    const level = this.#settledLevel(this.#riseIndex, index)
    const middle = (black + level) / 2
    const riseS = this.#crossingS(this.#riseIndex, middle, 1)
    const fallS = this.#crossingS(index, middle, -1)
    if (this.#known && fallS - riseS < this.#known.shortestPulseS) return null
    // Steady light before a message must not hide a grey that is below half of it.
    if (fallS - riseS > LONGEST_SYMBOL_S) this.#range.clear()
    return { riseS, fallS, level, black }
  }

  get #oldest(): number {
    return Math.max(0, this.#count - RING)
  }

  /** Mean level of the settled part of the samples from `start` up to `end`, as far as they are kept. */
  #settledLevel(start: number, end: number): number {
    const first = Math.max(start, this.#oldest)
    const from = first + Math.floor(SETTLED_FROM * (end - first))
    const to = Math.max(first + Math.floor(SETTLED_TO * (end - first)), from + 1)
    let sum = 0
    for (let index = from; index < to; index++) sum += this.#levels[index & MASK] ?? 0
    return sum / (to - from)
  }

  /** When the samples around `index` crossed `middle`, upwards (direction 1) or downwards (-1). */
  #crossingS(index: number, middle: number, direction: 1 | -1): number {
    const oldest = this.#oldest
    const newest = this.#count - 1
    const level = (at: number) => this.#levels[at & MASK] ?? 0
    const timeS = (at: number) => this.#timesS[at & MASK] ?? 0
    const isPast = (at: number) => direction * (level(at) - middle) >= 0
    let after = Math.min(Math.max(index, oldest), newest)
    while (after < newest && !isPast(after)) after++
    while (after > oldest && isPast(after - 1)) after--
    if (after === oldest || !isPast(after)) return timeS(after)
    const before = after - 1
    const part = (middle - level(before)) / (level(after) - level(before))
    return timeS(before) + part * (timeS(after) - timeS(before))
  }
}
