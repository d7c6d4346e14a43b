import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { link, mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { describe, expect, vi } from 'vitest'
import { Connection } from '../../../src/factory/records/connection.js'
import { readRecords } from '../../../src/factory/records/cycle-reader.js'
import type { CycleRecord, DeviceReport } from '../../../src/factory/records/cycle-record.js'
import { Records } from '../../../src/factory/records/records.js'
import { Run } from '../../helpers/blinkup.js'
import { type Folder, test } from '../../helpers/folder.js'
import { needs } from '../../helpers/requirements.js'
import { deviceOf, measurementsOf, SETTING, STATION, T0, wholeCycle } from './example.js'

const open = (folder: Folder, nowMs = T0): Records =>
  Records.open(folder.at('records.db'), STATION, nowMs)

const pass = { outcome: 'pass', reason: null, detail: null } as const
const code = (code: string) => expect.objectContaining({ name: 'RecordsError', code })
const report = (deviceId: string | null, success: boolean | null = true): DeviceReport => ({
  deviceId,
  mac: deviceId?.slice(4) ?? null,
  success,
  values: { battery: 3.1, nested: { text: 'a\0b', list: [1, null] } },
})

/** A file of another program that keeps its things in SQLite. */
function otherDatabase(path: string): void {
  using connection = new Connection(path, 'create')
  connection.execute('CREATE TABLE other (a)')
}

/** A cycle that stands in `connecting`. */
function litCycle(records: Records, atMs = T0): string {
  const { id } = records.begin(SETTING, 'key', atMs)
  records.enter(id, 'light', atMs + 1)
  records.enter(id, 'connecting', atMs + 2)
  return id
}

/** A cycle of a device that has passed. */
function endedCycle(records: Records, deviceId: string): string {
  const id = litCycle(records)
  records.identify(id, { deviceId, planId: null })
  records.end(id, pass, T0 + 3)
  return id
}

describe('the record of a cycle', () => {
  test('has all that was told of it, with durations of a clock that is never set', ({ folder }) => {
    const clock = vi.spyOn(performance, 'now').mockReturnValue(5000)
    using records = open(folder)
    const { id, number } = records.begin(SETTING, 'gpio', T0)
    clock.mockReturnValue(5250)
    records.enter(id, 'light', T0 - 3_600_000)
    records.measure(id, measurementsOf(1))
    records.measure(id, [
      { name: 'label', value: 'A "B"', unit: null, least: null, most: null, verdict: null },
      { name: 'ok', value: true, unit: null, least: 0, most: Infinity, verdict: 'pass' },
      { name: 'lost', value: Number.NaN, unit: 'V', least: -Infinity, most: 1, verdict: 'fail' },
    ])
    clock.mockReturnValue(7250)
    const device = { deviceId: deviceOf(1), planId: '0123456789abcdef' }
    expect(records.identify(id, device)).toEqual([])
    records.enter(id, 'testing', T0 + 2)
    const result = records.keep(report(deviceOf(1)), T0 + 3)
    expect(result).toEqual({
      ...report(deviceOf(1)),
      number: 1,
      kind: 'report',
      receivedAtMs: T0 + 3,
      flag: 'matched',
      cycleId: id,
    })
    const goesOn = {
      ...SETTING,
      ...device,
      id,
      number: 1,
      trigger: 'gpio',
      startedAtMs: T0,
      endedAtMs: null,
      state: 'testing',
      end: null,
      durationS: null,
      phases: [
        { state: 'triggered', startedAtMs: T0, durationS: 0.25 },
        { state: 'light', startedAtMs: T0 - 3_600_000, durationS: 2 },
        { state: 'testing', startedAtMs: T0 + 2, durationS: null },
      ],
      measurements: [
        ...measurementsOf(1),
        { name: 'label', value: 'A "B"', unit: null, least: null, most: null, verdict: null },
        { name: 'ok', value: true, unit: null, least: 0, most: null, verdict: 'pass' },
        { name: 'lost', value: null, unit: 'V', least: null, most: 1, verdict: 'fail' },
      ],
      results: [result],
    } satisfies CycleRecord
    expect(number).toBe(1)
    expect(records.cycle(id)).toEqual(goesOn)
    clock.mockReturnValue(8000)
    const end = {
      outcome: 'fail',
      reason: 'test-failed',
      detail: 'the device says no: mend it',
    } as const
    records.end(id, end, T0 + 9)
    const ended = {
      ...goesOn,
      end,
      endedAtMs: T0 + 9,
      durationS: 3,
      phases: [...goesOn.phases.slice(0, 2), { ...goesOn.phases[2], durationS: 0.75 }],
    }
    expect(records.cycle(id)).toEqual(ended)
    clock.mockRestore()
    records[Symbol.dispose]()
    using later = open(folder, T0 + 100)
    expect(later.cycle(id)).toEqual(ended)
    expect(later.begin(SETTING, 'key', T0 + 101).number).toBe(2)
  })

  test('is not there for another ID', ({ folder }) => {
    using records = open(folder)
    expect(records.cycle('none')).toBeNull()
    expect(Array.from(records.cycles())).toEqual([])
  })

  test('is not written any more when it has ended', ({ folder }) => {
    using records = open(folder)
    const id = endedCycle(records, deviceOf(1))
    const before = records.cycle(id)
    const late = [
      () => records.enter(id, 'testing', T0),
      () => records.measure(id, measurementsOf(1)),
      () => records.identify(id, { deviceId: deviceOf(2), planId: null }),
      () => records.end(id, pass, T0),
      () => records.enter('none', 'testing', T0),
    ]
    for (const call of late) expect(call).toThrow(/^no cycle .* goes on$/)
    expect(records.cycle(id)).toEqual(before)
  })

  test('keeps texts that SQLite would cut, and numbers to their last bit', ({ folder }) => {
    using records = open(folder)
    const { id } = records.begin({ ...SETTING, rigName: 'a\0b\ud800' }, 'key', T0 + 0.4)
    const value = 0.1 + 0.2
    records.measure(id, [
      { name: 'x', value, unit: null, least: value, most: 5e-324, verdict: null },
      { name: 'text', value: 'a\0b\ud800', unit: null, least: null, most: null, verdict: null },
    ])
    expect(records.cycle(id)).toMatchObject({
      rigName: 'a\ufffdb\ufffd',
      startedAtMs: T0,
      measurements: [{ value, least: value, most: 5e-324 }, { value: 'a\0b\ud800' }],
    })
  })

  test('is found by time, rig and device, the newest first', ({ folder }) => {
    using records = open(folder)
    for (let n = 1; n <= 250; n++) {
      const { id } = records.begin({ ...SETTING, rig: n % 2 ? 'odd' : 'even' }, 'key', T0 + n)
      records.identify(id, { deviceId: deviceOf(n % 10), planId: null })
    }
    const numbers = (filter?: Parameters<Records['cycles']>[0]): number[] =>
      Array.from(records.cycles(filter), ({ number }) => number)
    const all = Array.from({ length: 250 }, (_, i) => 250 - i)
    expect(numbers()).toEqual(all)
    expect(numbers({ since: T0 + 20, until: T0 + 230, rig: 'odd' })).toEqual(
      all.filter((n) => n >= 20 && n < 230 && n % 2 === 1),
    )
    expect(numbers({ deviceId: deviceOf(3).toUpperCase() })).toEqual(
      all.filter((n) => n % 10 === 3),
    )
    const cycles = records.cycles()
    expect(cycles.next().value?.number).toBe(250)
    records.begin(SETTING, 'key', T0)
    expect(Array.from(cycles, ({ number }) => number)).toEqual(all.slice(1))
  })
})

describe('what a device tells', () => {
  test('is for its newest cycle: matched while that goes on, then late; the same again is repeated', ({
    folder,
  }) => {
    using records = open(folder)
    const first = endedCycle(records, deviceOf(1))
    const id = litCycle(records)
    records.identify(id, { deviceId: deviceOf(1), planId: null })
    const flags = (success: boolean | null): unknown => {
      const { flag, cycleId } = records.keep(report(deviceOf(1).toUpperCase(), success), T0)
      return [flag, cycleId]
    }
    expect(flags(null)).toEqual(['matched', id])
    expect(flags(true)).toEqual(['matched', id])
    expect(flags(null)).toEqual(['repeated', id])
    records.end(id, pass, T0)
    expect(flags(true)).toEqual(['repeated', id])
    expect(flags(false)).toEqual(['late', id])
    expect(records.cycle(id)?.results.map(({ flag }) => flag)).toEqual([
      'matched',
      'matched',
      'repeated',
      'repeated',
      'late',
    ])
    expect(records.cycle(first)?.results).toEqual([])
  })

  test('is unknown where no cycle has that device, and of who says no ID', ({ folder }) => {
    using records = open(folder)
    litCycle(records)
    for (const device of [deviceOf(9), null]) {
      const stored = {
        ...report(device),
        kind: 'report',
        receivedAtMs: T0,
        flag: 'unknown',
        cycleId: null,
      }
      expect(records.keep(report(device), T0)).toMatchObject(stored)
    }
  })

  test('becomes the cycle’s when the device was faster than the server, and only from its light on', ({
    folder,
  }) => {
    using records = open(folder)
    records.keep(report(deviceOf(1), false), T0)
    const id = litCycle(records)
    // By the order in which they came: the clock may have been set.
    records.keep(report(deviceOf(1), null), T0 - 1000)
    records.keep(report(deviceOf(2)), T0)
    records.keep(report(deviceOf(1)), T0)
    records.keep(report(deviceOf(1)), T0)
    const adopted = records.identify(id, { deviceId: deviceOf(1), planId: null })
    expect(adopted.map(({ flag, success, cycleId }) => [flag, success, cycleId])).toEqual([
      ['matched', null, id],
      ['matched', true, id],
    ])
    expect(records.cycle(id)?.results.map(({ flag }) => flag)).toEqual([
      'matched',
      'matched',
      'repeated',
    ])
    expect(records.identify(id, { deviceId: deviceOf(1), planId: null })).toEqual([])
  })

  test('is not adopted without light', ({ folder }) => {
    using records = open(folder)
    const { id } = records.begin(SETTING, 'key', T0)
    records.keep(report(deviceOf(1)), T0)
    expect(records.identify(id, { deviceId: deviceOf(1), planId: null })).toEqual([])
  })

  test('in its second cycle, before the server knows that, is of the second one', ({ folder }) => {
    using records = open(folder)
    const first = litCycle(records)
    records.identify(first, { deviceId: deviceOf(1), planId: null })
    records.keep(report(deviceOf(1)), T0)
    records.end(first, pass, T0)
    const second = litCycle(records)
    expect(records.keep(report(deviceOf(1)), T0)).toMatchObject({
      flag: 'repeated',
      cycleId: first,
    })
    expect(records.keep(report(deviceOf(1), null), T0)).toMatchObject({
      flag: 'late',
      cycleId: first,
    })
    const adopted = records.identify(second, { deviceId: deviceOf(1), planId: null })
    expect(adopted.map(({ flag, success }) => [flag, success])).toEqual([
      ['matched', true],
      ['matched', null],
    ])
    expect(records.cycle(first)?.results).toHaveLength(1)
  })
})

describe('the file of a station', () => {
  test('is of one station at a time, by whatever name, and of others after it', async ({
    folder,
  }) => {
    const records = open(folder)
    await symlink(folder.at('records.db'), folder.at('link.db'))
    for (const name of ['records.db', 'link.db', './records.db']) {
      expect(() => Records.open(folder.at(name), STATION, T0)).toThrow(code('locked'))
    }
    records[Symbol.dispose]()
    open(folder)[Symbol.dispose]()
    using other = open(folder)
    expect(Array.from(other.cycles())).toEqual([])
  })

  test('marks cycles that somebody was killed in', ({ folder }) => {
    const records = open(folder)
    const ended = endedCycle(records, deviceOf(1))
    const id = litCycle(records)
    records[Symbol.dispose]()
    using later = open(folder, T0 + 60_000)
    expect(later.cycle(id)).toMatchObject({
      state: 'connecting',
      endedAtMs: T0 + 60_000,
      durationS: null,
      end: { outcome: 'aborted', reason: 'interrupted' },
    })
    expect(later.cycle(ended)?.end).toEqual(pass)
    expect(() => later.enter(id, 'testing', T0)).toThrow('goes on')
  })

  test('is refused to a station of another name', ({ folder }) => {
    open(folder)[Symbol.dispose]()
    expect(() => Records.open(folder.at('records.db'), 'line 2', T0)).toThrow(code('foreign'))
  })

  test.for(['as if written by SQLite', ''])(
    'is told from one of something else: %j',
    async (text, { folder }) => {
      const path = folder.at('records.db')
      if (text) await writeFile(path, text.repeat(500))
      else otherDatabase(path)
      const before = await readFile(path)
      expect(() => open(folder)).toThrow(code('damaged'))
      expect(() => readRecords(path)).toThrow(code('damaged'))
      expect(await readFile(path)).toEqual(before)
      expect(existsSync(`${path}-lock`)).toBe(false)
    },
  )

  test('is told to be damaged when a part of it is gone', async ({ folder }) => {
    const records = open(folder)
    for (let n = 0; n < 50; n++) endedCycle(records, deviceOf(n))
    records[Symbol.dispose]()
    await truncate(folder.at('records.db'), 8192)
    expect(() => {
      using broken = open(folder)
      for (const _ of broken.cycles()) {
      }
    }).toThrow(code('damaged'))
  })

  test('must be where it can be written', async ({ folder }) => {
    expect(() => Records.open(folder.at('none/a.db'), STATION, T0)).toThrow(code('unwritable'))
    await mkdir(folder.at('folder.db'))
    expect(() => Records.open(folder.at('folder.db'), STATION, T0)).toThrow(code('unwritable'))
    await folder.file('plain', '')
    expect(() => Records.open(folder.at('plain/a.db'), STATION, T0)).toThrow(code('unwritable'))
  })

  test('has any name', ({ folder }) => {
    const name = 'a ? % # ü\'".db'
    Records.open(folder.at(name), STATION, T0)[Symbol.dispose]()
    using reader = readRecords(folder.at(name))
    expect(reader.station).toBe(STATION)
  })
})

describe.skipIf(needs('sqlite3'))('beside a station that writes', () => {
  const sqlite3 = (folder: Folder, sql: string): string =>
    execFileSync('sqlite3', [folder.at('records.db'), sql], { encoding: 'utf8' })

  test('sqlite3 reads, and so do other programs of ours', ({ folder }) => {
    using records = open(folder)
    const cycle = wholeCycle(records, T0, () => {})
    for (let i = 0; i < 4; i++) cycle.next()
    using reader = readRecords(folder.at('records.db'))
    const [seen] = reader.cycles()
    expect(seen).toEqual(Array.from(records.cycles())[0])
    expect(sqlite3(folder, 'SELECT number, state, outcome IS NULL FROM cycle')).toBe('1|light|1\n')
    expect(sqlite3(folder, 'PRAGMA integrity_check')).toBe('ok\n')
    cycle.next()
    expect(Array.from(reader.cycles())[0]?.state).toBe('connecting')
    expect(sqlite3(folder, 'SELECT state FROM cycle')).toBe('connecting\n')
  })

  test('nothing is interrupted or written by who reads', ({ folder }) => {
    const records = open(folder)
    litCycle(records)
    records[Symbol.dispose]()
    using reader = readRecords(folder.at('records.db'))
    expect(Array.from(reader.cycles(), ({ end }) => end)).toEqual([null])
    using later = open(folder)
    expect(Array.from(later.cycles(), ({ end }) => end?.reason)).toEqual(['interrupted'])
  })

  test('who writes for too long keeps it from writing, and it goes on after that', async ({
    folder,
  }) => {
    using records = open(folder)
    const { id } = records.begin(SETTING, 'key', T0)
    const other = new Run('sqlite3', [folder.at('records.db')], {})
    other.process.stdin?.write("BEGIN IMMEDIATE;\nSELECT 'begun';\n")
    await other.says('stdout', /begun/)
    expect(() => records.enter(id, 'light', T0)).toThrow(code('locked'))
    other.process.stdin?.end('ROLLBACK;\n')
    await other.ended
    records.enter(id, 'light', T0)
    expect(records.cycle(id)?.phases.map(({ state }) => state)).toEqual(['triggered', 'light'])
  })

  test('versions that it does not know are refused', ({ folder }) => {
    open(folder)[Symbol.dispose]()
    sqlite3(folder, 'PRAGMA user_version = 99')
    expect(() => open(folder)).toThrow(code('newer'))
    expect(() => readRecords(folder.at('records.db'))).toThrow(code('newer'))
    sqlite3(folder, 'PRAGMA user_version = 0')
    expect(() => readRecords(folder.at('records.db'))).toThrow(code('older'))
  })

  test('a file that is not there is not made by who reads', async ({ folder }) => {
    for (const path of [folder.at('none.db'), folder.path]) {
      expect(() => readRecords(path)).toThrow(code('missing'))
    }
    await link(await folder.file('empty.db', ''), folder.at('other.db'))
    expect(() => readRecords(folder.at('other.db'))).toThrow(code('damaged'))
  })
})
