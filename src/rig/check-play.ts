import { SYMBOL_RATES_HZ, type SymbolSequence } from '../light/symbols.js'
import { RigError } from './errors.js'
import type { PlayOptions } from './rig.js'

const [LEAST_HZ, MOST_HZ] = SYMBOL_RATES_HZ

/** Refuses what no emitter plays. Throws RigError 'refused'. */
export function checkPlay({ levels }: SymbolSequence, { symbolRateHz }: PlayOptions): void {
  if (levels.length === 0) throw new RigError('refused', 'there is nothing to play: give symbols')
  if (!(symbolRateHz >= LEAST_HZ && symbolRateHz <= MOST_HZ)) {
    throw new RigError('refused', `give a symbol rate from ${LEAST_HZ} to ${MOST_HZ} Hz`)
  }
}
