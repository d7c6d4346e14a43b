import { FARTHEST_S, type SampleBlock } from '../light/samples.js'
import { joined } from './bytes.js'
import { RecordingError } from './errors.js'
import type { FileFormat, FileReader } from './format.js'

/** Time and level, line by line. */
export const CSV: FileFormat = {
  name: 'csv',
  fits: () => true,
  open: () => new CsvReader(),
}

/** First line of a capture in CSV: time in seconds, level as a part of full scale. */
export const CSV_HEADER = 'time_s,level\n'

const PREFIXES = { '': 1, m: 1e-3, milli: 1e-3, u: 1e-6, µ: 1e-6, μ: 1e-6, micro: 1e-6 }
/** Seconds in one unit of a header's first cell, which ends in `_s`, `(ms)`, `[usec]`, `in seconds` and so on. */
const UNITS_S: ReadonlyMap<string, number> = new Map(
  Object.entries(PREFIXES).flatMap(([prefix, partS]) =>
    ['s', 'sec', 'secs', 'second', 'seconds'].map((word) => [prefix + word, partS] as const),
  ),
)

/** The lines of a block, six decimals of time (1 µs) and five of level. */
export function csvLines({ timesS, levels }: SampleBlock): string {
  let lines = ''
  for (let i = 0; i < timesS.length; i++) {
    lines += `${timesS[i]?.toFixed(6)},${levels[i]?.toFixed(5)}\n`
  }
  return lines
}

/** A longer line is no time and level, and may have no end. */
const MOST_LINE_BYTES = 1 << 16
const MOST_BLOCK_SAMPLES = 4096

/** Samples so far apart show no message: the slowest that is read has 5 symbols a second. */
const MOST_STEP_S = 0.2

const NEWLINE = 0x0a
const RETURN = 0x0d
const COMMA = 0x2c
const POINT = 0x2e
const ZERO = 0x30

/**
 * Reads a capture in CSV: streaming, in constant memory. A header is optional; times are in the unit of its first cell
 * (`time_s`, `time (ms)`, `t [us]`), and in seconds without one, where the first two samples must be near enough to each other. White
 * space around numbers and empty lines are ignored.
 *
 * The samples, and the error where there is one, do not depend on how the bytes are cut into pieces.
 */
export class CsvReader implements FileReader {
  readonly scaleV = null
  #unitS = 1
  #isUnitKnown = false
  #lineNumber = 0
  #lastS = Number.NEGATIVE_INFINITY
  /** The beginning of a line whose end has not come. */
  #begun: Uint8Array = new Uint8Array()
  #timesS = new Float64Array(MOST_BLOCK_SAMPLES)
  #levels = new Float64Array(MOST_BLOCK_SAMPLES)
  #count = 0;

