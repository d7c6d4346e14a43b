import { type Cell, type DecimalMark, type Delimiter, readCell, splitLine } from './cells.js'
import { readTimebase, type Timebase } from './timebase.js'
import { bareUnit, type Heading, isUnit, readHeading } from './units.js'

/** So many lines of numbers in a row are data; a file that ends before has fewer. */
const DATA_LINES = 8
/** Between two lines of data: with a cell that is no number, a comment, the headings again. */
const MOST_OTHER_LINES = 3
const MOST_HEADING_LINES = 3
const COMMENT = /^\s*[#;%]+\s*/

/** Where the numbers of a table stand, and what they are. */
export interface Layout {
  readonly delimiter: Delimiter
  readonly mark: DecimalMark
  /** How many cells a line has. */
  readonly cells: number
  /** Which cell has the time; null where rows are `timebase.sampleS` apart, or nothing tells. */
  readonly timeCell: number | null
  /** Seconds in one unit of the times; null where the file does not tell. */
  readonly timeUnitS: number | null
  /** Told above the data; null where it is not. */
  readonly timebase: Timebase | null
  /** Which cells have values, in the order of the channels, and what is told of each. */
  readonly channels: readonly {
    readonly cell: number
    readonly name: string
    readonly unit: string | null
  }[]
}

/** A layout, and the index of the first line of data among those that were held. */
export interface FoundLayout {
  readonly layout: Layout
  readonly firstLine: number
}

interface Candidate {
  readonly delimiter: Delimiter
  readonly mark: DecimalMark
  /** The lines of numbers so far, one after another but for few others. */
  run: (Cell | null)[][]
  /** Index of the first of them. */
  start: number
  /** Lines after the last of them. */
  others: number
}

/** sigrok-cli 0.7.2 puts the values of the first of several analog channels before a table of them all, a line each. */
const SIGROK_ANALOG = /^[^:,;]{1,60}: [-+\d.e]+ [munµ]?[VAW]( [AD]C)?$/

/** Lines of a file that are held until they tell where its data are. */
export class LayoutFinder {
  readonly lines: string[] = []
  /** Before the others, and not held. */
  linesLeftOut = 0
  readonly #candidates: Candidate[] = (
    [
      ['\t', '.'],
      ['\t', ','],
      [';', '.'],
      [';', ','],
      ['->', '.'],
      [',', '.'],
      [' ', '.'],
      [' ', ','],
    ] as const
  ).map(([delimiter, mark]) => ({ delimiter, mark, run: [], start: 0, others: 0 }))

  /** Runs that were too short, for a file that has no longer one. */
  readonly #ended: Candidate[] = []

  /** Takes the next line; returns where the data are, as soon as it is told. */
  push(line: string): FoundLayout | null {
    if (SIGROK_ANALOG.test(line)) {
      this.linesLeftOut++
      return null
    }
    this.lines.push(line)
    if (line.trim() === '') return null
    for (const candidate of this.#candidates) this.#follow(candidate, line)
    const best = bestOf(this.#candidates)
    return best && best.run.length >= DATA_LINES ? this.#found(best) : null
  }

  /** What a file that has ended tells; null when no line has numbers. */
  end(): FoundLayout | null {
    const best = bestOf([...this.#ended, ...this.#candidates])
    return best && this.#found(best)
  }

  #follow(candidate: Candidate, line: string): void {
    const texts = splitLine(line, candidate.delimiter)
    const cells = texts.map((text) => readCell(text, candidate.mark))
    const isData =
      cells.some(isNumber) && cells.every((cell, n) => cell !== null || texts[n] === '')
    const isOver = isData
      ? candidate.run[0]?.length !== cells.length
      : ++candidate.others > MOST_OTHER_LINES
    if (isOver && candidate.run.length > 0) this.#ended.push({ ...candidate })
    if (isOver) candidate.run = []
    if (!isData) return
    if (candidate.run.length === 0) candidate.start = this.lines.length - 1
    candidate.run.push(cells)
    candidate.others = 0
  }

  #found(candidate: Candidate): FoundLayout {
    const numbered = numberedCells(candidate.run)
    const start = this.#startOf(candidate, numbered)
    const above = this.lines.slice(0, start)
    const layout = layoutOf(candidate, numbered, above)
    return { layout, firstLine: start }
  }

  /** Lines above that have text besides the same numbers are data, too: a Tektronix TDS puts its settings there. */
  #startOf({ delimiter, mark, run, start }: Candidate, numbered: readonly number[]): number {
    let first = start
    while (first > 0) {
      const cells = splitLine(this.lines[first - 1] ?? '', delimiter)
      const hasAll = numbered.every((cell) => readCell(cells[cell] ?? '', mark) !== null)
      if (cells.length !== run[0]?.length || !hasAll) return first
      first--
    }
    return first
  }
}

/** The longest run, and of equal ones that of most numbers; null where there is none. */
function bestOf(candidates: readonly Candidate[]): Candidate | null {
  const [best] = candidates
    .filter(({ run }) => run.length > 0)
    .sort((a, b) => b.run.length - a.run.length || numbersIn(b) - numbersIn(a))
  return best ?? null
}

const isNumber = (cell: Cell | null): boolean => cell !== null && !Number.isNaN(cell.value)

const numbersIn = ({ run }: Candidate): number => run[0]?.filter(isNumber).length ?? 0

/** The cells that have numbers. */
const numberedCells = (run: Candidate['run']): number[] =>
  (run[0] ?? []).flatMap((_, cell) => (run.some((row) => row[cell] !== null) ? [cell] : []))

function layoutOf(
  { delimiter, mark, run }: Candidate,
  numbered: readonly number[],
  above: readonly string[],
): Layout {
  const headings = readHeadings(above, delimiter, numbered, run[0]?.length ?? 0)
  const columns = numbered.map((cell, n): Column => {
    const values = run.map((row) => row[cell]?.value ?? Number.NaN)
    const { label, clock } = run.map((row) => row[cell]).find((first) => first) ?? {}
    return {
      cell,
      values,
      isClock: clock !== undefined,
      heading: headings?.[n] ?? { name: label ?? '', unit: null, timeUnitS: null, role: 'value' },
    }
  })
  const timebase = readTimebase(timebaseText(above, delimiter))
  const time = timeColumn(columns, timebase !== null)
  const likely = columns.filter((column, n) => isChannel(column, n, time))
  const channels = likely.length > 0 ? likely : columns.filter((column) => column !== time)
  return {
    delimiter,
    mark,
    cells: run[0]?.length ?? 0,
    timeCell: time?.cell ?? null,
    timeUnitS: time && timeUnitIn(time, timebase),
    timebase,
    channels: channels.map(({ cell, heading: { name, unit } }, n) => ({
      cell,
      name: name || `channel ${n + 1}`,
      unit,
    })),
  }
}

interface Column {
  readonly cell: number
  /** In the lines by which the data were found. */
  readonly values: readonly number[]
  readonly isClock: boolean
  readonly heading: Heading
}

function timeColumn(columns: readonly Column[], hasTimebase: boolean): Column | null {
  if (columns.length === 1) return null
  const named = columns.filter((column) => column.heading.role === 'time' && isRising(column, 1))
  const told =
    columns.find(({ isClock }) => isClock) ??
    named.find(({ heading }) => heading.timeUnitS !== null && !/trigger/i.test(heading.name)) ??
    named.find(({ heading }) => heading.timeUnitS !== null)
  if (told) return told
  // Of a table without headings, or with others than are known.
  const [first = null] = columns.filter(({ heading }) => heading.role !== 'index')
  const isTime =
    first?.heading.unit === null && !hasTimebase && isRising(first, 5) && !isConstant(first)
  const likely = named[0] ?? (isTime ? first : null)
  return likely && !(hasTimebase && isCounter(likely)) ? likely : null
}

function timeUnitIn(
  { isClock, heading, values }: Column,
  timebase: Timebase | null,
): number | null {
  if (isClock) return 1
  if (heading.timeUnitS !== null || !timebase) return heading.timeUnitS
  // Of a table of changes, too, no two rows are nearer than two samples.
  const steps = values.slice(1).map((value, n) => value - (values[n] as number))
  const least = Math.min(...steps.filter((step) => step > 0)) / timebase.sampleS
  return [1e-12, 1e-9, 1e-6, 1e-3].find((unitS) => unitS * least > 0.99) ?? 1
}

/** Whether values rise so many times as often as they fall, as a time may slip, or never fall, as a coarse clock may stand. */
function isRising({ values }: Column, times: number): boolean {
  const steps = values.slice(1).map((value, n) => value - (values[n] as number))
  const falls = steps.filter((step) => !(step >= 0)).length
  return falls === 0 || steps.filter((step) => step > 0).length > times * falls
}

/** Whether several lines have the same value. */
const isConstant = ({ values }: Column): boolean =>
  values.length > 1 && values.every((value) => value === values[0])

const isCounter = ({ values }: Column): boolean =>
  values.length > 1 && values.every((value, n) => value === (values[0] as number) + n)

function isChannel(column: Column, place: number, time: Column | null): boolean {
  const { heading, values } = column
  if (column === time || heading.timeUnitS !== null || column.isClock) return false
  if (place === 0 && isCounter(column) && heading.unit === null) return false
  // Of ngspice's wrdata, which writes the times before each vector.
  return !time || values.length === 1 || values.some((value, n) => value !== time.values[n])
}

/** The headings of the cells with numbers, from the lines above; null where none has as many. */
function readHeadings(
  above: readonly string[],
  delimiter: Delimiter,
  numbered: readonly number[],
  cells: number,
): Heading[] | null {
  let units: readonly string[] | null = null
  const nearest = above.filter((line) => line.trim() !== '').slice(-MOST_HEADING_LINES)
  for (const line of nearest.reverse()) {
    const texts = splitLine(line.replace(COMMENT, ''), delimiter)
    const filled = texts.filter((text) => text !== '')
    // A Rigol DS1000E puts a heading before those of its channels.
    const shift = texts.length === cells + 1 && filled.length === numbered.length + 1 ? 1 : 0
    const own = numbered.map((cell) => texts[cell + shift] ?? '')
    if (texts.length < cells || !own.some((text) => /\p{Letter}/u.test(text))) continue
    // A setting, or a sentence.
    if (own.some((text) => /[:=](\s|$)|\.$/.test(text))) continue
    if (units === null && own.every((text) => text === '' || isUnit(text))) units = own
    else return own.map((text, n) => readHeading(text, units?.[n]))
  }
  if (!units) return null
  const names = channelNames(above)
  return units.map((unit) => {
    const heading = readHeading(bareUnit(unit))
    return heading.role === 'value' ? { ...heading, name: names.shift() ?? heading.name } : heading
  })
}

/** Of all columns but that of the times, as a comment of sigrok-cli lists them above a line of units. */
function channelNames(above: readonly string[]): string[] {
  const [, names] = /^; Channels \(\d+\/\d+\): (.+)$/m.exec(above.join('\n')) ?? []
  return names?.split(', ') ?? []
}

/** The lines above the data, and as lines of their own the cells that stand below their names, as a Rigol DS1000Z has them. */
function timebaseText(above: readonly string[], delimiter: Delimiter): string {
  const rows = above.slice(-MOST_HEADING_LINES).map((line) => splitLine(line, delimiter))
  const pairs = rows.flatMap((names, n) =>
    names.map((name, cell) => `${name} ${rows[n + 1]?.[cell] ?? ''}`),
  )
  return [...above, ...pairs].join('\n')
}
