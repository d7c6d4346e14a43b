import type { Emitter } from '../rig.js'
import { headerBase } from './gpio-chip.js'
import { lockPins } from './lock.js'
import { claimOutput, type OutputConfig } from './output.js'
import { PacedEmitter } from './paced-emitter.js'
import { findPwm } from './pwm-output.js'

/** Where an LED hangs on two lines of the header: BCM numbers. */
export interface GpioLines {
  readonly whiteLine: number
  readonly greyLine: number
  /** The LED lights up with the lines low. */
  readonly activeLow: boolean
}

/** Where an LED hangs on one pin of the header, and how it shows the levels. */
export interface PwmPin {
  /** BCM number: 12, 13, 18 or 19. */
  readonly pin: number
  readonly brightness: number
  readonly greyRatio: number
}

/** Opens two GPIO lines as an emitter: one alone lights grey, both light white. Errors: RigError. */
export async function openGpioEmitter({
  whiteLine,
  greyLine,
  activeLow,
}: GpioLines): Promise<Emitter> {
  const base = headerBase()
  const config = {
    kind: 'gpio',
    whiteLine: base + whiteLine,
    greyLine: base + greyLine,
    activeLow,
  } as const
  return openEmitter(config, null, [whiteLine, greyLine])
}

/** Opens a PWM pin as an emitter. Errors: RigError. */
export async function openPwmEmitter({ pin, brightness, greyRatio }: PwmPin): Promise<Emitter> {
  return openEmitter({ kind: 'pwm', ...findPwm(pin), brightness, greyRatio }, greyRatio, [pin])
}

async function openEmitter(
  config: OutputConfig,
  greyRatio: number | null,
  pins: readonly number[],
): Promise<Emitter> {
  const unlock = await lockPins(pins)
  try {
    return new PacedEmitter(await claimOutput(config), config, greyRatio, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}
