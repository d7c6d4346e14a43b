import type { ValueBlock } from './recording.js'

export const ROWS = 4096

/** Makes blocks of 4,096 rows, however a reader cuts them, for each group of neighbouring channels. */
export class EvenRows {
  readonly #groups = new Map<number, Group>();

  /** Takes a block; returns those that it completes. */
  *push({ firstChannel, timesS, values }: ValueBlock): Generator<ValueBlock> {
    let group = this.#groups.get(firstChannel)
    if (!group) {
      group = new Group(firstChannel, values.length)
      this.#groups.set(firstChannel, group)
    }
    for (let from = 0; from < timesS.length; ) {
      const to = Math.min(timesS.length, from + ROWS - group.count)
      group.take(timesS.subarray(from, to), values, from)
      if (group.count === ROWS) yield group.block()
      from = to
    }
  }

  /** What is left of each group. */
  *end(): Generator<ValueBlock> {
    for (const group of this.#groups.values()) if (group.count > 0) yield group.block()
  }
}

class Group {
  count = 0
  #timesS = new Float64Array(ROWS)
  #values: Float64Array[]

  constructor(
    private readonly firstChannel: number,
    channels: number,
  ) {
    this.#values = Array.from({ length: channels }, () => new Float64Array(ROWS))
  }

  take(timesS: Float64Array, values: readonly Float64Array[], from: number): void {
    this.#timesS.set(timesS, this.count)
    for (const [n, own] of this.#values.entries()) {
      own.set((values[n] as Float64Array).subarray(from, from + timesS.length), this.count)
    }
    this.count += timesS.length
  }

  block(): ValueBlock {
    const { firstChannel, count } = this
    const timesS = this.#timesS.slice(0, count)
    const values = this.#values.map((own) => own.slice(0, count))
    this.count = 0
    return { firstChannel, timesS, values }
  }
}
