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

/**
 * A firmware's run: one callback at a time, in the order of what they are for, and none while it is suspended. An exception, that of an async function too, ends it.
 */
export class Program {
  readonly #timebase: Timebase
  readonly #onException: (error: unknown) => void
  readonly #callbacks: Callback[] = []
  readonly #timers = new Set<Timer>()
  readonly #end = new AbortController()
  #idleCallback: Callback | undefined
  #suspensions = 0
  #isPumping = false

  constructor(timebase: Timebase, onException: (error: unknown) => void) {
    this.#timebase = timebase
    this.#onException = onException
  }

  /** Aborts when the firmware ends. */
  get ended(): AbortSignal {
    return this.#end.signal
  }

  /** No callback begins afterwards, no timer goes on, and what the firmware still calls has no effect. */
  end(): void {
    this.#end.abort(new ProgramEnded())
    for (const timer of this.#timers) timer.abort()
    this.#callbacks.length = 0
    this.#idleCallback = undefined
  }

  enqueue(callback: Callback): void {
    if (this.ended.aborted) return
    this.#callbacks.push(callback)
    void this.#pump()
  }

  /** Once, when nothing else is to be done. */
  whenIdle(callback: Callback | undefined): void {
    this.#idleCallback = callback
    void this.#pump()
  }

  /** Calls back after a time, unless it is cancelled. */
  wakeup(seconds: number, callback: Callback): Timer {
    const ms = requireSeconds('imp.wakeup', seconds) * 1000
    const timer: Timer = new AbortController()
    this.#timers.add(timer)
    const elapsed = () => this.#timers.delete(timer) && this.enqueue(callback)
    this.#timebase.sleep(ms, timer.signal).then(elapsed, () => this.#timers.delete(timer))
    return timer
  }

  cancelWakeup(timer: Timer): void {
    if (this.#timers.delete(timer)) timer.abort()
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

  /** What an imp's call would block for: no callback begins before it is done, and what waits for the promise is the first to go on. */
  blocking<T>(work: Promise<T>): Promise<T> {
    this.suspend()
    return this.living(work.finally(() => this.resume()))
  }

  /** A promise for the firmware: one that has ended waits for it in vain. */
  living<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then(
        (value) => !this.ended.aborted && resolve(value),
        (error) => !this.ended.aborted && reject(error),
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

  async #pump(): Promise<void> {
    if (this.#isPumping) return
    this.#isPumping = true
    while (this.#callbacks.length > 0 || this.#idleCallback) {
      // What a promise lets go on does so before the next callback, and all that has come in before the idle one.
      await (this.#callbacks.length > 0 ? promisesDone() : new Promise(setImmediate))
      if (this.#suspensions > 0) break
      const callback = this.#callbacks.shift() ?? this.#takeIdleCallback()
      if (callback) this.#call(callback)
    }
    this.#isPumping = false
  }

  #takeIdleCallback(): Callback | undefined {
    const callback = this.#idleCallback
    this.#idleCallback = undefined
    return callback
  }

  #call(callback: Callback): void {
    try {
      const result = callback()
      if (result instanceof Promise) result.catch((error) => this.fail(error))
    } catch (error) {
      this.fail(error)
    }
  }
}

/** Resolves when no promise has anything more to run. */
const promisesDone = (): Promise<void> =>
  new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)))

export function requireSeconds(call: string, seconds: number): number {
  if (!(seconds >= 0 && seconds * 1000 <= LONGEST_TIMER_MS)) {
    throw new FactoryError(
      'wrong-argument',
      `give ${call} a time in seconds from 0 to ${Math.floor(LONGEST_TIMER_MS / 1000)}`,
    )
  }
  return seconds
}

/** An exception's sentence for a log, with the place of the firmware's file that it came from, where it has one. */
export function describeException(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return `${error.name}: ${error.message}`
}