  /**
   * Takes the next bytes.
   *
   * @returns the samples in the lines that end in them, read while it is iterated; those before a broken line come before
   *   its error
   * @throws RecordingError for anything but numbers in UTF-8, a level outside 0..1, times that do not increase, a line of
   *   more than 64 KiB, and without a header for a second sample 0.2 s or more after the first
   */
  *push(bytes: Uint8Array): Generator<SampleBlock> {
    const lines = joined([this.#begun, bytes])
    const end = lines.lastIndexOf(NEWLINE) + 1
    this.#begun = lines.subarray(end)
    yield* this.#read(lines.subarray(0, end))
    if (this.#begun.length > MOST_LINE_BYTES) this.#refuseLength(this.#lineNumber + 1)
  }

  /**
   * Ends the capture; its last line may have no newline.
   *
   * @throws RecordingError as `push`, and when there were no samples
   */
  *end(): Generator<SampleBlock> {
    yield* this.#read(joined([this.#begun, Uint8Array.of(NEWLINE)]))
    if (!this.#hasSamples) {
      throw new RecordingError('empty', 'there are no samples: give a capture')
    }
  }

  *#read(lines: Uint8Array): Generator<SampleBlock> {
    for (let at = 0; at < lines.length; ) {
      let fault: unknown
      try {
        while (at < lines.length && this.#count < MOST_BLOCK_SAMPLES) at = this.#readLine(lines, at)
      } catch (error) {
        fault = error
      }
      if (this.#count > 0) {
        yield {
          timesS: this.#timesS.slice(0, this.#count),
          levels: this.#levels.slice(0, this.#count),
        }
        this.#count = 0
      }
      if (fault) throw fault
    }
  }

  /** Reads the line that begins at `start`, and tells where the next one does. */
  #readLine(lines: Uint8Array, start: number): number {
    this.#lineNumber++
    const newline = lines.indexOf(NEWLINE, start)
    if (newline - start > MOST_LINE_BYTES) this.#refuseLength(this.#lineNumber)
    const end = newline > start && lines[newline - 1] === RETURN ? newline - 1 : newline
    let comma = start
    while (comma < end && lines[comma] !== COMMA) comma++
    const timeS = plainNumber(lines, start, comma) * this.#unitS
    const level = plainNumber(lines, comma + 1, end)
    if (timeS >= this.#lastS && timeS < FARTHEST_S && level <= 1) this.#take(timeS, level)
    else this.#readText(this.#toText(lines.subarray(start, end)))
    return newline + 1
  }

  #take(timeS: number, level: number): void {
    const isStep = this.#hasSamples && timeS > this.#lastS
    if (!this.#isUnitKnown && isStep) this.#confirmSeconds(timeS - this.#lastS)
    this.#lastS = timeS
    this.#timesS[this.#count] = timeS
    this.#levels[this.#count++] = level
  }

  get #hasSamples(): boolean {
    return this.#lastS > Number.NEGATIVE_INFINITY
  }

  #confirmSeconds(stepS: number): void {
    if (stepS >= MOST_STEP_S) {
      throw new RecordingError(
        'unit',
        `line ${this.#lineNumber}, column 1: name the unit of time in a header (time_s, time_ms or time_us): without one these are seconds, and the samples are ${Number(stepS.toPrecision(3))} s apart`,
      )
    }
    this.#isUnitKnown = true
  }

  #toText(line: Uint8Array): string {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(line)
    } catch (cause) {
      throw new RecordingError(
        'encoding',
        `line ${this.#lineNumber}: it is not text in UTF-8: give a time and a level on each line`,
        { cause },
      )
    }
  }

  /** Reads a line that is not just two plain numbers, and says what is wrong with it. */
  #readText(line: string): void {
    if (line.trim() === '') return
    const cells = line.split(',')
    const where = (column: number): string => `line ${this.#lineNumber}, column ${column}`
    const isFirst = !this.#isUnitKnown && !this.#hasSamples
    const headerUnitS = isFirst ? headerUnit(cells, where(1)) : null
    if (headerUnitS !== null) {
      this.#unitS = headerUnitS
      this.#isUnitKnown = true
      return
    }
    if (cells.length !== 2) {
      throw new RecordingError(
        'format',
        `${where(line.length + 1)}: give a time and a level, with one comma`,
      )
    }
    const [time = Number.NaN, level = Number.NaN] = cells.map(parseNumber)
    const levelColumn = line.indexOf(',') + 2
    if (Number.isNaN(time))
      throw new RecordingError('format', `${where(1)}: the time is not a number`)
    if (Number.isNaN(level)) {
      throw new RecordingError('format', `${where(levelColumn)}: the level is not a number`)
    }
    if (level < 0 || level > 1) {
      throw new RecordingError(
        'range',
        `${where(levelColumn)}: give the level as a part of full scale, 0 to 1`,
      )
    }
    const timeS = time * this.#unitS
    if (Math.abs(timeS) >= FARTHEST_S) {
      throw new RecordingError(
        'range',
        `${where(1)}: the time is farther than 10^10 s from zero: check its unit`,
      )
    }
    if (!(timeS >= this.#lastS)) {
      throw new RecordingError(
        'order',
        `${where(1)}: the time must not be earlier than the one before it`,
      )
    }
    this.#take(timeS, level)
  }

  #refuseLength(lineNumber: number): never {
    throw new RecordingError(
      'format',
      `line ${lineNumber}: it is longer than ${MOST_LINE_BYTES / 2 ** 10} KiB: give a time and a level on each line`,
    )
  }
}

/** Seconds in the unit of a header; null when the line is none. */
function headerUnit([first = '', second = '']: readonly string[], where: string): number | null {
  const isHeader = [first, second].every(
    (cell) => /\p{Letter}/u.test(cell) && Number.isNaN(parseNumber(cell)),
  )
  if (!isHeader) return null
  const [, unit = ''] = /(?:^|[^\p{Letter}])(\p{Letter}+)["')\]\s]*$/u.exec(first) ?? []
  const unitS = /^\s*["']?(t|time|zeit)["']?\s*$/i.test(first) ? 1 : UNITS_S.get(unit.toLowerCase())
  if (unitS === undefined) {
    throw new RecordingError(
      'unit',
      `${where}: name the unit of time in the header: time_s, time_ms or time_us`,
    )
  }
  return unitS
}

/**
 * The number in bytes that are digits and at most one point between them; NaN for any others, and where digits and power of
 * ten are not both exact in a double, so that their quotient would not be the nearest one.
 */
function plainNumber(bytes: Uint8Array, from: number, to: number): number {
  let value = 0
  let divisor = 0 // until the point
  for (let at = from; at < to; at++) {
    const digit = (bytes[at] as number) - ZERO
    if (digit >= 0 && digit <= 9) {
      value = 10 * value + digit
      divisor *= 10
    } else if (bytes[at] === POINT && divisor === 0 && at > from) divisor = 1
    else return Number.NaN
  }
  const isExact = from < to && value <= Number.MAX_SAFE_INTEGER && divisor <= 1e22
  return isExact ? value / (divisor || 1) : Number.NaN
}

// Each character can be taken in one way only, so that a long cell that is no number is refused at once.
const NUMBER = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i

function parseNumber(cell: string): number {
  return NUMBER.test(cell.trim()) ? Number(cell) : Number.NaN
}
