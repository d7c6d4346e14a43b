import * as bench from '../bench/message.js'
import { type CredentialOptions, gatherSettings } from './credentials.js'
import type { SymbolSettings } from './symbol-options.js'
import { tell } from './terminal.js'

/** What is sent, with all that may be wrong with it in the warnings. */
export interface Message extends bench.Message {
  /** Whether it holds what only its sender and the device should know. */
  readonly isSecret: boolean
}

/**
 * Makes the message that the options ask for. Whatever can hardly be right is a warning, and with `strict` an error.
 *
 * @throws CommandError and ConfigError
 */
export async function loadMessage(
  options: CredentialOptions,
  symbols: SymbolSettings,
): Promise<Message> {
  const { allowNonstandard = false, strict = false } = options
  const { settings, doubts: ofSources } = await gatherSettings(options)
  const message = bench.makeMessage(settings, { ...symbols, allowNonstandard })
  const doubts: readonly Error[] = [...ofSources, ...message.doubts]
  if (strict && doubts[0]) throw doubts[0]
  const warnings = [...doubts.map((doubt) => doubt.message), ...message.warnings]
  return { ...message, warnings, isSecret: !options.dummy }
}

/** Says how long the light will take. */
export function tellDuration({ sequence, durationS }: Message, symbolRateHz: number): void {
  tell(
    `the message takes ${durationS.toFixed(1)} s: ${sequence.levels.length} symbols at ${symbolRateHz} Hz`,
  )
}
