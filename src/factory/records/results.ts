import { createHash } from 'node:crypto'
import type { Connection, Row, Value } from './connection.js'
import type { DeviceReport, ReportKind, ResultFlag, StoredResult, UnixMs } from './cycle-record.js'
import { addNews } from './outbox.js'

/** A row of the results, with the ID of the cycle that it belongs to. */
export const resultOf = (row: Row, cycleId: Value): StoredResult =>
  ({
    number: row['number'],
    kind: row['kind'],
    deviceId: row['device_id'],
    mac: row['mac'],
    success: row['success'] === null ? null : row['success'] === 1,
    values: JSON.parse(`${row['values_json']}`),
    receivedAtMs: row['received_at_ms'],
    flag: row['flag'],
    cycleId,
  }) as StoredResult

/** The number of the result that was kept last; 0 before the first. */
export const lastResult = (connection: Connection): number =>
  Number(connection.row('SELECT max(number) AS last FROM result')?.['last'])

/** Keeps a report for the newest cycle of its device, if it is known. */
export function keepReport(
  connection: Connection,
  { deviceId, mac, success, values }: DeviceReport,
  receivedAtMs: UnixMs,
  kind: ReportKind,
): StoredResult {
  const told = JSON.stringify(values)
  const digest = createHash('sha256')
    .update(JSON.stringify([kind, deviceId, mac, success, told]))
    .digest('base64')
  const cycle = connection.row(
    'SELECT number, outcome FROM cycle WHERE device_id = ? ORDER BY number DESC LIMIT 1',
    deviceId,
  )
  const row = connection.row(
    `INSERT INTO result (cycle, flag, kind, received_at_ms, device_id, mac, success, values_json, digest)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number`,
    cycle?.['number'] ?? null,
    flagOf(connection, cycle, digest),
    kind,
    Math.round(receivedAtMs),
    deviceId,
    mac,
    success === null ? null : Number(success),
    told,
    digest,
  )
  const number = Number(row?.['number'])
  // One of a cycle that goes on is told with it.
  if (!cycle || cycle['outcome'] !== null) addNews(connection, { result: number })
  return resultAt(connection, number)
}

function flagOf(connection: Connection, cycle: Row | undefined, digest: string): ResultFlag {
  if (!cycle) return 'unknown'
  if (isTold(connection, Number(cycle['number']), digest)) return 'repeated'
  return cycle['outcome'] === null ? 'matched' : 'late'
}

/**
 * Makes the results of a device after one of them those of a cycle, but those that another cycle has had when it went on.
 *
 * @returns those that are `matched` by it
 */
export function adoptResults(
  connection: Connection,
  deviceId: string,
  cycle: number,
  after: number,
): StoredResult[] {
  return connection
    .rows(
      "SELECT number, digest FROM result WHERE device_id = ? AND number > ? AND cycle IS NOT ? AND flag <> 'matched' ORDER BY number",
      deviceId,
      after,
      cycle,
    )
    .map((row) => {
      const number = Number(row['number'])
      const flag = isTold(connection, cycle, `${row['digest']}`) ? 'repeated' : 'matched'
      connection.rows('UPDATE result SET cycle = ?, flag = ? WHERE number = ?', cycle, flag, number)
      return resultAt(connection, number)
    })
    .filter(({ flag }) => flag === 'matched')
}

/** Whether a cycle has that report. */
function isTold(connection: Connection, cycle: number, digest: string): boolean {
  const sql = 'SELECT 1 FROM result WHERE cycle = ? AND digest = ?'
  return connection.row(sql, cycle, digest) !== undefined
}

/** The result of that number. */
export function resultAt(connection: Connection, number: number): StoredResult {
  const row = connection.row(
    `SELECT result.*, cycle.id AS cycle_id
    FROM result LEFT JOIN cycle ON cycle.number = result.cycle WHERE result.number = ?`,
    number,
  )
  if (!row) throw new Error(`there is no result ${number}`)
  return resultOf(row, row['cycle_id'] ?? null)
}
