import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/channel/index.js'
import { crc16, decodePacket, encodePacket } from '../../../src/packet/index.js'
import { noiseOf } from '../../../src/receiver/judge/disturbance.js'
import { CERTAIN_NATS, certaintyNats } from '../../../src/receiver/judge/packet-doubt.js'
import { message, packetOf, randomPacket, receive } from '../../helpers/receive.js'

const packet = randomPacket(1)
const BITS = 8 * packet.length
const CRC_REPEATS_BITS = 128
/** Of a grey of 0.52 of white: so many half steps from half-way down to black. */
const BLACK_BELOW = 1.52 / 0.48

const isOne = (bytes: Uint8Array, bit: number): boolean =>
  ((bytes[bit >> 3] as number) & (0x80 >> (bit & 7))) !== 0

/** Margins that decide these bytes. */
const marginsOf = (bytes: Uint8Array, part: (bit: number) => number = () => 1): number[] =>
  Array.from({ length: 8 * bytes.length }, (_, bit) => (isOne(bytes, bit) ? 1 : -1) * part(bit))

const flip = (bytes: Uint8Array, ...bits: number[]): Uint8Array =>
  bits.reduce(
    (all, bit) => all.with(bit >> 3, (all[bit >> 3] as number) ^ (0x80 >> (bit & 7))),
    bytes,
  )

/** The CRC of what comes before it, against what it is. */
const syndrome = (bytes: Uint8Array): number =>
  crc16(bytes.subarray(0, -2)) ^ (((bytes.at(-2) as number) << 8) | (bytes.at(-1) as number))

function isCertain(bytes: Uint8Array, margins: number[], noiseRms = noiseOf(margins)): boolean {
  const light = { margins, blackBelow: BLACK_BELOW, noiseRms }
  return certaintyNats(bytes, decodePacket(bytes), light) >= CERTAIN_NATS
}

describe('the CRC', () => {
  const longest = new Uint8Array(258)
  const changes = Array.from({ length: 8 * longest.length }, (_, bit) =>
    syndrome(flip(longest, bit)),
  )
  /** Whether it misses any of the patterns of wrong bits that begin at this bit and are within so many. */
  const missesWithin = (bits: number, from: number): boolean =>
    Array.from({ length: 2 ** bits - 1 }, (_, n) => n + 1).some(
      (pattern) =>
        changes
          .slice(from, from + bits)
          .reduce((sum, change, n) => sum ^ ((pattern >> n) & 1 ? change : 0), 0) === 0,
    )

  it('keeps ten bits', () => {
    const random = seededRandom(7)
    const seen = new Set<number>()
    for (let n = 0; n < 30_000; n++) {
      seen.add(crc16(Uint8Array.from({ length: 20 }, () => 256 * random())))
    }
    expect(seen.size).toBe(1024)
    expect(crc16(Uint8Array.of(0x07, 0x3e, 0, 0, 0, 0, 0, 0))).toBe(0)
  })

  it('sees all wrong bits within eight, wherever they are, and not all within nine', () => {
    const offsets = Array.from({ length: changes.length - 8 }, (_, bit) => bit)
    expect(offsets.filter((bit) => missesWithin(8, bit))).toEqual([])
    expect(offsets.filter((bit) => missesWithin(9, bit)).length).toBeGreaterThan(200)
  })

  it('misses two wrong bits that are so far apart, of the data', () => {
    const dataBits = BITS - 16
    for (let bit = 0; bit < dataBits - CRC_REPEATS_BITS; bit++) {
      expect(syndrome(flip(packet, bit, bit + CRC_REPEATS_BITS)), `bit ${bit}`).toBe(0)
    }
  })

  it('never misses an odd number of them', () => {
    const random = seededRandom(1)
    for (let n = 0; n < 20_000; n++) {
      const bits = new Set<number>()
      const wrong = 1 + 2 * Math.floor(3 * random())
      while (bits.size < wrong) bits.add(Math.floor(BITS * random()))
      expect(syndrome(flip(packet, ...bits)), `${[...bits]}`).not.toBe(0)
    }
  })
})

