import type { Refusal } from '../link/messages.js'

export type RefusalCode =
  | Refusal
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'not-allowed'
  | 'conflict'

/** What a request is answered when it is not done. It has changed nothing. */
export class Refused extends Error {
  override readonly name = 'Refused'

  constructor(
    /** Of HTTP. */
    readonly status: number,
    readonly code: RefusalCode,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
  }
}

export const badRequest = (message: string): Refused => new Refused(400, 'bad-request', message)
export const notFound = (what: string): Refused =>
  new Refused(404, 'not-found', `there is no such ${what}`)
