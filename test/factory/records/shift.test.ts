import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  CYCLE_REASONS,
  type CycleReason,
  type CycleRecord,
} from '../../../src/factory/records/cycle-record.js'
import { type ShiftOptions, summarise } from '../../../src/factory/records/shift.js'
import { SETTING } from './example.js'

/** A time of this computer's time zone. */
const at = (day: number, hours: number, minutes = 0): number =>
  new Date(2026, 10, day, hours, minutes).getTime()

let number = 0
function cycle(
  startedAtMs: number,
  reason: CycleReason | 'pass' | null,
  deviceId: string | null = null,
  more: Partial<CycleRecord> = {},
): CycleRecord {
  const end =
    reason === null
      ? null
      : reason === 'pass'
        ? ({ outcome: 'pass', reason: null, detail: null } as const)
        : ({ outcome: CYCLE_REASONS[reason].outcome, reason, detail: 'do so' } as const)
  return {
    ...SETTING,
    id: `${++number}`,
    number,
    trigger: 'key',
    startedAtMs,
    endedAtMs: end && startedAtMs + 30_000,
    state: 'testing',
    end,
    durationS: end && 30,
    deviceId,
    planId: null,
    phases: [],
    measurements: [],
    results: [],
    ...more,
  }
}

const BY_SHIFT: ShiftOptions = { by: 'shift', shiftStartsMin: [6 * 60, 14 * 60, 22 * 60] }
const BY_RIG: ShiftOptions = { ...BY_SHIFT, by: 'rig' }

describe('yield', () => {
  test('is of units whose last cycle passed, first-pass yield of those whose first did', () => {
    const { all } = summarise(
      [
        cycle(at(2, 7), 'pass', 'a'),
        cycle(at(2, 8), 'test-failed', 'b'),
        cycle(at(2, 9), 'pass', 'B'), // however it is written
        cycle(at(2, 10), 'no-result', 'c'),
        cycle(at(2, 11), 'pass', 'd'),
        cycle(at(2, 12), 'no-blessing', 'd'),
      ],
      BY_SHIFT,
    )
    expect(all).toMatchObject({ cycles: 6, units: 4, finalYield: 0.5, firstPassYield: 0.5 })
  })

  test('knows nothing of units by cycles that were aborted, nor of cycles without a device', () => {
    const { all, unfinished } = summarise(
      [
        cycle(at(2, 7), 'cancelled', 'a'),
        cycle(at(2, 8), 'pass', 'a'),
        cycle(at(2, 9), 'interrupted', 'b'),
        cycle(at(2, 10), 'light-failed'),
        cycle(at(2, 11), null, 'c'),
      ],
      BY_SHIFT,
    )
    expect(all).toMatchObject({ cycles: 4, units: 1, finalYield: 1, firstPassYield: 1 })
    expect(all).toMatchObject({ withoutDevice: 1, outcomes: { aborted: 2, error: 1, pass: 1 } })
    expect(unfinished).toBe(1)
  })

  test('is counted where the unit was first', () => {
    const { groups } = summarise(
      [cycle(at(2, 13), 'test-failed', 'a'), cycle(at(2, 15), 'pass', 'a')],
      BY_SHIFT,
    )
    expect(groups).toMatchObject([
      { name: '2026-11-02 06:00', units: 1, finalYield: 1, firstPassYield: 0 },
      { name: '2026-11-02 14:00', units: 0, finalYield: null, firstPassYield: null },
    ])
  })

  test('of nothing is not known', () => {
    const summary = summarise([], BY_SHIFT)
    expect(summary).toMatchObject({ groups: [], margins: [], measurementNames: [], unfinished: 0 })
    expect(summary.all).toMatchObject({
      cycles: 0,
      finalYield: null,
      passesPerHour: null,
      cycleTime: null,
      phases: [],
      reasons: [],
    })
  })
})

describe('groups', () => {
  test.for([
    ['shift', ['2026-11-01 22:00', '2026-11-02 06:00', '2026-11-02 14:00', '2026-11-02 22:00']],
    ['day', ['2026-11-02', '2026-11-03']],
    ['rig', ['left', 'right']],
  ] as const)('by %s, by the clock of the computer', ([by, names]) => {
    const cycles = [
      cycle(at(2, 5, 59), 'pass', 'a'),
      cycle(at(2, 6, 0), 'pass', 'b'),
      cycle(at(2, 14, 0), 'pass', 'c', { rig: 'right' }),
      cycle(at(3, 2, 0), 'pass', 'd'),
    ]
    const { groups } = summarise(cycles.toReversed(), { ...BY_SHIFT, by })
    expect(groups.map(({ name }) => name)).toEqual(names)
  })

  test('have the time from the first cycle of each shift to the end of its last, without what is between', () => {
    const cycles = [
      cycle(at(2, 7), 'pass', 'a'),
      cycle(at(2, 8), 'pass', 'b', { endedAtMs: at(2, 9) }),
      cycle(at(3, 7), 'pass', 'c', { rig: 'right' }),
      cycle(at(3, 8), 'interrupted', 'd', { endedAtMs: at(4, 20), durationS: null }),
    ]
    const { all, groups } = summarise(cycles, BY_RIG)
    expect(all).toMatchObject({ workedS: 3 * 3600, passesPerHour: 1 })
    expect(groups.map(({ name, workedS }) => [name, workedS])).toEqual([
      ['left', 2 * 3600],
      ['right', 30],
    ])
  })
})