describe('noise of margins', () => {
  it('is that of most of them: a burst does not hide itself', () => {
    const random = seededRandom(6)
    const margins = marginsOf(packet, () => 0.8 + 0.4 * random())
    const noise = noiseOf(margins)
    expect(noise).toBeCloseTo(0.4 / Math.sqrt(12), 2)
    const burst = margins.map((margin, bit) => (bit > 60 && bit < 90 ? margin - 2 : margin))
    expect(noiseOf(burst)).toBeLessThan(1.6 * noise)
  })
  it('is never nothing', () => {
    expect(noiseOf(marginsOf(packet))).toBeGreaterThan(0.01)
  })
})

describe('a packet with a right CRC, in noise', () => {
  it('is certain in good light', () => {
    expect(isCertain(packet, marginsOf(packet))).toBe(true)
    const random = seededRandom(2)
    expect(
      isCertain(
        packet,
        marginsOf(packet, () => 0.7 + 0.6 * random()),
      ),
    ).toBe(true)
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

describe('a packet with a right CRC, in a disturbance', () => {
  /** Levels of all light between these bits times a gain. */
  const dimmed = (margins: number[], gain: number, from: number, to: number): number[] =>
    margins.map((margin, bit) =>
      bit >= from && bit < to ? gain * (margin + BLACK_BELOW) - BLACK_BELOW : margin,
    )
  const bits = Array.from({ length: 30 }, (_, n) => 60 + n)

  it('is certain where levels moved together, and it was read right', () => {
    for (const gain of [0.5, 0.7, 1.4]) {
      expect(isCertain(packet, dimmed(marginsOf(packet), gain, 60, 90)), `${gain}`).toBe(true)
    }
  })
  it('is doubted where another reading is the steadier light', () => {
    // A shade to half makes grey of white, and of grey what is no level at all: all were taken for zeros.
    const ones = bits.filter((bit) => isOne(packet, bit))
    const seen = packetOf(...flip(packet, ...ones).subarray(1, -2))
    expect(isCertain(seen, marginsOf(seen))).toBe(true)
    const shaded = dimmed(marginsOf(packet), 0.52, 60, 90).slice(0, -16)
    expect(isCertain(seen, [...shaded, ...marginsOf(seen).slice(-16)])).toBe(false)
  })
  it('is doubted where many bits together say nothing, and not where these are too few to hide from the CRC', () => {
    const blank = (count: number): number[] =>
      marginsOf(packet, (bit) => (bits.slice(0, count).includes(bit) ? 0 : 1))
    expect(isCertain(packet, blank(24))).toBe(false)
    expect(isCertain(packet, blank(5))).toBe(true)
  })
})

describe('settings that encode refuses', () => {
  const strange = packetOf(
    1,
    3,
    0x61,
    0x07,
    0x62,
    6,
    3,
    1,
    2,
    3,
    200,
    12,
    ...randomPacket(2).subarray(3, 15),
  )
  const usual = encodePacket({ ssid: 'a network', password: 'password1' })

  it('are certain in good light', () => {
    expect(decodePacket(strange)).toMatchObject({ ssid: 'a\x07b' })
    expect(isCertain(strange, marginsOf(strange))).toBe(true)
  })
  it('count against a packet', () => {
    const nats = (bytes: Uint8Array, config = decodePacket(bytes)): number =>
      certaintyNats(bytes, config, {
        margins: marginsOf(bytes),
        blackBelow: BLACK_BELOW,
        noiseRms: 0.3,
      })
    expect(nats(strange, { ssid: 'as usual' }) - nats(strange)).toBeCloseTo(Math.log(20), 9)
    expect(nats(usual, { ssid: 'other' })).toBe(nats(usual))
    // Of types that are not public nothing is known.
    expect(nats(packet, { ssid: 'other' })).toBe(nats(packet))
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
    for (const { packet } of uncertain) expect(syndrome(packet)).toBe(0)
  })
})
