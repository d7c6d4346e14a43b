import { Interrupted } from './errors.js'
import { tell } from './terminal.js'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs work that must end in order: Ctrl-C and its like abort the signal instead of ending the
 * process, so that the LED is dark and files are whole before it ends. Who sends a second one does not want to wait.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = new AbortController()
  const handlers = SIGNALS.map((name) => {
    const handler = (): void => {
      if (interrupt.signal.aborted) endAtOnce(name)
      interrupt.abort(new Interrupted(name))
    }
    process.on(name, handler)
    return () => process.off(name, handler)
  })
  try {
    return await work(interrupt.signal)
  } finally {
    for (const removeHandler of handlers) removeHandler()
  }
}

/** What has lit an LED tries to darken it even now (see `darkenAtExit`). */
function endAtOnce(name: NodeJS.Signals): never {
  const { exitCode, message } = new Interrupted(name, 'the LED may be lit: see whether it is dark')
  tell(message)
  process.exit(exitCode)
}
