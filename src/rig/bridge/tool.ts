import { spawn } from 'node:child_process'
import { RigError } from '../errors.js'

export interface ToolOptions {
  /** Ends the program. */
  readonly signal: AbortSignal
  /** Gets what the program says, on standard output or standard error. */
  readonly onOutput: (text: string) => void
}

/**
 * Runs another program to its end and gives its exit code, or the name of the signal that killed it.
 *
 * @throws RigError 'missing' when it cannot be started; the signal's reason when that aborts, but
 *   not before the program has ended
 */
export function runTool(
  program: string,
  args: readonly string[],
  { signal, onOutput }: ToolOptions,
): Promise<number | string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      signal,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // Ctrl-C is for this program, which then ends the other
    })
    child.stdout.setEncoding('utf8').on('data', onOutput)
    child.stderr.setEncoding('utf8').on('data', onOutput)
    child.once('error', (cause) => {
      if (signal.aborted) return // told by its end
      const sentence = `${program} is missing: install it (on Debian: sudo apt install ${program})`
      reject(new RigError('missing', sentence, { cause }))
    })
    child.once('close', (exitCode, killedBy) => {
      if (signal.aborted) reject(signal.reason)
      else resolve(exitCode ?? String(killedBy))
    })
  })
}
