import { joined } from '../bytes.js'
import { RecordingError } from '../errors.js'
import type { FileFormat, FileReader } from '../format.js'
import type { Channel, ReadOptions, ValueBlock } from '../recording.js'
import { ChangesOnly } from './changes.js'
import { type FoundLayout, type Layout, LayoutFinder } from './layout.js'
import {
  afterLineEnd,
  endOfLine,
  isLineEnd,
  MOST_LINE_BYTES,
  NEWLINE,
  RETURN,
  RowReader,
  tooLong,
} from './rows.js'
import { lineText, ToUtf8 } from './to-utf8.js'

/** Lines of numbers, of whatever instrument or program wrote them. */
export const TABLE: FileFormat = {
  id: 'table',
  extensions: ['csv', 'txt', 'tsv', 'dat', 'log'],
  fits: () => true,
  open: (name, options) => new TableReader(name, options),
}

/** Longer than any preamble. */
const MOST_HEAD_LINES = 2000
const NO_SAMPLES = 'there are no samples: give a capture'
/** NULs before any number: they may have no end. */
const MOST_PADDING_BYTES = 1 << 20
/** Control characters but the tab. */
const CONTROLS = /[^\P{Cc}\t]/u

/**
 * Reads a table: streaming, in constant memory. Its data begin where lines in a row have as many numbers; what is above tells names,
 * units and the sample rate. Among them it leaves out lines of text, rows whose time is earlier than one before them,
 * and cells that are no number (NaN). A table of nothing but changes is held between them.
 *
 * What is read, and the error where there is one, does not depend on how the bytes are cut into pieces.
 */
