export type RecordingErrorCode =
  | 'empty' // no samples
  | 'encoding' // bytes that are no text in UTF-8
  | 'format' // not in the form of a recording
  | 'unit' // times whose unit is not told, or in which there could be no message
  | 'rate' // no times, and no sample rate
  | 'range' // a time, a level or a rate that cannot be
  | 'order' // a time that is earlier than the one before it
  | 'damaged' // an archive that is not whole
  | 'channel' // no such channel, or none was named among very many
  | 'too-large'

/** A recording that cannot be read; the message names the place and says what to do. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError'

  constructor(
    readonly code: RecordingErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
