import type { SampleBlock } from '../light/samples.js'

/** Samples, oldest first: when, in seconds, and the light, in the unit of its recording or in parts of full scale. */
export type Light = Pick<SampleBlock, 'timesS' | 'levels'>

/** Of 20,000 samples a second 105 s, more than the longest message at 60 Hz, and 32 MB. */
const MOST_SAMPLES = 2 ** 21
/** Samples that are nearer to each other are kept as their mean. */
export const SHORTEST_STEP_S = 50e-6
/** Of the darkness around a message. */
const MARGIN_S = 1

/** Keeps the newest light of a capture in bounded memory, so that the light of a message is there when it has been found. */
export class RecentLight {
  // A ring; its pages take no memory until they are written to.
  readonly #timesS: Float64Array
  readonly #levels: Float64Array
  /** Steps so far; the newest may still grow. */
  #count = 0
  #samplesInNewest = 0

  constructor(private readonly most = MOST_SAMPLES) {
    this.#timesS = new Float64Array(most)
    this.#levels = new Float64Array(most)
  }

  push({ timesS, levels }: Light): void {
    for (const [i, timeS] of timesS.entries()) {
      const level = levels[i] as number
      const newest = (this.#count - 1) % this.most
      if (this.#count > 0 && timeS < (this.#timesS[newest] as number) + SHORTEST_STEP_S) {
        const mean = this.#levels[newest] as number
        this.#levels[newest] = mean + (level - mean) / ++this.#samplesInNewest
        continue
      }
      this.#timesS[this.#count % this.most] = timeS
      this.#levels[this.#count % this.most] = level
      this.#count++
      this.#samplesInNewest = 1
    }
  }

  /** The light of a message, and of a second before and after it as far as it has come and is still kept. */
  around({ startS, endS }: { readonly startS: number; readonly endS: number }): Light {
    const oldest = Math.max(0, this.#count - this.most)
    const kept: number[] = [] // where in the ring
    for (let step = oldest; step < this.#count; step++) {
      const at = step % this.most
      const timeS = this.#timesS[at] as number
      if (timeS >= startS - MARGIN_S && timeS <= endS + MARGIN_S) kept.push(at)
    }
    return {
      timesS: Float64Array.from(kept, (at) => this.#timesS[at] as number),
      levels: Float64Array.from(kept, (at) => this.#levels[at] as number),
    }
  }
}
