import type { CycleSetting, Measurement } from '../../../src/factory/records/cycle-record.js'
import type { Records } from '../../../src/factory/records/records.js'

export const STATION = 'line 1'
export const SETTING: CycleSetting = {
  station: STATION,
  rig: 'left',
  rigKind: 'bridge',
  rigName: '/dev/ttyACM0',
  serialNumber: '4711',
  firmwareVersion: '1.2.0',
  packageVersion: '0.1.0',
}
export const T0 = Date.UTC(2026, 10, 30, 6)

/** The device ID of a number. */
export const deviceOf = (number: number): string => `30000c2a69${`${number}`.padStart(6, '0')}`

/** What cycle n measures: so many that it shows where one is missing. */
export const measurementsOf = (n: number): Measurement[] =>
  Array.from({ length: 1 + (n % 5) }, (_, i) => ({
    name: `figure ${i}`,
    value: n / (i + 1),
    unit: 'dB',
    least: 12,
    most: null,
    verdict: 'pass',
  }))

export const STATES = ['ambient', 'token', 'light', 'connecting', 'testing', 'blessing'] as const

/** One cycle that passes, step by step; `tell` is called after each that is worth telling. */
export function* wholeCycle(
  records: Records,
  atMs: number,
  tell: (what: 'begun' | 'kept' | 'ended', id: string) => void,
): Generator<void, string, void> {
  const { id, number } = records.begin(SETTING, 'gpio', atMs)
  tell('begun', id)
  const deviceId = deviceOf(number)
  for (const state of STATES) {
    yield
    records.enter(id, state, atMs)
    if (state === 'light') records.measure(id, measurementsOf(number))
    if (state === 'connecting') records.identify(id, { deviceId, planId: null })
    if (state === 'testing') {
      records.keep({ deviceId, mac: null, success: true, values: { text: 'x'.repeat(200) } }, atMs)
      tell('kept', id)
    }
  }
  yield
  records.end(id, { outcome: 'pass', reason: null, detail: null }, atMs)
  tell('ended', id)
  return id
}
