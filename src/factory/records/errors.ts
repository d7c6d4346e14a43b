export type RecordsErrorCode =
  | 'not-loaded' // SQLite is not installed, or damaged
  | 'missing' // there is no such file to read, or it may not be read
  | 'locked' // another process has it
  | 'damaged' // it is no file of records, or not as it was written
  | 'newer' // a later version of this program has written it
  | 'older' // an earlier version has, and who only reads it cannot change that
  | 'foreign' // it is the file of another station
  | 'full' // there is no room left where it is
  | 'unwritable' // the system refuses to write it

/** What keeps records from being written or read; the message is one sentence that says what to do. */
export class RecordsError extends Error {
  override readonly name = 'RecordsError'

  constructor(
    readonly code: RecordsErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
