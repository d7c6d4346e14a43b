import type { SampleBlock } from '../../light/samples.js'

// Samples kept, a power of two for the index mask: at least 42 bits, where a cutter has at most 96 samples a bit (see SCALES_FINER).
const KEPT = 4096
const MASK = KEPT - 1

/** Samples on either side that `step` takes. */
export const STEP_SAMPLES = 3

// The correlations are brought up to date after each block, from each second sample.
const BLOCK = 16
const SHORTEST_PERIOD = 5
const LONGEST_PERIOD = 12
const SHORTEST_LAG = 3

// By this part of what a block shows the correlations follow: they remember about four bits.
const CORRELATION_GAIN = 0.4
// As parts of the power: the least correlation over one period, and the most over half of one.
const PERIODIC = 0.55
const ALTERNATING = 0.2
// Of sums of three samples: far below what one step of a 16-bit ADC makes, far above rounding errors.
const LEAST_POWER = 1e-10

/**
 * The samples at one resolution, with a running test for light that blinks with a period of 5 to 12 samples.
 * Each scale has half the sample rate of the one before it, so that one of them fits any bit, however
 * long, at the same cost and in constant memory.
 *
 * The test: a step filter, y[n] = mean of the newest 3 samples less mean of the 3 before, takes offset and slow
 * drift away and averages noise. White noise gives y no correlation over lags of 5 and more, while that of a
 * sync of black and grey comes back after each bit: the autocorrelation over a lag of one bit, as a part
 * of y's power, is near 1 for a sync and 0 +- 0.2 for noise. Over half a bit it is negative, which tells
 * a sync from anything slow.
 */
export class Scale {
  /** Samples pushed so far; the index of the next one. */
  count = 0
  readonly #timesS = new Float64Array(KEPT)
  /** Sum of all levels before a sample, so that the mean of any stretch is one subtraction. */
  readonly #sums = new Float64Array(KEPT)
  /** How many of the samples the next scale has. */
  #passed = 0
  /** Output of the step filter in the newest block and the longest period before it. */
  readonly #steps = new Float64Array(LONGEST_PERIOD + BLOCK)
  /** Autocorrelation of the steps by lag; over no lag it is their power. */
  readonly #correlations = new Float64Array(LONGEST_PERIOD + 1)

  /**
   * Takes samples from one index of a block on, up to the end of either the block or of BLOCK samples together.
   *
   * @returns the index behind the last one taken
   */
  push({ timesS, levels }: SampleBlock, from: number): number {
    const to = Math.min(timesS.length, from + BLOCK - (this.count % BLOCK))
    const keptS = this.#timesS
    const sums = this.#sums
    let n = this.count
    let sum = sums[n & MASK] as number
    for (let index = from; index < to; index++) {
      keptS[n & MASK] = timesS[index] as number
      sum += levels[index] as number
      sums[++n & MASK] = sum
    }
    this.count = n
    return to
  }

  /** Gives the mean of each two samples to the next scale. */
  passOnTo(next: Scale): void {
    const timesS = this.#timesS
    const sums = this.#sums
    let n = next.count
    let sum = next.#sums[n & MASK] as number
    let passed = this.#passed
    for (; passed + 1 < this.count; passed += 2) {
      next.#timesS[n & MASK] =
        ((timesS[passed & MASK] as number) + (timesS[(passed + 1) & MASK] as number)) / 2
      sum += ((sums[(passed + 2) & MASK] as number) - (sums[passed & MASK] as number)) / 2
      next.#sums[++n & MASK] = sum
    }
    this.#passed = passed
    next.count = n
  }

  /** Whether BLOCK more samples have come together: time to look at them. */
  get hasNewBlock(): boolean {
    return this.count % BLOCK === 0
  }

  /** How long the longest period that is tested lasts, by the times of the newest block. */
  get longestPeriodS(): number {
    const blockS = this.newestS - this.timeS(this.count - BLOCK)
    return (LONGEST_PERIOD / (BLOCK - 1)) * blockS
  }

