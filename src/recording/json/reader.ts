import { type FileFormat, type FileReader, HEAD_BYTES } from '../format.js'
import type { Channel, ReadOptions, ValueBlock } from '../recording.js'
import { readCell } from '../text/cells.js'
import { readTimebase } from '../text/timebase.js'
import { ToUtf8 } from '../text/to-utf8.js'
import { Columns } from './columns.js'
import { Container, MOST_CELLS } from './container.js'
import { noSamples, Rows } from './rows.js'
import { JsonScanner } from './scanner.js'

/** As many bytes are held at once, and what was begun before them. */
const PIECE_BYTES = 1 << 16
const MOST_SETTINGS_LETTERS = 1 << 12
/** As much of what is in the outermost brackets as tells whether it is JSON. */
const FIRST_LETTERS = 64
const MARKS = /^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)/
const OBJECT = /^(["}]|$)/
// A table may have lines that begin with a time or a unit in brackets.
const ARRAY = /^(["[\]{]|$|([-+.\deE]+|null|true|false|NaN)\s*([,\]]|$))/
/** One array of numbers, which ends or not; more of them after it are lines of a table. */
const NUMBERS = /^[^\][{}"]*(\]\s*)?$/
const LINES_OF_NUMBERS = /^[^\][{}"]*\]\s*\[/

/** Numbers in JSON: pairs, objects with keys, or columns. */
export const JSON_NUMBERS: FileFormat = {
  id: 'json',
  extensions: ['json', 'jsonl', 'ndjson'],
  fits: (head, isWhole) => {
    const isAll = isWhole || head.length === HEAD_BYTES
    const text = head.replace(MARKS, '').replaceAll('\0', '').trimStart()
    if (/^[\xef\xbb\xff\xfe]{0,2}$/.test(text)) return isAll ? false : null
    if (!/^[[{]/.test(text)) return false
    const inside = text.slice(1).trimStart()
    if (inside.length < FIRST_LETTERS && !isAll) return null
    if (text.startsWith('{')) return OBJECT.test(inside)
    if (!ARRAY.test(inside) || LINES_OF_NUMBERS.test(inside)) return false
    return NUMBERS.test(inside) && !isAll ? null : true
  },
  open: (_name, options) => new JsonReader(options),
}

/**
 * Reads numbers in JSON: streaming, in constant memory, rows that are arrays, as the published tuning firmware makes them (a time
 * in µs and a level of 0 to 65,535, docs/protocol.md section 4), or objects with keys; in an array, or objects one after another.
 * Columns, one array for each key, have all to be seen first: 2^24 numbers at most.
 *
 * The first row tells the keys. Times whose key has no unit, as `time_ms` has one, are seconds. What is no number is a gap.
 */
class JsonReader implements FileReader {
  readonly #toUtf8 = new ToUtf8()
  readonly #scanner = new JsonScanner()
  /** Those that have begun, by their depth. */
  readonly #containers: Container[] = []
  readonly #columns = new Columns()
  #rows: Rows | null = null
  /** Whether rows are objects; null where they are columns. */
  #areObjects: boolean | null = null
  /** A row of texts above the others. */
  #headings: readonly string[] | null = null
  /** Numbers that may be in no row, as lines of names and values. */
  #settings = ''
  /** The first date, from which times are told; null where times are no dates. */
  #originS: number | null = null

  constructor(private readonly options: ReadOptions) {}

  get channels(): readonly Channel[] {
    return this.#rows?.channels ?? []
  }

  *push(bytes: Uint8Array): Generator<ValueBlock> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      this.#scanner.push(this.#toUtf8.push(bytes.subarray(at, at + PIECE_BYTES)))
      yield* this.#untilFault()
    }
  }

  *end(): Generator<ValueBlock> {
    this.#scanner.push(this.#toUtf8.end())
    this.#scanner.end()
    yield* this.#untilFault()
    if (!this.#rows?.hasRows) throw noSamples()
    yield* this.#rows.end()
  }

  /** What came before a fault is told before it. */
  *#untilFault(): Generator<ValueBlock> {
    try {
      yield* this.#read()
    } catch (fault) {
      try {
        yield* this.#takeColumns()
        if (this.#rows) yield* this.#rows.end()
      } catch {
        // The first fault is the one to tell.
      }
      throw fault
    }
  }

  *#read(): Generator<ValueBlock> {
    const scanner = this.#scanner
    for (;;) {
      const token = scanner.next()
      switch (token) {
        case 'more':
        case 'end':
          return
        case '[':
        case '{':
          this.#open(token === '{')
          break
        case 'key':
          this.#innermost().takeKey(scanner.text)
          break
        case 'number':
          this.#take(scanner.value)
          break
        case 'text':
          this.#takeText(scanner.text)
          break
        default:
          this.#close(this.#containers[scanner.depth + 1] as Container)
          if (this.#rows?.isFull) yield* this.#rows.take()
          if (scanner.depth === 0) yield* this.#takeColumns()
      }
    }
  }

  #innermost(): Container {
    const container = this.#containers[this.#scanner.depth]
    if (this.#scanner.depth === 0 || !container) {
      throw this.#scanner.fault('give numbers in an array or an object')
    }
    return container
  }

  #open(isObject: boolean): void {
    const { depth } = this.#scanner
    const parent = depth > 1 ? this.#containers[depth - 1] : undefined
    const container = this.#containers[depth] ?? new Container()
    this.#containers[depth] = container
    container.begin(isObject, parent?.isObject === false)
    if (parent) parent.hasInner = true
    if (isColumn(container)) this.#columns.begin(parent?.key ?? '')
  }

  #take(value: number): void {
    const container = this.#innermost()
    if (isColumn(container)) {
      this.#columns.push(value)
      return
    }
    if (!container.push(value)) {
      throw this.#scanner.fault(
        `a row has more than ${MOST_CELLS} numbers: give columns with names`,
      )
    }
    const isSetting = container.isObject && !container.isInArray
    if (isSetting && this.#settings.length < MOST_SETTINGS_LETTERS) {
      this.#settings += `${container.key},${value}\n`
    }
  }

  #takeText(text: string): void {
    const cell = readCell(text.trim(), '.')
    if (!cell || cell.label !== undefined) this.#innermost().texts.push(text)
    else if (!cell.clock) this.#take(cell.value)
    else {
      this.#originS ??= cell.value
      this.#take(cell.value - this.#originS + (cell.fractionS ?? 0))
    }
  }

  #close(container: Container): void {
    const { isObject, isInArray, count, texts } = container
    const isRow = isInArray || (isObject && this.#scanner.depth === 0 && !container.hasInner)
    if (!isRow) return
    if (count > 0) this.#takeRow(container)
    else if (!isObject && texts.length > 0 && !this.#rows) this.#headings = texts
  }

  #takeRow({ isObject, hasInner, names, cells, count }: Container): void {
    if (!this.#rows) {
      this.#areObjects = isObject
      this.#begin(isObject ? [...names] : this.#headings, isObject ? names.length : count)
    } else if (this.#areObjects !== isObject) {
      // What the rows are in has settings beside them.
      if (hasInner) return
      throw this.#scanner.fault('a row is no array or object like the first: give all rows alike')
    }
    this.#rows?.add(cells, this.#originS !== null)
  }

  #begin(names: readonly string[] | null, cells: number): void {
    this.#rows = new Rows(
      { names, cells, timebase: readTimebase(this.#settings) },
      this.options,
      (what, code) => this.#scanner.fault(what, code),
    )
  }

  /** Columns beside rows are settings. */
  *#takeColumns(): Generator<ValueBlock> {
    const columns = this.#columns.take()
    if (columns.length === 0 || this.#areObjects !== null) return
    if (!this.#rows) {
      const names = columns.map(({ name }) => name)
      this.#begin(names, names.length)
    }
    const cells = new Float64Array(columns.length)
    const length = Math.max(...columns.map((column) => column.length))
    for (let row = 0; row < length && this.#rows; row++) {
      for (let n = 0; n < columns.length; n++) cells[n] = columns[n]?.at(row) ?? Number.NaN
      this.#rows.add(cells, this.#originS !== null)
      if (this.#rows.isFull) yield* this.#rows.take()
    }
  }
}

/** Whether it is an array that may be all numbers of one key. */
const isColumn = ({ isObject, isInArray }: Container): boolean => !isObject && !isInArray
