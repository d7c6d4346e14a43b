import { randomUUID } from 'node:crypto'
import { Connection, lockBeside, realPath } from './connection.js'
import { CycleReader, stationOf } from './cycle-reader.js'
import type {
  CycleEnd,
  CycleSetting,
  CycleState,
  DeviceReport,
  LabelRecord,
  Measurement,
  ReportKind,
  StoredResult,
  TriggerKind,
  UnixMs,
} from './cycle-record.js'
import { RecordsError } from './errors.js'
import { beginLabel, endLabel } from './labels.js'
import { addNews, addNewsOfUnfinished } from './outbox.js'
import { adoptResults, keepReport, lastResult } from './results.js'
import { checkTables, migrate } from './schema.js'

/** What the record of a cycle that goes on does not say. Times are those of `performance.now`, which is never set. */
interface OpenCycle {
  readonly number: number
  readonly startedMs: number
  readonly phase: number
  readonly phaseStartedMs: number
  /** The last result before its light; null before that. */
  readonly resultBeforeLight: number | null
}

const INTERRUPTED: CycleEnd = {
  outcome: 'aborted',
  reason: 'interrupted',
  detail: 'the station had no power, or was killed, in this cycle: set this unit up again',
}

/** How long to wait for another program that writes the file, such as sqlite3. */
const PATIENCE_MS = 1000

/**
 * The records of a station, in one file of SQLite. What a method has written is on the disk when it returns: a power cut takes
 * nothing of it away; where it throws a RecordsError nothing of that call was written. There is no place for a token, a password or the light of a message in
 * it. Other programs may read the file at any time.
 */
export class Records extends CycleReader {
  readonly #guard: Disposable
  readonly #open = new Map<string, OpenCycle>()

  private constructor(connection: Connection, station: string, guard: Disposable) {
    super(connection, station)
    this.#guard = guard
  }

  /**
   * Opens the records of a station, which are made where there are none. Until they are disposed no other station gets them. Cycles
   * that go on in it were left so by a station that was killed: they become `interrupted`.
   *
   * @throws RecordsError
   */
  static open(path: string, station: string, nowMs: UnixMs): Records {
    const real = realPath(path)
    const connection = new Connection(real, 'create')
    let guard: Disposable | undefined
    try {
      connection.execute(`PRAGMA busy_timeout = ${PATIENCE_MS}; PRAGMA synchronous = FULL`)
      checkTables(connection, path) // no lock is left beside what is none of ours
      guard = lockBeside(real)
      prepare(connection, path, station, nowMs)
      return new Records(connection, station, guard)
    } catch (error) {
      connection[Symbol.dispose]()
      guard?.[Symbol.dispose]()
      throw error
    }
  }

