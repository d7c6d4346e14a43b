import { Interrupted } from './errors.js'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs work that must end in order: Ctrl-C and its like abort the signal instead of ending the
 * process, so that the LED is dark and files are whole before it ends.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = new AbortController()
  const handlers = SIGNALS.map((name) => {
    const handler = (): void => interrupt.abort(new Interrupted(name))
    process.on(name, handler)
    return () => process.off(name, handler)
  })
  try {
    return await work(interrupt.signal)
  } finally {
    for (const removeHandler of handlers) removeHandler()
  }
}
