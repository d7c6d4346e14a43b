import type { DecodedConfig } from '../../packet/index.js'
import type { PacketLight } from '../judge/disturbance.js'
import { BITS_PER_BYTE, check, decide, packetBits } from './packet-bits.js'

export interface RightPacket {
  readonly packet: Uint8Array
  readonly config: DecodedConfig
}

/** The first packet with a right CRC that one of these shows. */
export function rightPacket(lights: readonly PacketLight[]): RightPacket | null {
  for (const light of lights) {
    const packet = wholePacket(decide(light.margins))
    if (!packet) continue
    const config = check(packet)
    if (typeof config !== 'string') return { packet, config }
  }
  return null
}

/** The packet that these bytes begin with; null where some are missing. */
function wholePacket(bytes: Uint8Array): Uint8Array | null {
  const length = packetBits(bytes) / BITS_PER_BYTE
  return length > bytes.length ? null : bytes.slice(0, length)
}
