import type { Command } from 'commander'
import { DEFAULT_DIALECT, DIALECTS, type Dialect } from '../light/dialects.js'
import { SYMBOL_RATES_HZ } from '../light/symbols.js'
import { CommandError, EXIT } from './errors.js'
import { readNumber } from './numbers.js'

const DEFAULT_SYMBOL_RATE_HZ = 60
const [LEAST_SYMBOL_RATE_HZ, MOST_SYMBOL_RATE_HZ] = SYMBOL_RATES_HZ
const DIALECT_NAMES = Object.keys(DIALECTS)

/** As long as an imp listens, at the highest rate. */
const MAX_SYNC_SYMBOLS = 120_000

/** How the symbols are made. */
export interface SymbolSettings {
  readonly symbolRateHz: number
  readonly dialect: Dialect
  readonly syncSymbols: number | undefined
}

/** What the value of a setting must be, as the end of a sentence; null for one that is so. */
export type Fault = (value: unknown) => string | null

/** Settings of the symbols by their names, as flags and as keys of a fixture file. Without zod, which takes long to load. */
export const SYMBOL_FAULTS: Readonly<Record<'rate' | 'dialect' | 'sync', Fault>> = {
  rate: (value) =>
    Number(value) === value && value >= LEAST_SYMBOL_RATE_HZ && value <= MOST_SYMBOL_RATE_HZ
      ? null
      : `must be a number from ${LEAST_SYMBOL_RATE_HZ} to ${MOST_SYMBOL_RATE_HZ}`,
  dialect: (value) =>
    typeof value === 'string' && DIALECT_NAMES.includes(value)
      ? null
      : `must be one of ${DIALECT_NAMES.join(', ')}`,
  sync: (value) =>
    Number.isInteger(value) && Number(value) % 2 === 0 && Number(value) <= MAX_SYNC_SYMBOLS
      ? null
      : `must be an even number of symbols, at most ${MAX_SYNC_SYMBOLS}`,
}

/** Adds the options of the symbols, which every command has that makes them. */
export function addSymbolOptions(command: Command): Command {
  return command
    .optionsGroup('How to make the light:')
    .option('--rate <hz>', `symbol rate (default: ${DEFAULT_SYMBOL_RATE_HZ})`, readNumber)
    .option('--dialect <name>', `${DIALECT_NAMES.join(' or ')} (default: ${DEFAULT_DIALECT})`)
    .option('--sync <symbols>', "sync before the message (default: the dialect's)", readNumber)
}

/** The settings of the symbols as flags give them. Throws CommandError. */
export function symbolSettings(flags: Readonly<Record<string, unknown>>): SymbolSettings {
  for (const [name, faultOf] of Object.entries(SYMBOL_FAULTS)) {
    const fault = flags[name] === undefined ? null : faultOf(flags[name])
    if (fault) throw new CommandError(EXIT.usage, `--${name} ${fault}`)
  }
  return completeSymbols(flags, EXIT.usage)
}

/**
 * Puts defaults into settings of the symbols, each of which is right by itself.
 *
 * @param exitCode for a sync that is too short
 */
export function completeSymbols(
  { rate, dialect, sync }: Readonly<Record<string, unknown>>,
  exitCode: number,
): SymbolSettings {
  const settings = {
    symbolRateHz: (rate as number | undefined) ?? DEFAULT_SYMBOL_RATE_HZ,
    dialect: (dialect as Dialect | undefined) ?? DEFAULT_DIALECT,
    syncSymbols: sync as number | undefined,
  }
  const { syncSymbols: least } = DIALECTS[settings.dialect]
  if (settings.syncSymbols !== undefined && settings.syncSymbols < least) {
    throw new CommandError(
      exitCode,
      `sync must be at least ${least} symbols for ${settings.dialect}`,
    )
  }
  return settings
}
