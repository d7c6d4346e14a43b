import type { SymbolSequence } from '../light/symbols.js'
import { ModulationError } from './errors.js'

/** One digit a symbol: 0 black, 1 grey, 2 white. */
export const formatSymbols = (sequence: SymbolSequence): string => sequence.levels.join('')

/**
 * Reads what `formatSymbols` writes; white space and line breaks may stand anywhere.
 *
 * @throws ModulationError 'bad-character' that names the line and column, both from 1
 */
export function parseSymbols(text: string): SymbolSequence {
  const levels: number[] = []
  for (const [lineIndex, line] of text.split(/\r\n|\r|\n/).entries()) {
    for (const [columnIndex, character] of [...line].entries()) {
      if (/\s/.test(character)) continue
      if (!/[012]/.test(character)) {
        throw new ModulationError(
          'bad-character',
          levels.length,
          `Use only the digits 0, 1 and 2: line ${lineIndex + 1}, column ${columnIndex + 1} has ${JSON.stringify(character)}.`,
        )
      }
      levels.push(Number(character))
    }
  }
  return { levels: Uint8Array.from(levels) }
}
