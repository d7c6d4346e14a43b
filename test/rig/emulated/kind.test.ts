import { describe, expect, test } from 'vitest'
import { captureSamples } from '../../../src/bench/capture.js'
import { measureLightLevels } from '../../../src/bench/light-levels.js'
import { loopback } from '../../../src/bench/loopback.js'
import { modulate } from '../../../src/modulation/index.js'
import { encodePacket } from '../../../src/packet/index.js'
import type { EmulatedConfig } from '../../../src/rig/config.js'
import { openRig } from '../../../src/rig/open.js'

const { signal } = new AbortController()
const QUIET = { kind: 'emulated', flicker: 0, noiseRms: 0 } as const

async function dark(config: EmulatedConfig): Promise<number[]> {
  await using rig = await openRig(config)
  const seen: number[] = []
  await captureSamples(rig, {
    signal,
    durationS: 2,
    onSamples: ({ levels }) => void seen.push(...levels),
  })
  return seen
}

const rms = (values: readonly number[]): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
}

async function levels(config: EmulatedConfig) {
  await using rig = await openRig(config)
  return await measureLightLevels(rig, signal)
}

async function timeConstantS(config: EmulatedConfig) {
  await using rig = await openRig(config)
  const packet = encodePacket({ ssid: 'net', password: '' })
  const { reception } = await loopback(rig, packet, modulate(packet), { symbolRateHz: 60 })
  return reception.quality.timeConstantS
}

describe('the emulated rig shows the light that its configuration says', () => {
  test('levels', async () => {
    const { black, white, flicker } = await levels({ ...QUIET, swing: 0.3, black: 0.2 })
    expect([black, white]).toEqual([expect.closeTo(0.2, 2), expect.closeTo(0.5, 2)])
    expect(flicker).toBeLessThan(0.002)
  })

  test('the ends of the sensor', async () => {
    const { black, white } = await levels({ ...QUIET, black: 0, clipLow: 0.1, clipHigh: 0.4 })
    expect([black, white]).toEqual([expect.closeTo(0.1, 2), expect.closeTo(0.4, 2)])
  })

  test('flicker, as a part of the swing', async () => {
    const seen = await dark({ ...QUIET, swing: 0.4, black: 0.3, flicker: 0.5, flickerHz: 90 })
    expect(rms(seen)).toBeCloseTo((0.4 * 0.5) / Math.SQRT2, 2)
    expect(Math.max(...seen)).toBeCloseTo(0.5, 2)
  })

  test('noise, as a part of the swing, by its seed', async () => {
    const noisy = { ...QUIET, swing: 0.5, black: 0.5, noiseRms: 0.1 }
    const [one, again, another] = [
      await dark(noisy),
      await dark(noisy),
      await dark({ ...noisy, seed: 2 }),
    ]
    expect(rms(one)).toBeCloseTo(0.05, 2)
    expect(again).toEqual(one)
    expect(another).not.toEqual(one)
  })

  test('the bits of its ADC', async () => {
    const seen = await dark({ ...QUIET, black: 0.5, noiseRms: 0.1, adcBits: 8 })
    for (const level of seen)
      expect(Math.abs(level * 255 - Math.round(level * 255))).toBeLessThan(0.15)
  })

  test.each([
    ['a slow sensor', { sensorBandwidthHz: 30 }],
    ['a slow LED', { ledRiseUs: 1e6 / (2 * Math.PI * 30), ledFallUs: 1e6 / (2 * Math.PI * 30) }],
  ])('the time constant of %s, as the receiver tells it', async (_, slow) => {
    const wantedS = 1 / (2 * Math.PI * 30)
    const toldS = (await timeConstantS({ ...QUIET, ...slow })) ?? 0
    expect(toldS).toBeGreaterThan(0.75 * wantedS)
    expect(toldS).toBeLessThan(1.25 * wantedS)
    expect(await timeConstantS(QUIET)).toBeNull()
  })
})
