import type { BoardEnd } from '../../../../src/rig/emulated/binding.js'
import { FaultyCable } from '../faulty-binding.js'
import { HostileBoard, type Wire } from './board.js'
import { VirtualTime } from './clocks.js'
import type { Lie } from './lies.js'

const BITS_PER_BYTE = 10

/** A hostile board in the process, on virtual time, with the cable that leads to it. */
export class HostileBench implements Wire, BoardEnd {
  readonly time = new VirtualTime()
  readonly device: HostileBoard
  readonly cable: FaultyCable
  onTransmit: (byte: number) => void = () => {}
  readonly floodBytes = 500
  /** When all that was sent each way has arrived. */
  readonly #arrivedMs = { toBoard: 0, toHost: 0 }
  #baudRate = 115_200

  /** The board's end, as serialport's binding knows it. */
  readonly board = {
    reset: (): void => this.device.reset(),
    receive: (bytes: Uint8Array, baudRate: number): void => {
      this.#baudRate = baudRate
      const copy = Uint8Array.from(bytes)
      this.#carry('toBoard', copy.length, () => this.device.receive(copy))
    },
  }

  constructor(lies: readonly Lie[]) {
    this.cable = new FaultyCable(this)
    this.device = new HostileBoard(this.time, this, lies)
  }

  send(bytes: Uint8Array, sent?: () => void): void {
    this.#carry('toHost', bytes.length, () => {
      for (const byte of bytes) this.onTransmit(byte)
      sent?.()
    })
  }

  unplug(): void {
    this.cable.unplug()
  }

  #carry(way: 'toBoard' | 'toHost', bytes: number, arrive: () => void): void {
    const nowMs = this.time.nowMs()
    const lengthMs = (1000 * BITS_PER_BYTE * bytes) / this.#baudRate
    this.#arrivedMs[way] = Math.max(this.#arrivedMs[way], nowMs) + lengthMs
    this.time.after(this.#arrivedMs[way] - nowMs, arrive)
  }
}
