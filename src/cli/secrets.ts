import { type DecodedConfig, maskPacketHex, maskSecrets, toHex } from '../packet/index.js'

/** Settings as they are shown: without passwords and tokens, unless these were asked for. */
export function shownSettings<T extends DecodedConfig>(config: T, showSecrets: boolean): T {
  return showSecrets ? config : maskSecrets(config)
}

/** The hex of a packet as it is shown: without what is or could be a secret, unless that was asked for. */
export function shownHex(packet: Uint8Array, showSecrets: boolean): string {
  return showSecrets ? toHex(packet) : maskPacketHex(packet)
}
