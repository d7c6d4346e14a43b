import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { PlantCycles, type PlantFilter } from '../../../src/factory/plant/cycles.js'
import { PlantDatabase } from '../../../src/factory/plant/database.js'
import { PlantError } from '../../../src/factory/plant/errors.js'
import { type Source, type Synced, syncRecords } from '../../../src/factory/plant/sync.js'
import type { CycleRecord } from '../../../src/factory/records/cycle-record.js'
import { Records } from '../../../src/factory/records/records.js'
import { Folder, test } from '../../helpers/folder.js'
import { freePort } from '../../helpers/mosquitto.js'
import { DATABASE_PASSWORD, Postgres } from '../../helpers/postgres.js'
import { needs } from '../../helpers/requirements.js'
import { deviceOf, SETTING, STATION, T0, wholeCycle } from '../records/example.js'

/** How often the server is killed; by hand: BLINKUP_KILLS=20 npx vitest run test/factory/plant/sync.test.ts -t killed */
const KILLS = Number(process.env.BLINKUP_KILLS ?? 2)

function addCycle(records: Records, atMs = T0): string {
  const cycle = wholeCycle(records, atMs, () => {})
  for (;;) {
    const { done, value } = cycle.next()
    if (done) return value
  }
}

const sync = async (records: Source, url: string): Promise<Synced> => {
  await using database = await PlantDatabase.open(url, DATABASE_PASSWORD)
  return await syncRecords(records, database, new AbortController().signal)
}

async function read(url: string, filter: PlantFilter = {}): Promise<CycleRecord[]> {
  await using database = await PlantDatabase.open(url, DATABASE_PASSWORD)
  const cycles: CycleRecord[] = []
  for await (const cycle of (await PlantCycles.open(database)).cycles(filter)) cycles.push(cycle)
  return cycles
}

