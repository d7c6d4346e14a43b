import { randomNormal } from 'd3-random'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Change, compareRuns, type MeasuredRun } from '../../src/bench/compare.js'
import { FIGURES, type Figure, type FigureName } from '../../src/bench/figures.js'
import { SoakTally, soakFigures } from '../../src/bench/soak-tally.js'
import { seededRandom } from '../../src/channel/random.js'
import { loopbackReport } from '../helpers/loopback-report.js'

const figure = (name: FigureName, value: number | null, uncertainty: number | null): Figure => ({
  name,
  witness: 'samples',
  value,
  uncertainty,
})

const run = (figures: readonly Figure[], more: Partial<MeasuredRun> = {}): MeasuredRun => ({
  settings: {},
  figures,
  passes: null,
  freedom: null,
  exposure: 1,
  ...more,
})

/** What is said of one figure that has changed. */
function changeOf(
  name: FigureName,
  [before, after]: readonly [number, number],
  uncertainty: number | null = 1,
): Change {
  const runs = [before, after].map((value) => run([figure(name, value, uncertainty)]))
  const [change] = compareRuns(runs[0] as MeasuredRun, runs[1] as MeasuredRun).changes
  if (!change) throw new Error('there is one figure')
  return change
}

describe('the direction is that of the figure', () => {
  test.each<[FigureName, number, number, string]>([
    ['snr-db', 30, 27, 'worse'],
    ['snr-db', 27, 30, 'better'],
    ['timing-spread-us', 10, 20, 'worse'],
    ['timing-spread-us', 20, 10, 'better'],
    ['rate-error-ppm', -5, 20, 'worse'],
    ['rate-error-ppm', -20, 5, 'better'],
    ['rate-error-ppm', -20, 20, 'same'],
    ['grey-ratio', 20, 30, 'changed'],
    ['snr-db', 30, 29.5, 'same'],
  ])('%s from %f to %f', (name, before, after, outcome) => {
    expect(changeOf(name, [before, after]).outcome).toBe(outcome)
  })
})

test('a difference is judged by both uncertainties: at their 95 %, chance is 5 %', () => {
  const { uncertainty, chance } = changeOf('snr-db', [30, 30 - Math.SQRT2])
  expect(uncertainty).toBeCloseTo(Math.SQRT2, 9)
  expect(chance).toBeCloseTo(0.05, 9)
})

test('few messages know less: of the same uncertainty, what is far out is less sure', () => {
  const runs = [30, 27].map((value) => run([figure('snr-db', value, 1)]))
  const few = runs.map((one) => ({ ...one, freedom: 3 }))
  const chanceOf = ([a, b]: readonly MeasuredRun[]): number =>
    compareRuns(a as MeasuredRun, b as MeasuredRun).changes[0]?.chance ?? Number.NaN
  expect(chanceOf(few)).toBeGreaterThan(10 * chanceOf(runs))
})

test('what may be off by nobody knows how much is not judged', () => {
  expect(changeOf('margin-least-pct', [90, 10], null)).toMatchObject({
    outcome: 'unknown',
    chance: null,
  })
})

test('shares of messages are judged by their numbers, whatever their percent', () => {
  const rate = (passed: number, tried: number): MeasuredRun =>
    run([{ ...figure('pass-rate-pct', (100 * passed) / tried, 50), witness: null }], {
      passes: { passed, tried },
    })
  const outcome = (a: MeasuredRun, b: MeasuredRun) => compareRuns(a, b).changes[0]?.outcome
  expect(outcome(rate(1, 1), rate(0, 1))).toBe('same')
  expect(outcome(rate(1000, 1000), rate(990, 1000))).toBe('worse')
  expect(outcome(rate(990, 1000), rate(1000, 1000))).toBe('better')
})

test('counts are judged by what they come in', () => {
  const errors = (count: number, exposure: number): MeasuredRun =>
    run([{ ...figure('rig-errors', count, 0), witness: null }], { exposure })
  const outcome = (a: MeasuredRun, b: MeasuredRun) => compareRuns(a, b).changes[0]?.outcome
  expect(outcome(errors(0, 100), errors(3, 100))).toBe('same')
  expect(outcome(errors(0, 100), errors(10, 100))).toBe('worse')
  expect(outcome(errors(0, 100), errors(10, 10_000))).toBe('same')
})

