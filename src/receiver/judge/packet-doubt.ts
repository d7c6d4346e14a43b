import { crc16, type DecodedConfig, validateConfig } from '../../packet/index.js'
import { BITS_PER_BYTE, mask } from '../read/packet-bits.js'
import { type OtherBits, type PacketLight, weighOthers } from './disturbance.js'

/** A packet is certain that is a thousand times as likely as all others with a right CRC together. */
export const CERTAIN_NATS = Math.log(1e3)

// Of how many of the least certain bits two or four are taken to be wrong by noise.
const DOUBTED_BITS = 24

// Light with little noise and no bit far from its level needs no closer look: that comes to so many nats at least (found by trial).
const CLEAR_NOISE = 0.1
const CLEAR_DEVIATION = 0.3
const CLEAR_NATS = 10

// Settings that `encodePacket` refuses are twenty times as rare among those that are sent as among what wrong bits make of them: of
// 1 in 60 senders, and of 1 in 3 wrong packets (estimates). In clear light such a packet is still certain.
const STRANGE_NATS = Math.log(20)

/**
 * How certain it is that a packet with a right CRC is the one that was sent: the logarithm of how many times as likely it is
 * as all others with a right CRC together. At CERTAIN_NATS or more it counts as certain.
 *
 * The others are many, as this CRC (docs/protocol.md section 1) keeps but ten bits: its register's map has rank 10 after two
 * bytes, so that 1 in 1,024 random packets has a right one, not 1 in 65,536. It sees all wrong bits that are odd in number, or within
 * eight bits; it misses two that are 128 apart, and from nine bits on a burst may hide. (All found by trial.)
 *
 * - Noise makes few wrong bits: the pairs, and the pairs of pairs, that leave the CRC right are summed one by one.
 * - A disturbance may make any: of all choices of its bits, one in 2^rank fits the CRC, rank being that of the changes that
 *   they make to it; none but that of no wrong bit, where no sum of these is zero.
 */
export function certaintyNats(
  packet: Uint8Array,
  config: DecodedConfig,
  light: PacketLight,
): number {
  return packetNats(packet, light) - (isStrange(config) ? STRANGE_NATS : 0)
}

function packetNats(packet: Uint8Array, light: PacketLight): number {
  if (isClear(packet, light)) return CLEAR_NATS
  const others = weighOthers(packet, light)
  const changes = changesOf(packet)
  const likelihood = likelihoodOfPairs(others, changes) + likelihoodOfBursts(others, changes)
  return -Math.log(Math.max(likelihood, Number.MIN_VALUE))
}

function isClear(packet: Uint8Array, { margins, noiseRms }: PacketLight): boolean {
  if (noiseRms > CLEAR_NOISE) return false
  for (let bit = 0; bit < BITS_PER_BYTE * packet.length; bit++) {
    const level = (packet[bit >> 3] as number) & mask(bit) ? 1 : -1
    if (Math.abs((margins[bit] as number) - level) > CLEAR_DEVIATION) return false
  }
  return true
}

/** What `encodePacket` would not send; nothing is known of TLVs whose type is unknown. */
function isStrange({ unknownTlvs, ...config }: DecodedConfig): boolean {
  if (unknownTlvs && Object.keys(config).length === 0) return false
  try {
    return validateConfig(config).doubts.length > 0
  } catch {
    return true
  }
}

/** Of packets that differ in two or four of the least certain bits. */
function likelihoodOfPairs({ flips }: OtherBits, changes: readonly number[]): number {
  const doubtful = dataBits(changes)
    .sort((a, b) => (flips[b] as number) - (flips[a] as number))
    .slice(0, DOUBTED_BITS)
  // Two pairs that change the CRC alike leave it right together.
  const pairs = new Map<number, number>()
  let sum = 0
  for (const [n, one] of doubtful.entries()) {
    for (const other of doubtful.slice(0, n)) {
      const likelihood = (flips[one] as number) * (flips[other] as number)
      const change = (changes[one] as number) ^ (changes[other] as number)
      const alike = pairs.get(change) ?? 0
      sum += likelihood * (change === 0 ? 1 : alike)
      pairs.set(change, alike + likelihood)
    }
  }
  return sum
}

/**
 * Of packets with any other bits that a disturbance may have hidden: those that may well be others come first, until one of them
 * makes a sum of changes that is zero. Without it nothing is hidden; with it, one choice of the bits before it fits the CRC of 2^rank.
 */
function likelihoodOfBursts({ doubts, disturbed }: OtherBits, changes: readonly number[]): number {
  const doubtful = dataBits(changes).sort((a, b) => (doubts[b] as number) - (doubts[a] as number))
  const basis: number[] = []
  for (const bit of doubtful) {
    // Gaussian elimination.
    const left = basis.reduce((rest, one) => Math.min(rest, rest ^ one), changes[bit] as number)
    if (left === 0) return disturbed * Math.min(1, doubts[bit] as number) * 2 ** -basis.length
    basis.push(left)
    basis.sort((a, b) => b - a)
  }
  return 0
}

/** The bits after the length byte, which a packet of this length cannot have wrong. */
const dataBits = (changes: readonly number[]): number[] => [...changes.keys()].slice(BITS_PER_BYTE)

/** How each bit of a packet changes its syndrome: the CRC starts at zero and is linear. */
function changesOf(packet: Uint8Array): number[] {
  const end = BITS_PER_BYTE * (packet.length - 2)
  const changes = Array.from({ length: end + 16 }, (_, bit) => 0x8000 >> (bit - end))
  for (let bit = end - 1; bit >= 0; bit--) {
    const isLast = bit >= end - BITS_PER_BYTE
    const next = isLast ? 0 : (changes[bit + BITS_PER_BYTE] as number)
    // A byte of zeros more behind it.
    const oneOn = ((next << 8) & 0xffff) ^ crc16(Uint8Array.of(next >> 8))
    changes[bit] = isLast ? crc16(Uint8Array.of(mask(bit))) : oneOn
  }
  return changes
}
