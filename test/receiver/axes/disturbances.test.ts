import { describe, expect, test } from 'vitest'
import {
  type DisturbanceKind,
  disturbedMessage,
  KINDS,
} from '../../../benchmarks/receiver/disturbed.js'
import { toHex } from '../../../src/packet/index.js'
import type { Reception } from '../../../src/receiver/index.js'
import { receive } from '../../helpers/receive.js'

// No packet is taken for another one, whatever disturbs its light. `npm run bench:receiver -- disturbances` tries ten thousand.

/** The packets that are reported as messages, in hex. */
const messagesOf = (receptions: readonly Reception[]): string[] =>
  receptions.flatMap((reception) => (reception.kind === 'message' ? [toHex(reception.packet)] : []))

/** Those that were not sent. */
function wrongFor(kind: DisturbanceKind, seed: number, sent: Uint8Array): string[] {
  const messages = messagesOf(receive(disturbedMessage(kind, seed).seen(sent)))
  return messages.filter((packet) => packet !== toHex(sent))
}

const MESSAGES_EACH = 12
/** One less than arrived when this was written; all where other light alone is switched. */
const ARRIVE_AT_LEAST: Readonly<Record<DisturbanceKind, number>> = {
  'a cable or finger shades the sender': 8,
  'a hand shades the sensor': 8,
  'a lamp is switched on': 12,
  'the sender gets darker and stays so': 10,
  'a flash': 12,
  'a second sender': 10,
  'samples are lost': 1,
  'an automatic gain kicks in': 7,
  'a burst of impulses': 7,
  'the light wobbles': 7,
}

describe('messages with one disturbance', () => {
  test.each(KINDS)('%s: right or not at all', (kind) => {
    let arrived = 0
    for (let seed = 1; seed <= MESSAGES_EACH; seed++) {
      const { packet, seen } = disturbedMessage(kind, seed)
      const messages = messagesOf(receive(seen(packet)))
      const sent = toHex(packet)
      expect(
        messages.filter((hex) => hex !== sent),
        `seed ${seed}`,
      ).toEqual([])
      arrived += messages.length
    }
    expect(arrived).toBeGreaterThanOrEqual(ARRIVE_AT_LEAST[kind])
  })
})

// Where bits that the disturbance makes wrong fit the CRC by chance: found among ten thousand messages each, or by choosing the
// bits in the disturbance so that they do.
describe('packets whose CRC does not see what becomes of them', () => {
  test.each<[DisturbanceKind, number]>([
    ['a cable or finger shades the sender', 976],
    ['a lamp is switched on', 327],
    ['a lamp is switched on', 617],
  ])('%s, seed %i', (kind, seed) => {
    expect(wrongFor(kind, seed, disturbedMessage(kind, seed).packet)).toEqual([])
  })

  test.each<[DisturbanceKind, number, string]>([
    [
      'a cable or finger shades the sender',
      29,
      '1ac8180e7836a19130f3e48fe9d18db50b9283ed731345ef709aa24000',
    ],
    [
      'a cable or finger shades the sender',
      29,
      '1ac8180e7836a19130f3e48fe9d18db50b9283ed7313452f209aa24000',
    ],
    [
      'a cable or finger shades the sender',
      30,
      '1ac8188d418ab1945f828fbde8e44765833633db6828f7ae1b62df1280',
    ],
    [
      'a cable or finger shades the sender',
      30,
      '1ac8188d418ab1945f828fbde8e44765833633db6828f7a95c08781280',
    ],
    [
      'a cable or finger shades the sender',
      48,
      '1ac8180adf453d4e3c97809585de5c67e19ee49705cc17b9f779072041',
    ],
    [
      'a cable or finger shades the sender',
      48,
      '1ac8180adf453d4e3c97809585de5c67e19ee49705c4f48b7879072041',
    ],
    ['a lamp is switched on', 16, '1ac818ec5701fd722020db7d97c838f65fd961e7448d60d6a65e8d0680'],
    ['a lamp is switched on', 16, '1ac818ec5703c0b22020db7d97c838f65fd961e7448d60d6a65e8d0680'],
    ['a lamp is switched on', 39, '1ac8181b56ca30f754a52f45d7aae444d3af0b5a6672c466cc72685cc0'],
    ['a lamp is switched on', 39, '1ac8181b56ca07dd54a52f45d7aae444d3af0b5a6672c466cc72685cc0'],
    ['a lamp is switched on', 48, '1ac8180adf453d4e3c97809585de5c67e19ee49705d0dfab61790795c1'],
    ['a lamp is switched on', 48, '1ac8180adf453d4e3c97809585de5c67e19ee49705d7e1ab61790795c1'],
    ['a lamp is switched on', 52, '1ac818c75a650ee20aa78e803958bf40c0bc3ee7eaa0d9874d210a78c1'],
    ['a flash', 52, '1ac818c75a650ee20aa78e803958bf40c0bcfebbeaa0d9874d210a8880'],
    ['a flash', 52, '1ac818c75a650ee20aa78e803958bf40c0bdc23beaa0d9874d210a8880'],
    [
      'an automatic gain kicks in',
      48,
      '1ac8180adf453d4e3c97809585de5c67e19ee49705d0dfab61790795c1',
    ],
    [
      'an automatic gain kicks in',
      48,
      '1ac8180adf453d4e3c97809585de5c67e19ee49705d7e1ab61790795c1',
    ],
  ])('%s, seed %i, %s', (kind, seed, sent) => {
    expect(wrongFor(kind, seed, Uint8Array.from(Buffer.from(sent, 'hex')))).toEqual([])
  })
})
