import { RigError } from '../errors.js'

/**
 * Labels of the chip behind the 40-pin header: Pi 0 to 3, Pi 4, and Pi 5 (the kernel's pinctrl-bcm2835.c
 * and pinctrl-rp1.c).
 */
const HEADER_CHIPS = ['pinctrl-bcm2835', 'pinctrl-bcm2711', 'pinctrl-rp1']

/** BCM numbers on the header without the two that are for the EEPROM of a HAT. */
export const FIRST_LINE = 2
export const LAST_LINE = 27

/** The pins that can have a PWM channel, and the function that the overlay "pwm" gives them. */
export const PWM_FUNCTIONS: Readonly<Record<number, number>> = { 12: 4, 13: 4, 18: 2, 19: 2 }
export const PWM_PINS = Object.keys(PWM_FUNCTIONS).map(Number)

/** Where an LED hangs on two lines of the header: grey's alone lights grey, both light white. */
export interface GpioLines {
  /** BCM numbers. */
  readonly whiteLine: number
  readonly greyLine: number
  /** The LED lights up with the lines low. */
  readonly activeLow: boolean
}

export const isHeader = (label: string): boolean => HEADER_CHIPS.includes(label)

/** No such header is seen among the GPIO chips. */
export class NoHeaderError extends RigError {
  constructor(labels: readonly string[]) {
    const found = labels.length > 0 ? ` (its GPIO chips: ${labels.join(', ')})` : ''
    super(
      'missing',
      `this machine has no Raspberry Pi header${found}: use a rig of kind bridge or emulated`,
      { remedy: 'other-rig' },
    )
  }
}
