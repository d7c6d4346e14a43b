import { crc16 } from '../../packet/index.js'
import { BITS_PER_BYTE, check, mask } from '../read/packet-bits.js'
import type { RepairedPacket } from '../reception.js'
import { type PacketLight, weigh } from './disturbance.js'

// Of how many of the least certain bits a packet is doubted, and how likely the others may be that these make, to it.
const DOUBTED_BITS = 24
export const CERTAIN_NATS = Math.log(1e3)

const DOUBTFUL = 0.003

/**
 * How certain it is that a packet with a right CRC is the one that was sent.
 */
export function certaintyNats(packet: Uint8Array, light: PacketLight): number {
  const { flips, doubts, others } = weigh(packet, light)
  const changes = changesOf(packet)
  const open = [...doubts.keys()].filter((bit) => (doubts[bit] as number) > DOUBTFUL)
  const free = open.length - rank(open.map((bit) => changes[bit] as number))
  const missed = (2 ** free - 1) / (2 ** open.length - 1) || 0
  ;(globalThis as any).DBG?.({ packet, others, missed, pairs: pairs(flips, changes), open: open.length, noise: light.noiseRms, odd: light.margins.map((m, i) => [i, m]).filter(([i, m]) => Math.abs(Math.abs(m!) - 1) > 0.45).slice(0,30).map(([i, m]) => i + ':' + m!.toFixed(2) + (doubts[i!]! > 0.01 ? '?' + doubts[i!]!.toPrecision(2) : '')).join(' ') })
  return -Math.log(missed * others + pairs(flips, changes) || Number.MIN_VALUE)
}

/** Of all packets with a right CRC that differ in two or four of the least certain bits, how likely they are. */
function pairs(flips: Float64Array, changes: readonly number[]): number {
  const doubtful = [...flips.keys()]
    .slice(BITS_PER_BYTE)
    .sort((a, b) => (flips[b] as number) - (flips[a] as number))
    .slice(0, DOUBTED_BITS)
  // Two pairs that change the CRC alike leave it right together.
  const found = new Map<number, number>()
  let others = 0
  for (const [n, one] of doubtful.entries()) {
    for (const other of doubtful.slice(0, n)) {
      const likelihood = (flips[one] as number) * (flips[other] as number)
      const change = (changes[one] as number) ^ (changes[other] as number)
      const alike = found.get(change) ?? 0
      others += likelihood * (change === 0 ? 1 : alike)
      found.set(change, alike + likelihood)
    }
  }
  return others
}

/** How each bit of the packet would change the CRC, which starts at zero and is linear. */
function changesOf(packet: Uint8Array): number[] {
  const dataBits = BITS_PER_BYTE * (packet.length - 2)
  const changes = Array.from({ length: dataBits + 16 }, (_, bit) => 0x8000 >> (bit - dataBits))
  for (let bit = dataBits - 1; bit >= 0; bit--) {
    const next = changes[bit + BITS_PER_BYTE] as number
    changes[bit] =
      bit < dataBits - BITS_PER_BYTE
        ? ((next << 8) & 0xffff) ^ crc16(Uint8Array.of(next >> 8))
        : crc16(Uint8Array.of(mask(bit)))
  }
  return changes
}

/** Of vectors of bits: how many of them are no sum of others. */
function rank(vectors: readonly number[]): number {
  const basis: number[] = []
  for (const vector of vectors) {
    const left = basis.reduce((rest, one) => Math.min(rest, rest ^ one), vector)
    if (left === 0) continue
    basis.push(left)
    basis.sort((a, b) => b - a)
  }
  return basis.length
}

/** The CRC of all but the last two bytes, against these: zero for a right packet. */
function syndrome(packet: Uint8Array): number {
  const end = packet.length - 2
  return crc16(packet.subarray(0, end)) ^ (((packet[end] ?? 0) << 8) | (packet[end + 1] ?? 0))
}

// A repair changes up to three of the twelve least certain bits, 12 + 66 + 220 = 298 trials, and none with a
// larger margin.
const REPAIRED_FROM_BITS = 12
const MOST_REPAIRED = 3

export function repair(packet: Uint8Array, light: PacketLight): RepairedPacket | null {
  const wanted = syndrome(packet)
  const changes = changesOf(packet)
  const { margins } = light
  const doubtful = [...changes.keys()]
    .slice(BITS_PER_BYTE)
    .sort((a, b) => Math.abs(margins[a] as number) - Math.abs(margins[b] as number))
    .slice(0, REPAIRED_FROM_BITS)
  for (let bits = 1; bits <= MOST_REPAIRED; bits++) {
    for (const chosen of choices(doubtful, bits)) {
      if (chosen.reduce((sum, bit) => sum ^ (changes[bit] as number), 0) !== wanted) continue
      const repaired = packet.slice()
      for (const bit of chosen) repaired[bit >> 3] = (repaired[bit >> 3] as number) ^ mask(bit)
      const config = check(repaired)
      if (typeof config !== 'string' && certaintyNats(repaired, light) > CERTAIN_NATS) {
        return { packet: repaired, bits, config }
      }
    }
  }
  return null
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
