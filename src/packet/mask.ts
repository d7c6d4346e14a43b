import type { DecodedConfig } from './config.js'
import { decodePacket, readTlvs } from './decode.js'
import { toHex } from './hex.js'
import { TLV } from './tlv.js'

const SECRET_KEYS = ['password', 'token', 'username', 'valueHex']

/**
 * A copy with `********` for each password, token, proxy's user name and unknown TLV value that is not empty, and for what stands
 * before an @ in a proxy's server, which a message of another program may have.
 */
export const maskSecrets = <T extends DecodedConfig>(config: T): T =>
  JSON.parse(
    JSON.stringify(config, (key, value) => {
      if (key === 'server') return value.replace(/^.*@/s, '********@')
      return SECRET_KEYS.includes(key) && value ? '********' : value
    }),
  )

/** How many bytes of a TLV's value are no secret; none for types that are not named. */
const PUBLIC_VALUE_BYTES: Readonly<Record<number, number>> = {
  [TLV.ssid]: Infinity,
  [TLV.staticAddress]: Infinity,
  [TLV.enrollment]: 8, // the plan ID; the token follows it
}

/**
 * The packet in hex, with `**` for each byte that is, could be or could confirm a secret: the CRC
 * would let guesses be checked. Bytes that are no packet are masked completely.
 */
export function maskPacketHex(packet: Uint8Array): string {
  const hex = Array.from(packet, () => '**')
  const reveal = (start: number, end: number): void => {
    for (let index = start; index < end; index++) {
      hex[index] = toHex(packet.subarray(index, index + 1))
    }
  }
  try {
    decodePacket(packet)
  } catch {
    return hex.join('')
  }
  reveal(0, 1)
  for (const { type, offset, value } of readTlvs(packet)) {
    reveal(offset, offset + 2 + Math.min(value.length, PUBLIC_VALUE_BYTES[type] ?? 0))
  }
  return hex.join('')
}
