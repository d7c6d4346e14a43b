import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GOOD_CHANNEL } from '../../../src/channel/index.js'
import { decide, marginOf, settle } from '../../../src/receiver/read/packet-bits.js'
import { message, randomPacket, receivedMessage } from '../../helpers/receive.js'

describe('a margin', () => {
  test('is nothing half-way between grey and white, and one at either', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        (grey, step, margin) => {
          const white = grey + step
          const level = grey + ((1 + margin) / 2) * step
          expect(marginOf(level, { grey, white })).toBeCloseTo(margin, 9)
        },
      ),
    )
  })

  test('above nothing is a one', () => {
    const margins = [1, -1, 1e-9, -1e-9, 0, 1, -1, 1]
    expect(decide(margins)).toEqual(Uint8Array.of(0b1010_0101))
  })
})

test('levels in hindsight are the means on either side of their middle', () => {
  const settled = settle([0.31, 0.33, 0.48, 0.62, 0.66, 0.51], { grey: 0.3, white: 0.7 })
  expect(settled.grey).toBeCloseTo((0.31 + 0.33 + 0.48) / 3, 12)
  expect(settled.white).toBeCloseTo((0.62 + 0.66 + 0.51) / 3, 12)
})

describe('one bit of a message that is near the threshold', () => {
  const packet = randomPacket(1)
  const { symbolRateHz, beforeS, black, swing, greyRatio } = GOOD_CHANNEL
  const bitAt = (bit: number) => ((packet[bit >> 3] as number) >> (7 - (bit & 7))) & 1
  /** 64 symbols of sync and marker come before; each bit is a black one and a lit one. */
  const litS = (bit: number) => beforeS + (64 + 2 * bit + 1) / symbolRateHz

  /** That bit's light, so far from grey to white: 0 to 1. */
  function received(bit: number, part: number, inverted: boolean) {
    const { timesS, levels } = message(packet, { sampleRateHz: 3000, adcBits: 16, inverted })
    const light = black + swing * (greyRatio + part * (1 - greyRatio))
    const changed = levels.map((level, n) => {
      const sinceS = (timesS[n] as number) - litS(bit)
      return sinceS >= 0 && sinceS < 1 / symbolRateHz ? (inverted ? 1 - light : light) : level
    })
    return receivedMessage({ timesS, levels: changed })
  }

  describe.each([false, true])('inverting sensor: %o', (inverted) => {
    test.each([20, 50, 120, 200])('bit %i is what it is nearer to', (bit) => {
      for (const off of [0.02, 0.04, 0.08]) {
        const reception = received(bit, bitAt(bit) ? 0.5 + off : 0.5 - off, inverted)
        expect(reception.packet).toEqual(packet)
        expect(reception.quality.leastCertainBit?.bit).toBe(bit)
        expect(Math.abs((reception.quality.leastCertainBit?.margin ?? 0) - 2 * off)).toBeLessThan(
          0.01,
        )
        // It is counted to its own level only, which of a hundred bits moves by more than this.
        const level = bitAt(bit) ? reception.levels.grey : reception.levels.white
        const other = black + swing * (bitAt(bit) ? greyRatio : 1)
        expect(Math.abs((level as number) - (inverted ? 1 - other : other))).toBeLessThan(3e-4)
      }
    })
  })
})
