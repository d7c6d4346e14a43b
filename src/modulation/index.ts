export {
  DEFAULT_DIALECT,
  DEFAULT_GREY_RATIO,
  DIALECTS,
  type Dialect,
  type DialectFacts,
} from '../light/dialects.js'
export { BLACK, GREY, type SymbolLevel, type SymbolSequence, WHITE } from '../light/symbols.js'
export { ModulationError, type ModulationErrorCode } from './errors.js'
export { formatSymbols, parseSymbols } from './text.js'
export {
  demodulate,
  MARKER,
  type ModulateOptions,
  modulate,
  packetLengthBytes,
  SYMBOLS_PER_BIT,
  SYMBOLS_PER_BYTE,
} from './tri-level.js'
