import { RigError } from '../errors.js'
import type { KindModule } from '../kind.js'
import { checkLines } from './checks.js'
import { findGpioWay } from './gpio-output.js'
import { openGpioEmitter } from './open.js'
import { pinRig } from './pin-rig.js'

type Gpio = KindModule<'gpio'>

export const open: Gpio['open'] = async ({ whiteLine, greyLine, activeLow }) =>
  pinRig('gpio', await openGpioEmitter({ whiteLine, greyLine, activeLow }))

export const list: Gpio['list'] = async () => {
  try {
    const way = await findGpioWay()
    if (way.kind === 'gpio-sysfs') {
      return [{ name: 'sysfs', description: `lines from ${way.header.base} on` }]
    }
    const { path, label } = way.chip
    way.chip.close()
    return [{ name: path, description: label }]
  } catch (error) {
    if (error instanceof RigError) return [] // none that this program could use
    throw error
  }
}

export const checks: Gpio['checks'] = ({ whiteLine, greyLine, activeLow }) =>
  checkLines([whiteLine, greyLine], activeLow)
