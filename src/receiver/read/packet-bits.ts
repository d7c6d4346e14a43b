import { packetLengthBytes } from '../../modulation/index.js'
import { type DecodedConfig, decodePacket, PacketError } from '../../packet/index.js'

export const BITS_PER_BYTE = 8
/** No TLV is shorter; and an empty packet, 24 zero bits, would pass its CRC. */
export const MIN_TLV_BYTES = 2

export type PacketFailure = 'length' | 'crc' | 'tlv'

/** Grey and white as swings above black. */
export interface LitLevels {
  readonly grey: number
  readonly white: number
}

/** How far a bit is from the threshold, half-way between grey and white: 1 at the level of white, -1 at that of grey. */
export const marginOf = (level: number, { grey, white }: LitLevels): number =>
  (2 * level - grey - white) / (white - grey)

/** The whole bytes of the bits with these margins. */
export function decide(margins: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.floor(margins.length / BITS_PER_BYTE))
  for (let bit = 0; bit < BITS_PER_BYTE * bytes.length; bit++) {
    if ((margins[bit] as number) > 0) bytes[bit >> 3] = (bytes[bit >> 3] as number) | mask(bit)
  }
  return bytes
}

/** Bits of the packet that these bytes begin, by its length byte. */
export const packetBits = (bytes: Uint8Array): number =>
  BITS_PER_BYTE * packetLengthBytes(bytes[0] ?? 0)

/** The settings in a whole packet, or why it is none. */
export function check(packet: Uint8Array): DecodedConfig | PacketFailure {
  if ((packet[0] ?? 0) < MIN_TLV_BYTES) return 'length'
  try {
    return decodePacket(packet)
  } catch (error) {
    if (!(error instanceof PacketError)) throw error
    return packetFailure(error)
  }
}

/** The reception's reason for bytes that are no packet. */
export function packetFailure({ code }: PacketError): PacketFailure {
  return code === 'length' || code === 'crc' ? code : 'tlv'
}

/**
 * Grey and white as all bits of a message show them: the means on either side of the threshold, which moves to their
 * middle (two-means clustering). The first bits were decided by few; in hindsight there are many.
 */
export function settle(levels: readonly number[], first: LitLevels): LitLevels {
  let settled = first
  for (let round = 0; round < 3; round++) {
    const middle = (settled.grey + settled.white) / 2
    let [greys, greySum, whites, whiteSum] = [0, 0, 0, 0]
    for (const level of levels) {
      if (level > middle) {
        whites++
        whiteSum += level
      } else {
        greys++
        greySum += level
      }
    }
    if (greys === 0 || whites === 0) break
    settled = { grey: greySum / greys, white: whiteSum / whites }
  }
  return settled
}

export const mask = (bit: number): number => 0x80 >> (bit & 7)
