import { modulate, type SymbolSequence } from '../modulation/index.js'
import { type DeviceConfig, encodePacket } from '../packet/index.js'
import type { LightSettings } from './rig-options.js'
import { tell, warn } from './terminal.js'

/** How long an imp listens after a cold start (protocol.md section 4). */
const IMP_LISTENS_S = 60

/** A configuration as it is sent. */
export interface Message {
  readonly config: DeviceConfig
  readonly packet: Uint8Array
  readonly sequence: SymbolSequence
  readonly durationS: number
}

/** Makes the packet and the symbols. Throws ConfigError. */
export function makeMessage(
  config: DeviceConfig,
  { dialect, syncSymbols, symbolRateHz }: LightSettings,
): Message {
  // What is sent has been checked when it was loaded, with the options that may relax the checks.
  const packet = encodePacket(config, { dialect, allowNonstandard: true })
  const sequence = modulate(packet, {
    dialect,
    ...(syncSymbols !== undefined && { syncSymbols }),
  })
  return { config, packet, sequence, durationS: sequence.levels.length / symbolRateHz }
}

/** Says how long the light will take, and warns when that is too long for an imp. */
export function tellDuration({ sequence, durationS }: Message, symbolRateHz: number): void {
  tell(
    `the message takes ${durationS.toFixed(1)} s: ${sequence.levels.length} symbols at ${symbolRateHz} Hz`,
  )
  if (durationS > IMP_LISTENS_S) {
    warn(`an imp listens for ${IMP_LISTENS_S} s after a cold start: raise --rate, or send less`)
  }
}
