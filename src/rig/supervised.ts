import { EventEmitter, once } from 'node:events'
import { RigError, type RigErrorCode, rigClosed } from './errors.js'
import type { Rig, RigInfo } from './rig.js'
import { machineTimebase } from './timebase.js'

/** How long after a failure a rig is opened again: twice as long each time, up to the most. */
const FIRST_WAIT_MS = 250
const MOST_WAIT_MS = 5000

/** What no other attempt mends. */
const FINAL: ReadonlySet<RigErrorCode> = new Set(['misconfigured', 'not-loaded'])

export type RigState =
  | { readonly state: 'opening' }
  | { readonly state: 'ready' | 'busy'; readonly info: RigInfo }
  | {
      readonly state: 'lost'
      /** Why it was lost, or could not be opened. */
      readonly reason: RigError
      /** Nothing says that the LED is dark. */
      readonly mayBeLit: boolean
    }
  /** For good: it was disposed, or failed by what no other attempt mends, such as a wrong configuration. */
  | { readonly state: 'closed'; readonly error: unknown }

export interface SupervisedOptions {
  /** Opens the rig, each time anew; gives up when the signal aborts. */
  readonly open: (signal: AbortSignal) => Promise<Rig>
  /** Is told each change; must not throw. */
  readonly onState?: (state: RigState) => void
}

/**
 * Keeps a rig open: opens it at once, and again whenever it is lost or could not be opened, until it is disposed. That
 * aborts the signal of the work at hand, without waiting for its end, and leaves the LED dark, or rejects with a RigError 'may-be-lit'.
 */
export class SupervisedRig implements AsyncDisposable {
  #state: RigState = { state: 'opening' }
  /** Why nothing says that the LED is dark, until a rig has been opened again, which is. */
  #mayBeLit: RigError | undefined
  /** Ready or busy. */
  #rig: Rig | undefined
  readonly #changes = new EventEmitter()
  readonly #end = new AbortController()
  readonly #supervising: Promise<void>

  constructor(private readonly options: SupervisedOptions) {
    this.#changes.setMaxListeners(0)
    // Not before whoever makes it has it.
    this.#supervising = Promise.resolve().then(() => this.#supervise())
    this.#supervising.catch(() => {}) // told by disposing
  }

  get state(): RigState {
    return this.#state
  }

  /**
   * Waits until it is ready.
   *
   * @throws what it was closed by; and the signal's reason when that aborts
   */
  async ready(signal?: AbortSignal): Promise<void> {
    while (this.#state.state !== 'ready') {
      if (this.#state.state === 'closed') throw notReady(this.#state)
      signal?.throwIfAborted()
      await once(this.#changes, 'change', { signal }).catch(() => {})
    }
  }

  /**
   * Works with the rig, which is busy meanwhile. The work's signal aborts when the rig is lost or closed.
   *
   * @throws RigError when it is not ready, which says why; and what the work throws
   */
  async use<T>(work: (rig: Rig, signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#end.signal.aborted) throw this.#end.signal.reason
    const rig = this.#rig
    if (!rig || this.#state.state !== 'ready') throw notReady(this.#state)
    const { info } = rig
    this.#tell({ state: 'busy', info })
    try {
      return await work(rig, AbortSignal.any([rig.lost, this.#end.signal]))
    } finally {
      if (this.#rig === rig) this.#tell({ state: 'ready', info })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort(rigClosed())
    await this.#supervising
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#end
    let waitMs = FIRST_WAIT_MS
    try {
      while (!signal.aborted) {
        this.#tell({ state: 'opening' })
        const rig = await this.#open()
        if (rig) {
          waitMs = FIRST_WAIT_MS
          await this.#live(rig)
        }
        await machineTimebase.sleep(waitMs, signal).catch(() => {})
        waitMs = Math.min(2 * waitMs, MOST_WAIT_MS)
      }
      if (this.#mayBeLit) throw this.#mayBeLit
      this.#tell({ state: 'closed', error: null })
    } catch (error) {
      this.#tell({ state: 'closed', error })
      throw error
    }
  }

  async #open(): Promise<Rig | undefined> {
    const { signal } = this.#end
    try {
      const rig = await this.options.open(signal)
      this.#mayBeLit = undefined
      return rig
    } catch (reason) {
      if (isMayBeLit(reason)) this.#mayBeLit = reason
      if (signal.aborted) return undefined
      if (!(reason instanceof RigError) || FINAL.has(reason.code)) throw reason
      this.#tellLost(reason)
      return undefined
    }
  }

  /** Until the rig is lost, or is to be closed: closed it is in any case. */
  async #live(rig: Rig): Promise<void> {
    const over = AbortSignal.any([rig.lost, this.#end.signal])
    try {
      this.#rig = rig
      this.#tell({ state: 'ready', info: rig.info })
      if (!over.aborted) await once(over, 'abort')
    } finally {
      this.#rig = undefined
      await rig[Symbol.asyncDispose]().catch((error) => {
        if (!isMayBeLit(error)) throw error
        this.#mayBeLit = error
      })
    }
    if (rig.lost.aborted) this.#tellLost(rig.lost.reason)
  }

  #tellLost(reason: RigError): void {
    this.#tell({ state: 'lost', reason, mayBeLit: this.#mayBeLit !== undefined })
  }

  #tell(state: RigState): void {
    this.#state = state
    this.#changes.emit('change') // first: whoever is told below may throw
    this.options.onState?.(state)
  }
}

const isMayBeLit = (error: unknown): error is RigError =>
  error instanceof RigError && error.code === 'may-be-lit'

function notReady(state: RigState): unknown {
  switch (state.state) {
    case 'lost':
      return state.reason
    case 'busy':
      return new RigError('refused', 'the rig is busy: wait until it is ready')
    case 'closed':
      return state.error ?? rigClosed()
    default:
      return new RigError('refused', 'the rig is being opened: wait until it is ready')
  }
}
