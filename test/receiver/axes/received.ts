import { expect } from 'vitest'
import { type Channel, seededRandom, simulateChannel } from '../../../src/channel/index.js'
import { modulate } from '../../../src/modulation/index.js'
import { randomPacket, receive } from '../../helpers/receive.js'

/**
 * Every message arrives, as the one reception of its capture, at both polarities of the sensor and another sampling
 * phase each.
 */
export function expectAllReceived(path: Partial<Channel>, messages = 10): void {
  for (let seed = 1; seed <= messages; seed++) {
    const packet = randomPacket(seed)
    const beforeS = 0.7 + seededRandom(seed)() / 60
    const inverted = seed % 2 === 0
    const block = simulateChannel(modulate(packet).levels, { beforeS, seed, inverted, ...path })
    expect(receive(block), `seed ${seed}`).toMatchObject([{ kind: 'message', packet }])
  }
}

export const at = (symbolRateHz: number, samplesASymbol: number): Partial<Channel> => ({
  symbolRateHz,
  sampleRateHz: symbolRateHz * samplesASymbol,
})
