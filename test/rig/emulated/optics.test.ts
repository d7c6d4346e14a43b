import { describe, expect, test } from 'vitest'
import type { ModelledLight } from '../../../src/rig/config.js'
import { BENCH_OPTICS, Optics } from '../../../src/rig/emulated/optics.js'

/** No other light, no noise, an LED that follows at once: what the sensor alone does. */
const CLEAN = { ...BENCH_OPTICS, black: 0, flicker: 0, noiseRms: 0, ledRiseUs: 0, ledFallUs: 0 }
const { swing } = CLEAN
const codeOf = (light: number): number => Math.floor(1024 * swing * light)

const TAU_S = 1 / (2 * Math.PI * CLEAN.sensorBandwidthHz)
/** A sensor with a time constant of 10 ms. */
const SLOW = { ...CLEAN, sensorBandwidthHz: 50 / Math.PI }

/** What a sensor makes of three thousand periods of PWM. */
function averaged(options: ModelledLight, duty: number): number {
  const optics = new Optics(options)
  const periodS = 500 / 16e6
  for (let cycle = 0; cycle < 3000; cycle++) {
    optics.onLed(true, cycle * periodS)
    optics.onLed(false, (cycle + duty) * periodS)
  }
  return optics.sample(3000 * periodS) / (1024 * swing)
}

test('the bench has the sensor of wiring.md, in office light', () => {
  expect(TAU_S).toBeCloseTo(220e-6, 12)
  expect(BENCH_OPTICS).toMatchObject({ swing: 0.6, black: 0.05, adcBits: 10, seed: 1 })
})

describe('the sensor is one pole', () => {
  test('it rises and falls by 63 % in a time constant', () => {
    const optics = new Optics(CLEAN)
    optics.onLed(true, 1)
    expect(optics.sample(1 + TAU_S)).toBe(codeOf(1 - Math.exp(-1)))
    expect(optics.sample(2)).toBe(codeOf(1))
    optics.onLed(false, 3)
    expect(optics.sample(3 + TAU_S)).toBe(codeOf(Math.exp(-1)))
  })

  test('it averages PWM to its duty', () => {
    expect(averaged(SLOW, 0.52)).toBeCloseTo(0.52, 2)
  })

  test('an LED that goes on faster than off is a little brighter', () => {
    const slowOff = averaged({ ...SLOW, ledFallUs: 2 }, 0.5)
    expect(slowOff - averaged(SLOW, 0.5)).toBeCloseTo((2e-6 * 16e6) / 500, 2)
  })
})

test('a slow LED is a pole of its own before the sensor', () => {
  const ledS = 3e-3
  const optics = new Optics({ ...CLEAN, ledRiseUs: ledS * 1e6, ledFallUs: ledS * 2e6 })
  const left = (timeS: number, poleS: number): number =>
    (poleS * Math.exp(-timeS / poleS) - TAU_S * Math.exp(-timeS / TAU_S)) / (poleS - TAU_S)
  optics.onLed(true, 0)
  for (const timeS of [1e-4, 1e-3, 5e-3]) {
    expect(optics.sample(timeS)).toBe(codeOf(1 - left(timeS, ledS)))
  }
  optics.onLed(false, 1)
  for (const timeS of [1e-4, 1e-3, 5e-3]) {
    expect(optics.sample(1 + timeS)).toBe(codeOf(left(timeS, 2 * ledS)))
  }
})

test('other light flickers around its level, by a part of the swing', () => {
  const optics = new Optics({ ...CLEAN, black: 0.2, flicker: 0.1 / swing, flickerHz: 100 })
  const codes = Array.from({ length: 1000 }, (_, i) => optics.sample(i / 10_000))
  expect(Math.max(...codes)).toBe(Math.floor(1024 * 0.3))
  expect(Math.min(...codes)).toBe(Math.floor(1024 * 0.1))
  expect(codes[0]).toBe(codes[100])
})

describe('noise', () => {
  const samples = (seed: number): number[] => {
    const optics = new Optics({ ...CLEAN, black: 0.5, noiseRms: 0.02 / swing, seed })
    return Array.from({ length: 10_000 }, (_, i) => optics.sample(i / 1000))
  }

  test('has the rms that was asked for, as a part of the swing', () => {
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
  const bright = new Optics({ ...CLEAN, black: 1.5 })
  const dark = new Optics({ ...CLEAN, black: -0.5 })
  expect([bright.sample(1), dark.sample(1)]).toEqual([1023, 0])
})

test('the sensor clips where it is told to', () => {
  const optics = new Optics({ ...CLEAN, clipLow: 0.1, clipHigh: 0.5 })
  const dark = optics.sample(1)
  optics.onLed(true, 2)
  expect([dark, optics.sample(3)]).toEqual([102, 512])
})

test.each([8, 9, 10])('an ADC of %i bits has so many codes, from end to end', (adcBits) => {
  const optics = new Optics({ ...CLEAN, swing: 1.2, sensorBandwidthHz: 10, adcBits })
  optics.onLed(true, 0)
  const codes = Array.from({ length: 20_000 }, (_, i) => optics.sample(i / 200_000))
  expect(new Set(codes).size).toBe(2 ** adcBits)
  expect([Math.min(...codes), Math.max(...codes)]).toEqual([0, 1023])
})
