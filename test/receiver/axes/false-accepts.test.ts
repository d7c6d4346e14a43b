import { describe, expect, test } from 'vitest'
import { seededRandom, simulateChannel } from '../../../src/channel/index.js'
import type { SampleBlock } from '../../../src/receiver/index.js'
import { receive } from '../../helpers/receive.js'

// Nothing but a message is one. `npm run bench:receiver false-accepts` tries ten hours.

const goodOnes = (block: SampleBlock) => receive(block).filter(({ kind }) => kind === 'message')
const seeds = Array.from({ length: 20 }, (_, seed) => seed + 1)
const blinking = (seed: number, levels: readonly number[]) => {
  const random = seededRandom(seed)
  return Array.from({ length: 3000 }, () => levels[Math.floor(levels.length * random())] ?? 0)
}

describe('none is accepted of', () => {
  test('flicker and noise', () => {
    for (const seed of seeds) {
      const noiseRms = seed / 100
      expect(
        goodOnes(simulateChannel([], { afterS: 20, flicker: 0.3, noiseRms, black: 0.4, seed })),
      ).toEqual([])
    }
  })
  test('square waves', () => {
    for (const seed of seeds) {
      const symbols = Array.from({ length: 2000 }, (_, n) => 2 * (n % 2))
      expect(
        goodOnes(simulateChannel(symbols, { symbolRateHz: 10 * seed, noiseRms: 0.05, seed })),
      ).toEqual([])
    }
  })
  test('blinking at random, with two levels and with three', () => {
    for (const seed of seeds) {
      expect(goodOnes(simulateChannel(blinking(seed, [0, 2]), { seed }))).toEqual([])
      expect(goodOnes(simulateChannel(blinking(seed, [0, 1, 2]), { seed }))).toEqual([])
    }
  })
})
