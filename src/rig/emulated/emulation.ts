import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import { readImage } from '../bridge/image.js'
import type { Timebase } from '../timebase.js'
import { Board, CLOCK_HZ } from './board.js'
import { BENCH_OPTICS, Optics, type OpticsOptions } from './optics.js'

const CYCLES_PER_MS = CLOCK_HZ / 1000
/** How far the board runs before the host gets its turn: short against a byte's way through USB. */
const SLICE_MS = 1

export interface EmulationOptions {
  /** The flash's content; default the committed firmware. */
  readonly image?: Uint8Array
  /** What lies between LED and sensor; default `BENCH_OPTICS`. */
  readonly optics?: OpticsOptions
  /** Keep to the pace of real time, instead of as fast as the machine can. */
  readonly realTime?: boolean
}

interface Sleeper {
  readonly wakeMs: number
  readonly wake: () => void
}

/**
 * An emulated board with its LED, whose pin D3 is joined to the edge input D8, and its photodiode; and the emulated time that
 * passes for it and for the host code that talks to it: time-outs mean the same at any speed, and a run repeats.
 */
export class Emulation implements Timebase {
  readonly board: Board
  /** Gets each byte the board sends. */
  onTransmit: (byte: number) => void = () => {}
  /** Gets each edge of the LED's pin, beside the optical model. */
  onLed: (lit: boolean, cycle: number) => void = () => {}
  readonly #realTime: boolean
  #sleepers: Sleeper[] = []
  #stopped = false
  readonly #running: Promise<void>
  /** By `performance.now`, at the board's zero. */
  readonly #startMs = performance.now()

  /** Starts to run at once. */
  constructor(options: EmulationOptions = {}) {
    const optics = new Optics(options.optics ?? BENCH_OPTICS)
    this.#realTime = options.realTime ?? false
    this.board = new Board(options.image ?? readImage(), {
      onLed: (lit, cycle) => {
        optics.onLed(lit, cycle / CLOCK_HZ)
        this.board.setInput(lit, cycle)
        this.onLed(lit, cycle)
      },
      readSensor: (cycle) => optics.sample(cycle / CLOCK_HZ),
      onTransmit: (byte) => this.onTransmit(byte),
    })
    this.#running = this.#run()
  }

  nowMs(): number {
    return this.board.cycle / CYCLES_PER_MS
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        reject(signal?.reason)
      }
      const sleeper = {
        wakeMs: this.nowMs() + ms,
        wake: () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      if (signal?.aborted) return reject(signal.reason)
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#sleepers.push(sleeper)
    })
  }

  /** At the pace of real time: runs the board to the present, so that what comes now does not reach it late. */
  catchUp(): void {
    this.board.runUntil(this.#presentMs * CYCLES_PER_MS)
  }

  get #presentMs(): number {
    return performance.now() - this.#startMs
  }

  /** Stops the board's time for good; whoever still sleeps is woken. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
    this.#wake(Number.POSITIVE_INFINITY)
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.board.runUntil(this.board.cycle + SLICE_MS * CYCLES_PER_MS)
      this.#wake(this.nowMs())
      const aheadMs = this.#realTime ? this.nowMs() - this.#presentMs : 0
      await (aheadMs > 1 ? wait(aheadMs) : turn())
    }
  }

  #wake(nowMs: number): void {
    const due = this.#sleepers.filter((sleeper) => sleeper.wakeMs <= nowMs)
    if (due.length === 0) return
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.wakeMs > nowMs)
    for (const sleeper of due.sort((a, b) => a.wakeMs - b.wakeMs)) sleeper.wake()
  }
}
