import { expect, test } from 'vitest'
import { measureLightLevels } from '../../src/bench/light-levels.js'
import type { ModelledLight } from '../../src/rig/config.js'
import { openEmulatedRig } from '../../src/rig/emulated/open.js'
import { BENCH_OPTICS } from '../../src/rig/emulated/optics.js'
import type { Photodiode } from '../../src/rig/rig.js'

/** The same sensor, but its level falls with light. */
const inverted = (photodiode: Photodiode): Photodiode => ({
  ...photodiode,
  async *samples(options) {
    for await (const block of photodiode.samples(options)) {
      yield { ...block, levels: block.levels.map((level) => 1 - level) }
    }
  },
})

async function measure(optics: Partial<ModelledLight> = {}, isInverted = false) {
  const rig = await openEmulatedRig(
    { brightness: 1, greyRatio: 0.52, sampleRateHz: 1000 },
    { optics },
  )
  try {
    const sensor = rig.photodiode as Photodiode
    const seen = { ...rig, photodiode: isInverted ? inverted(sensor) : sensor }
    return await measureLightLevels(seen, new AbortController().signal)
  } finally {
    await rig[Symbol.asyncDispose]()
  }
}

/**
 * Samples meet grey's pulses all at the same place (PROTOCOL.md): the sensor's ripple there, half of D (1 - D) T / τ of white, with
 * pulses each 32 µs at most and the sensor's 220 µs.
 */
const GREY_RIPPLE = (0.25 * (32 / 220)) / 2

test('the levels of the LED and the other light, as they are', async () => {
  const levels = await measure({ flicker: 0.02 / 0.6 })
  expect(levels.black).toBeCloseTo(BENCH_OPTICS.black, 2)
  expect(levels.white).toBeCloseTo(BENCH_OPTICS.black + BENCH_OPTICS.swing, 2)
  expect(Math.abs(levels.greyRatio - 0.52)).toBeLessThan(GREY_RIPPLE)
  expect(levels.flicker).toBeGreaterThan(0.03)
  expect(levels.flicker).toBeLessThan(0.06)
})

test('the same of an inverting sensor', async () => {
  const levels = await measure({}, true)
  expect(levels.black).toBeCloseTo(1 - BENCH_OPTICS.black, 2)
  expect(levels.white).toBeCloseTo(1 - BENCH_OPTICS.black - BENCH_OPTICS.swing, 2)
  expect(Math.abs(levels.greyRatio - 0.52)).toBeLessThan(GREY_RIPPLE)
})

test('an LED that the sensor does not see', async () => {
  const { black, white } = await measure({ swing: 0.001 })
  expect(Math.abs(white - black)).toBeLessThan(0.02)
})

test('a saturated sensor', async () => {
  expect((await measure({ swing: 2 })).white).toBe(1)
})
