import type { Core } from './core.js'

// ATmega328P datasheet, "8-bit Timer/Counter2 with PWM and Asynchronous Operation".
const TCCR2A = 0xb0
const TCCR2B = 0xb1
const TCNT2 = 0xb2
const OCR2A = 0xb3
const OCR2B = 0xb4

const STOPPED_NORMAL_A = 0x00
const PHASE_CORRECT_A = 0x21 // COM2B1, WGM20
const CONNECTED_A = 0x20 // COM2B1
const STOPPED_B = 0x00
const RUNNING_PHASE_CORRECT_B = 0x09 // WGM22, CS20

/**
 * Timer/Counter2 as the firmware uses it: phase-correct PWM on OC2B with OCR2A as TOP (mode 5), no
 * prescaler; set up in normal mode with the clock stopped, where registers take their values at
 * once. Any other use throws.
 *
 * A PWM cycle runs from TOP to TOP, 2*TOP clock cycles. At TOP a new OCR2B is taken over and the
 * pin gets the level of an up-counting compare match, even if there was none: low, or high where
 * OCR2B = TOP ("Phase Correct PWM Mode", on the transition without a compare match). The match on
 * the way down sets it, the one on the way up clears it; OCR2B = 0 never matches.
 */
export class Timer2 {
  /** Called when OC2B changes, or is connected to the pin (level) or not (undefined). */
  onOutput: (level: boolean | undefined, cycle: number) => void = () => {}

  constructor(core: Core) {
    let top = 0
    let compare = 0
    let firstTopCycle = 0
    let running = false

    const drive = (level: boolean, cycle: number): void => {
      if ((core.data[TCCR2A] as number) & CONNECTED_A) this.onOutput(level, cycle)
    }
    const atTop = (cycle: number): void => {
      compare = core.data[OCR2B] as number
      drive(compare === top, cycle)
      if (compare === 0 || compare === top) return
      set.at(cycle + top - compare)
      clear.at(cycle + top + compare)
      nextTop.at(cycle + 2 * top)
    }
    const nextTop = event(core, atTop)
    const set = event(core, (cycle) => drive(true, cycle))
    const clear = event(core, (cycle) => drive(false, cycle))

    const stop = (): void => {
      running = false
      for (const pending of [nextTop, set, clear]) pending.cancel()
    }
    const refuse = (): never => {
      throw new Error('the emulated Timer 2 has phase-correct PWM with OCR2A as TOP only (mode 5)')
    }

    core.writeHooks[TCCR2A] = (value) => {
      if (value === STOPPED_NORMAL_A) this.onOutput(undefined, core.writeCycle)
      else if (value === PHASE_CORRECT_A && !running) this.onOutput(false, core.writeCycle)
      else refuse()
    }
    core.writeHooks[TCCR2B] = (value) => {
      if (value === STOPPED_B) stop()
      else if (value === RUNNING_PHASE_CORRECT_B && core.data[TCCR2A] === PHASE_CORRECT_A) {
        running = true
        top = core.data[OCR2A] as number
        if (core.data[TCNT2] !== 0 || core.data[OCR2B] !== 0) refuse()
        compare = 0
        firstTopCycle = core.writeCycle + top
      } else refuse()
    }
    core.writeHooks[OCR2A] = () => {
      if (running) refuse()
    }
    core.writeHooks[OCR2B] = (value) => {
      // In a steady level nothing happens at TOP, so there is an event only for a change.
      if (!running || value === compare || nextTop.pending) return
      const cycles = Math.floor((core.writeCycle - firstTopCycle) / (2 * top)) + 1
      nextTop.at(firstTopCycle + Math.max(0, cycles) * 2 * top)
    }
  }
}

/** One event that can be set, and knows whether it is. */
function event(core: Core, callback: (cycle: number) => void) {
  let pendingCycle: number | undefined
  const fire = (): void => {
    const cycle = pendingCycle as number
    pendingCycle = undefined
    callback(cycle)
  }
  return {
    get pending() {
      return pendingCycle !== undefined
    },
    at(cycle: number): void {
      pendingCycle = cycle
      core.at(cycle, fire)
    },
    cancel(): void {
      pendingCycle = undefined
      core.clearClockEvent(fire)
    },
  }
}
