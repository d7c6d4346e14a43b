import { AVREEPROM, AVRWatchdog, EEPROMMemoryBackend, watchdogConfig } from 'avr8js'
import { Adc } from './adc.js'
import { Core } from './core.js'
import { Timer1 } from './timer1.js'
import { Timer2 } from './timer2.js'
import { Usart } from './usart.js'

export const CLOCK_HZ = 16_000_000

// ATmega328P datasheet, "Register Summary".
const PINB = 0x23
const DDRD = 0x2a
const PORTD = 0x2b
const MCUSR = 0x54
const D3 = 1 << 3
const D8 = 1 << 0

const EEPROM_BYTES = 1024

/** MCUSR's flags ("Reset Sources"). */
const RESET_FLAG = { 'power-on': 0x01, external: 0x02, 'brown-out': 0x04, watchdog: 0x08 } as const
export type ResetCause = keyof typeof RESET_FLAG

/** What is connected to the board. Times are in clock cycles since power-on. */
export interface BoardConnections {
  /** The LED on D3 is driven (true) or not; a pin that is an input does not light it. */
  onLed(lit: boolean, cycle: number): void
  /** The ADC code, 0..1023, of the voltage on A0. */
  readSensor(cycle: number): number
  /** A byte has left the serial port. */
  onTransmit(byte: number): void
}

/**
 * An Arduino Uno or Nano: an ATmega328P at 16 MHz running a firmware image, with an LED on D3, a
 * sensor on A0, an input on D8 and the serial port. It stands still unless `runUntil` is called.
 */
export class Board {
  readonly #program: Uint16Array
  readonly #connections: BoardConnections
  readonly #eeprom = new EEPROMMemoryBackend(EEPROM_BYTES)
  #core!: Core
  #usart!: Usart
  #timer1!: Timer1
  #inputHigh = false
  #lit = false
  #byteReceivedCycle = 0

  /** `image` is the flash's content from address 0, at most 32 KiB. */
  constructor(image: Uint8Array, connections: BoardConnections) {
    const flash = new Uint8Array(0x8000).fill(0xff)
    flash.set(image)
    this.#program = new Uint16Array(flash.buffer)
    this.#connections = connections
    this.#powerUp('power-on', 0)
  }

  /** The rate that the firmware has set its serial port to. */
  get baudRate(): number {
    return this.#usart.baudRate
  }

  /** Bytes from the serial port that the firmware has been too slow to take, since the last reset. */
  get overruns(): number {
    return this.#usart.overruns
  }

  get cycle(): number {
    return this.#core.cycles
  }

  /** The chip itself, for tests that look inside. A reset makes another one. */
  get core(): Core {
    return this.#core
  }

  /** Whether the LED's pin is driven high at this moment. */
  get lit(): boolean {
    return this.#lit
  }

  /** Runs the firmware until the clock has reached `cycle`. */
  runUntil(cycle: number): void {
    while (this.cycle < cycle) {
      this.#core.runUntil(cycle)
      if (this.#core.resetRequested) this.reset('watchdog')
    }
  }

  /**
   * Resets the chip: everything but flash and EEPROM is as after power-on. The program starts
   * `bootloaderMs` later, as a bootloader listens first.
   */
  reset(cause: ResetCause, bootloaderMs = 0): void {
    this.#powerUp(cause, this.#core.cycles)
    if (bootloaderMs > 0) this.#core.hold((bootloaderMs * CLOCK_HZ) / 1000)
  }

  /** Drives D8 high or low, at `cycle` or as soon as that is past. */
  setInput(high: boolean, cycle: number): void {
    const core = this.#core
    const set = (): void => {
      if (high === this.#inputHigh) return
      this.#inputHigh = high
      core.data[PINB] = high ? D8 : 0
      this.#timer1.capture(high, cycle)
    }
    if (cycle <= core.cycles) set()
    else core.at(cycle, set)
  }

  /** Queues bytes on the line into the board, one byte time after another. */
  receive(bytes: Uint8Array, baudRate: number): void {
    const core = this.#core
    const usart = this.#usart
    const byteCycles = (10 * CLOCK_HZ) / baudRate
    for (const byte of bytes) {
      this.#byteReceivedCycle = Math.max(this.#byteReceivedCycle, core.cycles) + byteCycles
      core.at(Math.ceil(this.#byteReceivedCycle), () => usart.receive(byte, baudRate))
    }
  }

  #powerUp(cause: ResetCause, cycle: number): void {
    const core = new Core(this.#program, cycle)
    core.data[MCUSR] = RESET_FLAG[cause]
    core.data[PINB] = this.#inputHigh ? D8 : 0
    this.#core = core
    this.#usart = new Usart(core, CLOCK_HZ, (byte) => this.#connections.onTransmit(byte))
    new AVRWatchdog(core, watchdogConfig, { frequency: CLOCK_HZ } as never)
    const adc = new Adc(core, (at) => this.#connections.readSensor(at))
    new AVREEPROM(core, this.#eeprom)
    this.#timer1 = new Timer1(core)
    this.#timer1.onCompareB = (at) => adc.trigger(at)
    this.#connectLed(core, new Timer2(core))
  }

  #connectLed(core: Core, timer2: Timer2): void {
    let output: boolean | undefined
    const drive = (ddr: number, port: number, cycle: number): void => {
      const lit = (ddr & D3) !== 0 && (output ?? (port & D3) !== 0)
      if (lit === this.#lit) return
      this.#lit = lit
      this.#connections.onLed(lit, cycle)
    }
    const ddr = () => core.data[DDRD] as number
    const port = () => core.data[PORTD] as number
    core.writeHooks[DDRD] = (value) => drive(value, port(), core.cycles)
    core.writeHooks[PORTD] = (value) => drive(ddr(), value, core.cycles)
    timer2.onOutput = (level, cycle) => {
      output = level
      drive(ddr(), port(), cycle)
    }
    drive(0, 0, core.cycles)
  }
}
