import type { SampleBlock } from '../../light/samples.js'

/** The newest samples, as many as it has room for. */
export class SampleRing {
  readonly #timesS: Float64Array
  readonly #levels: Float32Array
  /** Of all that ever came. */
  #count = 0

  constructor(readonly capacity: number) {
    this.#timesS = new Float64Array(capacity)
    this.#levels = new Float32Array(capacity)
  }

  get newestS(): number | null {
    return this.#count === 0 ? null : (this.#timesS[(this.#count - 1) % this.capacity] as number)
  }

  push({ timesS, levels }: SampleBlock): void {
    for (let n = 0; n < timesS.length; n++) {
      const at = this.#count++ % this.capacity
      this.#timesS[at] = timesS[n] as number
      this.#levels[at] = levels[n] as number
    }
  }

  /** The samples from one time to another, both included, as far as they are still there. */
  between(fromS: number, toS: number): SampleBlock {
    const oldest = Math.max(0, this.#count - this.capacity)
    const first = this.#search(oldest, (timeS) => timeS >= fromS)
    const end = this.#search(first, (timeS) => timeS > toS)
    const timesS = new Float64Array(end - first)
    const levels = new Float64Array(end - first)
    for (let n = 0; n < timesS.length; n++) {
      timesS[n] = this.#timesS[(first + n) % this.capacity] as number
      levels[n] = this.#levels[(first + n) % this.capacity] as number
    }
    return { timesS, levels }
  }

  /** The index of the first sample from `low` on whose time is like that: all after it are, too. */
  #search(low: number, isLike: (timeS: number) => boolean): number {
    let [from, to] = [low, this.#count]
    while (from < to) {
      const middle = Math.floor((from + to) / 2)
      if (isLike(this.#timesS[middle % this.capacity] as number)) to = middle
      else from = middle + 1
    }
    return from
  }
}
