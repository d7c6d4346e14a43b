import type { Timebase } from './timebase.js'
import type { Heading } from './units.js'

/** The numbers in one cell of each line, and what is told of them. */
export interface Column {
  readonly cell: number
  /** In the lines by which the data were found. */
  readonly values: readonly number[]
  readonly isClock: boolean
  readonly heading: Heading
}

/** The column that has the times; null where none has. */
export function timeColumn(columns: readonly Column[], hasTimebase: boolean): Column | null {
  if (columns.length === 1 && !columns[0]?.isClock) return null
  const named = columns.filter((column) => column.heading.role === 'time' && isRising(column, 1))
  const clocks = columns.filter(({ isClock }) => isClock)
  const told =
    clocks.find((column) => isRising(column, 1) && !isConstant(column)) ??
    clocks[0] ??
    named.find(({ heading }) => heading.timeUnitS !== null && !/trigger/i.test(heading.name)) ??
    named.find(({ heading }) => heading.timeUnitS !== null)
  if (told) return told
  // Of a table without headings, or with others than are known.
  const [first = null] = columns.filter(
    (column) => column.heading.role !== 'index' || (!column.heading.name && !isCounter(column)),
  )
  const isTime =
    first?.heading.unit === null && !hasTimebase && isRising(first, 5) && !isConstant(first)
  const likely = named[0] ?? (isTime ? first : null)
  return likely && !(hasTimebase && isCounter(likely)) ? likely : null
}

/** Seconds in one unit of the times; null where the file does not tell. */
export function timeUnitIn(
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

/** Whether a column, the first of which has the place 0, is of values. */
export function isChannel(column: Column, place: number, time: Column | null): boolean {
  const { heading, values } = column
  if (column === time || heading.timeUnitS !== null || column.isClock) return false
  if (place === 0 && isCounter(column) && heading.unit === null) return false
  // Of ngspice's wrdata, which writes the times before each vector.
  return !time || values.length === 1 || values.some((value, n) => value !== time.values[n])
}
