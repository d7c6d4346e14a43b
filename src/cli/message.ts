import { modulate, type SymbolSequence } from '../modulation/index.js'
import { type DeviceConfig, encodePacket } from '../packet/index.js'
import type { Credentials } from './credentials.js'
import type { SymbolSettings } from './symbol-options.js'
import { tell } from './terminal.js'

/** How long an imp listens after a cold start (docs/protocol.md section 4). */
const IMP_LISTENS_S = 60

/** A configuration as it is sent. */
export interface Message {
  readonly config: DeviceConfig
  readonly packet: Uint8Array
  readonly sequence: SymbolSequence
  readonly durationS: number
  /** Whether it holds what only its sender and the device should know. */
  readonly isSecret: boolean
  /** What may be wrong with it. */
  readonly warnings: readonly string[]
}

/** Makes the packet and the symbols. Throws ConfigError. */
export function makeMessage(
  { config, isSecret, warnings }: Credentials,
  { dialect, syncSymbols, symbolRateHz }: SymbolSettings,
): Message {
  // What is sent has been checked when it was loaded, with the options that may relax the checks.
  const packet = encodePacket(config, { dialect, allowNonstandard: true })
  const sequence = modulate(packet, {
    dialect,
    ...(syncSymbols !== undefined && { syncSymbols }),
  })
  const durationS = sequence.levels.length / symbolRateHz
  const tooLong = `an imp listens for ${IMP_LISTENS_S} s after a cold start: raise --rate, or send less`
  return {
    config,
    packet,
    sequence,
    durationS,
    isSecret,
    warnings: durationS > IMP_LISTENS_S ? [...warnings, tooLong] : warnings,
  }
}

/** Says how long the light will take. */
export function tellDuration({ sequence, durationS }: Message, symbolRateHz: number): void {
  tell(
    `the message takes ${durationS.toFixed(1)} s: ${sequence.levels.length} symbols at ${symbolRateHz} Hz`,
  )
}
