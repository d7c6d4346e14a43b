import { seededRandom } from '../../src/channel/index.js'

/** Random choices that one seed makes. */
export class Dice {
  readonly random: () => number

  constructor(seed: number) {
    // Spread, as seeds that follow each other would begin alike.
    this.random = seededRandom(Math.imul(seed, 0x9e3779b1))
  }

  below(count: number): number {
    return Math.floor(count * this.random())
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.random()
  }

  oneOf<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T
  }

  /** Evenly in the logarithm: as many of 1 to 10 as of 100 to 1,000. */
  sizeUpTo(most: number): number {
    return Math.floor((most + 1) ** this.random()) - (this.random() < 0.1 ? 1 : 0)
  }
}
