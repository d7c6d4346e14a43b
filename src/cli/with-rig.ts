import type { RigConfig } from '../rig/config.js'
import { RigError } from '../rig/errors.js'
import { openRig } from '../rig/open.js'
import type { Rig } from '../rig/rig.js'
import { type SupervisedOptions, SupervisedRig } from '../rig/supervised.js'
import { CommandError, explain, Interrupted } from './errors.js'

/** Opens a rig, and works with it as `thenClosed`. */
export async function withRig<T>(
  config: RigConfig,
  signal: AbortSignal,
  work: (rig: Rig) => Promise<T>,
): Promise<T> {
  return thenClosed(await openRig(config, signal), signal, work)
}

/** The same with a rig that is opened again whenever it is lost, once it has been opened at all; each change is told. */
export async function withSupervisedRig<T>(
  config: RigConfig,
  signal: AbortSignal,
  onState: SupervisedOptions['onState'],
  work: (rig: SupervisedRig) => Promise<T>,
): Promise<T> {
  // What cannot be opened now is wrong, not lost.
  let first: Rig | undefined = await openRig(config, signal)
  const supervised = new SupervisedRig({
    open: async (ended) => {
      const rig = first ?? openRig(config, ended)
      first = undefined
      return rig
    },
    ...(onState && { onState }),
  })
  return thenClosed(supervised, signal, work)
}

/**
 * Works with what lights an LED and closes it, however the work ends. What it throws says what is known of the LED: that it may
 * be lit, where nothing says that it is dark; and that it is dark, where a signal has ended the work.
 */
export async function thenClosed<L extends AsyncDisposable, T>(
  lighting: L,
  signal: AbortSignal,
  work: (lighting: L) => Promise<T>,
): Promise<T> {
  const outcome = await settled(work(lighting))
  const closed = await settled(lighting[Symbol.asyncDispose]())
  const lit = [outcome, closed].find(({ error }) => isMayBeLit(error))?.error as
    | RigError
    | undefined
  const failed = [outcome, closed].find(({ error }) => error !== undefined)
  if (!failed) return outcome.value as T
  const cause = signal.aborted ? signal.reason : failed.error
  if (cause instanceof Interrupted) {
    throw new Interrupted(cause.signal, lit?.message ?? 'the LED is dark', { cause: lit })
  }
  throw lit && cause !== lit ? alsoLit(cause, lit) : cause
}

type Outcome<T> = { readonly value?: T; readonly error?: unknown }

const settled = <T>(work: PromiseLike<T>): PromiseLike<Outcome<T>> =>
  work.then(
    (value) => ({ value }),
    (error) => ({ error }),
  )

const isMayBeLit = (error: unknown): boolean =>
  error instanceof RigError && error.code === 'may-be-lit'

function alsoLit(error: unknown, lit: RigError): Error {
  const cause = new AggregateError([error, lit])
  if (error instanceof RigError) {
    const { code, message, remedy } = error
    return new RigError(code, `${message}; ${lit.message}`, { cause, remedy })
  }
  const { code, exitCode, message } = explain(error)
  return new CommandError(exitCode, `${message}; ${lit.message}`, { cause, code })
}