test('settings that differ are named, and figures that only one has', () => {
  const before = run([figure('snr-db', 30, 1), figure('margin-pct', null, null)], {
    settings: { rig: 'emulated', symbolRateHz: 142, greyRatio: 0.52 },
  })
  const after = run([figure('margin-pct', 90, 1)], {
    settings: { rig: 'bridge', symbolRateHz: 142 },
  })
  const { differing, lacking, changes } = compareRuns(before, after)
  expect(changes).toEqual([])
  expect(differing).toEqual([
    { name: 'rig', before: 'emulated', after: 'bridge' },
    { name: 'greyRatio', before: 0.52, after: null },
  ])
  expect(lacking).toEqual([
    { name: 'snr-db', witness: 'samples', from: 'after' },
    { name: 'margin-pct', witness: 'samples', from: 'before' },
  ])
})

test('turned round, what is worse is better, as sure as before', () => {
  const names = Object.keys(FIGURES) as FigureName[]
  const amount = fc.double({ min: -100, max: 100, noNaN: true })
  const pair = fc.record({
    name: fc.constantFrom(
      ...names.filter((name) => !['edges', 'errors'].includes(FIGURES[name].unit)),
    ),
    before: amount,
    after: amount,
    uncertainty: fc.option(fc.double({ min: 1e-3, max: 50, noNaN: true })),
  })
  const turned = { worse: 'better', better: 'worse' } as Readonly<Record<string, string>>
  fc.assert(
    fc.property(fc.uniqueArray(pair, { selector: ({ name }) => name }), (pairs) => {
      const [a, b] = (['before', 'after'] as const).map((which) =>
        run(pairs.map((one) => figure(one.name, one[which], one.uncertainty))),
      ) as [MeasuredRun, MeasuredRun]
      const there = new Map(compareRuns(a, b).changes.map((change) => [change.name, change]))
      const back = compareRuns(b, a).changes
      expect(back.length).toBe(there.size)
      for (const { name, outcome, chance } of back) {
        const other = there.get(name)
        expect(outcome).toBe(turned[other?.outcome ?? ''] ?? other?.outcome)
        expect(chance).toEqual(other?.chance)
      }
    }),
  )
})

describe('soaks of simulated rigs', () => {
  /** What a soak has measured of a rig whose messages vary, each by itself. */
  function soaked(seed: number, { messages = 40, passRate = 0.95, snrDb = 30 } = {}): MeasuredRun {
    const random = seededRandom(seed)
    const gaussian = randomNormal.source(random)()
    const tally = new SoakTally()
    for (let n = 0; n < messages; n++) {
      const report = loopbackReport({
        reason: random() < passRate ? null : 'crc',
        margin: 0.8 + 0.02 * gaussian(),
        black: 0.05 + 0.001 * gaussian(),
        snrDb: snrDb + 1.5 * gaussian(),
      })
      tally.add(report, [10 * n, 10 * n + 5])
    }
    const { result } = tally
    // What does not vary here says nothing.
    const figures = soakFigures(result).filter(
      ({ uncertainty, witness }) => witness === null || (uncertainty ?? 0) > 1e-9,
    )
    const passes = { passed: result.passed, tried: result.messages }
    return run(figures, { passes, freedom: messages - 1, exposure: messages })
  }

  const isSaid = (a: MeasuredRun, b: MeasuredRun, outcomes: readonly string[]): boolean =>
    compareRuns(a, b).changes.some(({ outcome }) => outcomes.includes(outcome))

  test.each([3, 8, 40, 300])(
    'without any change at most one of twenty pairs is said to differ: %i messages each',
    (messages) => {
      const PAIRS = 400
      const pairs = Array.from(
        { length: PAIRS },
        (_, n) => [soaked(2 * n + 1, { messages }), soaked(2 * n + 2, { messages })] as const,
      )
      const worse = pairs.filter(([a, b]) => isSaid(a, b, ['worse'])).length / PAIRS
      const different = pairs.filter(([a, b]) => isSaid(a, b, ['worse', 'better'])).length / PAIRS
      // At most half of them to the worse; and 400 pairs find 1.6 times as many by chance, hardly ever.
      expect(worse).toBeLessThanOrEqual(1.6 * 0.025)
      expect(different).toBeLessThanOrEqual(1.6 * 0.05)
    },
  )

  test('twice the noise, 6 dB, is found by twenty messages each, nearly always', () => {
    const found = Array.from({ length: 100 }, (_, n) =>
      compareRuns(
        soaked(2 * n + 1, { messages: 20, snrDb: 30 }),
        soaked(2 * n + 2, { messages: 20, snrDb: 24 }),
      ),
    ).filter(({ changes }) => changes[0]?.name === 'snr-db' && changes[0].outcome === 'worse')
    expect(found.length).toBeGreaterThanOrEqual(99)
  })

  test('messages that fail are found', () => {
    const before = soaked(1, { messages: 500, passRate: 1 })
    const after = soaked(2, { messages: 500, passRate: 0.95 })
    expect(compareRuns(before, after).changes[0]).toMatchObject({
      name: 'pass-rate-pct',
      outcome: 'worse',
    })
  })
})
