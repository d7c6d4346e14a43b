import type { Core } from './core.js'

// ATmega328P datasheet, "USART0".
const UCSR0A = 0xc0
const UCSR0B = 0xc1
const UBRR0L = 0xc4
const UBRR0H = 0xc5
const UDR0 = 0xc6
const RXC = 0x80
const TXC = 0x40
const UDRE = 0x20
const FE = 0x10
const DOR = 0x08
const U2X = 0x02
const RXEN = 0x10
const RECEIVE_FIFO_BYTES = 2
const BITS_PER_BYTE = 10 // 8N1

/** Received at a wrong rate: further apart than a UART can follow (datasheet, "Asynchronous Operational Range"). */
const BAUD_TOLERANCE = 0.04

/**
 * USART0, asynchronous 8N1: a transmit buffer before the shift register, a two-byte receive FIFO
 * with overrun, and byte times that follow from UBRR0. Bytes sent to it at another baud rate arrive
 * with a frame error.
 */
export class Usart {
  /** Bytes that the firmware has been too slow to take. */
  overruns = 0
  #fifo: { byte: number; errors: number }[] = []
  #overrun = 0
  #shifting = false
  #buffered: number | undefined
  readonly #received = level(0x24, RXC)
  readonly #empty = level(0x26, UDRE)

  /** `onTransmit` gets each byte when its stop bit has gone out. */
  constructor(
    private readonly core: Core,
    private readonly frequencyHz: number,
    private readonly onTransmit: (byte: number) => void,
  ) {
    core.data[UCSR0A] = UDRE
    core.writeHooks[UCSR0A] = (value) => {
      core.data[UCSR0A] = ((core.data[UCSR0A] as number) & (RXC | UDRE | FE | DOR)) | (value & U2X)
      return true
    }
    core.writeHooks[UCSR0B] = (value) => {
      core.data[UCSR0B] = value
      core.updateInterruptEnable(this.#received, value)
      core.updateInterruptEnable(this.#empty, value)
      return true
    }
    core.writeHooks[UDR0] = (value) => {
      if (this.#shifting) {
        this.#buffered = value
        core.clearInterrupt(this.#empty)
      } else this.#shiftOut(value)
      return true
    }
    core.readHooks[UDR0] = () => {
      const next = this.#fifo.shift()
      this.#showOldest()
      return next?.byte ?? 0
    }
  }

  get baudRate(): number {
    return (this.frequencyHz * BITS_PER_BYTE) / this.#byteCycles
  }

  /** A byte whose stop bit comes in now, sent at `baudRate`. */
  receive(byte: number, baudRate: number): void {
    if (((this.core.data[UCSR0B] as number) & RXEN) === 0) return
    if (this.#fifo.length === RECEIVE_FIFO_BYTES) {
      this.#overrun = DOR
      this.overruns++
      return
    }
    const wrongRate = Math.abs(baudRate / this.baudRate - 1) > BAUD_TOLERANCE
    this.#fifo.push({ byte, errors: this.#overrun | (wrongRate ? FE : 0) })
    this.#overrun = 0
    this.#showOldest()
  }

  get #byteCycles(): number {
    const { data } = this.core
    const divisor = ((data[UBRR0H] as number) << 8) + (data[UBRR0L] as number) + 1
    return divisor * ((data[UCSR0A] as number) & U2X ? 8 : 16) * BITS_PER_BYTE
  }

  #showOldest(): void {
    const { core } = this
    const oldest = this.#fifo[0]
    const status = (core.data[UCSR0A] as number) & ~(FE | DOR)
    core.data[UCSR0A] = status | (oldest?.errors ?? 0)
    if (oldest) core.setInterruptFlag(this.#received)
    else core.clearInterrupt(this.#received)
  }

  #shiftOut(byte: number): void {
    this.#shifting = true
    this.core.addClockEvent(() => {
      this.#shifting = false
      this.onTransmit(byte)
      const next = this.#buffered
      this.#buffered = undefined
      if (next === undefined) this.core.data[UCSR0A] = (this.core.data[UCSR0A] as number) | TXC
      else {
        this.core.setInterruptFlag(this.#empty)
        this.#shiftOut(next)
      }
    }, this.#byteCycles)
  }
}

/** An interrupt that lasts as long as its flag, which software cannot clear. */
function level(vector: number, mask: number) {
  return {
    address: vector,
    flagRegister: UCSR0A,
    flagMask: mask,
    enableRegister: UCSR0B,
    enableMask: mask,
    constant: true,
  }
}
