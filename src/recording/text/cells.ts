import { measureOf } from './units.js'

/** What stands between the cells of a line; a space is any white space. */
export type Delimiter = '\t' | ';' | ',' | ' ' | '|'
/** Between whole and fraction of a number. */
export type DecimalMark = '.' | ','

// Each character can be taken in one way only, so that a long cell that is no number is refused at once.
const NUMBERS = {
  '.': /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i,
  ',': /^[-+]?(\d+(,\d+)?|,\d+)(e[-+]?\d+)?$/i,
}
/** Digits in threes, as spreadsheets show them. One three alone, behind a point or a comma, may as well be a fraction. */
const GROUPED = {
  '.': /^[-+]?\d{1,3}((['’\u00a0\u202f]\d{3})+|(,\d{3})+(?=\.)|(,\d{3}){2,})(\.\d*)?$/,
  ',': /^[-+]?\d{1,3}((['’\u00a0\u202f]\d{3})+|(\.\d{3})+(?=,)|(\.\d{3}){2,})(,\d*)?$/,
}
const HEXADECIMAL = /^0x[\da-f]{1,13}$/i
const HIGH = /^(true|high|on)$/i
const LOW = /^(false|low|off)$/i
/** Words of instruments and programs for a value that is not there. */
const MISSING = /^([-+]?nan|null|none|n\/?a|-{1,3}|\?|1\.#(ind|qnan).*)$/i
/** And for one beyond the range: that of PicoScope is a sign, those of others are words. */
const OVER_RANGE = /^([-+]?)(∞|inf(inity)?|ovr|over|overload|ol|1\.#inf.*)$/i
/** `A0:512`, as sketches write for the plotter of the Arduino IDE. */
const LABELLED = /^([A-Za-z_][\w ]{0,40}?)\s*[:=]\s*(\S.*)$/
/** `12.5 ms`, `0.3V` and `31 %`. */
const MEASURED = /^([-+]?[\d.,]*\d(?:e[-+]?\d+)?)\s*([^\d\s.,]{1,8})$/i
const DAY = String.raw`(?:\d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?:T|,? )|\d+ days?,? )`
const END_OF_CLOCK = String.raw`(?: ?([AP])M)?(?: ?UTC| ?GMT|Z|[-+]\d{2}:?\d{2})?`
const CLOCK = new RegExp(
  String.raw`^${DAY}?(?:(\d{1,3}):)?(\d{1,2}):(\d{2}(?:[.,]\d+)?)${END_OF_CLOCK}$`,
  'i',
)
/** What serial monitors put before each line: a time in brackets, or before a space or an arrow. */
const STAMP = new RegExp(
  String.raw`^\s*\[?(${DAY}?\d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?${END_OF_CLOCK})(?:\]:?|(?= (?!([AP]M|UTC|GMT)\b)|-?>))\s*(?:-?> *)?(?=\S)`,
  'i',
)
/** And the monitor of ESP-IDF: how serious it is, and milliseconds since the start. */
const TICKS = /^\s*[DEIVW] \((\d+)\) /
const COLOURS = /\p{Cc}\[[\d;]+m/gu
/** `(1234, 512)`, as Python prints a tuple. */
const BRACKETS = /^\s*[([]([^()[\]]*)[)\]],?\s*$/
const DATE = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})([.,]\d+)?(Z|[-+]\d{2}:?\d{2})?$/

/** One cell: a value, NaN where it says that there is none, infinite where it is beyond the range. */
export interface Cell {
  readonly value: number
  /** What stands before the value in the same cell. */
  readonly label?: string
  /** What stands after it. */
  readonly unit?: string
  /** Times that are not in the unit of their column: seconds, of a day or of anything, or whole ones since 1970. */
  readonly clock?: 'day' | 'date'
  /** To be added to the whole seconds of a date, as a double holds no nanoseconds since 1970. */
  readonly fractionS?: number
}

/** The cells of a line, without spaces and quotes around them; the first may be the stamp of a monitor. */
export function splitLine(line: string, delimiter: Delimiter): string[] {
  const text = line.replace(COLOURS, '').replaceAll('−', '-')
  const [stamp = '', clock] = STAMP.exec(text) ?? TICKS.exec(text) ?? []
  const cells = splitCells(text.slice(stamp.length), delimiter)
  if (clock === undefined) return cells
  return [/\D/.test(clock) ? clock : `${clock} ms`, ...cells]
}

function splitCells(text: string, delimiter: Delimiter): string[] {
  const line = text.replace(BRACKETS, '$1')
  if (!line.includes('"')) return cellsBetween(line, delimiter)
  // No text has NULs.
  const hidden = line.replace(/"[^"]*"/g, (quoted) =>
    quoted.replaceAll(delimiter === ' ' ? /\s/g : delimiter, '\0'),
  )
  return cellsBetween(hidden, delimiter).map((cell) => cell.replaceAll('\0', delimiter))
}

const cellsBetween = (line: string, delimiter: Delimiter): string[] =>
  (delimiter === ' ' ? line.trim().split(/\s+/) : line.split(delimiter)).map((cell) =>
    cell
      .trim()
      .replace(/^["']|["']$/g, '')
      .trim(),
  )

/** Reads a cell; null where it is text, or empty. */
export function readCell(cell: string, mark: DecimalMark): Cell | null {
  const measured = readMeasured(cell, mark) ?? readClock(cell)
  if (measured) return measured
  const [, label = '', labelled = ''] = LABELLED.exec(cell) ?? []
  const value = readMeasured(labelled, mark)
  return value && { ...value, label }
}

function readMeasured(cell: string, mark: DecimalMark): Cell | null {
  const value = readValue(cell, mark)
  if (value !== null) return { value }
  const [, digits = '', word = ''] = MEASURED.exec(cell) ?? []
  const amount = readValue(digits, mark)
  const measure = amount === null ? null : measureOf(word)
  if (amount === null || !measure) return null
  const { unit, part } = measure
  return { value: amount * part, ...(unit === 's' ? { clock: 'day' } : { unit }) }
}

function readValue(cell: string, mark: DecimalMark): number | null {
  if (NUMBERS[mark].test(cell)) return Number(cell.replace(',', '.'))
  if (MISSING.test(cell)) return Number.NaN
  if (HEXADECIMAL.test(cell)) return Number(cell)
  if (HIGH.test(cell)) return 1
  if (LOW.test(cell)) return 0
  if (GROUPED[mark].test(cell)) {
    const [whole = '', fraction = ''] = cell.split(mark)
    return Number(`${whole.replace(/[^-\d]/g, '')}.${fraction}`)
  }
  const [, sign] = OVER_RANGE.exec(cell) ?? []
  return sign === undefined ? null : sign === '-' ? -Infinity : Infinity
}

function readClock(cell: string): Cell | null {
  const dated = readDate(cell)
  if (dated) return dated
  const [, hours = '0', minutes, seconds = '', half] = CLOCK.exec(cell) ?? []
  if (minutes === undefined) return null
  const hour = half ? (Number(hours) % 12) + (half.toLowerCase() === 'p' ? 12 : 0) : Number(hours)
  return {
    value: 3600 * hour + 60 * Number(minutes) + Number(seconds.replace(',', '.')),
    clock: 'day',
  }
}

function readDate(cell: string): Cell | null {
  const [, day, time, fraction = '', zone = 'Z'] = DATE.exec(cell) ?? []
  const value = Date.parse(`${day}T${time}${zone}`) / 1000
  const fractionS = Number(`0${fraction.replace(',', '.')}`)
  return Number.isNaN(value) ? null : { value, clock: 'date', fractionS }
}
