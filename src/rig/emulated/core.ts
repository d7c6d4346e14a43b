import { avrInstruction, avrInterrupt, CPU } from 'avr8js'

const SRAM_BYTES = 2048
const SMCR = 0x53
const SLEEP_ENABLE = 0x01
const OPCODE_SLEEP = 0x9588
const OPCODE_SEI = 0x9478
const OPCODE_RETI = 0x9518

interface ClockEvent {
  readonly cycle: number
  readonly callback: () => void
}

/**
 * avr8js's CPU with what the firmware needs beside it: events at exact cycles, the sleep
 * instruction (time passes without instructions until an event wakes the core), and the interrupt
 * response of the ATmega328P datasheet ("Interrupt Response Time": 4 cycles, 4 more out of sleep; one
 * instruction always runs after SEI and RETI).
 */
export class Core extends CPU {
  /** The next is the last. */
  readonly #events: ClockEvent[] = []
  #nextEventCycle = Number.POSITIVE_INFINITY
  #sleeping = false
  #held = false
  /** Set when the watchdog has bitten; whoever runs the core makes the reset. */
  resetRequested = false

  constructor(program: Uint16Array, startCycle: number) {
    super(program, SRAM_BYTES)
    this.cycles = startCycle
  }

  /** Runs no instruction for a time, which passes nevertheless. */
  hold(cycles: number): void {
    this.#held = true
    this.addClockEvent(() => {
      this.#held = false
    }, cycles)
  }

  override reset(): void {
    super.reset()
    this.resetRequested = true
  }

  /**
   * The cycle of a register write, for write hooks: ST and STS write in their second cycle, as LD and
   * LDS read in it, but avr8js calls write hooks in the first.
   */
  get writeCycle(): number {
    return this.cycles + 1
  }

  /** Calls back when the clock has reached `cycle`; events of one cycle keep their order. */
  at(cycle: number, callback: () => void): () => void {
    const events = this.#events
    let index = events.length
    while (index > 0 && (events[index - 1] as ClockEvent).cycle <= cycle) index--
    events.splice(index, 0, { cycle, callback })
    this.#knowNext()
    return callback
  }

  override addClockEvent(callback: () => void, cycles: number): () => void {
    return this.at(this.cycles + Math.max(1, cycles), callback)
  }

  override clearClockEvent(callback: () => void): boolean {
    const index = this.#events.findIndex((event) => event.callback === callback)
    if (index >= 0) this.#events.splice(index, 1)
    this.#knowNext()
    return index >= 0
  }

  override updateClockEvent(callback: () => void, cycles: number): boolean {
    const found = this.clearClockEvent(callback)
    if (found) this.addClockEvent(callback, cycles)
    return found
  }

  /** Runs until the clock has reached `cycle`, or a reset is wanted. */
  runUntil(cycle: number): void {
    while (this.cycles < cycle && !this.resetRequested) {
      if (this.#held) {
        this.#passTime(cycle)
        this.#runEvents()
        continue
      }
      const opcode = this.#sleeping ? OPCODE_SLEEP : this.progMem[this.pc]
      if (this.#sleeping) this.#passTime(cycle)
      else avrInstruction(this)
      if (this.cycles >= this.#nextEventCycle) this.#runEvents()
      if (opcode === OPCODE_SLEEP) this.#sleeping = (this.data[SMCR] ?? 0) % 2 === SLEEP_ENABLE
      if (this.nextInterrupt < 0 || opcode === OPCODE_SEI || opcode === OPCODE_RETI) continue
      this.#serveInterrupt()
    }
  }

  #passTime(limit: number): void {
    this.cycles = Math.max(this.cycles, Math.min(limit, this.#nextEventCycle))
  }

  #knowNext(): void {
    this.#nextEventCycle = this.#events.at(-1)?.cycle ?? Number.POSITIVE_INFINITY
  }

  #runEvents(): void {
    while (this.#nextEventCycle <= this.cycles) {
      const next = this.#events.pop()
      this.#knowNext()
      next?.callback()
    }
  }

  #serveInterrupt(): void {
    if (!this.interruptsEnabled) return
    const interrupt = this['pendingInterrupts'][this.nextInterrupt]
    if (this.#sleeping) this.cycles += 4
    this.#sleeping = false
    avrInterrupt(this, interrupt.address)
    this.cycles += 2
    if (!interrupt.constant) this.clearInterrupt(interrupt)
  }
}
