export type FactoryErrorCode =
  | 'not-public' // nobody outside knows how the real one behaves
  | 'wrong-role' // a call that this role's firmware must not make
  | 'wrong-argument'
  | 'not-a-fixture'
  | 'unreachable' // nothing answers at the server's address, or something else does
  | 'refused' // the server's answer is no
  | 'no-firmware' // it cannot be loaded, or is none
  | 'locked' // another process has the state file
  | 'damaged' // the state file is none, or not as it was written

/** What the Connected Factory's stand-ins cannot do; the message is one sentence that says what to do. */
export class FactoryError extends Error {
  override readonly name = 'FactoryError'

  constructor(
    readonly code: FactoryErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
