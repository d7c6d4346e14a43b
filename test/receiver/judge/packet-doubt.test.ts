import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/channel/index.js'
import { crc16 } from '../../../src/packet/index.js'
import { isCertain } from '../../../src/receiver/judge/packet-doubt.js'
import { message, packetOf, randomPacket, receive } from '../../helpers/receive.js'

const packet = randomPacket(1)
const BITS = 8 * packet.length
const CRC_REPEATS_BITS = 128

/** Margins that decide these bytes. */
function marginsOf(bytes: Uint8Array, part: (bit: number) => number): number[] {
  return Array.from({ length: 8 * bytes.length }, (_, bit) => {
    const isOne = ((bytes[bit >> 3] as number) & (0x80 >> (bit & 7))) !== 0
    return (isOne ? 1 : -1) * part(bit)
  })
}

const flip = (bytes: Uint8Array, ...bits: number[]): Uint8Array =>
  bits.reduce(
    (all, bit) => all.with(bit >> 3, (all[bit >> 3] as number) ^ (0x80 >> (bit & 7))),
    bytes,
  )

const isRight = (bytes: Uint8Array): boolean =>
  crc16(bytes.subarray(0, -2)) === (((bytes.at(-2) as number) << 8) | (bytes.at(-1) as number))

describe('the CRC', () => {
  it('misses two wrong bits that are so far apart, of the data', () => {
    const dataBits = BITS - 16
    for (let bit = 0; bit < dataBits - CRC_REPEATS_BITS; bit++) {
      expect(isRight(flip(packet, bit, bit + CRC_REPEATS_BITS)), `bit ${bit}`).toBe(true)
    }
  })

  it('never misses an odd number of them', () => {
    const random = seededRandom(1)
    for (let n = 0; n < 20_000; n++) {
      const bits = new Set<number>()
      const wrong = 1 + 2 * Math.floor(3 * random())
      while (bits.size < wrong) bits.add(Math.floor(BITS * random()))
      expect(isRight(flip(packet, ...bits)), `${[...bits]}`).toBe(false)
    }
  })
})

describe('a packet with a right CRC', () => {
  it('is certain in good light', () => {
    const clear = marginsOf(packet, () => 1)
    expect(isCertain(packet, clear)).toBe(true)
    const random = seededRandom(2)
    const noisy = marginsOf(packet, () => 0.7 + 0.6 * random())
    expect(isCertain(packet, noisy)).toBe(true)
  })

  it.each([
    [[50, 50 + CRC_REPEATS_BITS], false],
    [[50, 51 + CRC_REPEATS_BITS], true],
    [[50], true],
    // Two in the length byte would make another packet altogether.
    [[5, 5 + CRC_REPEATS_BITS], true],
  ])('is doubted where noise may have made it: bits %j', (bits, certain) => {
    const random = seededRandom(3)
    const margins = marginsOf(packet, (bit) => (bits.includes(bit) ? 0.05 : 0.4 + 1.2 * random()))
    expect(isCertain(packet, margins)).toBe(certain)
  })

  it('is doubted where four bits together are in doubt', () => {
    const random = seededRandom(4)
    const four = [30, 40, 30 + CRC_REPEATS_BITS, 40 + CRC_REPEATS_BITS]
    const noise = marginsOf(packet, () => 0.4 + 1.2 * random())
    // Each pair alone leaves doubts: of four, two wrong ones and two right ones of either pair.
    const margins = noise.map((level, bit) => (four.includes(bit) ? 0 : level))
    expect(isCertain(packet, margins)).toBe(false)
  })
})

describe('messages in noise that hardly any survives', () => {
  const received = [0.3, 0.34, 0.38]
    .flatMap((noiseRms) =>
      Array.from({ length: 200 }, (_, seed) => {
        const sent = randomPacket(seed)
        const path = { noiseRms, swing: 0.2, black: 0.4, adcBits: 12, seed }
        return receive(message(sent, path)).map((reception) => ({ sent, reception }))
      }),
    )
    .flat()
  const failed = received.flatMap(({ sent, reception }) =>
    reception.kind === 'bad-packet' ? [{ sent, ...reception }] : [],
  )

  it('arrive as they were sent, or are uncertain', () => {
    const good = received.filter(({ reception }) => reception.kind === 'message')
    expect(good.length).toBeGreaterThan(200)
    for (const { sent, reception } of good) expect(reception).toMatchObject({ packet: sent })
    const uncertain = failed.filter(({ reason }) => reason === 'uncertain')
    expect(uncertain.length).toBeGreaterThan(5)
    for (const { packet, repaired } of uncertain) {
      expect(repaired).toBeNull()
      expect(isRight(packet)).toBe(true)
    }
  })

  it('are repaired where few bits are in doubt, and that is no pass', () => {
    const guesses = failed.filter(({ repaired }) => repaired)
    expect(guesses.length).toBeGreaterThan(50)
    for (const { sent, reason, repaired } of guesses) {
      expect({ reason, packet: repaired?.packet }).toEqual({ reason: 'crc', packet: sent })
    }
  })
})

it('repairs nothing that was sent wrong in good light', () => {
  const random = seededRandom(5)
  for (let seed = 1; seed <= 40; seed++) {
    const bits = Array.from({ length: 1 + (seed % 3) }, () => 24 + Math.floor(180 * random()))
    const wrong = flip(packetOf(200, 24, ...randomPacket(seed).subarray(3, 27)), ...bits)
    const [reception] = receive(message(wrong, { noiseRms: 0.02, seed }))
    expect(reception, `seed ${seed}`).toMatchObject({ kind: 'bad-packet', repaired: null })
  }
})
