export type PlantErrorCode =
  | 'unreachable' // nothing answers at its address, or something else does
  | 'refused' // the answer is no: by a user's name, password or rights
  | 'broken-off' // the connection has ended, or cannot go on
  | 'missing' // there are no records of stations in that database
  | 'newer' // a later version of this program has made the tables

/** What keeps a station's broker or the plant's database from their work; the message is one sentence that says what to do. */
export class PlantError extends Error {
  override readonly name = 'PlantError'

  constructor(
    readonly code: PlantErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
