import type { ClientBase } from 'pg'
import type { CycleReader } from '../records/cycle-reader.js'
import { type CycleRecord, type StoredResult, timeText } from '../records/cycle-record.js'
import type { News } from '../records/outbox.js'
import type { PlantDatabase } from './database.js'
import { makeTables } from './tables.js'

/** A station's records, as far as they are needed here. */
export type Source = Pick<CycleReader, 'recordsId' | 'station' | 'news'>

/** What was put into the database. */
export interface Synced {
  readonly cycles: number
  readonly results: number
}

/** News that goes in one transaction. */
const AT_ONCE = 200

/**
 * Puts all news of a station's records into the plant's database, in the schema `blinkup`, which is made where there is none. Each transaction puts in
 * some of it and how far that is, so that it goes on from there the next time, however it has ended. What is there already is written
 * over with the same.
 *
 * @throws PlantError, RecordsError, or the signal's reason
 */
export async function syncRecords(
  records: Source,
  database: PlantDatabase,
  signal: AbortSignal,
): Promise<Synced> {
  const { recordsId, station } = records
  await database.work(async (client) => {
    await makeTables(client)
    await client.query(
      'INSERT INTO blinkup.records (id, station) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      [recordsId, station],
    )
  })
  const total = { cycles: 0, results: 0 }
  for (;;) {
    signal.throwIfAborted()
    const put = await database.work((client) => putNext(client, records))
    if (!put) return total
    total.cycles += put.cycles
    total.results += put.results
  }
}

/** Null where there is no more. */
async function putNext(client: ClientBase, records: Source): Promise<Synced | null> {
  const { recordsId } = records
  await client.query('BEGIN')
  // Whoever else puts in the same waits.
  const { rows } = await client.query(
    'SELECT sequence FROM blinkup.records WHERE id = $1 FOR UPDATE',
    [recordsId],
  )
  const news = records.news(Number(rows[0].sequence), AT_ONCE)
  const last = news.at(-1)
  if (!last) {
    await client.query('COMMIT')
    return null
  }
  const cycles = news.flatMap(({ cycle }) => cycle ?? [])
  const results = news.flatMap(({ cycle, result }: News) => (cycle ? cycle.results : result))
  await putCycles(client, recordsId, cycles)
  await putResults(client, recordsId, results)
  await client.query('UPDATE blinkup.records SET sequence = $2 WHERE id = $1', [
    recordsId,
    last.sequence,
  ])
  await client.query('COMMIT')
  return { cycles: cycles.length, results: results.length }
}

async function putCycles(
  client: ClientBase,
  recordsId: string,
  cycles: readonly CycleRecord[],
): Promise<void> {
  const rows = cycles.map((cycle) => ({
    id: cycle.id,
    records: recordsId,
    station: cycle.station,
    number: cycle.number,
    rig: cycle.rig,
    rig_kind: cycle.rigKind,
    rig_name: cycle.rigName,
    serial_number: cycle.serialNumber,
    firmware_version: cycle.firmwareVersion,
    package_version: cycle.packageVersion,
    trigger_kind: cycle.trigger,
    started_at: timeText(cycle.startedAtMs),
    ended_at: timeText(cycle.endedAtMs),
    duration_s: cycle.durationS,
    state: cycle.state,
    outcome: cycle.end?.outcome ?? null,
    reason: cycle.end?.reason ?? null,
    detail: cycle.end?.detail ?? null,
    device_id: cycle.deviceId,
    plan_id: cycle.planId,
  }))
  // A cycle that has ended is never written again: what is there is the same.
  await put(client, 'cycle', rows, 'DO NOTHING')
  const phases = cycles.flatMap(({ id, phases }) =>
    phases.map(({ state, startedAtMs, durationS }, position) => ({
      cycle: id,
      position,
      state,
      started_at: timeText(startedAtMs),
      duration_s: durationS,
    })),
  )
  await put(client, 'phase', phases, 'DO NOTHING')
  const measurements = cycles.flatMap(({ id, measurements }) =>
    measurements.map((measured, position) => ({ cycle: id, position, ...measured })),
  )
  await put(client, 'measurement', measurements, 'DO NOTHING')
}

async function putResults(
  client: ClientBase,
  recordsId: string,
  results: readonly StoredResult[],
): Promise<void> {
  const rows = new Map(
    results.map((result) => [
      result.number,
      {
        records: recordsId,
        number: result.number,
        cycle: result.cycleId,
        flag: result.flag,
        kind: result.kind,
        received_at: timeText(result.receivedAtMs),
        device_id: result.deviceId,
        mac: result.mac,
        success: result.success,
        values: result.values,
      },
    ]),
  )
  // One that was of no cycle may have become a cycle's.
  await put(
    client,
    'result',
    Array.from(rows.values()),
    '(records, number) DO UPDATE SET cycle = excluded.cycle, flag = excluded.flag',
  )
}

/** Rows are told as JSON: one statement for all, whatever is in them. */
async function put(
  client: ClientBase,
  table: string,
  rows: readonly object[],
  onConflict: string,
): Promise<void> {
  await client.query(
    `INSERT INTO blinkup.${table} SELECT * FROM jsonb_populate_recordset(NULL::blinkup.${table}, $1::jsonb) ON CONFLICT ${onConflict}`,
    [JSON.stringify(rows)],
  )
}
