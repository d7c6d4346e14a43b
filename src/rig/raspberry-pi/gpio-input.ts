import { closeSync, readSync } from 'node:fs'
import { RigError } from '../errors.js'
import type { Edge, EdgeInput } from '../rig.js'
import { loadSystemCalls, type SystemCalls } from '../system-calls.js'
import { machineClock } from '../timebase.js'
import { claimDeviceLine } from './gpio-device.js'
import type { Pull } from './gpio-uapi.js'

/** struct gpio_v2_line_event of <linux/gpio.h>, and the most that are read at once. */
const EVENT = { bytes: 48, timeNs: 0, id: 8, lineNumber: 20 }
const EVENTS = 64
const RISING_EDGE = 1
/** struct pollfd of <poll.h>. */
const POLLFD = { bytes: 8, fd: 0, events: 4 }
const POLLIN = 1
/**
 * The kernel takes the times of edges; only that they have come is known so late. Node.js has no way to wait for such a file: to
 * read it would take a thread of its pool for good.
 */
const LOOK_INTERVAL_MS = 10

/**
 * Takes a line of the header, by BCM number, as an input whose edges the kernel times by CLOCK_MONOTONIC.
 *
 * @throws RigError 'missing', 'locked' or 'forbidden'
 */
export async function openGpioInput(line: number, pull: Pull): Promise<GpioInput> {
  const { poll } = await loadSystemCalls()
  return claimDeviceLine(line, (chip) => new GpioInput(line, chip.requestEdges(line, pull), poll))
}

export class GpioInput implements EdgeInput, AsyncDisposable {
  readonly #pollfd = Buffer.alloc(POLLFD.bytes)
  readonly #events = Buffer.alloc(EVENTS * EVENT.bytes)
  readonly #closed = new AbortController()

  constructor(
    private readonly line: number,
    private readonly fd: number,
    private readonly poll: SystemCalls['poll'],
  ) {
    this.#pollfd.writeInt32LE(fd, POLLFD.fd)
    this.#pollfd.writeInt16LE(POLLIN, POLLFD.events)
  }

  /** For one reader at a time. Throws RigError 'unplugged' where the line is gone. */
  async *edges({ signal }: { signal: AbortSignal }): AsyncGenerator<Edge, void> {
    const ended = AbortSignal.any([signal, this.#closed.signal])
    const begunNs = process.hrtime.bigint()
    let lastNumber: number | undefined
    while (await this.#untilReadable(ended)) {
      for (const { timeNs, high, number } of this.#read()) {
        const afterLoss = lastNumber !== undefined && number !== (lastNumber + 1) >>> 0
        lastNumber = number
        if (timeNs < begunNs) continue
        yield { timeS: Number(timeNs) / 1e9, clock: machineClock.id, high, afterLoss }
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed.signal.aborted) return
    this.#closed.abort()
    closeSync(this.fd)
  }

  /** Resolves to false where it is ended before. */
  #untilReadable(ended: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const looking = setInterval(() => {
        try {
          if (!ended.aborted && this.poll(this.#pollfd, 1, 0) === 0) return
          resolve(!ended.aborted)
        } catch (error) {
          reject(error)
        }
        clearInterval(looking)
      }, LOOK_INTERVAL_MS)
    })
  }

  /** The events that have come. The kernel gives whole ones. */
  #read(): { timeNs: bigint; high: boolean; number: number }[] {
    const events = this.#events
    try {
      const count = readSync(this.fd, events) / EVENT.bytes
      return Array.from({ length: count }, (_, i) => ({
        timeNs: events.readBigUInt64LE(i * EVENT.bytes + EVENT.timeNs),
        high: events.readUInt32LE(i * EVENT.bytes + EVENT.id) === RISING_EDGE,
        number: events.readUInt32LE(i * EVENT.bytes + EVENT.lineNumber),
      }))
    } catch (error) {
      const { message } = error as Error
      throw new RigError(
        'unplugged',
        `BCM ${this.line} can no longer be read (${message}): check the machine`,
        { cause: error },
      )
    }
  }
}
