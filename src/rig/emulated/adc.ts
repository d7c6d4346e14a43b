import type { Core } from './core.js'

// ATmega328P datasheet, "Analog-to-Digital Converter".
const ADCL = 0x78
const ADCH = 0x79
const ADCSRA = 0x7a
const ADCSRB = 0x7b
const ADMUX = 0x7c
const ADEN = 0x80
const ADSC = 0x40
const ADATE = 0x20
const ADIF = 0x10
const ADIE = 0x08
const ADPS_MASK = 0x07
const ADTS_MASK = 0x07
const ADTS_COMPARE_1B = 0x05
const REFERENCE_AVCC_CHANNEL_0 = 0x40

const VECTOR = 0x2a

/**
 * The ADC as the firmware uses it: channel 0 against AVcc, single conversions and conversions
 * triggered by Timer 1's compare match B. Times from "Prescaling and Conversion Timing": a
 * triggered conversion holds its sample 2 ADC cycles after the trigger, which takes 3 CPU cycles to
 * be seen, and ends after 13.5 ADC cycles; a single one takes 13, the first 25.
 */
export class Adc {
  #converting = false
  #firstConversion = true
  readonly #complete

  /** `convert` gives the code (0..1023) of the voltage at a clock cycle. */
  constructor(
    private readonly core: Core,
    private readonly convert: (cycle: number) => number,
  ) {
    this.#complete = {
      address: VECTOR,
      flagRegister: ADCSRA,
      flagMask: ADIF,
      enableRegister: ADCSRA,
      enableMask: ADIE,
    }
    core.writeHooks[ADCSRA] = (value) => {
      if (!(value & ADEN)) throw new Error('the emulated ADC stays on once it is on')
      const flag = (core.data[ADCSRA] as number) & ~value & ADIF
      core.data[ADCSRA] = (value & ~ADIF) | flag | (this.#converting ? ADSC : 0)
      core.updateInterruptEnable(this.#complete, value)
      if (value & ADSC && !this.#converting) {
        this.#start(
          core.cycles,
          this.#firstConversion ? 13.5 : 1.5,
          this.#firstConversion ? 25 : 13,
        )
      }
      return true
    }
  }

  /** The rising edge of compare match B's flag. */
  trigger(cycle: number): void {
    const { data } = this.core
    const armed = ((data[ADCSRA] as number) & ADATE) !== 0
    const source = (data[ADCSRB] as number) & ADTS_MASK
    if (!armed || source !== ADTS_COMPARE_1B || this.#converting) return
    this.#start(cycle + 3, 2, 13.5)
  }

  #start(cycle: number, holdAdcCycles: number, totalAdcCycles: number): void {
    const { core } = this
    if (core.data[ADMUX] !== REFERENCE_AVCC_CHANNEL_0) {
      throw new Error('the emulated ADC has channel 0 against AVcc only')
    }
    const prescale = Math.max(2, 2 ** ((core.data[ADCSRA] as number) & ADPS_MASK))
    const holdCycle = cycle + holdAdcCycles * prescale
    let code = 0
    this.#converting = true
    this.#firstConversion = false
    core.data[ADCSRA] = (core.data[ADCSRA] as number) | ADSC
    core.at(holdCycle, () => {
      code = this.convert(holdCycle)
    })
    core.at(cycle + totalAdcCycles * prescale, () => {
      this.#converting = false
      core.data[ADCSRA] = (core.data[ADCSRA] as number) & ~ADSC
      core.data[ADCL] = code & 0xff
      core.data[ADCH] = code >> 8
      core.setInterruptFlag(this.#complete)
    })
  }
}