test('times of states have a median, what 95 % do not exceed, and the longest', () => {
  const cycles = Array.from({ length: 20 }, (_, n) =>
    cycle(at(2, 7), n < 10 ? 'pass' : 'no-result', `${n}`, {
      durationS: n + 1,
      phases: [
        { state: 'testing', startedAtMs: 0, durationS: 10 * (n + 1) },
        { state: 'light', startedAtMs: 0, durationS: 5 },
        { state: 'blessing', startedAtMs: 0, durationS: null },
      ],
    }),
  )
  const { all } = summarise(cycles, BY_SHIFT)
  expect(all.phases).toEqual([
    { state: 'light', count: 20, medianS: 5, p95S: 5, maxS: 5 },
    { state: 'testing', count: 20, medianS: 100, p95S: 190, maxS: 200 },
  ])
  expect(all.cycleTime).toEqual({ count: 10, medianS: 5, p95S: 10, maxS: 10 })
})

test('reasons are counted, the most frequent first', () => {
  const reasons = ['no-device', 'test-failed', 'no-device', 'broken'] as const
  const { all } = summarise(
    reasons.map((reason) => cycle(at(2, 7), reason)),
    BY_SHIFT,
  )
  expect(all.reasons).toEqual([
    { reason: 'no-device', outcome: 'timeout', cause: 'network', cycles: 2 },
    { reason: 'broken', outcome: 'error', cause: 'station', cycles: 1 },
    { reason: 'test-failed', outcome: 'fail', cause: 'device', cycles: 1 },
  ])
})

test('in whatever order cycles come, and whatever they are put together by, the sum is the same', () => {
  const arbitrary = fc.array(
    fc.record({
      minute: fc.nat({ max: 4 * 24 * 60 }),
      reason: fc.constantFrom('pass' as const, ...(Object.keys(CYCLE_REASONS) as CycleReason[])),
      device: fc.option(fc.constantFrom('a', 'b', 'c')),
      rig: fc.constantFrom('left', 'right'),
    }),
  )
  fc.assert(
    fc.property(arbitrary, fc.constantFrom('shift', 'rig', 'day'), fc.nat(), (drafts, by, seed) => {
      const cycles = drafts.map(({ minute, reason, device, rig }) =>
        cycle(at(1, 0, minute), reason, device, { rig }),
      )
      const summary = summarise(cycles, { ...BY_SHIFT, by: by as ShiftOptions['by'] })
      const mixed = cycles.toSorted((a, b) => ((a.number * seed) % 7) - ((b.number * seed) % 7))
      expect(summarise(mixed, { ...BY_SHIFT, by: by as ShiftOptions['by'] })).toEqual(summary)
      const sum = (of: (tally: (typeof summary)['all']) => number): number =>
        summary.groups.reduce((total, group) => total + of(group), 0)
      const { all } = summary
      expect(sum(({ cycles }) => cycles)).toBe(all.cycles)
      expect(sum(({ units }) => units)).toBe(all.units)
      expect(sum(({ units, finalYield }) => Math.round(units * (finalYield ?? 0)))).toBe(
        Math.round(all.units * (all.finalYield ?? 0)),
      )
      const { outcomes } = all
      expect(Object.values(outcomes).reduce((total, count) => total + count, 0)).toBe(all.cycles)
    }),
  )
})

describe('the light of a rig', () => {
  /** Cycles every six minutes, whose light is so much in each. */
  const lit = (values: readonly number[], name = 'margin-pct', least: number | null = null) =>
    values.map((value, n) =>
      cycle(at(2, 7, 6 * n), 'pass', null, {
        measurements: [
          { name, value, unit: '%', least, most: null, verdict: 'pass' },
          { name: 'supply', value: 3.3, unit: 'V', least: null, most: null, verdict: null },
          { name, value: null, unit: '%', least, most: null, verdict: 'fail' },
        ],
      }),
    )
  const noise = (n: number): number => Math.sin(17 * n * n)

  test('is warned of before it is too weak, and told when that will be', () => {
    // From 60 % on 2 % an hour less, at 40 % after ten hours: 20 % in ten hours more.
    const values = Array.from({ length: 101 }, (_, n) => 60 - 0.2 * n + noise(n))
    const { margins, measurementNames } = summarise(lit(values).toReversed(), BY_SHIFT)
    expect(margins).toMatchObject([{ rig: 'left', name: 'margin-pct', cycles: 101, least: 20 }])
    expect(margins[0]?.perHour).toBeCloseTo(-2, 1)
    expect(margins[0]?.hoursLeft).toBeCloseTo(10, 0)
    expect(margins[0]?.warning).toMatch(
      /^margin-pct of rig left falls by 2 % an hour, and is at 40 %: in about 10 h it is below 20 %; clean/,
    )
    expect(measurementNames).toEqual(['margin-pct', 'supply'])
  })

  test.for([
    ['steady', Array.from({ length: 100 }, (_, n) => 25 + noise(n))],
    ['better', Array.from({ length: 100 }, (_, n) => 25 + 0.2 * n + noise(n))],
    ['of too few cycles', [60, 50, 40, 30]],
    [
      'falling for more than a week',
      Array.from({ length: 100 }, (_, n) => 90 - 0.01 * n + 0.01 * noise(n)),
    ],
  ] as const)('is not warned of where it is %s', ([, values]) => {
    const { margins } = summarise(lit(values), BY_SHIFT)
    expect(margins).toMatchObject([{ hoursLeft: null, warning: null }])
  })

  test('is judged by the limit of its last measurement, where that had one', () => {
    const values = Array.from({ length: 50 }, (_, n) => 30 - 0.1 * n + 0.1 * noise(n))
    const { margins } = summarise(lit(values, 'snr-db', 26), BY_SHIFT)
    expect(margins).toMatchObject([{ name: 'snr-db', unit: 'dB', least: 26, hoursLeft: 0 }])
  })
})
