import type { Timebase } from '../../rig/timebase.js'
import type { LightSource, LightWatcher } from './watch-light.js'
import type { BlinkUpWindows } from './windows.js'

export interface ListenerOptions extends LightWatcher {
  readonly windows: BlinkUpWindows
  readonly timebase: Timebase
  /** Null for a device that sees nothing. */
  readonly light: LightSource | null
  /** Whether BlinkUp stays on, whatever the windows are. */
  keepsOpen(): boolean
  onWindow(isOpen: boolean): void
}

/** Looks at the light as long as BlinkUp is on. A message that is coming in when it goes off is lost. */
export class Listener {
  #isOpen = false
  #look = new AbortController()
  #watching: Promise<void> = Promise.resolve()
  #wake: () => void = () => {}

  constructor(private readonly options: ListenerOptions) {}

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Asks again whether BlinkUp is on, after something that it depends on has changed. */
  refresh(): void {
    this.#wake()
  }

  /** Looks until the signal aborts, or rejects with the light's error. */
  async run(signal: AbortSignal): Promise<void> {
    const { windows, timebase, keepsOpen } = this.options
    const blind = new AbortController()
    const over = AbortSignal.any([signal, blind.signal])
    try {
      while (!over.aborted) {
        const nowMs = timebase.nowMs()
        this.#set(windows.isOpenAt(nowMs) || keepsOpen(), (error) => blind.abort(error))
        await this.#until(windows.nextChangeMs(nowMs) - nowMs, over)
      }
    } finally {
      this.#set(false, () => {})
      await this.#watching
    }
    if (blind.signal.aborted) throw blind.signal.reason
  }

  #set(isOpen: boolean, onError: (error: unknown) => void): void {
    if (isOpen === this.#isOpen) return
    this.#isOpen = isOpen
    this.#look.abort()
    this.options.onWindow(isOpen)
    const { light } = this.options
    if (!isOpen || !light) return
    this.#look = new AbortController()
    const { signal } = this.#look
    const watcher: LightWatcher = {
      onReceiving: (isReceiving) => this.options.onReceiving(isReceiving),
      // A reception that is told after the end came too late.
      onReception: (reception) => {
        if (!signal.aborted) this.options.onReception(reception)
      },
    }
    // One stream after the other: a photodiode may have no more than one.
    this.#watching = this.#watching
      .then(() => (signal.aborted ? undefined : light(signal, watcher)))
      .catch(onError)
  }

  /** Waits for so long, for `refresh`, or for the signal. */
  async #until(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    const isForever = ms === Number.POSITIVE_INFINITY
    const either = AbortSignal.any([signal, woken.signal])
    if (either.aborted) return
    if (!isForever) return this.options.timebase.sleep(ms, either).catch(() => {})
    await new Promise((resolve) => either.addEventListener('abort', resolve))
  }
}
