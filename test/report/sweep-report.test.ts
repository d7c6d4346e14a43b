import { describe, expect, test } from 'vitest'
import { judgeFigures } from '../../src/bench/figures.js'
import { judgeSweep, sweepFigures, sweepReport } from '../../src/report/sweep-report.js'
import { QUESTION, RESULT } from '../helpers/sweeps.js'

describe('the report of a sweep', () => {
  const figures = judgeFigures(sweepFigures(QUESTION, RESULT), {})
  const report = sweepReport(QUESTION, RESULT, figures, [['rig', 'emulated']], new Date(0))

  test('has a map for each choice of values beyond two axes', () => {
    expect(report.charts).toMatchObject([
      {
        kind: 'map',
        title: 'passing region, sample rate 1000 Hz',
        text: '1 of the 3 points that were looked at pass.',
        x: { label: 'symbol rate', unit: 'Hz' },
        y: { label: 'grey ratio', unit: '' },
        points: [
          { x: 60, y: 0.4, passRate: 1, verdict: 'pass' },
          { x: 142, y: 0.4, passRate: 0.55, verdict: 'undecided' },
          { x: 1000, y: 0.4, passRate: 0, verdict: 'fail' },
        ],
        proposed: { x: 60, y: 0.5 },
      },
      { title: 'passing region, sample rate 2000 Hz', proposed: null },
    ])
  })

  test('has all points in a table, with what is not known empty', () => {
    const { columns, rows } = report.table
    expect(rows).toHaveLength(RESULT.points.size)
    for (const row of rows) expect(row).toHaveLength(columns.length)
    const at = (name: string) => columns.indexOf(name)
    const unplayable = rows.find((row) => row[at('verdict')] === 'unplayable') ?? []
    expect(unplayable[at('confidence')]).toBeNull()
    expect(unplayable[at('least_bit_margin')]).toBeNull()
    expect(unplayable[at('failures')]).toBe('samples-per-symbol')
    expect(rows.map((row) => row[at('failures')])).toContain('6 late-light')
  })

  test('passes with a confirmed proposal', () => {
    expect(report).toMatchObject({ verdict: 'pass', findings: [], waveform: null })
  })
})

describe('the figures of a sweep', () => {
  test('are the highest rate that passed, and how many messages passed with the proposal', () => {
    const [rate, part] = sweepFigures(QUESTION, RESULT)
    expect(rate).toMatchObject({ value: 60, uncertainty: null })
    expect(part?.value).toBe(100)
    expect(100 - (part?.uncertainty ?? 0)).toBeGreaterThanOrEqual(95)
  })

  test('are not known where nothing passed', () => {
    const nothing = { points: new Map(), passes: [], proposal: null }
    expect(sweepFigures(QUESTION, nothing).map(({ value }) => value)).toEqual([null, null])
  })
})

describe('a sweep fails', () => {
  const verdictOf = (result: typeof RESULT, limits = {}) =>
    judgeSweep(QUESTION, result, judgeFigures(sweepFigures(QUESTION, result), limits))

  test('without a proposal, or one that is not confirmed', () => {
    expect(verdictOf({ ...RESULT, proposal: null })).toMatchObject({
      verdict: 'fail',
      findings: [expect.stringMatching(/^at no point do 50 % of the messages pass/)],
    })
    for (const verdict of ['fail', 'undecided'] as const) {
      const { proposal } = RESULT
      if (!proposal) throw new Error('there is one')
      const confirmation = { ...proposal.confirmation, verdict, passes: 60 }
      const failed = verdictOf({ ...RESULT, proposal: { ...proposal, confirmation } })
      expect(failed).toMatchObject({
        verdict: 'fail',
        findings: [expect.stringMatching(/^60 of 74 messages passed with the proposed settings/)],
      })
    }
  })

  test('by a limit, which it names', () => {
    expect(verdictOf(RESULT, { 'highest-passing-rate-hz': [100, Infinity] })).toEqual({
      verdict: 'fail',
      findings: ['highest-passing-rate-hz: 60 Hz is 40 Hz below 100 Hz'],
    })
  })
})
