import { basename } from 'node:path'
import { RigError } from '../errors.js'
import type { KindModule } from '../kind.js'
import { checkLines, checkPwmPin } from './checks.js'
import { PWM_PINS } from './gpio-header.js'
import { openPwmEmitter } from './open.js'
import { pinRig } from './pin-rig.js'
import { findPwm } from './pwm-output.js'

type Pwm = KindModule<'pwm'>

export const open: Pwm['open'] = async (pin) => pinRig('pwm', await openPwmEmitter(pin))

export const list: Pwm['list'] = async () =>
  PWM_PINS.flatMap((pin) => {
    try {
      const { chipFolder, channel } = findPwm(pin)
      return [{ name: `${pin}`, description: `channel ${channel} of ${basename(chipFolder)}` }]
    } catch (error) {
      if (error instanceof RigError) return []
      throw error
    }
  })

export const checks: Pwm['checks'] = async ({ pin }) => [
  ...(await checkLines([pin], false)),
  checkPwmPin(pin),
]
