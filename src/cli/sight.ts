import { LIGHT_LIMITS } from '../light/limits.js'
import type { RigInfo } from '../rig/rig.js'
import { CommandError, EXIT } from './errors.js'
import { warn } from './terminal.js'

const [LEAST_SAMPLES_A_SYMBOL] = LIGHT_LIMITS.samplesPerSymbol.good

/** Refuses a rig that sees no light, and warns of one that sees too little of it. */
export function checkSight({ photodiode }: RigInfo, symbolRateHz: number): void {
  if (!photodiode) throw new CommandError(EXIT.usage, 'say what sees the light, with --photodiode')
  if (photodiode.sampleRateHz < LEAST_SAMPLES_A_SYMBOL * symbolRateHz) {
    warn(`fewer than ${LEAST_SAMPLES_A_SYMBOL} samples a symbol: raise --sample-rate`)
  }
}
