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

// By this part of what a block shows the correlations follow: they remember about four bits, and nothing of so many blocks before.
const CORRELATION_GAIN = 0.4
const REMEMBERED = 4 * BLOCK
// As parts of the power: the least correlation over one period, and the most over half of one.
const PERIODIC = 0.55
const ALTERNATING = 0.2
// Of sums of three samples: far below what one step of a 16-bit ADC makes, far above rounding errors.
const LEAST_POWER = 1e-10
// Places of the powers: of the steps, of the fourth differences, and of the steps in the newest block alone.
const STEPS = 0
const FOURTH = 1
const NEWEST = 2
// Sum of three less three and fourth difference: the squares of their weights, by which they pass white noise.
const STEP_NOISE = 6
const FOURTH_NOISE = 70
// Where there may be a sync, the power of the steps is above so many times that of white noise with the same fourth differences
// (fitted: with noise alone one block in 60 is; a sync of 4.6 samples a bit has 3.1 times without noise), and each of the
// last two blocks has at least this part of the mean, as each has edges (fitted: 0.28 the least in 1,100 syncs).
const LOUD = 2.2
const STEADY = 0.2

/**
 * The samples at one resolution, with a running test for light that blinks with a period of 5 to 12 samples.
 * Each scale has half the sample rate of the one before it, so that one of them fits any bit, however
 * long, at the same cost and in constant memory.
 *
 * The test: a step filter, y[n] = mean of the newest 3 samples less mean of the 3 before, takes offset and slow
 * drift away and averages noise. White noise gives y no correlation over lags of 5 and more, while that of a
 * sync of black and grey comes back after each bit: the autocorrelation over a lag of one bit, as a part
 * of y's power, is near 1 for a sync and 0 +- 0.2 for noise. Over half a bit it is negative, which tells
 * a sync from anything slow. As nearly all light is no sync, two powers alone tell most blocks that are not worth it: that
 * of y and that of the fourth differences, which noise makes alike and a sync does not.
 */
export class Scale {
  /** Samples pushed so far; the index of the next one. */
  count = 0
  readonly #timesS = new Float64Array(KEPT)
  /** Sum of all levels up to a sample, so that the mean of any stretch is one subtraction. */
  readonly #sums = new Float64Array(KEPT)
  /** How many of the samples the next scale has. */
  #passed = 0
  /** Output of the step filter in the blocks that are correlated, and in the longest period before them. */
  readonly #steps = new Float64Array(LONGEST_PERIOD + REMEMBERED)
  /** Autocorrelation of the steps by lag, and up to which sample it is known. */
  readonly #correlations = new Float64Array(LONGEST_PERIOD + 1)
  #correlatedTo = 0
  /** Numbers in an array, as those of an object that change are allocated anew. */
  readonly #powers = new Float64Array(3)

  /**
   * Takes samples from one index of a block on, up to the end of either the block or of BLOCK samples together.
   *
   * @returns the index behind the last one taken
   */
  push({ timesS, levels }: SampleBlock, from: number): number {
    const to = Math.min(timesS.length, from + BLOCK - (this.count % BLOCK))
    const keptS = this.#timesS
    const sums = this.#sums
    // As BLOCK divides KEPT, the ring does not end within a block.
    const shift = (this.count & MASK) - from
    let sum = sums[(this.count - 1) & MASK] as number
    for (let index = from; index < to; index++) {
      keptS[index + shift] = timesS[index] as number
      sum += levels[index] as number
      sums[index + shift] = sum
    }
    this.count += to - from
    return to
  }

