import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { StationSnapshot } from '../../../src/factory/station/snapshot.js'
import { stationMetrics } from '../../../src/web/station/metrics.js'
import { endedCycle, NOON_MS, rigSnapshot } from './fake-station.js'

interface Read {
  readonly type: string
  readonly samples: { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]
}

const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"/y
const ESCAPES: Readonly<Record<string, string>> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' }

/** Reads the text format, and takes nothing that is not in its description. */
function readMetrics(text: string): Map<string, Read> {
  const families = new Map<string, Read>()
  expect(text.endsWith('\n')).toBe(true)
  for (const line of text.slice(0, -1).split('\n')) {
    const [, type, ofType] = /^# TYPE ([a-z_]+) (counter|gauge)$/.exec(line) ?? []
    if (type) families.set(type, { type: ofType as string, samples: [] })
    if (line.startsWith('#')) {
      expect(line).toMatch(/^# (HELP [a-z_]+ [^\\]+|TYPE [a-z_]+ (counter|gauge))$/)
      continue
    }
    const [, name = '', labels = '', value = ''] = /^([a-z_]+)\{(.*)\} (\S+)$/s.exec(line) ?? []
    families.get(name)?.samples.push({ labels: readLabels(labels), value: Number(value) })
    expect([line, families.has(name), Number.isFinite(Number(value))]).toEqual([line, true, true])
  }
  return families
}

function readLabels(text: string): Record<string, string> {
  const labels: [string, string][] = []
  for (let at = 0; at < text.length; at++) {
    LABEL.lastIndex = at
    const [all = '', name = '', value = ''] = LABEL.exec(text) ?? []
    expect([text, all]).not.toEqual([text, ''])
    labels.push([name, value.replace(/\\[\\"n]/g, (pair) => ESCAPES[pair] as string)])
    at += all.length
    expect([',', undefined]).toContain(text[at])
  }
  return Object.fromEntries(labels)
}

const SNAPSHOT: StationSnapshot = {
  station: 'Line 1',
  rigs: [
    rigSnapshot('Left', {
      state: 'light',
      recent: [endedCycle(2, 'no-device'), endedCycle(1, null)],
    }),
    rigSnapshot('Right', {
      state: 'lost',
      why: 'it was unplugged',
      labels: { printed: 5, failed: 1, last: null },
    }),
  ],
}
const COUNTERS = {
  reportAnswers: new Map([
    [200, 7],
    [404, 1000],
  ]),
}

test('of a station are what its snapshot and its counters say', () => {
  const families = readMetrics(stationMetrics(SNAPSHOT, COUNTERS))
  const of = (name: string, labels: Record<string, string>): number[] =>
    (families.get(`blinkup_station_${name}`)?.samples ?? [])
      .filter((sample) =>
        Object.entries(labels).every(([key, text]) => sample.labels[key] === text),
      )
      .map(({ value }) => value)
  expect(of('cycles_total', { station: 'Line 1', rig: 'Left', outcome: 'pass' })).toEqual([1])
  expect(of('cycles_total', { rig: 'Left', outcome: 'timeout' })).toEqual([1])
  expect(of('cycles_total', { rig: 'Right' })).toEqual([0, 0, 0, 0, 0])
  expect(of('ignored_triggers_total', {})).toEqual([2, 2])
  expect(of('labels_total', { rig: 'Left' })).toEqual([])
  expect(of('labels_total', { rig: 'Right', outcome: 'printed' })).toEqual([5])
  expect(of('labels_total', { rig: 'Right', outcome: 'failed' })).toEqual([1])
  expect(of('rig_up', { rig: 'Left' })).toEqual([1])
  expect(of('rig_up', { rig: 'Right' })).toEqual([0])
  expect(of('rig_state', { rig: 'Left', state: 'light' })).toEqual([1])
  expect(of('rig_state', { rig: 'Right', state: 'lost' })).toEqual([1])
  const all = of('rig_state', {})
  expect([all.length, all.reduce((sum, value) => sum + value, 0)]).toEqual([26, 2])
  expect(of('rig_state_start_time_seconds', { rig: 'Left' })).toEqual([NOON_MS / 1000])
  expect(of('report_requests_total', { status: '200' })).toEqual([7])
  expect(of('report_requests_total', { status: '404' })).toEqual([1000])
  const counters = [...families].filter(([, { type }]) => type === 'counter')
  expect(counters.map(([name]) => name.endsWith('_total'))).toEqual([true, true, true, true])
})

test('have each name of a rig as it is', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: 'binary' }), (station, rig) => {
      const text = stationMetrics(
        { station, rigs: [rigSnapshot(rig, { state: 'waiting' })] },
        { reportAnswers: new Map() },
      )
      const [up] = readMetrics(text).get('blinkup_station_rig_up')?.samples ?? []
      expect(up).toEqual({ labels: { station, rig }, value: 1 })
    }),
  )
})
