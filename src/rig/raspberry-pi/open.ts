import { basename } from 'node:path'
import type { Emitter } from '../rig.js'
import { headerBase } from './gpio-chip.js'
import { lock } from './lock.js'
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

/** Opens two GPIO lines as an emitter: grey's alone lights grey, both light white. Errors: RigError. */
export async function openGpioEmitter(lines: GpioLines): Promise<Emitter> {
  const parts = [lines.whiteLine, lines.greyLine].map((line) => `BCM ${line}`)
  return openEmitter({ kind: 'gpio', base: headerBase(), ...lines }, null, parts)
}

/** Opens a PWM pin as an emitter. Errors: RigError. */
export async function openPwmEmitter({ pin, brightness, greyRatio }: PwmPin): Promise<Emitter> {
  const { chipFolder, channel } = findPwm(pin)
  const config = { kind: 'pwm', chipFolder, channel, brightness, greyRatio } as const
  // Two pins may have one channel.
  const parts = [`BCM ${pin}`, `PWM channel ${channel} of ${basename(chipFolder)}`]
  return openEmitter(config, greyRatio, parts)
}

async function openEmitter(
  config: OutputConfig,
  greyRatio: number | null,
  parts: readonly string[],
): Promise<Emitter> {
  const unlock = await lock(parts)
  try {
    return new PacedEmitter(await claimOutput(config), config, greyRatio, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}