export class TableReader implements FileReader {
  #channels: readonly Channel[] = []
  readonly #toUtf8 = new ToUtf8()
  /** The beginning of a line whose end has not come. */
  #begun: Uint8Array = new Uint8Array()
  #endsWithReturn = false
  readonly #finder = new LayoutFinder()
  #table: {
    readonly layout: Layout
    readonly rows: RowReader
    readonly changes: ChangesOnly
  } | null = null

  constructor(
    private readonly name: string,
    private readonly options: ReadOptions,
  ) {}

  get channels(): readonly Channel[] {
    return this.#channels
  }

  /**
   * Takes the next bytes.
   *
   * @returns the rows in the lines that end in them, read while it is iterated; those before a broken line come before
   *   its error
   * @throws RecordingError that names the line
   */
  *push(bytes: Uint8Array): Generator<ValueBlock> {
    yield* this.#untilFault(this.#read(this.#toUtf8.push(bytes)))
    if (!this.#table && this.#toUtf8.padding > MOST_PADDING_BYTES) this.#refuseHead()
  }

  /**
   * Ends the file; its last line may have no end.
   *
   * @throws RecordingError as `push`, and when there are no numbers
   */
  *end(): Generator<ValueBlock> {
    yield* this.#untilFault(this.#readEnd())
    if (this.#table) yield* this.#told(this.#table.changes.end())
  }

  /** What is held is told before a fault, too. */
  *#untilFault(blocks: Iterable<ValueBlock>): Generator<ValueBlock> {
    try {
      yield* blocks
    } catch (fault) {
      if (this.#table) yield* this.#told(this.#table.changes.end())
      throw fault
    }
  }

  *#readEnd(): Generator<ValueBlock> {
    yield* this.#read(this.#toUtf8.end())
    if (this.#begun.length > 0) yield* this.#read(Uint8Array.of(NEWLINE))
    if (!this.#table) yield* this.#begin(this.#finder.end() ?? this.#refuseHead())
    if (!this.#table?.rows.hasRows) throw new RecordingError('empty', NO_SAMPLES)
  }

  *#read(bytes: Uint8Array): Generator<ValueBlock> {
    if (bytes.length === 0) return
    let at = this.#endsWithReturn && bytes[0] === NEWLINE ? 1 : 0
    this.#endsWithReturn = bytes.at(-1) === RETURN
    let end = bytes.length
    while (end > at && !isLineEnd(bytes[end - 1] as number)) end--
    if (end > at && this.#begun.length > 0) {
      const rest = bytes.subarray(at, endOfLine(bytes, at) + 1)
      const line = joined([this.#begun, rest])
      at += rest.length
      // Of two bytes that end a line the other one would end another.
      if (rest.at(-1) === RETURN && bytes[at] === NEWLINE) at++
      yield* this.#readLines(line, 0, line.length)
      this.#begun = new Uint8Array()
    }
    yield* this.#readLines(bytes, at, end)
    // A copy, as what is begun must not keep all that came with it.
    this.#begun = joined([this.#begun, bytes.subarray(Math.max(at, end))])
    if (this.#begun.length > MOST_LINE_BYTES) this.#refuseLength()
  }

  /** Reads whole lines. */
  *#readLines(lines: Uint8Array, from: number, end: number): Generator<ValueBlock> {
    let at = from
    while (!this.#table && at < end) {
      const lineEnd = endOfLine(lines, at)
      if (lineEnd - at > MOST_LINE_BYTES) this.#refuseLength()
      const found = this.#finder.push(lineText(lines.subarray(at, lineEnd)))
      at = afterLineEnd(lines, lineEnd)
      if (found) yield* this.#begin(found)
      else if (this.#finder.lines.length > MOST_HEAD_LINES) this.#refuseHead()
    }
    const rows = this.#table?.rows
    while (rows && at < end) {
      yield* this.#taken(rows, () => {
        at = rows.read(lines, at, end)
      })
    }
  }

  *#begin({ layout, firstLine }: FoundLayout): Generator<ValueBlock> {
    const rows = new RowReader(layout, this.options, this.#finder.linesLeftOut + firstLine)
    this.#table = { layout, rows, changes: new ChangesOnly(layout.channels.length) }
    const held = this.#finder.lines.slice(firstLine)
    yield* this.#taken(rows, () => {
      for (const line of held) rows.readHeld(line)
    })
  }

  /** The rows that are read, before the fault that ends it. */
  *#taken(rows: RowReader, read: () => void): Generator<ValueBlock> {
    let fault: unknown
    try {
      read()
    } catch (error) {
      fault = error
    }
    const block = rows.takeBlock()
    if (block && this.#table) yield* this.#told(this.#table.changes.push(block))
    if (fault) throw fault
  }

  /** Blocks, of which the first tells that the channels are known. */
  *#told(blocks: Iterable<ValueBlock>): Generator<ValueBlock> {
    for (const block of blocks) {
      if (this.#table && this.#channels.length === 0) this.#channels = channelsOf(this.#table)
      yield block
    }
  }

  #refuseHead(): never {
    const { lines } = this.#finder
    if (lines.some((line) => CONTROLS.test(line))) {
      throw new RecordingError(
        'encoding',
        `${this.name} is no text, and no recording of a kind that is known: export it as CSV`,
      )
    }
    if (lines.every((line) => line.trim() === '')) {
      throw new RecordingError('empty', NO_SAMPLES)
    }
    throw new RecordingError(
      'format',
      `there are no lines of numbers in ${this.name}: give a time and a level on each line`,
    )
  }

  #refuseLength(): never {
    if (CONTROLS.test(lineText(this.#begun))) this.#refuseHead()
    const { linesLeftOut, lines } = this.#finder
    throw tooLong((this.#table?.rows.lineNumber ?? linesLeftOut + lines.length) + 1)
  }
}

function channelsOf({
  layout,
  changes,
}: {
  readonly layout: Layout
  readonly changes: ChangesOnly
}): Channel[] {
  return layout.channels.map(({ name, unit }, n) => ({
    name,
    unit,
    kind: unit === null && changes.isLogic(n) ? 'logic' : 'analog',
    fullScale: unit === '%' ? [0, 100] : null,
  }))
}
