import { rmSync } from 'node:fs'
import fc from 'fast-check'
import { expect, vi } from 'vitest'
import {
  CYCLE_REASONS,
  CYCLE_STATES,
  type CycleEnd,
  type CycleReason,
  type CycleRecord,
  type DeviceReport,
  type Measurement,
  type StoredResult,
} from '../../../src/factory/records/cycle-record.js'
import { Records } from '../../../src/factory/records/records.js'
import { test } from '../../helpers/folder.js'
import { deviceOf, SETTING, STATION } from './example.js'

type Draft = { -readonly [K in keyof CycleRecord]: CycleRecord[K] }
type StoredDraft = { -readonly [K in keyof StoredResult]: StoredResult[K] }

/** What records are to be, as plainly as it can be said. Results stand in the order in which they came. */
class Model {
  readonly cycles: Draft[] = []
  readonly results: StoredDraft[] = []
  /** What other programs are to be told, in its order. */
  readonly told: (Draft | StoredDraft)[] = []
  /** By the ID of a cycle, how many results there were when its light began. */
  readonly beforeLight = new Map<string, number>()

  record(cycle: CycleRecord): CycleRecord {
    return { ...cycle, results: this.results.filter(({ cycleId }) => cycleId === cycle.id) }
  }

  keep(report: DeviceReport, receivedAtMs: number): StoredResult {
    const cycle = this.cycles.findLast(({ deviceId }) => deviceId === report.deviceId)
    const isKnown = cycle !== undefined && report.deviceId !== null
    const flag = !isKnown
      ? 'unknown'
      : this.isTold(cycle.id, report)
        ? 'repeated'
        : cycle.end
          ? 'late'
          : 'matched'
    const stored = {
      number: this.results.length + 1,
      kind: 'report',
      ...report,
      receivedAtMs,
      flag,
      cycleId: isKnown ? cycle.id : null,
    } as const
    this.results.push(stored)
    if (!isKnown || cycle.end) this.told.push(stored)
    return stored
  }

  identify(cycle: Draft, deviceId: string): StoredResult[] {
    cycle.deviceId = deviceId
    const before = this.beforeLight.get(cycle.id) ?? Number.POSITIVE_INFINITY
    const adopted = this.results.filter(
      (one, n) =>
        n >= before &&
        one.deviceId === deviceId &&
        one.cycleId !== cycle.id &&
        one.flag !== 'matched',
    )
    for (const result of adopted) {
      result.flag = this.isTold(cycle.id, result) ? 'repeated' : 'matched'
      result.cycleId = cycle.id
    }
    return adopted.filter(({ flag }) => flag === 'matched')
  }

  private isTold(cycleId: string, { deviceId, mac, success, values }: DeviceReport): boolean {
    const content = (one: DeviceReport): string =>
      JSON.stringify([one.deviceId, one.mac, one.success, one.values])
    const told = content({ deviceId, mac, success, values })
    return this.results.some((one) => one.cycleId === cycleId && content(one) === told)
  }
}

const device = fc.integer({ min: 1, max: 3 }).map(deviceOf)
const value = fc.oneof(
  fc.double({ noDefaultInfinity: true, noNaN: true }).map((x) => x + 0), // JSON knows no -0
  fc.string({ unit: 'binary' }),
  fc.boolean(),
  fc.constant(null),
)
const limit = fc.option(fc.double({ noDefaultInfinity: true, noNaN: true }).map((x) => x + 0))
const measurement: fc.Arbitrary<Measurement> = fc.record({
  name: fc.constantFrom('snr-db', 'margin-pct', 'supply'),
  value,
  unit: fc.option(fc.constant('V')),
  least: limit,
  most: limit,
  verdict: fc.option(fc.constantFrom('pass', 'marginal', 'fail')),
})
const end: fc.Arbitrary<CycleEnd> = fc.oneof(
  fc.constant({ outcome: 'pass', reason: null, detail: null } as const),
  fc
    .constantFrom(...(Object.keys(CYCLE_REASONS) as CycleReason[]))
    .map((reason) => ({ outcome: CYCLE_REASONS[reason].outcome, reason, detail: 'do so' })),
)
const report: fc.Arbitrary<DeviceReport> = fc.record({
  deviceId: fc.option(device),
  mac: fc.constant(null),
  success: fc.option(fc.boolean()),
  values: fc.oneof(
    fc.constant({}),
    fc.dictionary(fc.string(), fc.jsonValue()).map((x) => JSON.parse(JSON.stringify(x))),
  ),
})
/** Which of the cycles, if that goes on. */
const which = fc.nat({ max: 5 })

