import { CommandError, EXIT } from './errors.js'

/** How long a reader of what is written may take nothing of it. */
export const READER_PATIENCE_MS = 10_000

/** What a command ends with when its output is not read. */
export function unread(what: string, cause?: unknown): CommandError {
  return new CommandError(
    EXIT.inputOutput,
    `nothing has read ${what} for ${READER_PATIENCE_MS / 1000} s: check the program that should read it`,
    { cause },
  )
}
