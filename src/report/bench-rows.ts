import { FIGURES, type Figure, type JudgedFigure, type Limit } from '../bench/figures.js'
import type { ReportRow } from './bench-report.js'

/** Figures in words, with their witness, uncertainty, limit and verdict, one a row. */
export function figureRows(figures: readonly JudgedFigure[]): ReportRow[] {
  return figures.map((figure) => {
    const { limit, verdict } = figure
    const judged = [limit && limitText(figure.name, limit), verdict?.toUpperCase()].filter(Boolean)
    return [
      nameText(figure),
      [valueText(figure), judged.length > 0 ? `(${judged.join(': ')})` : ''].join(' ').trimEnd(),
    ]
  })
}

/** Which figures failed and by how much, a sentence each. */
export const figureFindings = (figures: readonly JudgedFigure[]): string[] =>
  figures.flatMap((figure) =>
    figure.finding === null ? [] : [`${nameText(figure)}: ${figure.finding}`],
  )

/** Its name, and by whom it was measured, as one figure may have several witnesses. */
export const nameText = ({ name, witness }: Pick<Figure, 'name' | 'witness'>): string =>
  witness ? `${name} by ${witness}` : name

/** The value with its uncertainty, of which two digits are worth telling, and its unit. */
export function valueText({ name, value, uncertainty }: Figure): string {
  if (value === null) return 'not measured'
  const { unit } = FIGURES[name]
  if (!uncertainty) return withUnit(shortNumber(value), unit)
  const decimals = Math.min(12, Math.max(0, 1 - Math.floor(Math.log10(uncertainty))))
  const shown = value.toFixed(decimals).replace(/^-(?=[0.]*$)/, '') // nothing has no sign
  return withUnit(`${shown} ± ${uncertainty.toFixed(decimals)}`, unit)
}

/** What a figure may be. */
export function limitText(name: Figure['name'], [least, most]: Limit): string {
  const { unit, best } = FIGURES[name]
  const isFromBelow = least === -Infinity || (least === 0 && best === 'least')
  if (isFromBelow) return withUnit(`at most ${shortNumber(most)}`, unit)
  if (most === Infinity) return withUnit(`at least ${shortNumber(least)}`, unit)
  return withUnit(`${shortNumber(least)} to ${shortNumber(most)}`, unit)
}

/** Four digits say enough where nothing tells how many are true. */
export const shortNumber = (value: number): string =>
  Number.isInteger(value) ? `${value}` : `${Number(value.toPrecision(4))}`

/** A plain number, whose unit is 1, has none to tell. */
export const withUnit = (text: string, unit: string): string =>
  unit && unit !== '1' ? `${text} ${unit}` : text
