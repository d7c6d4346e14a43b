import { modulate, type SymbolSequence } from '../modulation/index.js'
import {
  type EncodeOptions,
  encodePacket,
  type ValidConfig,
  validateConfig,
} from '../packet/index.js'

/** How long an imp listens after a cold start, in seconds (docs/protocol.md section 4). */
export const IMP_LISTENS_S = 60

export interface MessageOptions extends EncodeOptions {
  readonly symbolRateHz: number
  /** Of the sync before the message; default the dialect's. */
  readonly syncSymbols?: number | undefined
}

/** A configuration as it is sent, and what may be wrong with it. */
export interface Message extends ValidConfig {
  readonly packet: Uint8Array
  readonly sequence: SymbolSequence
  readonly durationS: number
}

/**
 * Checks a configuration of any origin, and makes its packet and its light.
 *
 * @throws ConfigError for what no device could use, RangeError for a rate that is none, or a sync that is odd or too short
 */
export function makeMessage(
  input: unknown,
  { symbolRateHz, syncSymbols, ...options }: MessageOptions,
): Message {
  if (!(symbolRateHz > 0 && symbolRateHz < Number.POSITIVE_INFINITY)) {
    throw new RangeError('give a symbol rate above 0 Hz')
  }
  const { config, warnings, doubts } = validateConfig(input, options)
  const packet = encodePacket(config, options)
  const { dialect } = options
  const sequence = modulate(packet, {
    ...(dialect && { dialect }),
    ...(syncSymbols !== undefined && { syncSymbols }),
  })
  const durationS = sequence.levels.length / symbolRateHz
  const tooLong = `an imp listens for ${IMP_LISTENS_S} s after a cold start: raise the symbol rate, or send less`
  return {
    config,
    warnings: durationS > IMP_LISTENS_S ? [...warnings, tooLong] : warnings,
    doubts,
    packet,
    sequence,
    durationS,
  }
}
