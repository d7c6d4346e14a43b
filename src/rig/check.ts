import type { Remedy, RigError } from './errors.js'

/** One thing that was looked at, and how it can be mended where it is not as it should be. */
export interface Check {
  readonly name: string
  readonly status: 'ok' | 'warning' | 'failure'
  readonly finding: string
  /** What mends it: an advice, a command of the system, or the line of a file. */
  readonly repair?: string
  /** Where this package can help. */
  readonly remedy?: Remedy
}

export const ok = (name: string, finding: string, remedy?: Remedy): Check => ({
  name,
  status: 'ok',
  finding,
  ...(remedy && { remedy }),
})

export const warning = (name: string, finding: string, repair: string, remedy?: Remedy): Check => ({
  name,
  status: 'warning',
  finding,
  repair,
  ...(remedy && { remedy }),
})

export const failure = (name: string, finding: string, repair: string, remedy?: Remedy): Check => ({
  name,
  status: 'failure',
  finding,
  repair,
  ...(remedy && { remedy }),
})

/** What an error says, which tells the repair, too. */
export const refused = (
  name: string,
  status: 'warning' | 'failure',
  { message, remedy }: RigError,
): Check => ({ name, status, finding: message, ...(remedy && { remedy }) })