  /** Begins a cycle, in the state `triggered`. @throws RecordsError */
  begin(
    setting: Omit<CycleSetting, 'station'>,
    trigger: TriggerKind,
    atMs: UnixMs,
  ): { readonly id: string; readonly number: number } {
    const id = randomUUID()
    const number = this.connection.transaction(() => {
      const row = this.connection.row(
        `INSERT INTO cycle (id, rig, rig_kind, rig_name, serial_number, firmware_version, package_version, trigger_kind, started_at_ms, state)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'triggered') RETURNING number`,
        id,
        setting.rig,
        setting.rigKind,
        setting.rigName,
        setting.serialNumber,
        setting.firmwareVersion,
        setting.packageVersion,
        trigger,
        Math.round(atMs),
      )
      const number = Number(row?.['number'])
      this.#insertPhase(number, 0, 'triggered', atMs)
      return number
    })
    const startedMs = performance.now()
    this.#open.set(id, {
      number,
      startedMs,
      phase: 0,
      phaseStartedMs: startedMs,
      resultBeforeLight: null,
    })
    return { id, number }
  }

  /** A cycle comes into a state, which is told before anything is done in it. @throws RecordsError */
  enter(id: string, state: CycleState, atMs: UnixMs): void {
    const cycle = this.#goingOn(id)
    const phase = cycle.phase + 1
    const nowMs = performance.now()
    const resultBeforeLight = this.connection.transaction(() => {
      this.#endPhase(cycle, nowMs)
      this.#insertPhase(cycle.number, phase, state, atMs)
      this.connection.rows('UPDATE cycle SET state = ? WHERE number = ?', state, cycle.number)
      return state === 'light' ? lastResult(this.connection) : null
    })
    this.#open.set(id, {
      ...cycle,
      phase,
      phaseStartedMs: nowMs,
      resultBeforeLight: cycle.resultBeforeLight ?? resultBeforeLight,
    })
  }

  /**
   * Tells which device has come with the token of a cycle. What that device has told since the light of the cycle began becomes the cycle's:
   * it may have been faster than the server, and was then `unknown`, or `late` for an earlier cycle of the same device.
   *
   * @returns those of its reports that are `matched` by it
   * @throws RecordsError
   */
  identify(
    id: string,
    { deviceId, planId }: { readonly deviceId: string; readonly planId: string | null },
  ): StoredResult[] {
    const { number, resultBeforeLight } = this.#goingOn(id)
    return this.connection.transaction(() => {
      this.connection.rows(
        'UPDATE cycle SET device_id = ?, plan_id = ? WHERE number = ?',
        deviceId,
        planId,
        number,
      )
      if (resultBeforeLight === null) return []
      return adoptResults(this.connection, deviceId, number, resultBeforeLight)
    })
  }

  /** Adds measurements to those of a cycle. A value or limit that is no finite number is kept as null. @throws RecordsError */
  measure(id: string, measurements: readonly Measurement[]): void {
    const { number } = this.#goingOn(id)
    this.connection.transaction(() => {
      for (const { name, value, unit, least, most, verdict } of measurements) {
        this.connection.rows(
          `INSERT INTO measurement
          SELECT ?1, count(*), ?2, ?3, ?4, ?5, ?6, ?7 FROM measurement WHERE cycle = ?1`,
          number,
          name,
          JSON.stringify(value),
          unit,
          finite(least),
          finite(most),
          verdict,
        )
      }
    })
  }

  /** Ends a cycle, of which nothing but late reports is written any more. @throws RecordsError */
  end(id: string, end: CycleEnd, atMs: UnixMs): void {
    const cycle = this.#goingOn(id)
    const nowMs = performance.now()
    this.connection.transaction(() => {
      this.#endPhase(cycle, nowMs)
      this.connection.rows(
        'UPDATE cycle SET ended_at_ms = ?, duration_s = ?, outcome = ?, reason = ?, detail = ? WHERE number = ?',
        Math.round(atMs),
        (nowMs - cycle.startedMs) / 1000,
        end.outcome,
        end.reason,
        end.detail,
        cycle.number,
      )
      addNews(this.connection, { cycle: cycle.number })
    })
    this.#open.delete(id)
  }

  /**
   * Keeps what a device has told, by its ID: for its newest cycle, whether that goes on (`matched`) or has ended (`late`), once
   * (`repeated`); else it is `unknown`. The server's answer must wait until this returns.
   *
   * @throws RecordsError
   */
  keep(report: DeviceReport, receivedAtMs: UnixMs, kind: ReportKind = 'report'): StoredResult {
    return this.connection.transaction(() =>
      keepReport(this.connection, report, receivedAtMs, kind),
    )
  }

  /** The label of a cycle is about to be printed, which is told before. Returns its number. @throws RecordsError */
  beginLabel(cycleId: string, atMs: UnixMs): number {
    return beginLabel(this.connection, cycleId, atMs)
  }

  /** @throws RecordsError */
  endLabel(number: number, end: Pick<LabelRecord, 'outcome' | 'detail'>, atMs: UnixMs): void {
    endLabel(this.connection, number, end, atMs)
  }

  /** The sequence number of the last news that the broker has taken; 0 before the first. @throws RecordsError */
  get published(): number {
    return Number(this.connection.row('SELECT published FROM station')?.['published'])
  }

  set published(sequence: number) {
    this.connection.rows('UPDATE station SET published = ?', sequence)
  }

  /** Closes the file. Cycles that go on are interrupted when it is opened again. */
  override [Symbol.dispose](): void {
    try {
      // libsql may keep the file open for a while: what is in its log shall be in the file itself.
      this.connection.execute('PRAGMA wal_checkpoint(TRUNCATE)')
    } catch {} // a log is as safe
    super[Symbol.dispose]()
    this.#guard[Symbol.dispose]()
  }

  #goingOn(id: string): OpenCycle {
    const cycle = this.#open.get(id)
    if (!cycle) throw new Error(`no cycle ${id} goes on`)
    return cycle
  }

  #insertPhase(cycle: number, position: number, state: CycleState, atMs: UnixMs): void {
    this.connection.rows(
      'INSERT INTO phase (cycle, position, state, started_at_ms) VALUES (?, ?, ?, ?)',
      cycle,
      position,
      state,
      Math.round(atMs),
    )
  }

  #endPhase({ number, phase, phaseStartedMs }: OpenCycle, nowMs: number): void {
    this.connection.rows(
      'UPDATE phase SET duration_s = ? WHERE cycle = ? AND position = ?',
      (nowMs - phaseStartedMs) / 1000,
      number,
      phase,
    )
  }
}

const finite = (limit: number | null): number | null =>
  limit !== null && Number.isFinite(limit) ? limit : null

/** @throws RecordsError */
function prepare(connection: Connection, path: string, station: string, nowMs: UnixMs): void {
  migrate(connection, path)
  connection.pragma('journal_mode = WAL')
  const owner = stationOf(connection)
  if (owner !== null && owner !== station) {
    throw new RecordsError(
      'foreign',
      `${path} has the records of station "${owner}", not of "${station}": name another file`,
    )
  }
  connection.transaction(() => {
    if (owner === null) {
      connection.rows('INSERT INTO station (id, name) VALUES (?, ?)', randomUUID(), station)
    }
    addNewsOfUnfinished(connection)
    connection.rows(
      'UPDATE cycle SET ended_at_ms = ?, outcome = ?, reason = ?, detail = ? WHERE outcome IS NULL',
      Math.round(nowMs),
      INTERRUPTED.outcome,
      INTERRUPTED.reason,
      INTERRUPTED.detail,
    )
  })
}