  /** Gives the mean of each two samples to the next scale. */
  passOnTo(next: Scale): void {
    const timesS = this.#timesS
    const sums = this.#sums
    const nextS = next.#timesS
    const nextSums = next.#sums
    const pairs = (this.count - this.#passed) >> 1
    const from = this.#passed & MASK
    const to = next.count & MASK
    let before = sums[(from - 1) & MASK] as number
    let sum = nextSums[(to - 1) & MASK] as number
    for (let n = 0; n < pairs; n++) {
      const first = from + 2 * n
      nextS[to + n] = ((timesS[first] as number) + (timesS[first + 1] as number)) / 2
      const up = sums[first + 1] as number
      sum += (up - before) / 2
      nextSums[to + n] = sum
      before = up
    }
    this.#passed += 2 * pairs
    next.count += pairs
  }

  /** Whether BLOCK more samples have come together: time to look at them. */
  get hasNewBlock(): boolean {
    return this.count % BLOCK === 0
  }

  /** Takes the newest block into account; returns whether it is worth to ask for its `period`, which is to last at least so long. */
  correlate(shortestS: number): boolean {
    const timesS = this.#timesS
    const newest = this.count - 1
    const blockS =
      (timesS[newest & MASK] as number) - (timesS[(newest + 1 - BLOCK) & MASK] as number)
    if ((LONGEST_PERIOD / (BLOCK - 1)) * blockS <= shortestS) return false
    if (!this.#mayBeSync()) return false
    const oldest = this.count - REMEMBERED
    if (this.#correlatedTo < oldest) {
      this.#correlations.fill(0)
      this.#correlatedTo = oldest
    }
    const steps = this.#steps
    const sums = this.#sums
    const correlations = this.#correlations
    const first = this.#correlatedTo - LONGEST_PERIOD
    const end = this.count - first
    for (let n = 0; n < end; n++) {
      const at = first + n
      const step =
        (sums[at & MASK] as number) -
        2 * (sums[(at - STEP_SAMPLES) & MASK] as number) +
        (sums[(at - 2 * STEP_SAMPLES) & MASK] as number)
      // The beginning of the samples is no step of the light.
      steps[n] = at < 2 * STEP_SAMPLES ? 0 : step
    }
    for (let at = LONGEST_PERIOD; at < end; at += BLOCK) {
      // Two at once are faster.
      for (let lag = SHORTEST_LAG; lag < LONGEST_PERIOD; lag += 2) {
        let one = 0
        let other = 0
        for (let n = at; n < at + BLOCK; n += 2) {
          const step = steps[n] as number
          one += step * (steps[n - lag] as number)
          other += step * (steps[n - lag - 1] as number)
        }
        correlations[lag] = followed(correlations[lag] as number, one)
        correlations[lag + 1] = followed(correlations[lag + 1] as number, other)
      }
    }
    this.#correlatedTo = this.count
    return true
  }

  /** Brings the powers up to date with the newest block; returns whether they may be those of a sync. */
  #mayBeSync(): boolean {
    const first = this.count - BLOCK
    // The beginning of the samples is no step of the light.
    if (first === 0) return false
    const sums = this.#sums
    const at = first & MASK
    // Sums up to so many samples ago: each is loaded once.
    let ago6 = sums[(at - 6) & MASK] as number
    let ago5 = sums[(at - 5) & MASK] as number
    let ago4 = sums[(at - 4) & MASK] as number
    let ago3 = sums[(at - 3) & MASK] as number
    let ago2 = sums[(at - 2) & MASK] as number
    let ago1 = sums[(at - 1) & MASK] as number
    let stepSquares = 0
    let fourthSquares = 0
    for (let n = at; n < at + BLOCK; n += 2) {
      const newest = sums[n] as number
      const step = newest - 2 * ago3 + ago6
      const fourth = newest - ago5 - 5 * (ago1 - ago4) + 10 * (ago2 - ago3)
      stepSquares += step * step
      fourthSquares += fourth * fourth
      ago6 = ago4
      ago5 = ago3
      ago4 = ago2
      ago3 = ago1
      ago2 = newest
      ago1 = sums[n + 1] as number
    }
    const powers = this.#powers
    const steadiest = Math.min(powers[NEWEST] as number, stepSquares)
    const power = followed(powers[STEPS] as number, stepSquares)
    const fourthPower = followed(powers[FOURTH] as number, fourthSquares)
    powers[NEWEST] = stepSquares
    powers[STEPS] = power
    powers[FOURTH] = fourthPower
    const noise = (STEP_NOISE / FOURTH_NOISE) * fourthPower
    return power > LEAST_POWER && power > LOUD * noise && steadiest > STEADY * power
  }

  /** Mean square of the steps, as it follows them. */
  get power(): number {
    return this.#powers[STEPS] as number
  }

  /** Rms of the newest samples' noise, if it is white: the fourth differences as it follows them, where light changes slower. */
  get noiseRms(): number {
    return Math.sqrt((this.#powers[FOURTH] as number) / (FOURTH_NOISE * (BLOCK / 2)))
  }

  /** The shortest period that the newest samples repeat with, in samples; 0 when they do not. */
  get period(): number {
    const { power } = this
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

  /** Index of the first sample from one index up to another whose level is not within these; the other where all are. */
  firstOutside(lowest: number, highest: number, from: number, to: number): number {
    const sums = this.#sums
    let before = this.#sumBefore(from)
    for (let at = from; at < to; at++) {
      const sum = sums[at & MASK] as number
      const level = sum - before
      if (level < lowest || level > highest) return at
      before = sum
    }
    return to
  }

  /** Writes the times from one index up to another. */
  copyTimes(from: number, to: number, timesS: Float64Array): void {
    for (let at = from; at < to; at++) timesS[at - from] = this.timeS(at)
  }

  /** Writes the levels from one index up to another. */
  copyLevels(from: number, to: number, levels: Float64Array): void {
    const sums = this.#sums
    let before = this.#sumBefore(from)
    for (let at = from; at < to; at++) {
      const sum = sums[at & MASK] as number
      levels[at - from] = sum - before
      before = sum
    }
  }

  /**
   * Writes the output of the step filter from one index up to another, but for the division: the STEP_SAMPLES samples up to an
   * index less as many before them.
   */
  copySteps(from: number, to: number, steps: Float64Array): void {
    const sums = this.#sums
    for (let at = from; at < to; at++) {
      steps[at - from] =
        (sums[at & MASK] as number) -
        2 * (sums[(at - STEP_SAMPLES) & MASK] as number) +
        (sums[(at - 2 * STEP_SAMPLES) & MASK] as number)
    }
  }

  #correlation(lag: number): number {
    return this.#correlations[lag] as number
  }

  #sumBefore(index: number): number {
    return this.#sums[(index - 1) & MASK] as number
  }
}

const followed = (mean: number, sum: number): number => mean + CORRELATION_GAIN * (sum - mean)
