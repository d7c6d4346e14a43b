import { crc16 } from '../../packet/index.js'
import { BITS_PER_BYTE, check, mask } from '../read/packet-bits.js'
import type { RepairedPacket } from '../reception.js'

// Of how many of the least certain bits a packet is doubted, and how likely the others may be that these make, to it.
const DOUBTED_BITS = 24
const MOST_LIKELY_OTHERS = 1e-3

// A repair changes up to three of the twelve least certain bits, 12 + 66 + 220 = 298 trials, and none with a
// larger margin.
const REPAIRED_FROM_BITS = 12
const MOST_REPAIRED = 3
const MOST_DOUBTFUL = 0.5

/**
 * Whether noise leaves no doubt in a packet with a right CRC: it is a thousand times as likely as all others together that
 * differ in two or four of its least certain bits and have a right CRC as well.
 *
 * Those are not rare: of random packets a CRC of 16 bits misses one in 65,536, but this one misses one pair of wrong bits
 * in some 200, namely two that are 128 bits apart; an odd number of them it never misses (both found by trial). With
 * Gaussian noise of rms s a bit at a margin of m is exp(2 m / s^2) times as likely what it was taken for than the other.
 *
 * @param margins of its bits, as they were decided
 */
export function isCertain(packet: Uint8Array, margins: readonly number[]): boolean {
  const bits = bitsOf(packet, margins)
  const variance = bits.reduce((sum, { margin }) => sum + (margin - 1) ** 2, 0) / bits.length
  const doubtful = leastCertain(packet, bits, DOUBTED_BITS)
  // Two pairs that change the CRC alike leave it right together.
  const pairs = new Map<number, number>()
  let others = 0
  for (const [n, one] of doubtful.entries()) {
    for (const other of doubtful.slice(0, n)) {
      const likelihood = Math.exp((-2 * (one.margin + other.margin)) / variance)
      const change = one.change ^ other.change
      const alike = pairs.get(change) ?? 0
      others += likelihood * (change === 0 ? 1 : alike)
      pairs.set(change, alike + likelihood)
    }
  }
  return others < MOST_LIKELY_OTHERS
}

/**
 * The packet that differs from the decided one in the fewest doubtful bits, up to three of them, and has a right CRC,
 * well-formed TLVs, and no other near it that is as likely; null when there is none. The length byte is not touched.
 *
 * The CRC starts at zero and is linear, so that each changed bit changes it by a pattern of its own.
 */
export function repair(packet: Uint8Array, margins: readonly number[]): RepairedPacket | null {
  const wanted = syndrome(packet)
  const doubtful = leastCertain(packet, bitsOf(packet, margins), REPAIRED_FROM_BITS).filter(
    ({ margin }) => margin < MOST_DOUBTFUL,
  )
  for (let bits = 1; bits <= MOST_REPAIRED; bits++) {
    for (const chosen of choices(doubtful, bits)) {
      if (chosen.reduce((sum, { change }) => sum ^ change, 0) !== wanted) continue
      const repaired = packet.slice()
      for (const { bit } of chosen) repaired[bit >> 3] = (repaired[bit >> 3] as number) ^ mask(bit)
      const config = check(repaired)
      if (typeof config !== 'string' && isCertain(repaired, margins)) {
        return { packet: repaired, bits, config }
      }
    }
  }
  return null
}

interface DecidedBit {
  readonly bit: number
  /** Less than zero where it was taken for the other. */
  readonly margin: number
}

function bitsOf(packet: Uint8Array, margins: readonly number[]): DecidedBit[] {
  return Array.from({ length: BITS_PER_BYTE * packet.length }, (_, bit) => {
    const isOne = ((packet[bit >> 3] as number) & mask(bit)) !== 0
    return { bit, margin: (isOne ? 1 : -1) * (margins[bit] as number) }
  })
}

/** The bits after the length byte that are least certain, and how each would change the CRC. */
function leastCertain(packet: Uint8Array, bits: readonly DecidedBit[], count: number) {
  return bits
    .slice(BITS_PER_BYTE)
    .sort((a, b) => a.margin - b.margin)
    .slice(0, count)
    .map(({ bit, margin }) => {
      const changed = new Uint8Array(packet.length)
      changed[bit >> 3] = mask(bit)
      return { bit, margin, change: syndrome(changed) }
    })
}

/** The CRC of all but the last two bytes, against these: zero for a right packet. */
function syndrome(packet: Uint8Array): number {
  const end = packet.length - 2
  return crc16(packet.subarray(0, end)) ^ (((packet[end] ?? 0) << 8) | (packet[end + 1] ?? 0))
}

/** All ways to choose so many of them, the first ones first. */
function* choices<T>(from: readonly T[], count: number): Generator<T[]> {
  if (count === 0) {
    yield []
    return
  }
  for (const [n, one] of from.entries()) {
    for (const rest of choices(from.slice(n + 1), count - 1)) yield [one, ...rest]
  }
}
