/** Times in seconds, and as many values of a channel in its own unit. */
export interface Samples {
  readonly timesS: Float64Array
  readonly values: Float64Array
}

const FIRST_CAPACITY = 4096

/** Times and values of the newest samples, as many as there is room for, to be read again. */
export class KeptSamples {
  #timesS = new Float64Array(FIRST_CAPACITY)
  #values = new Float64Array(FIRST_CAPACITY)
  /** Where the oldest one is. */
  #start = 0
  #count = 0

  /** @param most a power of two, from 4,096 on */
  constructor(private readonly most: number) {}

  /** Takes samples that are not older than those before; the oldest ones give way. */
  push({ timesS, values }: Samples): void {
    const from = Math.max(0, timesS.length - this.most)
    const taken = timesS.length - from
    if (this.#count + taken > this.#timesS.length) this.#grow(this.#count + taken)
    const capacity = this.#timesS.length
    const at = (this.#start + this.#count) % capacity
    const toEnd = Math.min(taken, capacity - at)
    this.#timesS.set(timesS.subarray(from, from + toEnd), at)
    this.#values.set(values.subarray(from, from + toEnd), at)
    this.#timesS.set(timesS.subarray(from + toEnd), 0)
    this.#values.set(values.subarray(from + toEnd), 0)
    const over = Math.max(0, this.#count + taken - capacity)
    this.#start = (this.#start + over) % capacity
    this.#count += taken - over
  }

  /** Forgets the samples up to a time. */
  dropUpTo(timeS: number): void {
    let kept = 0
    let dropped = this.#count
    // All after `dropped` are later, all before `kept` are not.
    while (kept < dropped) {
      const middle = (kept + dropped) >> 1
      if ((this.#timesS[(this.#start + middle) % this.#timesS.length] as number) > timeS) {
        dropped = middle
      } else kept = middle + 1
    }
    this.#start = (this.#start + dropped) % this.#timesS.length
    this.#count -= dropped
  }

  /** All that is kept, oldest first, in runs that are valid until the next `push`. */
  runs(): Samples[] {
    const end = this.#start + this.#count
    const capacity = this.#timesS.length
    const places = [
      [this.#start, Math.min(end, capacity)],
      [0, Math.max(0, end - capacity)],
    ] as const
    return places
      .filter(([from, to]) => to > from)
      .map(([from, to]) => ({
        timesS: this.#timesS.subarray(from, to),
        values: this.#values.subarray(from, to),
      }))
  }

  #grow(count: number): void {
    let capacity = this.#timesS.length
    while (capacity < Math.min(count, this.most)) capacity *= 2
    if (capacity === this.#timesS.length) return
    const runs = this.runs()
    this.#timesS = new Float64Array(capacity)
    this.#values = new Float64Array(capacity)
    this.#start = 0
    let at = 0
    for (const { timesS, values } of runs) {
      this.#timesS.set(timesS, at)
      this.#values.set(values, at)
      at += timesS.length
    }
  }
}
