import { FARTHEST_S, type SampleBlock } from '../../receiver/samples.js'
import { RecordingError } from './errors.js'

/** First line of a capture in CSV: time in seconds, level as a part of full scale. */
export const CSV_HEADER = 'time_s,level\n'

/** Seconds in one unit of a header's first cell, which ends in `_s`, `(ms)`, `[us]` and so on. */
const UNITS_S: Readonly<Record<string, number>> = { s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, μs: 1e-6 }

/** The lines of a block, six decimals of time (1 µs) and five of level. */
export function csvLines({ timesS, levels }: SampleBlock): string {
  let lines = ''
  for (let i = 0; i < timesS.length; i++) {
    lines += `${timesS[i]?.toFixed(6)},${levels[i]?.toFixed(5)}\n`
  }
  return lines
}

/**
 * Reads a capture in CSV. A header is optional; times are in the unit of its first cell (`time_s`, `time (ms)`,
 * `t [us]`), and in seconds without one. White space around numbers and empty lines are ignored.
 *
 * @throws RecordingError for anything but numbers, a level outside 0..1, and times that do not increase
 */
export function parseCsv(text: string): SampleBlock {
  const timesS: number[] = []
  const levels: number[] = []
  let unitS = 1
  let isFirst = true
  let lineNumber = 0
  for (const line of lines(text)) {
    lineNumber++
    if (line.trim() === '') continue
    const cells = line.split(',')
    const where = (column: number): string => `line ${lineNumber}, column ${column}`
    const headerUnitS = isFirst ? headerUnit(cells, where(1)) : null
    isFirst = false
    if (headerUnitS !== null) {
      unitS = headerUnitS
      continue
    }
    if (cells.length !== 2) {
      throw new RecordingError(`${where(line.length + 1)}: give a time and a level, with one comma`)
    }
    const [time = Number.NaN, level = Number.NaN] = cells.map(parseNumber)
    const levelColumn = line.indexOf(',') + 2
    if (Number.isNaN(time)) throw new RecordingError(`${where(1)}: the time is not a number`)
    if (Number.isNaN(level)) {
      throw new RecordingError(`${where(levelColumn)}: the level is not a number`)
    }
    if (level < 0 || level > 1) {
      throw new RecordingError(
        `${where(levelColumn)}: give the level as a part of full scale, 0 to 1`,
      )
    }
    const timeS = time * unitS
    if (Math.abs(timeS) >= FARTHEST_S) {
      throw new RecordingError(
        `${where(1)}: the time is farther than 10^10 s from zero: check its unit`,
      )
    }
    if (!(timeS > (timesS.at(-1) ?? Number.NEGATIVE_INFINITY))) {
      throw new RecordingError(`${where(1)}: the time must be later than the one before it`)
    }
    timesS.push(timeS)
    levels.push(level)
  }
  if (timesS.length === 0) throw new RecordingError('there are no samples: give a capture')
  return { timesS: Float64Array.from(timesS), levels: Float64Array.from(levels) }
}

/** Seconds in the unit of a header; null when the line is none. */
function headerUnit([first = '', second = '']: readonly string[], where: string): number | null {
  const isHeader = [first, second].every(
    (cell) => /\p{Letter}/u.test(cell) && Number.isNaN(parseNumber(cell)),
  )
  if (!isHeader) return null
  const [, unit = ''] = /(?:^|[^\p{Letter}])(\p{Letter}+)["')\]\s]*$/u.exec(first) ?? []
  const unitS = /^\s*["']?(t|time|zeit)["']?\s*$/i.test(first) ? 1 : UNITS_S[unit.toLowerCase()]
  if (unitS === undefined) {
    throw new RecordingError(
      `${where}: name the unit of time in the header: time_s, time_ms or time_us`,
    )
  }
  return unitS
}

/** One line after the other: an array of all would take more memory than the text. */
function* lines(text: string): Generator<string> {
  for (let start = 0; start <= text.length; ) {
    const newline = text.indexOf('\n', start)
    const end = newline < 0 ? text.length : newline
    yield text.slice(start, end).replace(/\r$/, '')
    start = end + 1
  }
}

// Each character can be taken in one way only, so that a long cell that is no number is refused at once.
const NUMBER = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i

function parseNumber(cell: string): number {
  return NUMBER.test(cell.trim()) ? Number(cell) : Number.NaN
}
