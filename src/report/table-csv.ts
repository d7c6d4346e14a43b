import type { ReportTable } from './bench-report.js'

/** A table as CSV (RFC 4180), its columns' names first; what is not known is empty. */
export function tableCsv({ columns, rows }: ReportTable): string {
  return [columns, ...rows].map(csvLine).join('')
}

/** A row as a line of CSV. */
export const csvLine = (cells: readonly (string | number | null)[]): string =>
  `${cells.map(cellText).join(',')}\n`

function cellText(cell: string | number | null): string {
  if (cell === null || Number.isNaN(cell)) return ''
  const text = `${cell}`
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
