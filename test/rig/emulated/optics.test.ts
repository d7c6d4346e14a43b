import { describe, expect, test } from 'vitest'
import { BENCH_OPTICS, Optics, type OpticsOptions } from '../../../src/rig/emulated/optics.js'

/** No ambient light, no noise: what the LED alone does. */
const CLEAN: OpticsOptions = {
  ...BENCH_OPTICS,
  ambientLevel: 0,
  flickerLevel: 0,
  noiseLevel: 0,
  ledRiseS: 0,
  ledFallS: 0,
}

describe('the sensor is one pole', () => {
  test('it rises and falls by 63 % in a time constant', () => {
    const optics = new Optics(CLEAN)
    const { whiteLevel, sensorTimeConstantS: tau } = CLEAN
    optics.onLed(true, 1)
    expect(optics.sample(1 + tau)).toBe(Math.floor(1024 * whiteLevel * (1 - Math.exp(-1))))
    expect(optics.sample(2)).toBe(Math.floor(1024 * whiteLevel))
    optics.onLed(false, 3)
    expect(optics.sample(3 + tau)).toBe(Math.floor(1024 * whiteLevel * Math.exp(-1)))
  })

  test('it averages PWM to its duty', () => {
    const optics = new Optics({ ...CLEAN, sensorTimeConstantS: 0.01 })
    const periodS = 500 / 16e6
    for (let cycle = 0; cycle < 3000; cycle++) {
      optics.onLed(true, cycle * periodS)
      optics.onLed(false, (cycle + 0.52) * periodS)
    }
    expect(optics.sample(3000 * periodS) / (1024 * CLEAN.whiteLevel)).toBeCloseTo(0.52, 2)
  })

  test('an LED that goes on faster than off is a little brighter', () => {
    const duty = (options: OpticsOptions): number => {
      const optics = new Optics({ ...options, sensorTimeConstantS: 0.01 })
      const periodS = 500 / 16e6
      for (let cycle = 0; cycle < 3000; cycle++) {
        optics.onLed(true, cycle * periodS)
        optics.onLed(false, (cycle + 0.5) * periodS)
      }
      return optics.sample(3000 * periodS) / (1024 * CLEAN.whiteLevel)
    }
    const slowOff = duty({ ...CLEAN, ledFallS: 2e-6 })
    expect(slowOff - duty(CLEAN)).toBeCloseTo((2e-6 * 16e6) / 500, 2)
  })
})

test('ambient light flickers around its level', () => {
  const optics = new Optics({ ...CLEAN, ambientLevel: 0.2, flickerLevel: 0.1, flickerHz: 100 })
  const codes = Array.from({ length: 1000 }, (_, i) => optics.sample(i / 10_000))
  expect(Math.max(...codes)).toBe(Math.floor(1024 * 0.3))
  expect(Math.min(...codes)).toBe(Math.floor(1024 * 0.1))
  expect(codes[0]).toBe(codes[100])
})

describe('noise', () => {
  const samples = (seed: number): number[] => {
    const optics = new Optics({ ...CLEAN, ambientLevel: 0.5, noiseLevel: 0.02, seed })
    return Array.from({ length: 10_000 }, (_, i) => optics.sample(i / 1000))
  }

  test('has the rms that was asked for', () => {
    const codes = samples(1)
    const mean = codes.reduce((sum, code) => sum + code, 0) / codes.length
    const variance = codes.reduce((sum, code) => sum + (code - mean) ** 2, 0) / codes.length
    expect(mean / 1024).toBeCloseTo(0.5, 2)
    expect(Math.sqrt(variance) / 1024).toBeCloseTo(0.02, 3)
  })

  test('repeats with its seed, and only with it', () => {
    expect(samples(1)).toEqual(samples(1))
    expect(samples(2)).not.toEqual(samples(1))
  })
})

test('the ADC clips at both ends', () => {
  const bright = new Optics({ ...CLEAN, ambientLevel: 1.5 })
  const dark = new Optics({ ...CLEAN, ambientLevel: -0.5 })
  expect([bright.sample(1), dark.sample(1)]).toEqual([1023, 0])
})
