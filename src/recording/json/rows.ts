import { FARTHEST_S } from '../../light/samples.js'
import { RecordingError } from '../errors.js'
import type { Channel, ReadOptions, ValueBlock } from '../recording.js'
import { ChangesOnly } from '../text/changes.js'
import type { Timebase } from '../text/timebase.js'
import { type Heading, readHeading } from '../text/units.js'

const BLOCK_ROWS = 4096
/** Rows whose times are earlier than one before them, one after another, are no slip: another capture begins. */
const MOST_LATE_ROWS = 16
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
  readonly #unitS: number
  readonly #sampleS: number | null
  readonly #startS: number
  readonly #columns: readonly Column[]
  readonly #changes: ChangesOnly
  readonly #timesS = new Float64Array(BLOCK_ROWS)
  readonly #values: readonly Float64Array[]
  #fullScales: Channel['fullScale'][] = []
  #count = 0
  #rows = 0
  #newestS = Number.NEGATIVE_INFINITY
  #lateRows = 0

  /** @throws RecordingError where nothing tells the times, or there is nothing but times */
  constructor(
    { names, cells, timebase }: Layout,
    { sampleRateHz, timeUnitS }: ReadOptions,
    private readonly fault: (what: string, code: 'range' | 'order') => RecordingError,
  ) {
    this.#isPairs = !names
    const columns = Array.from({ length: cells }, (_, cell) => ({
      ...headingOf(names, cell, cells),
      cell,
    }))
    const time = columns.find(({ role }) => role === 'time')
    this.#timeCell = time?.cell ?? null
    this.#unitS = timeUnitS ?? time?.timeUnitS ?? 1
    this.#sampleS = sampleRateHz ? 1 / sampleRateHz : time ? null : (timebase?.sampleS ?? null)
    this.#startS = sampleRateHz ? 0 : (timebase?.startS ?? 0)
    if (this.#sampleS === null && !time) {
      throw new RecordingError(
        'rate',
        'the file tells neither times nor a sample rate: give the sample rate',
      )
    }
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
    return this.#rows > 0
  }

  /**
   * Takes one row, unless its time is earlier than that of one before it.
   *
   * @param cells NaN where there is no value
   * @param areDates whether times are in seconds, whatever unit the file has
   * @throws RecordingError
   */
  add(cells: ArrayLike<number>, areDates: boolean): void {
    const timeS = this.#timeOf(cells, areDates ? 1 : this.#unitS)
    if (Number.isNaN(timeS)) return
    if (!(Math.abs(timeS) < FARTHEST_S)) {
      throw this.fault('the time is farther than 10^10 s from zero: check its unit', 'range')
    }
    if (timeS < this.#newestS) {
      if (++this.#lateRows < MOST_LATE_ROWS) return
      throw this.fault(
        `the times of ${MOST_LATE_ROWS} rows are earlier than one before them: give one capture at a time`,
        'order',
      )
    }
    this.#lateRows = 0
    this.#newestS = timeS
    this.#timesS[this.#count] = timeS
    for (const [n, { cell }] of this.#columns.entries()) {
      const values = this.#values[n] as Float64Array
      values[this.#count] = cells[cell] ?? Number.NaN
    }
    this.#count++
    this.#rows++
  }

  #timeOf(cells: ArrayLike<number>, unitS: number): number {
    if (this.#sampleS !== null) return this.#startS + this.#rows * this.#sampleS
    return ((cells[this.#timeCell ?? 0] as number) ?? Number.NaN) * unitS
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
