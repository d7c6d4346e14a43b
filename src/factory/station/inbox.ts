import type { Timebase } from '../../rig/timebase.js'

/** What has come for somebody who takes it when he gets to it. */
export class Inbox<T> {
  readonly #items: T[] = []
  #wake: () => void = () => {}

  put(item: T): void {
    this.#items.push(item)
    this.#wake()
  }

  /**
   * The next, as soon as it comes; null when none has come in that time.
   *
   * @throws the signal's reason
   */
  async take(withinMs: number, timebase: Timebase, signal: AbortSignal): Promise<T | null> {
    signal.throwIfAborted()
    if (this.#items.length === 0 && withinMs > 0) {
      const over = new AbortController()
      const came = new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      const either = AbortSignal.any([signal, over.signal])
      await Promise.race([came, timebase.sleep(withinMs, either)]).finally(() => over.abort())
    }
    return this.#items.shift() ?? null
  }
}
