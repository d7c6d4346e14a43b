import { statSync } from 'node:fs'
import { Connection, type Row, type Value } from './connection.js'
import type {
  CycleEnd,
  CycleRecord,
  LabelRecord,
  Measurement,
  Phase,
  UnixMs,
} from './cycle-record.js'
import { RecordsError } from './errors.js'
import { labelsOf, lastLabelOf } from './labels.js'
import type { News } from './outbox.js'
import { resultAt, resultOf } from './results.js'
import { checkVersion, MIGRATIONS } from './schema.js'

/** Which cycles; without any of these all. */
export interface CycleFilter {
  /** Those that began then or later. */
  readonly since?: UnixMs
  /** Those that began before. */
  readonly until?: UnixMs
  readonly rig?: string
  readonly deviceId?: string
}

/** Cycles that are read at once: a reader that takes its time must not keep SQLite from tidying up its log. */
const PAGE = 100

/** Reads the records of a station. */
export class CycleReader implements Disposable {
  constructor(
    protected readonly connection: Connection,
    readonly station: string,
  ) {}

  /** The cycle of that ID; null where there is none. @throws RecordsError */
  cycle(id: string): CycleRecord | null {
    return this.#oneCycle('SELECT * FROM cycle WHERE id = ?', id)
  }

  /** The last cycle of a rig that has passed; null where there is none. @throws RecordsError */
  lastPassed(rig: string): CycleRecord | null {
    return this.#oneCycle(
      "SELECT * FROM cycle WHERE rig = ? AND outcome = 'pass' ORDER BY number DESC LIMIT 1",
      rig,
    )
  }

  /** The labels of a cycle, the first one first. @throws RecordsError */
  labels(cycleId: string): LabelRecord[] {
    return labelsOf(this.connection, cycleId)
  }

  /** The newest label of a rig; null where there is none. @throws RecordsError */
  lastLabel(rig: string): LabelRecord | null {
    return lastLabelOf(this.connection, rig)
  }

  /**
   * Cycles, the newest first, in constant memory: each is as it was at one moment shortly before it is taken.
   *
   * @throws RecordsError
   */
  *cycles({ since, until, rig, deviceId }: CycleFilter = {}): Generator<CycleRecord, void, void> {
    const asked: readonly (readonly [sql: string, value: Value | undefined])[] = [
      ['started_at_ms >= ?', since],
      ['started_at_ms < ?', until],
      ['rig = ?', rig],
      ['device_id = ?', deviceId],
    ]
    const conditions = asked.flatMap(([sql, value]) =>
      value === undefined ? [] : [{ sql, value }],
    )
    // By numbers, not by times, as a clock may be set.
    const where = ['number < ?', ...conditions.map(({ sql }) => sql)].join(' AND ')
    const sql = `SELECT * FROM cycle WHERE ${where} ORDER BY number DESC LIMIT ${PAGE}`
    const values = conditions.map(({ value }) => value)
    let before = Number.MAX_SAFE_INTEGER
    for (;;) {
      const page = this.connection.snapshot(() =>
        this.#records(this.connection.rows(sql, before, ...values)),
      )
      yield* page
      const last = page.at(-1)
      if (!last) return
      before = last.number
    }
  }

  /** Tells these records from others of a station of that name (UUID). @throws RecordsError */
  get recordsId(): string {
    return `${this.connection.row('SELECT id FROM station')?.['id'] ?? ''}`
  }

  /** What comes after the news of that sequence number, at most so many, in their order. @throws RecordsError */
  news(after: number, limit: number): News[] {
    return this.connection.snapshot(() => {
      const rows = this.connection.rows(
        'SELECT * FROM news WHERE sequence > ? ORDER BY sequence LIMIT ?',
        after,
        limit,
      )
      const numbers = JSON.stringify(rows.map(({ cycle }) => cycle))
      const sql = 'SELECT * FROM cycle WHERE number IN (SELECT value FROM json_each(?))'
      const cycles = this.#records(this.connection.rows(sql, numbers))
      const byNumber = new Map(cycles.map((cycle) => [cycle.number, cycle]))
      return rows.map((row): News => {
        const sequence = Number(row['sequence'])
        const cycle = byNumber.get(Number(row['cycle']))
        if (cycle) return { sequence, cycle, result: null }
        return { sequence, cycle: null, result: resultAt(this.connection, Number(row['result'])) }
      })
    })
  }

  [Symbol.dispose](): void {
    this.connection[Symbol.dispose]()
  }

  #oneCycle(sql: string, value: Value): CycleRecord | null {
    return this.connection.snapshot(
      () => this.#records(this.connection.rows(sql, value))[0] ?? null,
    )
  }

  /** With what belongs to each of them, which is looked for once for all: libsql keeps something of each search until the event loop goes on. */
  #records(cycles: readonly Row[]): CycleRecord[] {
    const numbers = JSON.stringify(cycles.map(({ number }) => number))
    const of = (select: string, order: string): ReadonlyMap<Value, Row[]> => {
      const belongs = 'WHERE cycle IN (SELECT value FROM json_each(?))'
      const found = new Map<Value, Row[]>()
      for (const row of this.connection.rows(`${select} ${belongs} ORDER BY ${order}`, numbers)) {
        const cycle = row['cycle'] ?? null
        const others = found.get(cycle)
        if (others) others.push(row)
        else found.set(cycle, [row])
      }
      return found
    }
    const phases = of('SELECT * FROM phase', 'cycle, position')
    const measurements = of('SELECT * FROM measurement', 'cycle, position')
    const results = of('SELECT * FROM result', 'number')
    return cycles.map((row) => {
      const number = row['number'] ?? null
      return {
        station: this.station,
        ...plainOf(row),
        end: endOf(row),
        phases: (phases.get(number) ?? []).map(phaseOf),
        measurements: (measurements.get(number) ?? []).map(measurementOf),
        results: (results.get(number) ?? []).map((one) => resultOf(one, row['id'] ?? null)),
      }
    })
  }
}