const steps = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('begin' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('enter' as const),
      which,
      state: fc.oneof(fc.constant('light' as const), fc.constantFrom(...CYCLE_STATES)),
    }),
  },
  fc.record({ kind: fc.constant('measure' as const), which, measured: fc.array(measurement) }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('identify' as const), which, device }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('keep' as const), report }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('end' as const), which, end }) },
  fc.record({ kind: fc.constant('reopen' as const) }),
)

test('records are as whatever was done in whatever order has made them', ({ folder }) => {
  const clock = vi.spyOn(performance, 'now')
  const path = folder.at('records.db')
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 40, size: 'max' }), (todo) => {
      for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true })
      const model = new Model()
      let records = Records.open(path, STATION, 0)
      try {
        for (const [n, step] of todo.entries()) {
          clock.mockReturnValue(1000 * n)
          const goesOn = model.cycles.filter(({ end }) => end === null)
          const cycle = 'which' in step ? goesOn[step.which % (goesOn.length || 1)] : undefined
          const endPhase = (): void => {
            const last = cycle?.phases.at(-1) as { durationS: number | null; startedAtMs: number }
            last.durationS = n - last.startedAtMs
          }
          if (step.kind === 'begin') {
            const { id, number } = records.begin(SETTING, 'key', n)
            model.cycles.push({
              ...SETTING,
              id,
              number,
              trigger: 'key',
              startedAtMs: n,
              state: 'triggered',
              end: null,
              endedAtMs: null,
              durationS: null,
              deviceId: null,
              planId: null,
              phases: [{ state: 'triggered', startedAtMs: n, durationS: null }],
              measurements: [],
              results: [],
            })
            expect(number).toBe(model.cycles.length)
          } else if (step.kind === 'keep') {
            expect(records.keep(step.report, n)).toEqual(model.keep(step.report, n))
          } else if (step.kind === 'reopen') {
            records[Symbol.dispose]()
            records = Records.open(path, STATION, n)
            for (const one of goesOn) {
              model.told.push(one)
              one.endedAtMs = n
              one.end = expect.objectContaining({ outcome: 'aborted', reason: 'interrupted' })
            }
          } else if (cycle === undefined) {
          } else if (step.kind === 'enter') {
            records.enter(cycle.id, step.state, n)
            endPhase()
            const phase = { state: step.state, startedAtMs: n, durationS: null }
            cycle.phases = [...cycle.phases, phase]
            cycle.state = step.state
            const isLit = step.state === 'light' && !model.beforeLight.has(cycle.id)
            if (isLit) model.beforeLight.set(cycle.id, model.results.length)
          } else if (step.kind === 'measure') {
            records.measure(cycle.id, step.measured)
            cycle.measurements = [...cycle.measurements, ...step.measured]
          } else if (step.kind === 'identify') {
            const seen = records.identify(cycle.id, { deviceId: step.device, planId: null })
            expect(seen).toEqual(model.identify(cycle, step.device))
          } else {
            records.end(cycle.id, step.end, n)
            endPhase()
            cycle.end = step.end
            model.told.push(cycle)
            cycle.endedAtMs = n
            cycle.durationS = n - cycle.startedAtMs
          }
        }
        const all = model.cycles.map((cycle) => model.record(cycle))
        expect(Array.from(records.cycles())).toEqual(all.toReversed())
        const told = model.told.map((one, n) =>
          'phases' in one
            ? { sequence: n + 1, cycle: model.record(one), result: null }
            : { sequence: n + 1, cycle: null, result: one },
        )
        expect(records.news(0, 100)).toEqual(told)
        expect(records.news(2, 3)).toEqual(told.slice(2, 5))
      } finally {
        records[Symbol.dispose]()
      }
    }),
  )
  clock.mockRestore()
})
