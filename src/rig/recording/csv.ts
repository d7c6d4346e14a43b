import type { SampleBlock } from '../../receiver/samples.js'

/** A recording that cannot be read; the message names line and column. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError'
}

/** First line of a capture in CSV: time in seconds, level as a part of full scale. */
export const CSV_HEADER = 'time_s,level\n'

/** The lines of a block, six decimals of time (1 µs) and five of level. */
export function csvLines({ timesS, levels }: SampleBlock): string {
  let lines = ''
  for (let i = 0; i < timesS.length; i++) {
    lines += `${timesS[i]?.toFixed(6)},${levels[i]?.toFixed(5)}\n`
  }
  return lines
}

/**
 * Reads a capture in CSV, with or without the header; white space around numbers and empty lines are
 * ignored.
 *
 * @throws RecordingError for anything but two numbers a line, a level outside 0..1, and times that do not increase
 */
export function parseCsv(text: string): SampleBlock {
  const timesS: number[] = []
  const levels: number[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || (index === 0 && line.trim() === CSV_HEADER.trim())) continue
    const cells = line.split(',')
    const where = (column: number): string => `line ${index + 1}, column ${column}`
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
    if (time <= (timesS.at(-1) ?? Number.NEGATIVE_INFINITY)) {
      throw new RecordingError(`${where(1)}: the time must be later than the one before it`)
    }
    timesS.push(time)
    levels.push(level)
  }
  if (timesS.length === 0) throw new RecordingError('there are no samples: give a capture')
  return { timesS: Float64Array.from(timesS), levels: Float64Array.from(levels) }
}

function parseNumber(cell: string): number {
  return /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(cell) ? Number(cell) : Number.NaN
}
