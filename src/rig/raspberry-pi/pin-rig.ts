import { packageVersion } from '../package-version.js'
import type { Rig } from '../rig.js'
import type { PacedEmitter } from './paced-emitter.js'

/** The bridge's, as every message can be played on either; what paces it badly is told each time. */
const SYMBOL_RATES_HZ = [10, 2000] as const

/** The LED on the header's pins as a rig, which sees nothing. */
export const pinRig = (kind: 'gpio' | 'pwm', emitter: PacedEmitter): Rig => ({
  info: {
    kind,
    name: emitter.name,
    serialNumber: null,
    firmwareVersion: null,
    clock: emitter.clock.id,
    packageVersion: packageVersion(),
    symbolRatesHz: SYMBOL_RATES_HZ,
    maxSymbols: null,
    photodiode: null,
  },
  lost: emitter.lost,
  emitter,
  [Symbol.asyncDispose]: () => emitter[Symbol.asyncDispose](),
})
