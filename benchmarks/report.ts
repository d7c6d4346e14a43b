import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { markdownTable, withBlock } from '../manual/markdown.js'

export type Row = Readonly<Record<string, string | number | boolean>>

/** Tables by their titles. */
export type Tables = Readonly<Record<string, readonly Row[]>>

/** The machine that the figures are from. */
export function machine(): Row {
  const [first] = cpus()
  return {
    cpu: first?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  }
}

const FIGURES = new URL('../docs/figures.md', import.meta.url)

/** Prints tables for people; with `--json` one JSON document for machines; with `--write` puts them into docs/figures.md. */
export function report(schema: string, tables: Tables): void {
  progress('')
  if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ schema, machine: machine(), ...tables }, null, 2)}\n`)
    return
  }
  const from = `machine: ${Object.values(machine()).join(', ')}`
  if (process.argv.includes('--write')) {
    const date = new Date().toISOString().slice(0, 10)
    const text = Object.entries(tables).map(([title, rows]) => `**${title}**\n\n${tableOf(rows)}`)
    const block = [`_${date}; ${from}_`, ...text].join('\n\n')
    writeFileSync(FIGURES, withBlock(readFileSync(FIGURES, 'utf8'), schema, block))
    return
  }
  console.log(from)
  for (const [title, rows] of Object.entries(tables)) {
    console.log(`\n${title}`)
    console.table(rows)
  }
}

/** The columns are all keys that any of the rows has. */
function tableOf(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return markdownTable(
    columns,
    rows.map((row) => columns.map((column) => row[column] ?? '')),
  )
}

/** Shows on a terminal what is being done, in place of what was shown before. */
export function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${what}\x1b[K`)
}

/** Median, 99th percentile and maximum, which a benchmark quotes together. */
export function quantiles(values: readonly number[]): { median: number; p99: number; max: number } {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (part: number): number => sorted[Math.ceil(part * sorted.length) - 1] ?? Number.NaN
  return { median: at(0.5), p99: at(0.99), max: at(1) }
}

export const round = (value: number, digits: number): number => Number(value.toFixed(digits))
