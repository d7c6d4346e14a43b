import type { Connection } from './connection.js'
import type { CycleRecord, StoredResult } from './cycle-record.js'

/**
 * What a station has to tell other programs: a cycle that has ended, or a device's report that came outside of a cycle that goes on. It
 * is queued in the transaction that writes it, and stays: whoever is told remembers up to where.
 */
export type News = {
  /** Counts from 1 in each file of records, without a gap: what has the same number is the same news. */
  readonly sequence: number
} & (
  | { readonly cycle: CycleRecord; readonly result: null }
  | { readonly cycle: null; readonly result: StoredResult }
)

/** By its number. */
type Told = { readonly cycle: number } | { readonly result: number }

/** To be called in the transaction that writes what it tells. */
export function addNews(connection: Connection, told: Told): void {
  const [column, number] = 'cycle' in told ? ['cycle', told.cycle] : ['result', told.result]
  connection.rows(`INSERT INTO news (${column}) VALUES (?)`, number)
}

/** That the cycles which go on in a file have been interrupted, before they are written so. */
export function addNewsOfUnfinished(connection: Connection): void {
  connection.execute(
    'INSERT INTO news (cycle) SELECT number FROM cycle WHERE outcome IS NULL ORDER BY number',
  )
}
