import { expect, test } from 'vitest'
import { measureTiming } from '../../../src/bench/timing/measure.js'
import { makePattern } from '../../../src/bench/timing/patterns.js'
import { LateLightError, RigError } from '../../../src/rig/errors.js'
import type { Emitter, PacingReport, PlayReport, RigInfo } from '../../../src/rig/rig.js'
import { machineClock } from '../../../src/rig/timebase.js'

const PACING: PacingReport = {
  edges: 10,
  medianS: 12e-6,
  p99S: 40e-6,
  p999S: 41e-6,
  maxS: 0.012,
  lateSymbols: 1,
  lengthErrorS: -3e-6,
  cpuPart: 0.01,
  scheduling: { realTime: true, isolatedCpu: null, refusals: [] },
}
const REPORT: PlayReport = {
  symbols: 11,
  symbolRateHz: 60,
  greyRatio: null,
  startS: 1,
  clock: machineClock.id,
  pacing: PACING,
}

/** A header's pins cannot be had here: what they report is all that counts. */
const pins = (play: () => Promise<PlayReport>) => ({
  info: { kind: 'gpio' } as RigInfo,
  emitter: { clock: machineClock, play, off: async () => {} } satisfies Emitter,
})
const options = { sequences: [makePattern('clock', 11)], symbolRateHz: 60 }

test('a rig that sees nothing is timed by what its emitter says; how sure that is, is not known', async () => {
  const { figures, witnesses, faults } = await measureTiming(
    pins(async () => REPORT),
    options,
  )
  expect([witnesses, faults]).toEqual([[], []])
  expect(
    figures.map(({ name, witness, value, uncertainty }) => [name, witness, value, uncertainty]),
  ).toEqual([
    ['lateness-median-us', 'emitter', expect.closeTo(12, 6), null],
    ['lateness-p99-us', 'emitter', expect.closeTo(40, 6), null],
    ['lateness-p999-us', 'emitter', expect.closeTo(41, 6), null],
    ['lateness-max-us', 'emitter', expect.closeTo(12_000, 6), null],
    ['length-error-us', 'emitter', expect.closeTo(-3, 6), null],
  ])
})

test('light that is too late for a message is timed all the same', async () => {
  const late = pins(async () => {
    throw new LateLightError(PACING, REPORT)
  })
  const { figures } = await measureTiming(late, options)
  expect(figures.find(({ name }) => name === 'lateness-max-us')?.value).toBeCloseTo(12_000, 6)
})

test('what breaks the light off comes through', async () => {
  const broken = new RigError('broken-off', 'it has ended')
  await expect(
    measureTiming(
      pins(() => Promise.reject(broken)),
      options,
    ),
  ).rejects.toBe(broken)
})

test('without sequences there is nothing to time', async () => {
  await expect(
    measureTiming(
      pins(async () => REPORT),
      { ...options, sequences: [] },
    ),
  ).rejects.toThrow(RangeError)
})
