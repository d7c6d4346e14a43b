import { AsyncLocalStorage } from 'node:async_hooks'
import { LONGEST_TIMER_MS, type Timebase } from '../../rig/timebase.js'
import { FactoryError } from '../errors.js'

/** Of a firmware; what a promise of it rejects with is its exception. */
type Callback = () => unknown
/** What `imp.wakeup` gives. */
export type Timer = AbortController

/** Thrown into a firmware that goes on calling after its end. */
class ProgramEnded extends Error {
  constructor() {
    super('this firmware has ended')
  }
}

/** Whose function runs: what it begins and nobody waits for is its, too. */
const running = new AsyncLocalStorage<Program>()

/** Once a process: firmware may fail in a promise that nobody waits for even after it has ended. */
function hearRejections(): void {
  if (process.listeners('unhandledRejection').includes(onRejection)) return
  process.on('unhandledRejection', onRejection)
}

function onRejection(reason: unknown): void {
  const program = running.getStore()
  if (program) program.fail(reason)
  else if (process.listenerCount('unhandledRejection') === 1) throw reason // as it is without a listener
}

/**
 * A firmware's run: one callback at a time, in the order of what they are for, and none while it is suspended. An exception, that of an async function too, ends it.
 */
export class Program {
  readonly #timebase: Timebase
  readonly #onException: (error: unknown) => void
  /** What a promise is settled by: its firmware goes on before the next callback. */
  readonly #continuations: Callback[] = []
  readonly #callbacks: Callback[] = []
  readonly #endings = new Set<() => void>()
  readonly #end = new AbortController()
  #idleCallback: Callback | undefined
  #suspensions = 0
  #isPumping = false

  constructor(timebase: Timebase, onException: (error: unknown) => void) {
    this.#timebase = timebase
    this.#onException = onException
    hearRejections()
  }

  /** Aborts when the firmware ends. */
  get ended(): AbortSignal {
    return this.#end.signal
  }

  /** @returns takes it back */
  atEnd(act: () => void): () => void {
    this.#endings.add(act)
    return () => void this.#endings.delete(act)
  }

  /** No callback begins afterwards, no timer goes on, and what the firmware still calls has no effect. */
  end(): void {
    this.#end.abort(new ProgramEnded())
    this.#continuations.length = 0
    this.#callbacks.length = 0
    this.#idleCallback = undefined
    for (const act of this.#endings) act()
    this.#endings.clear()
  }

  enqueue(callback: Callback): void {
    this.#put(this.#callbacks, callback)
  }

  /**
   * Calls back once, when nothing else is to be done.
   *
   * @returns whether another one, that was to be called then, is not any more
   */
  whenIdle(callback: Callback | undefined): boolean {
    const replaces = this.#idleCallback !== undefined
    this.#idleCallback = callback
    void this.#pump()
    return replaces
  }

  /** Calls back after a time, unless it is cancelled. */
  wakeup(seconds: number, callback: Callback): Timer {
    const ms = requireSeconds('imp.wakeup', seconds) * 1000
    const timer: Timer = new AbortController()
    const forget = this.atEnd(() => timer.abort())
    // It may be cancelled even when its time has come, before its turn.
    const turn = () => (timer.signal.aborted ? undefined : callback())
    this.#timebase
      .sleep(ms, timer.signal)
      .then(
        () => this.enqueue(turn),
        () => {},
      )
      .finally(forget)
    return timer
  }

  sleep(seconds: number): Promise<void> {
    const ms = requireSeconds('imp.sleep', seconds) * 1000
    return this.blocking(this.#timebase.sleep(ms, this.ended))
  }

  suspend(): void {
    this.#suspensions++
  }

  resume(): void {
    this.#suspensions--
    void this.#pump()
  }

  /** A promise of what an imp's call would block for: no callback begins before. */
  blocking<T>(work: Promise<T>): Promise<T> {
    this.suspend()
    return this.living(work.finally(() => this.resume()))
  }

  /** A promise for the firmware: it is not settled while that is suspended, nor when it has ended. */
  living<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then(
        (value) => this.#put(this.#continuations, () => resolve(value)),
        (error) => this.#put(this.#continuations, () => reject(error)),
      )
    })
  }

  /** The same calls, which have no effect after the end. */
  guard<T extends object>(calls: T): T {
    const properties = Object.getOwnPropertyDescriptors(calls)
    for (const property of Object.values<PropertyDescriptor>(properties)) {
      const { value: call } = property
      if (typeof call !== 'function') continue
      property.value = (...parameters: unknown[]) => {
        this.ended.throwIfAborted()
        return call(...parameters)
      }
    }
    return Object.freeze(Object.create(Object.prototype, properties)) as T
  }

  /** Ends it, and tells why. */
  fail(error: unknown): void {
    if (this.ended.aborted) return
    this.end()
    this.#onException(error)
  }

  #put(queue: Callback[], callback: Callback): void {
    if (this.ended.aborted) return
    queue.push(callback)
    void this.#pump()
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return
    this.#isPumping = true
    for (;;) {
      await promisesDone()
      if (this.#suspensions > 0) break
      const next = this.#continuations.shift() ?? this.#callbacks.shift()
      if (next) this.#call(next)
      else if (this.#idleCallback) await this.#callIdle(this.#idleCallback)
      else break
    }
    this.#isPumping = false
  }

  /** An idle callback that asks for another one leaves time for all else. */
  async #callIdle(callback: Callback): Promise<void> {
    this.#idleCallback = undefined
    this.#call(callback)
    await new Promise(setImmediate)
  }

  #call(callback: Callback): void {
    try {
      const result = running.run(this, callback)
      if (result instanceof Promise) result.catch((error) => this.fail(error))
    } catch (error) {
      this.fail(error)
    }
  }
}

/** Resolves when no promise has anything more to run: what one lets go on does so before the next callback. */
const promisesDone = (): Promise<void> =>
  new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)))

/** A timer that has called back already is none any more: nothing happens. */
export function cancelWakeup(timer: Timer): void {
  if (!(timer instanceof AbortController)) {
    throw new FactoryError('wrong-argument', 'give imp.cancelwakeup what imp.wakeup has returned')
  }
  timer.abort()
}

/** As a time of a call. */
export function requireSeconds(call: string, seconds: number): number {
  if (!(typeof seconds === 'number' && seconds >= 0 && seconds * 1000 <= LONGEST_TIMER_MS)) {
    throw new FactoryError(
      'wrong-argument',
      `give ${call} a time in seconds from 0 to ${Math.floor(LONGEST_TIMER_MS / 1000)}`,
    )
  }
  return seconds
}
