import { HeldMeans } from '../held.js'
import type { ValueBlock } from '../recording.js'

/** So many rows tell; fewer where the file ends, or more than three values were seen. */
const MOST_ROWS = 256
const LEAST_ROWS = 16
/** Those before the first change tell nothing, as long as there are no more. */
const MOST_SAME_ROWS = 2 ** 16
/** Black, grey and white. */
const MOST_VALUES = 3
/** Of the rows of a file that has nothing but changes: its first and last ones may change nothing. */
const MOST_UNCHANGED = 0.1

/**
 * Tells a table of samples from one of the changes of a few levels, as logic analysers write them, and evens out the latter:
 * changes are held until the next one.
 */
export class ChangesOnly {
  readonly #last: Float64Array
  readonly #seen: readonly Set<number>[]
  #held: ValueBlock[] = []
  #sameRows = 0
  #rows = 1
  #unchanged = 0
  #isKnown = false
  #means: HeldMeans | null = null

  constructor(channels: number) {
    this.#last = new Float64Array(channels).fill(Number.NaN)
    this.#seen = Array.from(this.#last, () => new Set())
  }

  /** Whether a channel had nothing but zeros and ones in the rows that told; or one of them, where all channels have no more. */
  isLogic(channel: number): boolean {
    const areBits = (seen: ReadonlySet<number>): boolean =>
      [...seen].every((value) => value === 0 || value === 1)
    const seen = this.#seen[channel] ?? new Set()
    if (seen.size === 2) return areBits(seen)
    return this.#seen.every(areBits) && this.#seen.some(({ size }) => size === 2)
  }

  /** @throws RecordingError as `HeldMeans` */
  *push(block: ValueBlock): Generator<ValueBlock> {
    if (this.#isKnown) {
      if (this.#means) yield* this.#means.push(block.timesS, block.values)
      else yield block
      return
    }
    this.#held.push(block)
    for (let row = 0; row < block.timesS.length && !this.#isKnown; row++) this.#follow(block, row)
    if (this.#isKnown) yield* this.#release()
  }

  *end(): Generator<ValueBlock> {
    if (!this.#isKnown) this.#decide()
    yield* this.#release()
    if (this.#means) yield* this.#means.end()
  }

  #follow({ values }: ValueBlock, row: number): void {
    let isChange = false
    let mostValues = 0
    for (const [channel, seen] of this.#seen.entries()) {
      const value = values[channel]?.[row] as number
      isChange ||= value !== this.#last[channel]
      this.#last[channel] = value
      mostValues = Math.max(mostValues, seen.add(value).size)
    }
    if (mostValues < 2 && ++this.#sameRows < MOST_SAME_ROWS) return
    this.#rows++
    if (!isChange) this.#unchanged++
    if (mostValues > MOST_VALUES) this.#isKnown = true
    else if (this.#rows === MOST_ROWS) this.#decide()
  }

  #decide(): void {
    this.#isKnown = true
    const mostUnchanged = 2 + MOST_UNCHANGED * this.#rows
    if (this.#rows < LEAST_ROWS || this.#unchanged > mostUnchanged) return
    this.#means = new HeldMeans(this.#seen.length)
  }

  *#release(): Generator<ValueBlock> {
    for (const block of this.#held.splice(0)) {
      if (this.#means) yield* this.#means.push(block.timesS, block.values)
      else yield block
    }
  }
}
