import { randomLcg, randomNormal } from 'd3-random'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findLampFlicker } from '../../../src/bench/tuning/lamp-flicker.js'

interface Light {
  readonly frequencyHz: number
  readonly peak: number
  readonly noise: number
  readonly sampleRateHz: number
  readonly seed?: number
}

/** A second of a dark sensor with a line, noise, a slow drift, and the steps of ten bits. */
function dark({ frequencyHz, peak, noise, sampleRateHz, seed = 1 }: Light): number[] {
  const noiseOf = randomNormal.source(randomLcg(seed))(0, noise)
  return Array.from({ length: sampleRateHz }, (_, n) => {
    const timeS = n / sampleRateHz
    const line = peak * Math.sin(2 * Math.PI * (frequencyHz * timeS + 0.1 * seed))
    return Math.round(1023 * (0.1 + 0.01 * timeS + line + noiseOf())) / 1023
  })
}

test('frequency, to a third of a bin, and size of a line are found at any sample rate', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(250, 1000, 8000, 9000),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0.01, max: 0.05, noNaN: true }), // five times the noise or more
      fc.integer({ min: 1, max: 1000 }),
      (sampleRateHz, part, peak, seed) => {
        const frequencyHz = 45 + part * (0.47 * sampleRateHz - 45)
        const light = dark({ frequencyHz, peak, noise: 0.002, sampleRateHz, seed })
        const found = findLampFlicker(light, sampleRateHz)
        const binHz = sampleRateHz / 2 ** Math.floor(Math.log2(sampleRateHz))
        expect(Math.abs((found?.frequencyHz ?? 0) - frequencyHz)).toBeLessThan(binHz / 3)
        expect((found?.peakToPeak ?? 0) / (2 * peak)).toBeGreaterThan(0.85)
        expect((found?.peakToPeak ?? 9) / (2 * peak)).toBeLessThan(1.15)
      },
    ),
  )
})

test('noise, a drift, a steady level and slow changes are none', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const light = dark({ frequencyHz: 0, peak: 0, noise: 0.002, sampleRateHz: 1000, seed })
    expect(findLampFlicker(light, 1000)).toBeNull()
  }
  expect(findLampFlicker(Array(1000).fill(0.1), 1000)).toBeNull()
  const slow = dark({ frequencyHz: 3, peak: 0.1, noise: 0.002, sampleRateHz: 1000 })
  expect(findLampFlicker(slow, 1000)).toBeNull()
})

test('too few samples tell nothing', () => {
  const light = dark({ frequencyHz: 100, peak: 0.1, noise: 0.001, sampleRateHz: 1000 })
  expect(findLampFlicker(light.slice(0, 100), 1000)).toBeNull()
})
