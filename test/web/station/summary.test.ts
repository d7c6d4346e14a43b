import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CYCLE_REASONS, type CycleReason } from '../../../src/factory/records/cycle-record.js'
import { CyclesTally, rowOf } from '../../../src/web/station/summary.js'
import { cycleRecord, idOf } from './fake-station.js'

const REASONS = Object.keys(CYCLE_REASONS) as CycleReason[]

const summaryOf = (cycles: ReturnType<typeof cycleRecord>[]) => {
  const tally = new CyclesTally()
  for (const cycle of cycles) tally.add(cycle)
  return tally.summary
}

describe('the figures of cycles', () => {
  test('of none are none', () => {
    expect(summaryOf([])).toEqual({
      counts: { pass: 0, fail: 0, error: 0, timeout: 0, aborted: 0 },
      yieldPct: null,
      firstPassYieldPct: null,
      devices: 0,
      reasons: [],
      cycleTimes: null,
      phases: [],
      leastMarginPct: null,
    })
  })

  test('tell yield, reasons and times', () => {
    const [one, two] = ['600a0c2a69000001', '600a0c2a69000002']
    const cycles = [
      cycleRecord(6, null, { end: null, deviceId: null }), // goes on
      cycleRecord(5, 'cancelled', { deviceId: one }),
      cycleRecord(4, null, { deviceId: two, durationS: 30 }),
      cycleRecord(3, null, { deviceId: one, durationS: 20 }),
      cycleRecord(2, 'test-failed', { deviceId: one }),
      cycleRecord(1, 'light-failed', { phases: [], measurements: [] }),
    ]
    expect(summaryOf(cycles)).toMatchObject({
      counts: { pass: 2, fail: 1, error: 1, timeout: 0, aborted: 1 },
      yieldPct: 50,
      firstPassYieldPct: 50,
      devices: 2,
      cycleTimes: { count: 2, medianS: 20, p90S: 30 },
      leastMarginPct: 25,
    })
    const { reasons, phases } = summaryOf(cycles)
    expect(reasons).toContainEqual({ reason: 'test-failed', cause: 'device', count: 1 })
    expect(reasons).toHaveLength(3)
    expect(phases.map(({ state, count }) => [state, count])).toEqual([
      ['ambient', 5],
      ['token', 5],
      ['light', 5],
      ['connecting', 5],
      ['testing', 5],
    ])
  })

  test('put the most frequent reason first', () => {
    const cycles = [
      cycleRecord(1, 'no-device'),
      cycleRecord(2, 'no-result'),
      cycleRecord(3, 'no-result'),
    ]
    expect(summaryOf(cycles).reasons.map(({ reason }) => reason)).toEqual([
      'no-result',
      'no-device',
    ])
  })

  test('add up, whatever the cycles', () => {
    const reasons = fc.array(fc.option(fc.constantFrom(...REASONS)), { maxLength: 60 })
    fc.assert(
      fc.property(reasons, (reasons) => {
        const { counts, yieldPct, firstPassYieldPct, ...summary } = summaryOf(
          reasons.map((reason, n) => cycleRecord(n, reason)),
        )
        const ended = Object.values(counts).reduce((sum, count) => sum + count, 0)
        expect(ended).toBe(reasons.length)
        expect(summary.reasons.reduce((sum, { count }) => sum + count, 0)).toBe(ended - counts.pass)
        if (yieldPct !== null)
          expect(yieldPct).toBeCloseTo((100 * counts.pass) / (ended - counts.aborted))
        expect(firstPassYieldPct === null).toBe(summary.devices === 0)
      }),
    )
  })
})

test('the row of a cycle has its margin, if that is a number', () => {
  expect(rowOf(cycleRecord(7, 'no-result'))).toMatchObject({
    id: idOf(7),
    number: 7,
    outcome: 'timeout',
    reason: 'no-result',
    marginPct: 53,
  })
  expect(rowOf(cycleRecord(7, null, { end: null, measurements: [] }))).toMatchObject({
    outcome: null,
    reason: null,
    marginPct: null,
  })
})
