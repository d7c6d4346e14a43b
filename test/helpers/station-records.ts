import { seededRandom } from '../../src/channel/index.js'
import type { CycleEnd, CycleState, Measurement } from '../../src/factory/records/cycle-record.js'
import { Records } from '../../src/factory/records/records.js'

const STATES: readonly (readonly [state: CycleState, lengthS: number])[] = [
  ['ambient', 0.2],
  ['token', 0.3],
  ['light', 5.3],
  ['connecting', 6],
  ['updating', 4],
  ['testing', 9],
  ['blessing', 1.5],
]
const PASS: CycleEnd = { outcome: 'pass', reason: null, detail: null }
const ENDS: Readonly<Partial<Record<number, CycleEnd>>> = {
  2: { outcome: 'error', reason: 'light-failed', detail: 'no marker was seen: look at the LED' },
  3: {
    outcome: 'timeout',
    reason: 'no-device',
    detail: 'no device came in 60 s: look at its antenna',
  },
  5: {
    outcome: 'fail',
    reason: 'test-failed',
    detail: 'the device says no: <temperature> & "humidity"',
  },
}

const measured = (name: string, value: number, unit: string, least: number): Measurement => ({
  name,
  value,
  unit,
  least,
  most: null,
  verdict: value >= least ? 'pass' : 'fail',
})

/**
 * Writes the records of a station with two rigs, and at last a cycle that goes on. Of ten units two pass in their second cycle only, and no
 * device comes of one; of the two, one has no device in its first. The light of the left rig fades.
 *
 * @param fromMs when the first cycle begins
 */
export function writeStation(path: string, fromMs: number, units: number, everyS = 60): void {
  const random = seededRandom(7)
  let nowMs = fromMs
  // Durations are by this clock.
  Object.defineProperty(performance, 'now', { value: () => nowMs - fromMs, configurable: true })
  try {
    using records = Records.open(path, 'line 1', fromMs)
    const cycle = (rig: string, deviceId: string, end: CycleEnd): void => {
      const beginMs = nowMs
      const { id, number } = records.begin(
        {
          rig,
          rigKind: 'bridge',
          rigName: rig === 'left' ? '/dev/ttyACM0' : '/dev/ttyACM1',
          serialNumber: rig === 'left' ? '4711' : '4712',
          firmwareVersion: '1.2.0',
          packageVersion: '0.1.0',
        },
        'gpio',
        nowMs,
      )
      for (const [state, lengthS] of STATES) {
        records.enter(id, state, nowMs)
        nowMs += Math.round(1000 * lengthS * (0.8 + 0.4 * random()))
        if (state === 'light') {
          const faded = rig === 'left' ? number / 20 : 0
          records.measure(id, [
            measured('margin-pct', 62 - faded + 4 * random(), '%', 20),
            measured('snr-db', 28 - faded / 10 + random(), 'dB', 12),
          ])
          if (end.reason === 'light-failed') break
        }
        if (state === 'connecting') {
          if (end.reason === 'no-device') break
          records.identify(id, { deviceId, planId: null })
        }
        if (state === 'testing') {
          const success = end.outcome === 'pass'
          records.keep({ deviceId, mac: null, success, values: { battery: 3.1 } }, nowMs)
          if (!success) break
        }
      }
      records.end(id, end, nowMs)
      nowMs = Math.max(nowMs, beginMs + 1000 * everyS)
    }
    for (let unit = 0; unit < units; unit++) {
      const rig = unit % 2 ? 'right' : 'left'
      const deviceId = `30000c2a69${`${unit}`.padStart(6, '0')}`
      const end = ENDS[unit % 10]
      if (end) cycle(rig, deviceId, end)
      if (!end || unit % 10 === 2 || unit % 10 === 5) cycle(rig, deviceId, PASS)
    }
    records.begin(
      {
        rig: 'left',
        rigKind: 'bridge',
        rigName: '/dev/ttyACM0',
        serialNumber: null,
        firmwareVersion: null,
        packageVersion: '0.1.0',
      },
      'key',
      nowMs,
    )
  } finally {
    Reflect.deleteProperty(performance, 'now')
  }
}
