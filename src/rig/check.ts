/** One thing that was looked at, and how it can be mended where it is not as it should be. */
export interface Check {
  readonly name: string
  readonly status: 'ok' | 'warning' | 'failure'
  readonly finding: string
  /** The command, or the line of a file, that mends it. */
  readonly repair?: string
}

export const ok = (name: string, finding: string): Check => ({ name, status: 'ok', finding })

export const warning = (name: string, finding: string, repair: string): Check => ({
  name,
  status: 'warning',
  finding,
  repair,
})

export const failure = (name: string, finding: string, repair: string): Check => ({
  name,
  status: 'failure',
  finding,
  repair,
})
