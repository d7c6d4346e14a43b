export type EnrollmentErrorCode =
  | 'misconfigured' // a URL, CA or plan ID of the configuration is none
  | 'key-missing'
  | 'bad-key' // it cannot be one, or the server does not know it
  | 'forbidden' // the server knows the key, which may not do this
  | 'bad-request' // the server takes exception to what was asked, such as the plan ID
  | 'rate-limited'
  | 'server-error'
  | 'unreachable' // no answer came
  | 'untrusted' // somebody answers whose certificate no known CA has signed
  | 'not-understood' // something answered that is not what is documented
  | 'token-unknown' // the server knows it no longer
  | 'no-device' // the server was asked in time, and says that no device has come
  | 'not-public' // nobody outside knows how to ask it

export interface EnrollmentErrorOptions extends ErrorOptions {
  /** When to ask again, as the server has told. */
  readonly retryAfterS?: number | null
}

/**
 * What keeps a token or a device from coming; the message is one sentence that says what to do. Neither key nor token is in it.
 */
export class EnrollmentError extends Error {
  override readonly name = 'EnrollmentError'
  readonly retryAfterS: number | null

  constructor(
    readonly code: EnrollmentErrorCode,
    message: string,
    { retryAfterS = null, ...options }: EnrollmentErrorOptions = {},
  ) {
    super(message, options)
    this.retryAfterS = retryAfterS
  }
}
