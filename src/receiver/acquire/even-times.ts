import type { SampleBlock } from '../../light/samples.js'

// Samples of one time that count; of a clock that stands still, the later ones do not.
const MOST_OF_ONE_TIME = 65_536
// A step of the clock after which more time has passed, by this factor, than samples usually take has a gap in it.
const LONGEST_STEP = 4

/**
 * Samples from a coarse clock, such as one of milliseconds: those that have the same time are spread evenly from it to the next
 * one, as the clock shows the last of its steps. The first of them keeps its time, so that it need not wait; the others
 * wait for the next time. Before a gap they are as far apart as before.
 */
export class EvenTimes {
  /** Time of the newest samples, and the levels of all but the first of them. */
  #timeS = Number.NaN
  #waiting: number[] = []
  /** Between two samples, as the last step of the clock had it. */
  #sampleS = Infinity

  /**
   * Takes samples with times that do not decrease; returns those that are known by now, with strictly increasing times.
   *
   * @param isIncreasing whether each time is later than the one before, the first one than all that were taken
   */
  push(block: SampleBlock, isIncreasing: boolean): SampleBlock {
    const { timesS, levels } = block
    if (this.#waiting.length === 0 && isIncreasing) {
      const newestS = timesS.at(-1)
      if (newestS === undefined) return block
      this.#sampleS = newestS - (timesS.at(-2) ?? this.#timeS) || Infinity
      this.#timeS = newestS
      return block
    }
    const times: number[] = []
    const known: number[] = []
    for (const [n, timeS] of timesS.entries()) {
      const level = levels[n] as number
      if (timeS === this.#timeS) {
        if (this.#waiting.length < MOST_OF_ONE_TIME) this.#waiting.push(level)
        continue
      }
      this.#spread(timeS, times, known)
      this.#timeS = timeS
      times.push(timeS)
      known.push(level)
    }
    return { timesS: Float64Array.from(times), levels: Float64Array.from(known) }
  }

  /** The samples that still wait, as far apart as those before; none where nothing tells how far that is. */
  end(): SampleBlock {
    const times: number[] = []
    const known: number[] = []
    if (Number.isFinite(this.#sampleS)) {
      this.#spread(this.#timeS + this.#sampleS * (this.#waiting.length + 1), times, known)
    }
    return { timesS: Float64Array.from(times), levels: Float64Array.from(known) }
  }

  #spread(nextS: number, timesS: number[], levels: number[]): void {
    const evenS = (nextS - this.#timeS) / (this.#waiting.length + 1)
    const isGap = evenS > LONGEST_STEP * this.#sampleS
    if (!isGap || this.#waiting.length === 0) this.#sampleS = evenS || Infinity
    for (const [n, level] of this.#waiting.entries()) {
      timesS.push(this.#timeS + (n + 1) * Math.min(evenS, this.#sampleS))
      levels.push(level)
    }
    this.#waiting = []
  }
}
