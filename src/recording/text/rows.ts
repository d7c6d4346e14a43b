import { RecordingError } from '../errors.js'
import type { ReadOptions, ValueBlock } from '../recording.js'
import { RowTimes } from '../row-times.js'
import { type Cell, readCell, splitLine } from './cells.js'
import type { Layout } from './layout.js'
import { NumberScanner } from './number.js'
import { lineText } from './to-utf8.js'

/** A longer line is no row, and may have no end. */
export const MOST_LINE_BYTES = 1 << 16
const MOST_BLOCK_ROWS = 4096
/** Lines of text, one after another, among the numbers: greetings, headings again, a footer. */
const MOST_TEXT_LINES = 1000
const DAY_S = 86_400

export const NEWLINE = 0x0a
export const RETURN = 0x0d
const TAB = 0x09
const SPACE = 0x20
const DOUBLE_QUOTE = 0x22
const COMMENT = /^\s*[#;%]/

const SKIPPED = -2
const TIME = -1

/** Reads the rows of a table whose layout is known. */
export class RowReader {
  /** Of the line that was read last, counted from 1. */
  lineNumber: number
  readonly #scanner: NumberScanner
  readonly #delimiter: number
  /** What each byte is within a line. */
  readonly #blanks: Uint8Array
  /** Of each cell up to the last that is wanted: `SKIPPED`, `TIME` or its channel. */
  readonly #roles: Int32Array
  readonly #isPlain: boolean
  readonly #times: RowTimes
  #timesS = new Float64Array(MOST_BLOCK_ROWS)
  readonly #values: readonly Float64Array[]
  #count = 0
  #newestS = Number.NEGATIVE_INFINITY
  #textLines = 0
  /** The first date in whole seconds since 1970, from which times are told; the days that clock times have passed. */
  #originS: number | null = null
  #daysS = 0

  /**
   * @param linesBefore how many lines of the file stand before the first row
   * @throws RecordingError where nothing tells the times
   */
  constructor(
    private readonly layout: Layout,
    options: ReadOptions,
    linesBefore: number,
  ) {
    const { delimiter, mark, timeCell, channels, timebase } = layout
    this.lineNumber = linesBefore
    this.#scanner = new NumberScanner(mark.charCodeAt(0))
    this.#delimiter = delimiter.charCodeAt(0)
    this.#blanks = blanksOf(this.#delimiter)
    this.#isPlain = delimiter !== mark
    const told = { hasTimes: timeCell !== null, unitS: layout.timeUnitS, timebase }
    this.#times = new RowTimes(told, options, (what, code) => this.#fault(code, what))
    const wanted = channels.map(({ cell }) => cell)
    const tellTimes = this.#times.sampleS === null
    if (tellTimes) wanted.push(timeCell as number)
    this.#roles = new Int32Array(Math.max(...wanted) + 1).fill(SKIPPED)
    if (tellTimes) this.#roles[timeCell as number] = TIME
    for (const [n, { cell }] of channels.entries()) this.#roles[cell] = n
    this.#values = channels.map(() => new Float64Array(MOST_BLOCK_ROWS))
  }

  /** The rows since the last call; null where there are none. */
  takeBlock(): ValueBlock | null {
    const count = this.#count
    this.#count = 0
    if (count === 0) return null
    return {
      firstChannel: 0,
      timesS: this.#timesS.slice(0, count),
      values: this.#values.map((values) => values.slice(0, count)),
    }
  }

  get hasRows(): boolean {
    return this.#times.hasRows
  }

  /**
   * Reads whole lines, until a block is full.
   *
   * @param bytes end at `to` with the end of a line
   * @returns where the next line begins
   * @throws RecordingError that names the line, after the rows before it were taken
   */
  read(bytes: Uint8Array, from: number, to: number): number {
    let start = from
    while (start < to && this.#count < MOST_BLOCK_ROWS) {
      this.lineNumber++
      const next = this.#isPlain ? this.#readPlain(bytes, start, to) : -1
      start = next >= 0 ? next : this.#readOdd(bytes, start)
    }
    return start
  }

  /** Reads a line of plain numbers, and tells where the next one begins; -1 where it has anything else. */
  #readPlain(bytes: Uint8Array, start: number, to: number): number {
    const roles = this.#roles
    const blanks = this.#blanks
    const scanner = this.#scanner
    const delimiter = this.#delimiter
    const count = this.#count
    const last = roles.length - 1
    let time = 0
    let at = start
    for (let cell = 0; ; cell++) {
      const role = roles[cell] as number
      while (blanks[bytes[at] as number] === BLANK) at++
      const isQuoted = bytes[at] === DOUBLE_QUOTE
      if (role === SKIPPED) {
        if (isQuoted) return -1 // there may be delimiters within
        while (bytes[at] !== delimiter && !isLineEnd(bytes[at] as number)) at++
      } else {
        at = scanner.read(bytes, isQuoted ? at + 1 : at, to)
        if (at < 0 || (isQuoted && bytes[at++] !== DOUBLE_QUOTE)) return -1
        if (blanks[bytes[at] as number] === INSIDE) return -1
        if (role === TIME) time = scanner.value
        else (this.#values[role] as Float64Array)[count] = scanner.value
        while (blanks[bytes[at] as number] === BLANK) at++
      }
      if (cell === last) break
      if (delimiter !== SPACE && bytes[at++] !== delimiter) return -1
    }
    const hasMore = this.layout.cells > roles.length
    for (; !isLineEnd(bytes[at] as number); at++) {
      if (!hasMore && blanks[bytes[at] as number] === INSIDE) return -1
    }
    if (at - start > MOST_LINE_BYTES) return -1
    this.#take(time * this.#times.unitS)
    return afterLineEnd(bytes, at)
  }

  /** Reads any other line, and tells where the next one begins. */
  #readOdd(bytes: Uint8Array, start: number): number {
    const end = endOfLine(bytes, start)
    if (end - start > MOST_LINE_BYTES) throw tooLong(this.lineNumber)
    this.#readText(lineText(bytes.subarray(start, end)))
    return afterLineEnd(bytes, end)
  }

  /** Reads a line that was held until the layout was known. */
  readHeld(line: string): void {
    this.lineNumber++
    this.#readText(line)
  }

  #readText(line: string): void {
    const { delimiter, mark, cells } = this.layout
    const texts = splitLine(line, delimiter)
    const read = texts.map((text) => readCell(text, mark))
    const isText = COMMENT.test(line) || read.every((cell) => cell === null)
    if (isText) {
      if (line.trim() !== '' && ++this.#textLines > MOST_TEXT_LINES) {
        throw this.#fault('format', 'it and a thousand lines before it have no numbers')
      }
      return
    }
    const needed = this.#roles.length
    const filled = texts.findLastIndex((text) => text !== '') + 1
    if (filled > Math.max(cells, needed) || texts.length < needed) {
      const hasNumber = read.some((cell) => cell && !cell.label && !Number.isNaN(cell.value))
      if (!hasNumber) return // a footer such as `Rows: 380`
      throw this.#fault(
        'format',
        `give ${cells} ${cells === 1 ? 'cell' : 'cells'}, as in the lines before it, not ${filled}`,
      )
    }
    let time: Cell | null = { value: 0 }
    for (const [n, role] of this.#roles.entries()) {
      const cell = read[n] ?? null
      if (role === TIME) time = cell
      else if (role >= 0)
        (this.#values[role] as Float64Array)[this.#count] = cell?.value ?? Number.NaN
    }
    if (time && !Number.isNaN(time.value)) this.#take(this.#toSeconds(time))
  }

  /** Dates are told from the second of the first one on; times of a day go on after midnight. */
  #toSeconds({ value, clock, fractionS = 0 }: Cell): number {
    if (!clock) return value * this.#times.unitS
    if (clock === 'date') {
      this.#originS ??= value
      return value - this.#originS + fractionS
    }
    const timeS = value + this.#daysS
    if (timeS > this.#newestS - DAY_S / 2) return timeS
    this.#daysS += DAY_S
    return timeS + DAY_S
  }

  /** Takes the row whose values are there, with the time that it tells. */
  #take(toldS: number): void {
    this.#textLines = 0
    const timeS = this.#times.next(toldS)
    if (Number.isNaN(timeS)) return
    this.#newestS = timeS
    this.#timesS[this.#count++] = timeS
  }

  #fault(code: 'format' | 'range' | 'order', what: string): RecordingError {
    return new RecordingError(code, `line ${this.lineNumber}: ${what}`)
  }
}

export const tooLong = (lineNumber: number): RecordingError =>
  new RecordingError(
    'format',
    `line ${lineNumber}: it is longer than ${MOST_LINE_BYTES / 2 ** 10} KiB: give a time and a level on each line`,
  )

/** What a byte is within a line: part of a cell, between two, or nothing that counts. */
const INSIDE = 0
const BETWEEN = 1
const BLANK = 2

function blanksOf(delimiter: number): Uint8Array {
  const kinds = new Uint8Array(256)
  for (const byte of [SPACE, TAB]) kinds[byte] = BLANK
  for (const byte of [NEWLINE, RETURN]) kinds[byte] = BETWEEN
  if (delimiter !== SPACE) kinds[delimiter] = BETWEEN
  return kinds
}

export const isLineEnd = (byte: number): boolean => byte === NEWLINE || byte === RETURN

export function endOfLine(bytes: Uint8Array, from: number): number {
  let at = from
  while (!isLineEnd(bytes[at] as number)) at++
  return at
}

export const afterLineEnd = (bytes: Uint8Array, at: number): number =>
  bytes[at] === RETURN && bytes[at + 1] === NEWLINE ? at + 2 : at + 1
