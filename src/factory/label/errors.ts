export type LabelErrorCode =
  | 'too-small' // code and texts do not fit on it
  | 'no-value' // the unit has not told what the label is to say
  | 'no-printer' // it is not there, or takes nothing
  | 'not-printed' // it has taken the label, and has not printed it
  | 'unwritable' // the folder is not there, full, or may not be written
  | 'stopped' // the station ends

/** Why there is no label; the message is one sentence that says what to do, without secrets. */
export class LabelError extends Error {
  override readonly name = 'LabelError'

  constructor(
    readonly code: LabelErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
