import { SYMBOL_RATES_HZ } from '../../light/symbols.js'
import { packageVersion } from '../package-version.js'
import type { Rig } from '../rig.js'
import type { PacedEmitter } from './paced-emitter.js'

/** The LED on the header's pins as a rig, which sees nothing. */
export const pinRig = (kind: 'gpio' | 'pwm', emitter: PacedEmitter): Rig => ({
  info: {
    kind,
    name: emitter.name,
    serialNumber: null,
    firmwareVersion: null,
    clock: emitter.clock.id,
    packageVersion: packageVersion(),
    symbolRatesHz: SYMBOL_RATES_HZ, // what paces it badly is told each time
    maxSymbols: null,
    photodiode: null,
  },
  lost: emitter.lost,
  emitter,
  [Symbol.asyncDispose]: () => emitter[Symbol.asyncDispose](),
})