/** What is in the row of a cycle as it stands: only this program writes it. */
type Plain = Omit<CycleRecord, 'station' | 'end' | 'phases' | 'measurements' | 'results'>

const plainOf = (row: Row): Plain =>
  ({
    rig: row['rig'],
    rigKind: row['rig_kind'],
    rigName: row['rig_name'],
    serialNumber: row['serial_number'],
    firmwareVersion: row['firmware_version'],
    packageVersion: row['package_version'],
    id: row['id'],
    number: row['number'],
    trigger: row['trigger_kind'],
    startedAtMs: row['started_at_ms'],
    endedAtMs: row['ended_at_ms'],
    state: row['state'],
    durationS: row['duration_s'],
    deviceId: row['device_id'],
    planId: row['plan_id'],
  }) as Plain

const endOf = ({ outcome, reason, detail }: Row): CycleEnd | null =>
  outcome === null ? null : ({ outcome, reason, detail } as CycleEnd)

const phaseOf = ({ state, started_at_ms, duration_s }: Row): Phase =>
  ({ state, startedAtMs: started_at_ms, durationS: duration_s }) as Phase

const measurementOf = ({ name, value_json, unit, least, most, verdict }: Row): Measurement =>
  ({ name, value: JSON.parse(`${value_json}`), unit, least, most, verdict }) as Measurement

/**
 * The records of a station, to be read only, even while the station writes them.
 *
 * @throws RecordsError 'missing', 'damaged', 'newer', 'older', 'not-loaded'
 */
export function readRecords(path: string): CycleReader {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    throw new RecordsError('missing', `there is no file ${path}: name that of a station`)
  }
  const connection = new Connection(path, 'read')
  try {
    if (checkVersion(connection, path) < MIGRATIONS.length) {
      throw new RecordsError(
        'older',
        `${path} is of an earlier version of blinkup: start its station once`,
      )
    }
    return new CycleReader(connection, stationOf(connection) ?? '')
  } catch (error) {
    connection[Symbol.dispose]()
    throw error
  }
}

/** The name of the station that a file is of; null for a new one. */
export const stationOf = (connection: Connection): string | null =>
  (connection.row('SELECT name FROM station')?.['name'] ?? null) as string | null
