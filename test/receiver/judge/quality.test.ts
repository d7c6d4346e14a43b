import { describe, expect, it } from 'vitest'
import { type Channel, simulateChannel } from '../../../src/channel/index.js'
import { modulate } from '../../../src/modulation/index.js'
import type { Reception } from '../../../src/receiver/index.js'
import { greyRatio } from '../../../src/receiver/judge/quality.js'
import { message, randomPacket, receive } from '../../helpers/receive.js'
import { NO_SAMPLES } from '../captures.js'

const receptionOf = (path: Partial<Channel>): Reception =>
  receive(message(randomPacket(2), path))[0] as Reception

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

describe('the quality of a reception', () => {
  it.each([10, 15, 20, 25])('tells a signal-to-noise ratio of %i dB', (snrDb) => {
    // Half the step from grey to white over the noise of the mean of 16 samples.
    const noiseRms = ((0.48 / 2) * Math.sqrt(16)) / 10 ** (snrDb / 20)
    const path = { noiseRms, sampleRateHz: 960, swing: 0.05, black: 0.47, adcBits: 16 }
    const seen = Array.from({ length: 20 }, (_, seed) => receptionOf({ ...path, seed }))
    const deviations = seen.map(({ quality }) => (quality.snrDb as number) - snrDb)
    // What the receiver loses to levels and timing that it must learn; each of 240 bits spreads by 0.4 dB.
    const lossDb = 0.3
    expect(Math.abs(mean(deviations) + lossDb)).toBeLessThan(0.3)
  })

  it.each([0.1, 0.2, 0.4])('tells a time constant of %f symbols', (tau) => {
    const { quality } = receptionOf({ riseSymbols: tau, fallSymbols: tau, sampleRateHz: 2000 })
    expect((quality.timeConstantS ?? 0) * 60).toBeCloseTo(tau, 1)
  })

  it.each([100, 100.3, 119.7, 120])('finds flicker of %f Hz and its size', (flickerHz) => {
    for (const symbolRateHz of [30, 142, 500]) {
      for (const peak of [0.1, 0.5]) {
        const room = { black: 0.4, swing: 0.2, beforeS: 0.5 }
        const { quality } = receptionOf({
          flicker: peak,
          flickerHz,
          ...room,
          symbolRateHz,
          sampleRateHz: 8000,
        })
        expect(quality.flicker?.frequencyHz).toBe(flickerHz)
        expect(Math.abs((quality.flicker?.peak ?? 0) / (peak * room.swing) - 1)).toBeLessThan(0.1)
      }
    }
  })

  it('finds none in noise', () => {
    expect(receptionOf({ noiseRms: 0.05 }).quality.flicker).toBeNull()
  })

  it('tells the swing, open eyes and the least certain bit', () => {
    const { quality } = receptionOf({ noiseRms: 0.02, sampleRateHz: 4000 })
    expect(quality.swing).toBeCloseTo(0.6, 1)
    expect(quality.eyeHeight).toBeGreaterThan(0.8)
    expect(quality.eyeWidth).toBeGreaterThan(0.8)
    expect(quality.leastCertainBit?.margin).toBeGreaterThan(0.7)
  })

  it('tells clipping at either end', () => {
    expect(receptionOf({ swing: 1, black: 0.2, greyRatio: 0.6 }).quality.clipped.high).toBe(true)
    expect(receptionOf({ swing: 0.6, black: 0, inverted: true }).quality.clipped.high).toBe(true)
    expect(receptionOf({ swing: 0.6, black: 0 }).quality.clipped.low).toBe(true)
    expect(receptionOf({}).quality.clipped).toEqual({ low: false, high: false })
  })
})

describe('the quality of what is no message', () => {
  it.each([10, 16, 25])('tells the noise of a sync without a marker, %i dB', (snrDb) => {
    const noiseRms = ((0.48 / 2) * Math.sqrt(16)) / 10 ** (snrDb / 20)
    const sync = modulate(randomPacket(1)).levels.subarray(0, 48)
    const deviations = Array.from({ length: 100 }, (_, seed) => {
      const path = { noiseRms, sampleRateHz: 960, swing: 0.2, black: 0.4, adcBits: 16, seed }
      const [reception] = receive(simulateChannel(sync, path))
      expect(reception).toMatchObject({ kind: 'bare-sync', reason: 'no-marker' })
      const { quality } = reception as Reception
      expect(quality.swing).toBeCloseTo(0.2 * 0.52, 1)
      return (quality.snrDb ?? 0) - snrDb
    })
    // Each is made of some 20 bits, and spreads by 1.5 dB.
    expect(Math.abs(mean(deviations))).toBeLessThan(0.6)
  })

  it('tells how far light without a sync changed, and whether the sensor was at its end', () => {
    expect(receptionOf({ swing: 0.0001 }).quality).toMatchObject({
      swing: expect.closeTo(0, 2),
      snrDb: null,
      eyeWidth: null,
      clipped: { low: false, high: false },
    })
    const blinded = receive({ timesS: Float64Array.of(0, 1), levels: Float64Array.of(1, 1) })
    expect(blinded).toMatchObject([{ quality: { swing: 0, clipped: { low: false, high: true } } }])
    expect(receive(NO_SAMPLES)).toMatchObject([
      { quality: { swing: 0, clipped: { low: false, high: false } } },
    ])
  })
})

it('knows no grey ratio where white is as dark as black', () => {
  expect(greyRatio({ black: 0.2, grey: 0.3, white: 0.2 })).toBeNull()
  expect(greyRatio({ black: 0.2, grey: 0.46, white: 0.7 })).toBeCloseTo(0.52, 6)
})
