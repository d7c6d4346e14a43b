import { seededRandom } from '../../channel/random.js'
import { BLACK, type SymbolSequence, WHITE } from '../../light/symbols.js'

/** What is played to be timed, beside messages. */
export const PATTERNS = {
  clock: 'black and white in turn',
  random: 'black and white at random, the same for the same seed',
} as const

export type Pattern = keyof typeof PATTERNS

/**
 * A sequence that begins and ends with black, so that each of its edges is one within it.
 *
 * @throws RangeError for less than three symbols, which have no two edges
 */
export function makePattern(pattern: Pattern, symbols: number, seed = 1): SymbolSequence {
  if (!(Number.isInteger(symbols) && symbols >= 3)) {
    throw new RangeError('give a whole number of symbols, at least 3')
  }
  const random = seededRandom(seed)
  const levels = new Uint8Array(symbols)
  for (let n = 1; n < symbols - 1; n++) {
    const isWhite = pattern === 'clock' ? n % 2 === 1 : random() < 0.5
    levels[n] = isWhite ? WHITE : BLACK
  }
  return { levels }
}
