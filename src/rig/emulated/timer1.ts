import type { Core } from './core.js'

// ATmega328P datasheet, "16-bit Timer/Counter1 with PWM" and "Register Summary".
const TIFR1 = 0x36
const TIMSK1 = 0x6f
const TCCR1A = 0x80
const TCCR1B = 0x81
const TCNT1L = 0x84
const ICR1L = 0x86
const OCR1AL = 0x88
const OCR1BL = 0x8a
const CS10 = 0x01
const ICES1 = 0x40

const ROUND_CYCLES = 0x10000

const interruptOf = (vector: number, mask: number) => ({
  address: vector,
  flagRegister: TIFR1,
  flagMask: mask,
  enableRegister: TIMSK1,
  enableMask: mask,
})

/** A flag and its interrupt, raised once in each round of the counter. */
class RoundFlag {
  readonly interrupt
  #riseCycle = 0

  constructor(
    private readonly core: Core,
    vector: number,
    mask: number,
    private readonly onRise: (cycle: number) => void = () => {},
  ) {
    this.interrupt = interruptOf(vector, mask)
  }

  /** From now on the flag rises whenever the counter, which was 0 at `originCycle`, comes to `count`. */
  riseAt(count: number, originCycle: number): void {
    this.core.clearClockEvent(this.#raise)
    const first = originCycle + count
    const round = Math.floor((this.core.writeCycle - first) / ROUND_CYCLES) + 1
    this.#riseCycle = first + round * ROUND_CYCLES
    this.core.at(this.#riseCycle, this.#raise)
  }

  #raise = (): void => {
    const wasClear = ((this.core.data[TIFR1] ?? 0) & this.interrupt.flagMask) === 0
    this.core.setInterruptFlag(this.interrupt)
    if (wasClear) this.onRise(this.#riseCycle)
    this.#riseCycle += ROUND_CYCLES
    this.core.at(this.#riseCycle, this.#raise)
  }
}

/**
 * Timer/Counter1 as the firmware uses it: normal mode, no prescaler, compare match A and B, overflow
 * and input capture without noise canceler. Any other mode throws: what is not modelled must not look as
 * if it were.
 */
export class Timer1 {
  /** Called at each rising edge of the compare-match-B flag, which can trigger the ADC. */
  onCompareB: (cycle: number) => void = () => {}
  /**
   * An edge on ICP1. The chip's synchroniser, which delays every capture by about 3 cycles ("Input Capture
   * Unit"), is left out.
   */
  readonly capture: (rising: boolean, cycle: number) => void

  constructor(core: Core) {
    const captured = interruptOf(0x14, 0x20)
    const overflow = new RoundFlag(core, 0x1a, 0x01)
    const compareA = new RoundFlag(core, 0x16, 0x02)
    const compareB = new RoundFlag(core, 0x18, 0x04, (cycle) => this.onCompareB(cycle))
    const interrupts = [captured, overflow.interrupt, compareA.interrupt, compareB.interrupt]
    let originCycle: number | undefined
    let highByte = 0
    let captureCount = 0

    core.writeHooks[TCCR1A] = (value) => {
      if (value !== 0) throw new Error('the emulated Timer 1 has normal mode only (TCCR1A = 0)')
    }
    core.writeHooks[TCCR1B] = (value) => {
      if ((value & ~ICES1) !== CS10) throw new Error('the emulated Timer 1 counts CPU cycles only')
      if (originCycle !== undefined) return
      originCycle = core.writeCycle
      overflow.riseAt(0, originCycle)
    }
    core.readHooks[TCNT1L] = () => {
      const count = originCycle === undefined ? 0 : (core.cycles - originCycle) % ROUND_CYCLES
      core.data[TCNT1L + 1] = count >> 8
      return count & 0xff
    }
    // Reading the low byte keeps the high one for the read that follows ("Accessing 16-bit Registers").
    core.readHooks[ICR1L] = () => {
      core.data[ICR1L + 1] = captureCount >> 8
      return captureCount & 0xff
    }
    for (const [register, flag] of [
      [OCR1AL, compareA],
      [OCR1BL, compareB],
    ] as const) {
      core.writeHooks[register + 1] = (value) => {
        highByte = value
        return true
      }
      core.writeHooks[register] = (value) => {
        core.data[register + 1] = highByte
        if (originCycle === undefined) throw new Error('start the emulated Timer 1 first')
        // The flag rises one cycle after the counter has become equal.
        flag.riseAt(highByte * 256 + value + 1, originCycle)
      }
    }
    core.writeHooks[TIFR1] = (value) => {
      for (const interrupt of interrupts) core.clearInterruptByFlag(interrupt, value)
      return true
    }
    core.writeHooks[TIMSK1] = (value) => {
      for (const interrupt of interrupts) core.updateInterruptEnable(interrupt, value)
    }
    this.capture = (rising, cycle) => {
      const wanted = ((core.data[TCCR1B] ?? 0) & ICES1) !== 0
      if (rising !== wanted || originCycle === undefined) return
      captureCount = (cycle - originCycle) % ROUND_CYCLES
      core.setInterruptFlag(captured)
    }
  }
}
