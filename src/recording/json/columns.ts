import { RecordingError } from '../errors.js'

/** Of all columns: 128 MiB. */
const MOST_NUMBERS = 2 ** 24
const CHUNK_NUMBERS = 2 ** 16

/** A column of numbers, in chunks, so that one that grows is never there twice. */
export class Column {
  readonly #chunks: Float64Array[] = []
  length = 0

  constructor(readonly name: string) {}

  push(value: number): void {
    const offset = this.length % CHUNK_NUMBERS
    if (offset === 0) this.#chunks.push(new Float64Array(CHUNK_NUMBERS))
    const chunk = this.#chunks.at(-1) as Float64Array
    chunk[offset] = value
    this.length++
  }

  /** NaN below its end. */
  at(row: number): number {
    const chunk = this.#chunks[Math.floor(row / CHUNK_NUMBERS)]
    return row < this.length ? (chunk?.[row % CHUNK_NUMBERS] ?? Number.NaN) : Number.NaN
  }
}

/** Holds columns until all are there: those of times may come last. */
export class Columns {
  #columns: Column[] = []
  #numbers = 0

  begin(name: string): void {
    this.#columns.push(new Column(name))
  }

  /** Adds to the column that was begun last. Throws RecordingError. */
  push(value: number): void {
    if (++this.#numbers > MOST_NUMBERS) {
      throw new RecordingError(
        'too-large',
        `there are more than ${MOST_NUMBERS} numbers in columns: give rows, which need no memory, or less`,
      )
    }
    this.#columns.at(-1)?.push(value)
  }

  /** Those that have numbers, which are then held no more. */
  take(): Column[] {
    const columns = this.#columns.filter(({ length }) => length > 0)
    this.#columns = []
    this.#numbers = 0
    return columns
  }
}