  /** Brings the correlations up to date with the newest block. */
  correlate(): void {
    const steps = this.#steps
    const correlations = this.#correlations
    for (let n = 0; n < LONGEST_PERIOD; n++) steps[n] = steps[n + BLOCK] as number
    const first = this.count - BLOCK
    for (let n = 0; n < BLOCK; n++) {
      // The beginning of the samples is no step of the light.
      steps[LONGEST_PERIOD + n] = first + n < 2 * STEP_SAMPLES ? 0 : this.step(first + n)
    }
    for (let lag = 0; lag <= LONGEST_PERIOD; lag++) {
      if (lag > 0 && lag < SHORTEST_LAG) continue
      let sum = 0
      for (let n = LONGEST_PERIOD; n < LONGEST_PERIOD + BLOCK; n += 2) {
        sum += (steps[n] as number) * (steps[n - lag] as number)
      }
      const correlation = correlations[lag] as number
      correlations[lag] = correlation + CORRELATION_GAIN * (sum - correlation)
      if (lag === 0 && this.#power < LEAST_POWER) return
    }
  }

  /** The shortest period that the newest samples repeat with, in samples; 0 when they do not. */
  get period(): number {
    const power = this.#power
    if (power < LEAST_POWER) return 0
    for (let period = SHORTEST_PERIOD; period <= LONGEST_PERIOD; period++) {
      const here = this.#correlation(period)
      if (here < PERIODIC * power) continue
      const before = this.#correlation(period - 1)
      const after = period === LONGEST_PERIOD ? here : this.#correlation(period + 1)
      const isTop = here > before && here >= after
      if (!isTop || this.#correlation(Math.round(period / 2)) > ALTERNATING * power) continue
      // The top of the parabola through the highest correlation and its neighbours.
      return period === LONGEST_PERIOD
        ? period
        : period + (before - after) / (2 * (before - 2 * here + after))
    }
    return 0
  }

  timeS(index: number): number {
    return this.#timesS[index & MASK] as number
  }

  get newestS(): number {
    return this.timeS(this.count - 1)
  }

  /** Index of the oldest sample whose level is still known. */
  get oldest(): number {
    return Math.max(0, this.count + 1 - KEPT)
  }

  /** Time of a place between two samples; a whole place is that of a sample. */
  timeAtS(place: number): number {
    const before = Math.min(Math.max(Math.floor(place), this.oldest), this.count - 2)
    return this.timeS(before) + (place - before) * (this.timeS(before + 1) - this.timeS(before))
  }

  /** Index of the first sample at `timeS` or later; `sampleS` is how far apart samples are, roughly. */
  indexAt(timeS: number, sampleS: number): number {
    const newest = this.count - 1
    const { oldest } = this
    const guess = newest - Math.floor((this.timeS(newest) - timeS) / sampleS)
    let index = guess > oldest ? (guess < this.count ? guess : this.count) : oldest
    while (index < this.count && this.timeS(index) < timeS) index++
    while (index > oldest && this.timeS(index - 1) >= timeS) index--
    return index
  }

  /** How far apart the samples are around an index, from about as many as a bit has. */
  sampleSAround(index: number): number {
    const from = Math.max(this.oldest, index - 32)
    const to = Math.min(this.count - 1, index + 32)
    return (this.timeS(to) - this.timeS(from)) / (to - from)
  }

  /** Mean level of the samples from one time up to another; NaN where there are none. */
  meanBetween(fromS: number, toS: number, sampleS: number): number {
    const from = this.indexAt(fromS, sampleS)
    const to = this.indexAt(toS, sampleS)
    return this.sum(from, to) / (to - from)
  }

  /** Sum of the levels from one index up to another. */
  sum(from: number, to: number): number {
    return this.#sumBefore(to) - this.#sumBefore(from)
  }

  /** Sum of the `width` samples from `index` on, less that of as many before it. */
  stepAround(index: number, width: number): number {
    return (
      this.#sumBefore(index + width) - 2 * this.#sumBefore(index) + this.#sumBefore(index - width)
    )
  }

  /** The step filter, but for the division: the STEP_SAMPLES samples up to `index` less as many before them. */
  step(index: number): number {
    return this.stepAround(index + 1 - STEP_SAMPLES, STEP_SAMPLES)
  }

  get #power(): number {
    return this.#correlation(0)
  }

  #correlation(lag: number): number {
    return this.#correlations[lag] as number
  }

  #sumBefore(index: number): number {
    return this.#sums[index & MASK] as number
  }
}
