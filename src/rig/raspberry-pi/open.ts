import type { GpioLines } from './gpio-header.js'
import { claimGpio } from './gpio-output.js'
import { PacedEmitter } from './paced-emitter.js'
import { claimPwm, findPwm } from './pwm-output.js'

/** Where an LED hangs on one pin of the header, and how it shows the levels. */
export interface PwmPin {
  /** BCM number: 12, 13, 18 or 19. */
  readonly pin: number
  readonly brightness: number
  readonly greyRatio: number
}

/** Opens two GPIO lines as an emitter: grey's alone lights grey, both light white. Errors: RigError. */
export async function openGpioEmitter(lines: GpioLines): Promise<PacedEmitter> {
  const name = `BCM ${lines.whiteLine} and ${lines.greyLine}`
  return new PacedEmitter(await claimGpio(lines), null, name)
}

/** Opens a PWM pin as an emitter. Errors: RigError. */
export async function openPwmEmitter({
  pin,
  brightness,
  greyRatio,
}: PwmPin): Promise<PacedEmitter> {
  const config = { kind: 'pwm', ...findPwm(pin), brightness, greyRatio } as const
  return new PacedEmitter({ output: await claimPwm(config), config }, greyRatio, `BCM ${pin}`)
}
