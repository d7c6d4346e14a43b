/** A recording that cannot be read; the message names the place and says what to do. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError'
}
