const BUCKETS = 16

/**
 * Minimum and maximum of the last `spanS` seconds of samples, to the nearest sixteenth of the span,
 * in constant memory at any sample rate.
 */
export class SlidingRange {
  readonly #bucketS: number
  readonly #minima = new Float64Array(BUCKETS).fill(Infinity)
  readonly #maxima = new Float64Array(BUCKETS).fill(-Infinity)
  #bucket = 0
  #bucketEndS = -Infinity
  /** Infinity, as `max` is -Infinity, as long as there is no sample. */
  min = Infinity
  max = -Infinity

  constructor(spanS: number) {
    this.#bucketS = spanS / BUCKETS
  }

  push(timeS: number, level: number): void {
    if (timeS >= this.#bucketEndS) this.#advance(timeS)
    if (level < this.min) this.min = level
    if (level > this.max) this.max = level
    if (level < (this.#minima[this.#bucket] ?? 0)) this.#minima[this.#bucket] = level
    if (level > (this.#maxima[this.#bucket] ?? 0)) this.#maxima[this.#bucket] = level
  }

  clear(): void {
    this.#minima.fill(Infinity)
    this.#maxima.fill(-Infinity)
    this.min = Infinity
    this.max = -Infinity
  }

  #advance(timeS: number): void {
    const buckets = Math.floor((timeS - this.#bucketEndS) / this.#bucketS) + 1
    if (buckets >= BUCKETS) {
      this.clear()
      this.#bucketEndS = timeS + this.#bucketS
      return
    }
    for (let count = 0; count < buckets; count++) {
      this.#bucket = (this.#bucket + 1) % BUCKETS
      this.#minima[this.#bucket] = Infinity
      this.#maxima[this.#bucket] = -Infinity
    }
    this.#bucketEndS += buckets * this.#bucketS
    this.min = Math.min(...this.#minima)
    this.max = Math.max(...this.#maxima)
  }
}
