import type {
  BindingInterface,
  BindingPortInterface,
  OpenOptions,
} from '@serialport/bindings-interface'
import { type BoardEnd, emulatedBinding } from '../../../src/rig/emulated/binding.js'

/** What happens to the bytes of one direction: gets each byte with its number, gives what goes on. */
export type Wire = (byte: number, index: number) => number[]

export const CLEAN: Wire = (byte) => [byte]

/** The emulated board's binding with a faulty cable. */
export class FaultyCable {
  toBoard: Wire = CLEAN
  toHost: Wire = CLEAN
  /** Holds up what goes to the board in a write, or to the host in a read, until it resolves. */
  delay: (way: 'toBoard' | 'toHost') => Promise<void> = async () => {}
  bytesToBoard = 0
  bytesToHost = 0
  #unplugged = false
  #onUnplug: () => void = () => {}
  readonly binding: BindingInterface<BindingPortInterface, OpenOptions>

  constructor(emulation: BoardEnd) {
    const inner = emulatedBinding(emulation)
    this.binding = { ...inner, open: async (options) => this.#connect(await inner.open(options)) }
  }

  /** Pulls the cable, for good. */
  unplug(): void {
    this.#unplugged = true
    this.#onUnplug()
  }

  #connect(port: BindingPortInterface): BindingPortInterface {
    const { read, write } = port
    const gone = new Promise<never>((_, reject) => {
      this.#onUnplug = () => reject(new Error('the device is gone'))
    })
    gone.catch(() => {})
    port.write = async (buffer) => {
      if (this.#unplugged) throw new Error('the device is gone')
      await this.delay('toBoard')
      await write.call(
        port,
        this.#pass(this.toBoard, buffer, () => this.bytesToBoard++),
      )
    }
    port.read = async (buffer, offset, length) => {
      for (;;) {
        // A quarter of the room, for faults that make more bytes of fewer.
        const room = Buffer.alloc(Math.ceil(length / 4))
        const { bytesRead } = await Promise.race([read.call(port, room, 0, room.length), gone])
        const arrived = this.#pass(
          this.toHost,
          room.subarray(0, bytesRead),
          () => this.bytesToHost++,
        )
        if (arrived.length === 0) continue // a read gives at least one byte
        await this.delay('toHost')
        buffer.set(arrived, offset)
        return { buffer, bytesRead: arrived.length }
      }
    }
    return port
  }

  #pass(wire: Wire, bytes: Buffer, next: () => number): Buffer {
    return Buffer.from([...bytes].flatMap((byte) => (this.#unplugged ? [] : wire(byte, next()))))
  }
}
