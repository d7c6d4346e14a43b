import type {
  BindingInterface,
  BindingPortInterface,
  OpenOptions,
} from '@serialport/bindings-interface'
import type { Board } from './board.js'

/** What a bootloader such as optiboot listens for before it starts the program. */
const BOOTLOADER_MS = 1000

/** The path under which the emulated board is opened. */
export const EMULATED_PATH = 'emulated'

/** The board's end of the cable. */
export interface BoardEnd {
  readonly board: Pick<Board, 'receive' | 'reset'>
  /** Gets each byte the board sends. */
  onTransmit: (byte: number) => void
}

/**
 * A serialport binding in the process whose only port is the emulated board, so that the bridge's
 * code is the same for real and emulated boards. Opening resets the board, as DTR does on an Uno, unless `onOpen` does something else.
 */
export function emulatedBinding(
  emulation: BoardEnd,
  onOpen = () => emulation.board.reset('external', BOOTLOADER_MS),
): BindingInterface<BindingPortInterface, OpenOptions> {
  return {
    list: async () => [],
    open: async (options) => {
      const port = new EmulatedPort(emulation, options)
      onOpen()
      return port
    },
  }
}

class EmulatedPort implements BindingPortInterface {
  readonly openOptions: Required<OpenOptions>
  isOpen = true
  #received: number[] = []
  #pendingRead: { fulfil: () => void; cancel: (error: Error) => void } | undefined

  constructor(
    private readonly emulation: BoardEnd,
    options: OpenOptions,
  ) {
    this.openOptions = {
      dataBits: 8,
      lock: true,
      stopBits: 1,
      parity: 'none',
      rtscts: false,
      xon: false,
      xoff: false,
      xany: false,
      hupcl: true,
      ...options,
    }
    emulation.onTransmit = (byte) => {
      this.#received.push(byte)
      this.#pendingRead?.fulfil()
    }
  }

  read(buffer: Buffer, offset: number, length: number) {
    return new Promise<{ buffer: Buffer; bytesRead: number }>((resolve, reject) => {
      const fulfil = (): void => {
        this.#pendingRead = undefined
        const bytes = this.#received.splice(0, length)
        buffer.set(bytes, offset)
        resolve({ buffer, bytesRead: bytes.length })
      }
      if (!this.isOpen) reject(canceled())
      else if (this.#received.length > 0) fulfil()
      else this.#pendingRead = { fulfil, cancel: reject }
    })
  }

  async write(buffer: Buffer): Promise<void> {
    if (!this.isOpen) throw canceled()
    this.emulation.board.receive(buffer, this.openOptions.baudRate)
  }

  async close(): Promise<void> {
    this.isOpen = false
    this.emulation.onTransmit = () => {}
    this.#pendingRead?.cancel(canceled())
  }

  async update(options: { baudRate: number }): Promise<void> {
    this.openOptions.baudRate = options.baudRate
  }

  async getBaudRate() {
    return { baudRate: this.openOptions.baudRate }
  }

  async get() {
    return { cts: false, dsr: false, dcd: false }
  }

  async set(): Promise<void> {}

  async flush(): Promise<void> {
    this.#received = []
  }

  async drain(): Promise<void> {}
}

/** What a binding's reads and writes reject with when the port is closed. */
function canceled(): Error {
  return Object.assign(new Error('the port was closed'), { canceled: true })
}
