import { RecordingError } from '../errors.js'
import type { Channel, ReadOptions, ValueBlock } from '../recording.js'
import { RowTimes } from '../row-times.js'
import { ChangesOnly } from '../text/changes.js'
import type { Timebase } from '../text/timebase.js'
import { type Heading, readHeading } from '../text/units.js'

const BLOCK_ROWS = 4096
/** Of pairs, by the definition of the published tuning firmware: times in µs, levels of 16 bits (docs/protocol.md section 4). */
const PAIR_UNIT_S = 1e-6
const PAIR_FULL = 65_535

/** What is known before the first row. */
export interface Layout {
  /** Of each cell, in the order of the rows; null where the file has none, as pairs have. */
  readonly names: readonly string[] | null
  readonly cells: number
  /** A rate that the file tells. */
  readonly timebase: Timebase | null
}

interface Column extends Heading {
  readonly cell: number
}

/** Makes blocks of rows of numbers, all channels of which are known by the first row. */
export class Rows {
  #channels: readonly Channel[] = []
  readonly #isPairs: boolean
  readonly #timeCell: number | null
  readonly #times: RowTimes
  readonly #columns: readonly Column[]
  readonly #changes: ChangesOnly
  readonly #timesS = new Float64Array(BLOCK_ROWS)
  readonly #values: readonly Float64Array[]
  #fullScales: Channel['fullScale'][] = []
  #count = 0

  /** @throws RecordingError where nothing tells the times, or there is nothing but times */
  constructor(
    { names, cells, timebase }: Layout,
    options: ReadOptions,
    fault: (what: string, code: 'range' | 'order') => RecordingError,
  ) {
    this.#isPairs = !names
    const columns = Array.from({ length: cells }, (_, cell) => ({
      ...headingOf(names, cell, cells),
      cell,
    }))
    const time = columns.find(({ role }) => role === 'time')
    this.#timeCell = time?.cell ?? null
    const told = { hasTimes: time !== undefined, unitS: time?.timeUnitS ?? null, timebase }
    this.#times = new RowTimes(told, options, fault)
    // A column that is called samples may be of values as well as of their numbers.
    const others = columns.filter((column) => column !== time)
    const values = others.filter(({ role }) => role === 'value')
    this.#columns = values.length > 0 ? values : others
    if (this.#columns.length === 0) throw noSamples()
    this.#values = this.#columns.map(() => new Float64Array(BLOCK_ROWS))
    this.#changes = new ChangesOnly(this.#columns.length)
  }

  /** Known when the first block comes. */
  get channels(): readonly Channel[] {
    return this.#channels
  }

  /** Whether there is a whole block to take. */
  get isFull(): boolean {
    return this.#count === BLOCK_ROWS
  }

  get hasRows(): boolean {
    return this.#times.hasRows
  }

  /**
   * Takes one row, unless its time is earlier than that of one before it.
   *
   * @param cells NaN where there is no value
   * @param areDates whether times are in seconds, whatever unit the file has
   * @throws RecordingError
   */
  add(cells: ArrayLike<number>, areDates: boolean): void {
    const told = cells[this.#timeCell ?? 0] ?? Number.NaN
    if (this.#times.sampleS === null && Number.isNaN(told)) return
    const timeS = this.#times.next(told * (areDates ? 1 : this.#times.unitS))
    if (Number.isNaN(timeS)) return
    this.#timesS[this.#count] = timeS
    for (const [n, { cell }] of this.#columns.entries()) {
      const values = this.#values[n] as Float64Array
      values[this.#count] = cells[cell] ?? Number.NaN
    }
    this.#count++
  }

  /** The rows since the last time. */
  *take(): Generator<ValueBlock> {
    const count = this.#count
    if (count === 0) return
    this.#count = 0
    const values = this.#values.map((values) => values.slice(0, count))
    if (this.#fullScales.length === 0)
      this.#fullScales = values.map((values, n) => this.#fullScaleOf(n, values))
    yield* this.#told(
      this.#changes.push({ firstChannel: 0, timesS: this.#timesS.slice(0, count), values }),
    )
  }

  /** What is left. */
  *end(): Generator<ValueBlock> {
    yield* this.take()
    yield* this.#told(this.#changes.end())
  }

  *#told(blocks: Iterable<ValueBlock>): Generator<ValueBlock> {
    for (const block of blocks) {
      if (this.#channels.length === 0) {
        this.#channels = this.#columns.map(({ name, unit }, n) => ({
          name,
          unit,
          kind: unit === null && this.#changes.isLogic(n) ? 'logic' : 'analog',
          fullScale: this.#fullScales[n] ?? null,
        }))
      }
      yield block
    }
  }

  /** Pairs are by definition of 16 bits, as far as their first block does not tell otherwise. */
  #fullScaleOf(channel: number, values: Float64Array): Channel['fullScale'] {
    if (this.#columns[channel]?.unit === '%') return [0, 100]
    const is16Bits = values.every(
      (value) => Number.isNaN(value) || (value >= 0 && value <= PAIR_FULL && value % 1 === 0),
    )
    return this.#isPairs && is16Bits && values.some((value) => value > 1) ? [0, PAIR_FULL] : null
  }
}

/** What a name says of its cell; without names the first of several is a time. */
function headingOf(names: readonly string[] | null, cell: number, cells: number): Heading {
  const name = names?.[cell] ?? ''
  if (name === '') {
    const isTime = !names && cell === 0 && cells > 1
    return {
      name: isTime ? 'time' : `channel ${isTime || cells === 1 || names ? cell + 1 : cell}`,
      unit: null,
      timeUnitS: isTime ? PAIR_UNIT_S : null,
      role: isTime ? 'time' : 'value',
    }
  }
  const heading = readHeading(name)
  // A name of one letter, such as v, is of a value as well as of volts.
  return name.length === 1 ? { ...heading, name, unit: null } : heading
}

export const noSamples = (): RecordingError =>
  new RecordingError('empty', 'there are no samples: give a capture')
