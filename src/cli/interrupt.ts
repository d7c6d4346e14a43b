import { once } from 'node:events'
import { printFailure } from './document.js'
import { explain, Interrupted } from './errors.js'
import { tell } from './terminal.js'

/**
 * `timeout` signals both the program and its group, `npm` passes on what the terminal has sent to all, and a terminal that is closed
 * hangs up as its shell does: so soon it is still the same signal.
 */
const SAME_SIGNAL_MS = 250

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs work that must end in order: Ctrl-C and its like abort the signal instead of ending the
 * process, so that the LED is dark and files are whole before it ends. Who sends a second one does not want to wait.
 *
 * @param onHangUp is called at SIGHUP instead, which asks a service to read its settings again
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  onHangUp?: () => void,
): Promise<T> {
  const interrupt = new AbortController()
  let firstMs: number | undefined
  const handlers = SIGNALS.map((name) => {
    const handler = (): void => {
      if (name === 'SIGHUP' && onHangUp) {
        onHangUp()
        return
      }
      firstMs ??= performance.now()
      if (performance.now() - firstMs > SAME_SIGNAL_MS) endAtOnce(name)
      interrupt.abort(new Interrupted(name))
    }
    process.on(name, handler)
    return () => process.off(name, handler)
  })
  try {
    return await work(interrupt.signal)
  } finally {
    // What was interrupted still has to say so: the same signal once more must not end it without a word.
    if (!interrupt.signal.aborted) for (const removeHandler of handlers) removeHandler()
  }
}

/** Pieces as they come, until the signal aborts: then its reason is thrown, though a piece that is awaited may never come. */
export async function* untilAborted<T>(
  pieces: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const aborted = once(signal, 'abort').then(() => {
    throw signal.reason
  })
  aborted.catch(() => {})
  const reader = pieces[Symbol.asyncIterator]()
  for (;;) {
    signal.throwIfAborted()
    const reading = reader.next()
    reading.catch(() => {})
    const piece = await Promise.race([reading, aborted])
    if (piece.done) return
    yield piece.value
  }
}

/** Lets a signal end what has nothing to bring in order, which is all that is not `interruptible`, with words of ours. */
export function endOnSignals(end: (reason: Interrupted) => void): void {
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (process.listenerCount(name) === 1) end(new Interrupted(name))
    })
  }
}

/** What has lit an LED tries to darken it even now (see `darkenAtExit`). */
function endAtOnce(name: NodeJS.Signals): never {
  const failure = explain(new Interrupted(name, 'the LED may be lit: check that it is dark'))
  tell(failure.message)
  printFailure(failure).catch(() => {}) // as much of it as is taken at once
  process.exit(failure.exitCode)
}
