import { packetLengthBytes } from '../modulation/index.js'
import { crc16, type DecodedConfig, decodePacket, PacketError } from '../packet/index.js'

export const BITS_PER_BYTE = 8
export const MAX_PACKET_BYTES = packetLengthBytes(255)
/** No TLV is shorter; and an empty packet, 24 zero bits, would pass its CRC. */
export const MIN_TLV_BYTES = 2

// The bits that a repair may change, and how many of them at once: 12 + 66 + 220 = 298 trials.
const DOUBTFUL_BITS = 12
const MOST_REPAIRED = 3

export type PacketFailure = 'length' | 'crc' | 'tlv'

/** Grey and white as swings above black. */
export interface LitLevels {
  readonly grey: number
  readonly white: number
}

/** The whole bytes of these bits, as they are decided half-way between grey and white. */
export function decide(levels: readonly number[], { grey, white }: LitLevels): Uint8Array {
  const bytes = new Uint8Array(Math.floor(levels.length / BITS_PER_BYTE))
  const middle = (grey + white) / 2
  for (let bit = 0; bit < BITS_PER_BYTE * bytes.length; bit++) {
    if ((levels[bit] as number) > middle) bytes[bit >> 3] = (bytes[bit >> 3] as number) | mask(bit)
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

/**
 * The packet that differs from the decided one in the fewest doubtful bits, up to three of the twelve least certain
 * ones, and has a right CRC and well-formed TLVs; null when there is none. The length byte is not touched.
 *
 * The CRC starts at zero and is linear, so that each changed bit changes it by a pattern of its own. Of wrong packets
 * one in 65,536 passes each trial: a repair is wrong with a probability of up to 298 / 65,536 = 0.5 %, less what
 * the TLVs refuse. That is too much for a verdict.
 */
export function repair(
  packet: Uint8Array,
  levels: readonly number[],
  { grey, white }: LitLevels,
): { packet: Uint8Array; bits: number; config: DecodedConfig } | null {
  const margin = (bit: number): number => Math.abs((levels[bit] as number) - (grey + white) / 2)
  const doubtful = Array.from(
    { length: BITS_PER_BYTE * (packet.length - 1) },
    (_, n) => n + BITS_PER_BYTE,
  )
    .sort((a, b) => margin(a) - margin(b))
    .slice(0, DOUBTFUL_BITS)
  const wanted = syndrome(packet)
  const patterns = doubtful.map((bit) => {
    const flipped = new Uint8Array(packet.length)
    flipped[bit >> 3] = mask(bit)
    return syndrome(flipped)
  })
  for (let bits = 1; bits <= MOST_REPAIRED; bits++) {
    for (const chosen of choices(doubtful.length, bits)) {
      if (chosen.reduce((sum, n) => sum ^ (patterns[n] as number), 0) !== wanted) continue
      const repaired = packet.slice()
      for (const n of chosen) {
        const bit = doubtful[n] as number
        repaired[bit >> 3] = (repaired[bit >> 3] as number) ^ mask(bit)
      }
      const config = check(repaired)
      if (typeof config !== 'string') return { packet: repaired, bits, config }
    }
  }
  return null
}

/** The CRC of all but the last two bytes, against these: zero for a right packet. */
function syndrome(packet: Uint8Array): number {
  const end = packet.length - 2
  return crc16(packet.subarray(0, end)) ^ (((packet[end] ?? 0) << 8) | (packet[end + 1] ?? 0))
}

/** All ways to choose `count` of the numbers below `from`, the least certain ones first. */
function* choices(from: number, count: number, least = 0): Generator<number[]> {
  if (count === 0) {
    yield []
    return
  }
  for (let n = least; n < from; n++) {
    for (const rest of choices(from, count - 1, n + 1)) yield [n, ...rest]
  }
}

const mask = (bit: number): number => 0x80 >> (bit & 7)
