import { csvLine } from '../../report/table-csv.js'
import { attributes, escaped } from '../../report/xml.js'
import { CYCLE_STATES, type CycleRecord, timeText } from './cycle-record.js'

type Cycles = Iterable<CycleRecord> | AsyncIterable<CycleRecord>

/**
 * Cycles as CSV (RFC 4180), a line each after one of the columns' names. Times are in UTC; a state that was entered several times has the sum
 * of its times; of a measurement that was made several times the last value stands.
 *
 * @param measurementNames one column each
 */
export async function* cyclesCsv(
  cycles: Cycles,
  measurementNames: readonly string[],
): AsyncGenerator<string> {
  yield csvLine([
    ...['number', 'id', 'station', 'rig', 'started_at', 'ended_at', 'duration_s', 'trigger'],
    ...['outcome', 'reason', 'detail', 'state', 'device_id', 'plan_id', 'results'],
    ...['rig_kind', 'rig_name', 'serial_number', 'firmware_version', 'package_version'],
    ...CYCLE_STATES.map((state) => `${state}_s`),
    ...measurementNames,
  ])
  for await (const cycle of cycles) {
    const { id, number, station, rig, end, state, deviceId, planId, results } = cycle
    const measured = new Map(cycle.measurements.map(({ name, value }) => [name, value]))
    yield csvLine([
      ...[number, id, station, rig, timeText(cycle.startedAtMs), timeText(cycle.endedAtMs)],
      ...[cycle.durationS, cycle.trigger, end?.outcome ?? null, end?.reason ?? null],
      ...[end?.detail ?? null, state, deviceId, planId, results.length],
      ...[cycle.rigKind, cycle.rigName, cycle.serialNumber, cycle.firmwareVersion],
      cycle.packageVersion,
      ...CYCLE_STATES.map((state) => timeIn(cycle, state)),
      ...measurementNames.map((name) => {
        const value = measured.get(name) ?? null
        return typeof value === 'boolean' ? `${value}` : value
      }),
    ])
  }
}

/** Null for a state that it was not in, or did not leave. */
function timeIn({ phases }: CycleRecord, state: string): number | null {
  const durations = phases.flatMap((phase) =>
    phase.state === state ? (phase.durationS ?? []) : [],
  )
  return durations.length > 0 ? durations.reduce((sum, timeS) => sum + timeS) : null
}

/** Cycles as lines of JSON, each a `CycleRecord`. */
export async function* cyclesJsonLines(cycles: Cycles): AsyncGenerator<string> {
  for await (const cycle of cycles) yield `${JSON.stringify(cycle)}\n`
}

/**
 * Cycles that have ended as JUnit XML, as Jenkins and GitLab read it: one suite, with a case for each. What is the device's is a failure; what
 * is not, an error; what was aborted is skipped. Times are in UTC.
 */
export async function cyclesJunit(cycles: Cycles, name: string, madeAt: Date): Promise<string> {
  const counts = { tests: 0, failures: 0, errors: 0, skipped: 0, time: 0 }
  const cases: string[] = []
  for await (const cycle of cycles) {
    if (cycle.end === null) continue
    counts.tests++
    counts.time += cycle.durationS ?? 0
    const { outcome } = cycle.end
    if (outcome === 'fail') counts.failures++
    if (outcome === 'error' || outcome === 'timeout') counts.errors++
    if (outcome === 'aborted') counts.skipped++
    cases.push(caseXml(cycle))
  }
  const timestamp = madeAt.toISOString().slice(0, 19)
  const time = Number(counts.time.toFixed(3))
  const suite = { name, ...counts, time, timestamp }
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite${attributes(suite)}>
${cases.map((text) => `    ${text}\n`).join('')}  </testsuite>
</testsuites>
`
}

const ELEMENTS = { fail: 'failure', error: 'error', timeout: 'error', aborted: 'skipped' } as const

function caseXml({ station, rig, number, deviceId, end, durationS }: CycleRecord): string {
  const name = deviceId === null ? `cycle ${number}` : `cycle ${number}: ${deviceId}`
  const classname = `${station}.${rig}`
  const begin = `<testcase${attributes({ classname, name, time: durationS ?? 0 })}`
  if (end === null || end.outcome === 'pass') return `${begin}/>`
  const element = ELEMENTS[end.outcome]
  const message = `${end.reason}: ${end.detail}`
  const type = element === 'skipped' ? {} : { type: end.reason }
  return `${begin}><${element}${attributes({ message, ...type })}>${escaped(message)}</${element}></testcase>`
}
