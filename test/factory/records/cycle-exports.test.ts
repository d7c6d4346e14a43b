import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  cyclesCsv,
  cyclesJsonLines,
  cyclesJunit,
} from '../../../src/factory/records/cycle-exports.js'
import type { CycleRecord } from '../../../src/factory/records/cycle-record.js'
import { CHROMIUM, withPage } from '../../helpers/browser.js'
import { needs } from '../../helpers/requirements.js'
import { SETTING, T0 } from './example.js'

const PASSED: CycleRecord = {
  ...SETTING,
  id: 'a',
  number: 7,
  trigger: 'gpio',
  startedAtMs: T0,
  endedAtMs: T0 + 30_500,
  state: 'blessing',
  end: { outcome: 'pass', reason: null, detail: null },
  durationS: 30.5,
  deviceId: '30000c2a69000001',
  planId: null,
  phases: [
    { state: 'triggered', startedAtMs: T0, durationS: 0.25 },
    { state: 'light', startedAtMs: T0, durationS: 5.5 },
    { state: 'light', startedAtMs: T0, durationS: 6 },
    { state: 'blessing', startedAtMs: T0, durationS: null },
  ],
  measurements: [
    { name: 'snr-db', value: 20, unit: 'dB', least: 12, most: null, verdict: 'pass' },
    { name: 'snr-db', value: 25.5, unit: 'dB', least: 12, most: null, verdict: 'pass' },
    { name: 'label', value: 'a,"b"', unit: null, least: null, most: null, verdict: null },
    { name: 'ok', value: true, unit: null, least: null, most: null, verdict: null },
  ],
  results: [],
}
const failed = (detail: string): CycleRecord => ({
  ...PASSED,
  number: 8,
  end: { outcome: 'fail', reason: 'test-failed', detail },
})
const CYCLES: readonly CycleRecord[] = [
  PASSED,
  failed('the device says no'),
  { ...PASSED, end: { outcome: 'timeout', reason: 'no-device', detail: 'none' }, deviceId: null },
  { ...PASSED, end: { outcome: 'error', reason: 'broken', detail: 'mend it' }, durationS: 1 },
  {
    ...PASSED,
    end: { outcome: 'aborted', reason: 'interrupted', detail: 'no power' },
    durationS: null,
  },
  { ...PASSED, end: null, endedAtMs: null, durationS: null },
]

async function piecesOf(pieces: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = []
  for await (const piece of pieces) all.push(piece)
  return all
}

describe('cycles as CSV', () => {
  test('have a row each, with the times of states and the last value of each measurement', async () => {
    const [heading = '', row = '', ...others] = await piecesOf(
      cyclesCsv(CYCLES, ['label', 'ok', 'snr-db', 'never']),
    )
    expect(others).toHaveLength(CYCLES.length - 1)
    const cells = row.trimEnd().replace('"a,""b"""', 'quoted').split(',')
    const columns = heading.trimEnd().split(',')
    expect(cells).toHaveLength(columns.length)
    expect(Object.fromEntries(columns.map((name, i) => [name, cells[i]]))).toMatchObject({
      number: '7',
      started_at: '2026-11-30T06:00:00.000Z',
      ended_at: '2026-11-30T06:00:30.500Z',
      duration_s: '30.5',
      outcome: 'pass',
      reason: '',
      device_id: '30000c2a69000001',
      light_s: '11.5',
      blessing_s: '',
      token_s: '',
      'snr-db': '25.5',
      label: 'quoted',
      ok: 'true',
      never: '',
    })
  })
})

test('cycles as lines of JSON are the records', async () => {
  const lines = (await piecesOf(cyclesJsonLines(CYCLES))).join('').split('\n')
  expect(lines.pop()).toBe('')
  expect(lines.map((line) => JSON.parse(line))).toEqual(CYCLES)
})

describe.skipIf(needs(CHROMIUM))('cycles as JUnit XML', () => {
  /** What a browser's parser, which takes nothing but well-formed XML, reads of files. */
  const parsed = (files: readonly string[]) =>
    withPage(
      (page) =>
        page.evaluate(`${JSON.stringify(files)}.map((text) => {
          const xml = new DOMParser().parseFromString(text, 'application/xml')
          const of = (element) => Object.fromEntries(Array.from(element?.attributes ?? [], ({ name, value }) => [name, value]))
          return {
            fault: xml.querySelector('parsererror')?.textContent ?? null,
            suite: of(xml.querySelector('testsuite')),
            cases: Array.from(xml.querySelectorAll('testcase'), (one) => [
              of(one).name, one.firstElementChild?.tagName ?? 'passed', one.textContent,
            ]),
          }
        })`) as Promise<{ fault: string | null; suite: object; cases: unknown[] }[]>,
    )

  test('have a case each, but those that go on: what is the device’s is a failure', async () => {
    const [read] = await parsed([await cyclesJunit(CYCLES, 'station line 1', new Date(T0))])
    expect(read).toEqual({
      fault: null,
      suite: {
        name: 'station line 1',
        tests: '5',
        failures: '1',
        errors: '2',
        skipped: '1',
        time: '92.5',
        timestamp: '2026-11-30T06:00:00',
      },
      cases: [
        ['cycle 7: 30000c2a69000001', 'passed', ''],
        ['cycle 8: 30000c2a69000001', 'failure', 'test-failed: the device says no'],
        ['cycle 7', 'error', 'no-device: none'],
        ['cycle 7: 30000c2a69000001', 'error', 'broken: mend it'],
        ['cycle 7: 30000c2a69000001', 'skipped', 'interrupted: no power'],
      ],
    })
  })

  test('are well-formed, whatever is told', async () => {
    const texts = fc.sample(fc.string({ unit: 'binary' }), 100)
    const files = await Promise.all(
      texts.map((text) => cyclesJunit([failed(text)], text, new Date(T0))),
    )
    const read = await parsed(files)
    expect(read.map(({ fault }) => fault)).toEqual(files.map(() => null))
  })
})
