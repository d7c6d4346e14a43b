import { basename } from 'node:path'
import type { Emitter } from '../rig.js'
import type { GpioLines } from './gpio-header.js'
import { claimGpio } from './gpio-output.js'
import { lock } from './lock.js'
import type { ClaimedOutput } from './output.js'
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
export async function openGpioEmitter(lines: GpioLines): Promise<Emitter> {
  const parts = [lines.whiteLine, lines.greyLine].map((line) => `BCM ${line}`)
  return openEmitter(parts, null, () => claimGpio(lines))
}

/** Opens a PWM pin as an emitter. Errors: RigError. */
export async function openPwmEmitter({ pin, brightness, greyRatio }: PwmPin): Promise<Emitter> {
  const { chipFolder, channel } = findPwm(pin)
  const config = { kind: 'pwm', chipFolder, channel, brightness, greyRatio } as const
  // Two pins may have one channel.
  const parts = [`BCM ${pin}`, `PWM channel ${channel} of ${basename(chipFolder)}`]
  return openEmitter(parts, greyRatio, async () => ({ output: await claimPwm(config), config }))
}

async function openEmitter(
  parts: readonly string[],
  greyRatio: number | null,
  claim: () => Promise<ClaimedOutput>,
): Promise<Emitter> {
  const unlock = await lock(parts)
  try {
    return new PacedEmitter(await claim(), greyRatio, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}