describe.skipIf(needs('/usr/bin/pg_ctlcluster'))("the plant's database", () => {
  let server: Postgres
  let folder: Folder
  beforeAll(async () => {
    folder = new Folder(await mkdtemp(join(tmpdir(), 'blinkup-')))
    server = await Postgres.open(folder)
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await rm(folder.path, { recursive: true })
  })

  test('has all that the records have of cycles that have ended, once', async ({ folder }) => {
    const url = await server.create('whole')
    using records = Records.open(folder.at('a.db'), STATION, T0)
    expect(await sync(records, url)).toEqual({ cycles: 0, results: 0 })
    addCycle(records)
    const { id } = records.begin({ ...SETTING, serialNumber: null }, 'page', T0 + 1.5)
    records.measure(id, [
      {
        name: 'label',
        value: 'A "B" \\ ü\n\u2028',
        unit: null,
        least: null,
        most: null,
        verdict: null,
      },
      { name: 'ok', value: true, unit: null, least: 0, most: 1e300, verdict: 'marginal' },
      { name: 'lost', value: null, unit: 'V', least: -0.1, most: 1, verdict: 'fail' },
    ])
    expect(await sync(records, url)).toEqual({ cycles: 1, results: 1 })
    const detail = "it's 'broken'; DROP TABLE"
    records.end(id, { outcome: 'error', reason: 'broken', detail }, T0 + 2)
    const values = { deep: { list: [1, null, 'x'], '': 0.1 } }
    records.keep({ deviceId: deviceOf(1), mac: '0c2a69000001', success: null, values }, T0 + 9)
    records.keep({ deviceId: null, mac: null, success: false, values: {} }, T0 + 9)
    expect(await sync(records, url)).toEqual({ cycles: 1, results: 2 })
    expect(await sync(records, url)).toEqual({ cycles: 0, results: 0 })
    expect(await read(url)).toEqual(Array.from(records.cycles()))
    using client = await closing(url)
    const { rows } = await client.query(
      'SELECT number::int, flag, cycle IS NULL AS alone FROM blinkup.result ORDER BY number',
    )
    expect(rows).toEqual([
      { number: 1, flag: 'matched', alone: false },
      { number: 2, flag: 'late', alone: false },
      { number: 3, flag: 'unknown', alone: true },
    ])
  })

  test('follows a result that becomes that of another cycle', async ({ folder }) => {
    const url = await server.create('adopted')
    using records = Records.open(folder.at('a.db'), STATION, T0)
    const { id } = records.begin(SETTING, 'key', T0)
    records.enter(id, 'light', T0)
    records.keep({ deviceId: deviceOf(7), mac: null, success: true, values: {} }, T0)
    expect(await sync(records, url)).toEqual({ cycles: 0, results: 1 })
    records.identify(id, { deviceId: deviceOf(7), planId: null })
    records.end(id, { outcome: 'pass', reason: null, detail: null }, T0)
    await sync(records, url)
    expect((await read(url))[0]?.results).toMatchObject([{ flag: 'matched', cycleId: id }])
  })

  test('takes several stations, that come at once, and another file of one of them', async ({
    folder,
  }) => {
    const url = await server.create('several')
    const names = ['line 1', 'line 2', 'line 3', 'line 1']
    const all = names.map((name, n) => Records.open(folder.at(`${n}.db`), name, T0))
    for (const [n, records] of all.entries()) addCycle(records, T0 + n)
    for (const records of all.slice(1)) addCycle(records, T0 + 10)
    // Twice at once, too.
    await Promise.all([...all, ...all].map((records) => sync(records, url)))
    const found = await read(url)
    expect(found.map(({ station }) => station).sort()).toEqual([
      ...['line 1', 'line 1', 'line 1', 'line 2', 'line 2', 'line 3', 'line 3'],
    ])
    expect(found.map(({ startedAtMs }) => startedAtMs - T0)).toEqual([10, 10, 10, 3, 2, 1, 0])
    expect(await read(url, { station: 'line 2', until: T0 + 5 })).toMatchObject([{ number: 1 }])
    expect(await read(url, { since: T0 + 2, rig: 'left', deviceId: deviceOf(1) })).toHaveLength(2)
    expect(await read(url, { rig: 'right' })).toEqual([])
    for (const records of all) records[Symbol.dispose]()
  })

  test(`loses and doubles nothing when it is killed (${KILLS} times)`, async ({ folder }) => {
    const url = await server.create('killed')
    using records = Records.open(folder.at('a.db'), STATION, T0)
    let broken = 0
    for (let kill = 0; kill < KILLS; kill++) {
      for (let i = 0; i < 15; i++) addCycle(records, T0 + 100 * kill + i)
      let killing: Promise<void> | undefined
      const fatal = 3 + Math.floor(10 * Math.random())
      const slow: Source = {
        recordsId: records.recordsId,
        station: STATION,
        news: (after) => {
          if (after >= 15 * kill + fatal) {
            killing ??= sleep(5 * Math.random()).then(() => server.kill())
          }
          return records.news(after, 1)
        },
      }
      const error = await sync(slow, url).then(
        () => null,
        (error) => error,
      )
      await killing
      if (error !== null) {
        expect(error).toBeInstanceOf(PlantError)
        expect(error).toMatchObject({ code: 'broken-off' })
        broken++
      }
      await server.start()
    }
    expect(broken).toBeGreaterThan(0)
    await sync(records, url)
    expect(await read(url)).toEqual(Array.from(records.cycles()))
  })

  test('is refused, or not found, in a sentence without a password', async () => {
    const fails = (url: string, password: string | null) =>
      PlantDatabase.open(url, password).then(
        () => null,
        (error) => ({ code: error.code, message: error.message }),
      )
    expect(await fails(server.url(), 'not it')).toEqual({
      code: 'refused',
      message: expect.stringMatching(/^the database 127.*\/postgres says no \(password auth/),
    })
    expect(await fails(server.url('nosuch'), DATABASE_PASSWORD)).toMatchObject({ code: 'refused' })
    expect(await fails(server.url(), null)).toMatchObject({ code: 'refused' })
    const nobody = `postgres://plant@127.0.0.1:${await freePort()}/a`
    expect(await fails(nobody, 'x')).toMatchObject({ code: 'unreachable' })
    expect(await fails(`${server.url()}?sslmode=verify-full`, 'x')).toMatchObject({
      code: expect.stringMatching(/refused|unreachable|broken-off/),
    })
  })

  test('is not touched where it is of a later version, and not read where it is empty', async ({
    folder,
  }) => {
    const url = await server.create('versions')
    using records = Records.open(folder.at('a.db'), STATION, T0)
    await expect(read(url)).rejects.toMatchObject({ code: 'missing' })
    await sync(records, url)
    using client = await closing(url)
    await client.query('UPDATE blinkup.version SET version = 99')
    await expect(sync(records, url)).rejects.toMatchObject({ code: 'newer' })
    await expect(read(url)).rejects.toMatchObject({ code: 'newer' })
  })

  test('has no place for a secret', async ({ folder }) => {
    const url = await server.create('columns')
    using records = Records.open(folder.at('a.db'), STATION, T0)
    await sync(records, url)
    using client = await closing(url)
    const { rows } = await client.query(
      "SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'blinkup'",
    )
    expect(rows.length).toBeGreaterThan(30)
    expect(
      rows.filter(({ name }) => /token|password|secret|ssid|key|wave|light/.test(name)),
    ).toEqual([])
  })

  const closing = async (url: string) => {
    const client = await server.connect(url)
    return Object.assign(client, { [Symbol.dispose]: () => void client.end() })
  }
})
