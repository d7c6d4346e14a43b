import { student95 } from './statistics.js'

/** Neighbouring values, as one. */
export interface TrendBin {
  /** Times of its first and its last value. */
  readonly fromS: number
  readonly toS: number
  readonly count: number
  readonly min: number
  readonly mean: number
  readonly max: number
}

/** A value, and by how much it may be off with 95 % confidence; null where that is not known. */
export interface Uncertain {
  readonly value: number
  readonly uncertainty: number | null
}

/** Even, as they become pairs. */
const MOST_BINS = 128
/** Residuals of fewer tell nothing of whether one is like the one before. */
const LEAST_FOR_LIKENESS = 8
const HOUR_S = 3600

/**
 * What becomes of a value over hours or days, in constant memory: when its bins are full, each two neighbours become one. A mean and a slope allow
 * for values that are like the ones before them, as those of a lamp or of a warm LED are.
 */
export class Trend {
  #bins: TrendBin[] = []
  /** Values in each bin but the last, which may have fewer. */
  #width = 1

  /** @param timeS not before that of the value before */
  push(timeS: number, value: number): void {
    const one = { fromS: timeS, toS: timeS, count: 1, min: value, mean: value, max: value }
    const last = this.#bins.at(-1)
    if (last && last.count < this.#width) {
      this.#bins[this.#bins.length - 1] = merged(last, one)
      return
    }
    if (this.#bins.length === MOST_BINS) {
      this.#bins = pairs(this.#bins)
      this.#width *= 2
    }
    this.#bins.push(one)
  }

  /** In the order of time. */
  get bins(): readonly TrendBin[] {
    return this.#bins
  }

  /** All values as one bin; null for none. */
  get all(): TrendBin | null {
    const [first, ...others] = this.#bins
    return first ? others.reduce(merged, first) : null
  }

  /** Null without values. */
  get mean(): Uncertain | null {
    const { all } = this
    return (
      all &&
      uncertain(
        all.mean,
        this.#doubt(() => all.mean, 1),
      )
    )
  }

  /** Of the straight line that fits best; null for fewer than three values, or all at one time. */
  get perHour(): Uncertain | null {
    const { all } = this
    if (!all || this.#bins.length < 3) return null
    const middleS = this.#weighted(timeOf)
    const spreadOfTimes = this.#weighted((bin) => (timeOf(bin) - middleS) ** 2)
    if (spreadOfTimes === 0) return null
    const products = this.#weighted((bin) => (timeOf(bin) - middleS) * (bin.mean - all.mean))
    const perS = products / spreadOfTimes
    const doubt = this.#doubt((bin) => all.mean + perS * (timeOf(bin) - middleS), 2)
    return uncertain(HOUR_S * perS, doubt, HOUR_S / Math.sqrt(spreadOfTimes))
  }

  /** Mean over all values, each as that of its bin. */
  #weighted(of: (bin: TrendBin) => number): number {
    const sum = this.#bins.reduce((total, bin) => total + bin.count * of(bin), 0)
    return sum / this.#bins.reduce((total, { count }) => total + count, 0)
  }

  /**
   * How uncertain a line through the bins is, as an error of its height. Where each bin is like the one before it, there are
   * fewer independent ones.
   *
   * @param taken how many values the line was fitted by
   */
  #doubt(line: (bin: TrendBin) => number, taken: number): Doubt {
    const off = this.#bins.map((bin) => bin.mean - line(bin))
    const squares = off.reduce((sum, value) => sum + value * value, 0)
    const products = off.slice(1).reduce((sum, value, n) => sum + value * (off[n] as number), 0)
    const bins = off.length
    const isJudged = bins >= LEAST_FOR_LIKENESS && squares > 0
    // The plain estimate is about that much too low for values that are independent.
    const likeness = isJudged ? Math.min(0.99, Math.max(0, products / squares + taken / bins)) : 0
    const freedom = (bins * (1 - likeness)) / (1 + likeness) - taken
    return { freedom, standardError: Math.sqrt(squares / bins / freedom) }
  }
}

interface Doubt {
  readonly freedom: number
  readonly standardError: number
}

const timeOf = ({ fromS, toS }: TrendBin): number => (fromS + toS) / 2

function uncertain(value: number, { freedom, standardError }: Doubt, unit = 1): Uncertain {
  return { value, uncertainty: freedom < 1 ? null : unit * student95(freedom) * standardError }
}

function merged(a: TrendBin, b: TrendBin): TrendBin {
  const count = a.count + b.count
  return {
    fromS: a.fromS,
    toS: b.toS,
    count,
    min: Math.min(a.min, b.min),
    mean: a.mean + ((b.mean - a.mean) * b.count) / count,
    max: Math.max(a.max, b.max),
  }
}

const pairs = (bins: readonly TrendBin[]): TrendBin[] =>
  bins.flatMap((bin, n) => (n % 2 === 0 ? [merged(bin, bins[n + 1] as TrendBin)] : []))
