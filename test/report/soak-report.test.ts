import { describe, expect, test } from 'vitest'
import { judgeFigures, type Limits } from '../../src/bench/figures.js'
import type { Soaked } from '../../src/bench/soak.js'
import { SoakTally, soakFigures } from '../../src/bench/soak-tally.js'
import type { VerdictFailure } from '../../src/bench/verdict.js'
import { type SoakRun, soakReport, soakVerdict } from '../../src/report/soak-report.js'
import { RigError } from '../../src/rig/errors.js'
import { loopbackReport } from '../helpers/loopback-report.js'

const UNPLUGGED = new RigError('unplugged', 'the board was unplugged: plug it in')

interface Course {
  readonly messages: number
  readonly failures?: Readonly<Record<number, VerdictFailure>>
  readonly errors?: readonly RigError[]
  readonly stoppedBy?: unknown
  readonly limits?: Limits
}

function run({
  messages,
  failures = {},
  errors = [],
  stoppedBy = null,
  limits = {},
}: Course): SoakRun {
  const tally = new SoakTally()
  for (let n = 0; n < messages; n++) {
    const report = loopbackReport({ reason: failures[n] ?? null, margin: 0.8 + (n % 5) / 100 })
    tally.add(report, [10 * n, 10 * n + 5])
  }
  for (const error of errors) tally.addError(error)
  const soaked: Soaked = { ...tally.result, stoppedBy }
  return { soaked, figures: judgeFigures(soakFigures(soaked), limits) }
}

const report = (course: Course) => soakReport(run(course), [['rig', 'emulated']], new Date(0))

describe('the verdict', () => {
  test.each<[verdict: string, course: Course, first: string]>([
    ['pass', { messages: 100 }, '100 of 100 messages passed: with 95 % confidence 96.4 to 100.0 %'],
    [
      'fail',
      { messages: 100, failures: { 3: 'crc', 5: 'crc', 9: 'no-light' }, errors: [UNPLUGGED] },
      '3 of 100 messages failed: crc 2, no-light 1',
    ],
    [
      'fail',
      { messages: 100, limits: { 'margin-least-pct': [90, 100] } },
      'margin-least-pct by samples: 80 % is 10 % below 90 %',
    ],
    [
      'error',
      { messages: 100, errors: [UNPLUGGED] },
      'the rig failed once, first with: the board was unplugged: plug it in',
    ],
    [
      'error',
      { messages: 5, errors: [UNPLUGGED, UNPLUGGED], stoppedBy: UNPLUGGED },
      'it was ended before its end: the board was unplugged: plug it in',
    ],
    [
      'aborted',
      { messages: 5, stoppedBy: new Error('interrupted') },
      'it was ended before its end: interrupted',
    ],
    ['error', { messages: 0 }, 'no message was judged'],
  ])('%s', (verdict, course, first) => {
    expect(soakVerdict(run(course))).toBe(verdict)
    const { findings, ...shown } = report(course)
    expect(shown.verdict).toBe(verdict === 'pass' ? 'pass' : 'fail')
    expect(findings[0]).toContain(first)
  })
})

test('the table has a row for each message', () => {
  const { table } = report({ messages: 3, failures: { 1: 'crc' } })
  expect(table.columns.slice(0, 4)).toEqual(['message', 'time_s', 'failure', 'margin_pct'])
  expect(table.rows.map((row) => row.slice(0, 3))).toEqual([
    [1, 0, null],
    [2, 10, 'crc'],
    [3, 20, null],
  ])
  for (const row of table.rows) expect(row).toHaveLength(table.columns.length)
})

test('of a hundred thousand messages all is bounded, and the first failures are there', () => {
  const { table, charts } = report({ messages: 100_000, failures: { 77777: 'crc' } })
  expect(table.rows.length).toBeLessThanOrEqual(2000)
  expect(table.rows.filter(([, , failure]) => failure !== null)).toEqual([
    expect.arrayContaining([77_778, 'crc']),
  ])
  const numbers = table.rows.map(([number]) => number as number)
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
  for (const chart of charts) {
    if (chart.kind === 'course') {
      for (const { xs, ys } of chart.series) {
        expect(xs.length).toBeLessThanOrEqual(128)
        expect(ys.length).toBe(xs.length)
      }
    }
    if (chart.kind === 'histogram') {
      for (const { values } of chart.series) expect(values.length).toBeLessThanOrEqual(1000)
    }
  }
})

test('the charts say what they show, with their limits, and there is none of what was not seen', () => {
  const { charts } = report({ messages: 300, limits: { 'margin-pct': [50, 100] } })
  const titles = charts.map(({ title }) => title)
  expect(titles).toContain('Margin and eye over time')
  expect(titles).toContain('Margins')
  expect(titles).not.toContain('Other light over time')
  const [margin] = charts
  expect(margin).toMatchObject({ kind: 'course', limits: [50, 100], y: { unit: '%' } })
  expect(margin?.text).toMatch(/^Margin of the least certain bit: 80\.0 to 84\.0, mean 82\.0; /)
  if (margin?.kind !== 'course') throw new Error('it is a course')
  expect(margin.series.map(({ name }) => name).slice(0, 3)).toEqual([
    'Margin of the least certain bit',
    'Margin of the least certain bit, least',
    'Margin of the least certain bit, most',
  ])
})
