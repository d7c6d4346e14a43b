import type { Connection, Row } from './connection.js'
import type { LabelRecord, UnixMs } from './cycle-record.js'

/** A label is about to be printed. Returns its number. */
export function beginLabel(connection: Connection, cycleId: string, atMs: UnixMs): number {
  const row = connection.row(
    'INSERT INTO label (cycle, started_at_ms) SELECT number, ? FROM cycle WHERE id = ? RETURNING number',
    Math.round(atMs),
    cycleId,
  )
  return Number(row?.['number'])
}

export function endLabel(
  connection: Connection,
  number: number,
  { outcome, detail }: Pick<LabelRecord, 'outcome' | 'detail'>,
  atMs: UnixMs,
): void {
  connection.rows(
    'UPDATE label SET ended_at_ms = ?, outcome = ?, detail = ? WHERE number = ?',
    Math.round(atMs),
    outcome,
    detail,
    number,
  )
}

const LABELS =
  'SELECT label.*, cycle.id AS cycle_id FROM label JOIN cycle ON cycle.number = label.cycle'

/** Of a cycle, the first one first. */
export const labelsOf = (connection: Connection, cycleId: string): LabelRecord[] =>
  connection.rows(`${LABELS} WHERE cycle.id = ? ORDER BY label.number`, cycleId).map(labelOf)

/** The newest one of a rig. */
export function lastLabelOf(connection: Connection, rig: string): LabelRecord | null {
  const row = connection.row(
    `${LABELS} WHERE cycle.rig = ? ORDER BY label.number DESC LIMIT 1`,
    rig,
  )
  return row ? labelOf(row) : null
}

const labelOf = (row: Row): LabelRecord =>
  ({
    cycleId: row['cycle_id'],
    cycleNumber: row['cycle'],
    startedAtMs: row['started_at_ms'],
    endedAtMs: row['ended_at_ms'],
    outcome: row['outcome'],
    detail: row['detail'],
  }) as LabelRecord
