import type { CycleFilter } from '../records/cycle-reader.js'
import type { CycleRecord, Measurement, Phase, StoredResult } from '../records/cycle-record.js'
import type { PlantDatabase } from './database.js'
import { checkTables } from './tables.js'

export interface PlantFilter extends CycleFilter {
  readonly station?: string
}

/** Cycles that are read at once. */
const PAGE = 200

/** Of a cycle c, in their order, as JSON. */
const listOf = (table: string, order: string): string =>
  `(SELECT coalesce(json_agg(row_to_json(x) ORDER BY x.${order}), '[]') FROM blinkup.${table} x WHERE x.cycle = c.id) AS ${table}s`

const SELECT = `SELECT c.*, ${listOf('phase', 'position')}, ${listOf('measurement', 'position')}, ${listOf('result', 'number')} FROM blinkup.cycle c`

/** The cycles of all stations in a plant's database, as they were when they were first read, however often they are read. */
export class PlantCycles {
  private constructor(private readonly database: PlantDatabase) {}

  /** @throws PlantError 'missing' where nothing was put in yet, 'newer' and others */
  static async open(database: PlantDatabase): Promise<PlantCycles> {
    await database.work(async (client) => {
      await checkTables(client)
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    })
    return new PlantCycles(database)
  }

  /** Cycles that have ended, the newest first, in constant memory. @throws PlantError */
  async *cycles(filter: PlantFilter = {}): AsyncGenerator<CycleRecord, void, void> {
    const { since, until, rig, deviceId, station } = filter
    const asked: readonly (readonly [sql: string, value: unknown])[] = [
      ['c.started_at >=', since === undefined ? undefined : new Date(since)],
      ['c.started_at <', until === undefined ? undefined : new Date(until)],
      ['c.rig =', rig],
      ['c.device_id =', deviceId?.toLowerCase()],
      ['c.station =', station],
    ]
    const conditions = asked.filter(([, value]) => value !== undefined)
    const where = [
      '(c.started_at, c.id) < ($1, $2)',
      ...conditions.map(([sql], n) => `${sql} $${n + 3}`),
    ].join(' AND ')
    const sql = `${SELECT} WHERE ${where} ORDER BY c.started_at DESC, c.id DESC LIMIT ${PAGE}`
    let before: readonly unknown[] = ['infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff']
    for (;;) {
      const values = [...before, ...conditions.map(([, value]) => value)]
      const { rows } = await this.database.work((client) => client.query(sql, values))
      yield* rows.map(cycleOf)
      const last = rows.at(-1)
      if (!last) return
      before = [last.started_at, last.id]
    }
  }
}

/** A row, or one of its lists, as the database gives it: only this program writes it. */
// biome-ignore lint/suspicious/noExplicitAny: its types are those of the tables
type Row = any

const cycleOf = (row: Row): CycleRecord => ({
  station: row.station,
  id: row.id,
  number: Number(row.number),
  rig: row.rig,
  rigKind: row.rig_kind,
  rigName: row.rig_name,
  serialNumber: row.serial_number,
  firmwareVersion: row.firmware_version,
  packageVersion: row.package_version,
  trigger: row.trigger_kind,
  startedAtMs: row.started_at.getTime(),
  endedAtMs: row.ended_at?.getTime() ?? null,
  durationS: row.duration_s,
  state: row.state,
  end: row.outcome && { outcome: row.outcome, reason: row.reason, detail: row.detail },
  deviceId: row.device_id,
  planId: row.plan_id,
  phases: row.phases.map(phaseOf),
  measurements: row.measurements.map(measurementOf),
  results: row.results.map(resultOf),
})

const phaseOf = ({ state, started_at, duration_s }: Row): Phase => ({
  state,
  startedAtMs: Date.parse(started_at),
  durationS: duration_s,
})

const measurementOf = ({ name, value, unit, least, most, verdict }: Row): Measurement => ({
  name,
  value,
  unit,
  least,
  most,
  verdict,
})

const resultOf = (row: Row): StoredResult => ({
  number: row.number,
  kind: row.kind,
  deviceId: row.device_id,
  mac: row.mac,
  success: row.success,
  values: row.values,
  receivedAtMs: Date.parse(row.received_at),
  flag: row.flag,
  cycleId: row.cycle,
})
