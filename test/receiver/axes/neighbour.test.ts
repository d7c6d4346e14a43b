import { describe, expect, test } from 'vitest'
import { senderLight } from '../../../benchmarks/receiver/trial.js'
import { seededRandom, simulateChannel } from '../../../src/channel/index.js'
import { modulate } from '../../../src/modulation/index.js'
import type { SampleBlock } from '../../../src/receiver/index.js'
import { packets, randomPacket } from '../../helpers/receive.js'

// Perfect beside another sender whose white is up to 0.2 of the own one, whatever its rate and when it begins.

const SYMBOL_RATE_HZ = 60
const BEFORE_S = 1
const SWING = 0.2

const ours = (seed: number): Uint8Array => randomPacket(seed)
const theirs = (seed: number): Uint8Array => randomPacket(seed + 1000)

interface Neighbour {
  /** Its white beside the own one. */
  readonly white: number
  readonly symbolRateHz: number
  readonly fromS: number
}

/** Two messages at once. */
function bothOf(seed: number, { white, symbolRateHz, fromS }: Neighbour): SampleBlock {
  const inverted = seed % 2 === 0
  const path = { symbolRateHz: SYMBOL_RATE_HZ, beforeS: BEFORE_S + seed / 997, swing: SWING, seed }
  const own = simulateChannel(modulate(ours(seed)).levels, { ...path, black: 0.05, adcBits: 12 })
  const lightAt = senderLight(modulate(theirs(seed)).levels, symbolRateHz, fromS)
  const levels = own.levels.map((level, n) => {
    const seen = level + SWING * white * lightAt(own.timesS[n] as number)
    return inverted ? 1 - seen : seen
  })
  return { timesS: own.timesS, levels }
}

describe.each([0.1, 0.2])('a neighbour of %f of the swing', (white) => {
  test('at 0.3 to 3 times the rate, at any time', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const random = seededRandom(seed)
      const symbolRateHz = SYMBOL_RATE_HZ * 0.3 * 10 ** random()
      const neighbour = { white, symbolRateHz, fromS: BEFORE_S + 8 * (random() - 0.5) }
      expect(packets(bothOf(seed, neighbour)), `seed ${seed}`).toEqual([ours(seed)])
    }
  })

  test('with a marker within the sync, at almost the same rate', () => {
    for (let bits = 1; bits <= 20; bits++) {
      const symbolRateHz = SYMBOL_RATE_HZ * (bits % 2 ? 0.995 : 1.004)
      const fromS = BEFORE_S - (2 * bits) / SYMBOL_RATE_HZ
      const read = packets(bothOf(bits, { white, symbolRateHz, fromS }))
      expect(read, `${bits} bits before`).toEqual([ours(bits)])
    }
  })
})

test.each([0.5, 0.7, 0.9])(
  'of %f of the swing, no packet but one of the two that were sent',
  (white) => {
    for (let seed = 1; seed <= 12; seed++) {
      const random = seededRandom(seed)
      const symbolRateHz = SYMBOL_RATE_HZ * 0.3 * 10 ** random()
      const both = bothOf(seed, { white, symbolRateHz, fromS: BEFORE_S + 8 * (random() - 0.5) })
      for (const packet of packets(both)) expect([ours(seed), theirs(seed)]).toContainEqual(packet)
    }
  },
)
