/** What stands between the cells of a line; a space is any white space. */
export type Delimiter = '\t' | ';' | ',' | ' ' | '->'
/** Between whole and fraction of a number. */
export type DecimalMark = '.' | ','

// Each character can be taken in one way only, so that a long cell that is no number is refused at once.
const NUMBERS = {
  '.': /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i,
  ',': /^[-+]?(\d+(,\d+)?|,\d+)(e[-+]?\d+)?$/i,
}
/** Words of instruments and programs for a value that is not there. */
const MISSING = /^([-+]?nan|null|none|n\/?a|-+|\?|1\.#(ind|qnan).*)$/i
/** And for one beyond the range: that of PicoScope is a sign, those of others are words. */
const OVER_RANGE = /^([-+]?)(∞|inf(inity)?|ovr|over|overload|ol|1\.#inf.*)$/i
/** `A0:512`, as sketches write for the plotter of the Arduino IDE. */
const LABELLED = /^([A-Za-z_][\w ]{0,40}?)\s*[:=]\s*(\S+)$/
const CLOCK = /^(?:(\d{1,3}):)?(\d{1,2}):(\d{2}(?:[.,]\d+)?)$/
const DATE = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})([.,]\d+)?(Z|[-+]\d{2}:?\d{2})?$/

/** One cell: a value, NaN where it says that there is none, infinite where it is beyond the range. */
export interface Cell {
  readonly value: number
  /** What stands before the value in the same cell. */
  readonly label?: string
  /** Times that are not in the unit of their column: seconds of a day, or whole ones since 1970. */
  readonly clock?: 'day' | 'date'
  /** To be added to the whole seconds of a date, as a double holds no nanoseconds since 1970. */
  readonly fractionS?: number
}

/** The cells of a line, without spaces and quotes around them. */
export function splitLine(line: string, delimiter: Delimiter): string[] {
  const cells = delimiter === ' ' ? line.trim().split(/\s+/) : line.split(delimiter)
  return cells.map((cell) =>
    cell
      .trim()
      .replace(/^["']|["']$/g, '')
      .trim(),
  )
}

/** Reads a cell; null where it is text, or empty. */
export function readCell(cell: string, mark: DecimalMark): Cell | null {
  const value = readValue(cell, mark)
  if (value !== null) return { value }
  const [, label, labelled = ''] = LABELLED.exec(cell) ?? []
  if (label === undefined) return readClock(cell)
  const labelledValue = readValue(labelled, mark)
  return labelledValue === null ? null : { value: labelledValue, label }
}

function readValue(cell: string, mark: DecimalMark): number | null {
  if (NUMBERS[mark].test(cell)) return Number(cell.replace(',', '.'))
  if (MISSING.test(cell)) return Number.NaN
  const [, sign] = OVER_RANGE.exec(cell) ?? []
  return sign === undefined ? null : sign === '-' ? -Infinity : Infinity
}

function readClock(cell: string): Cell | null {
  const [, hours = '0', minutes, seconds = ''] = CLOCK.exec(cell) ?? []
  if (minutes !== undefined) {
    const value = 3600 * Number(hours) + 60 * Number(minutes) + Number(seconds.replace(',', '.'))
    return { value, clock: 'day' }
  }
  const [, day, time, fraction = '', zone = 'Z'] = DATE.exec(cell) ?? []
  const value = Date.parse(`${day}T${time}${zone}`) / 1000
  const fractionS = Number(`0${fraction.replace(',', '.')}`)
  return Number.isNaN(value) ? null : { value, clock: 'date', fractionS }
}
