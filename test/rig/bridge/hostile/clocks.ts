import { setImmediate as turn } from 'node:timers/promises'
import type { Timebase } from '../../../../src/rig/timebase.js'

/** The time that passes for a hostile board. */
export interface Clock {
  /** Monotonic time in milliseconds. */
  nowMs(): number
  after(ms: number, run: () => void): void
}

export const machineClock: Clock = {
  nowMs: () => performance.now(),
  after: (ms, run) => void setTimeout(run, ms).unref(),
}

interface Due {
  readonly ms: number
  readonly run: () => void
}

/**
 * Time that stands still while the board or its host has something to do, and else goes on at once to what is
 * due next: a minute of conversation takes milliseconds, and a run repeats.
 */
export class VirtualTime implements Clock, Timebase {
  #nowMs = 0
  #stopped = false
  /** The next one last. */
  readonly #due: Due[] = []
  #onDue: () => void = () => {}

  constructor() {
    void this.#run()
  }

  nowMs(): number {
    return this.#nowMs
  }

  after(ms: number, run: () => void): void {
    this.#add({ ms: this.#nowMs + Math.max(0, ms), run })
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const due: Due = {
        ms: this.#nowMs + Math.max(0, ms),
        run: () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      const onAbort = (): void => {
        this.#due.splice(this.#due.indexOf(due), 1)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#add(due)
    })
  }

  /** Stops time for good. */
  stop(): void {
    this.#stopped = true
    this.#onDue()
  }

  #add(due: Due): void {
    let place = this.#due.length
    while (place > 0 && (this.#due[place - 1] as Due).ms <= due.ms) place--
    this.#due.splice(place, 0, due)
    this.#onDue()
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await turn() // everything that streams and promises still have to do comes first
      const due = this.#due.pop()
      if (!due) {
        await new Promise<void>((resolve) => {
          this.#onDue = resolve
        })
        continue
      }
      this.#nowMs = due.ms
      due.run()
    }
  }
}
