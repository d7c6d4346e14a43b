import { test } from 'vitest'
import { at, expectAllReceived } from './received.js'

// Perfect from 2.5 samples a symbol with regular clocks, from 3 with symbols that are late by up to a tenth, and with samples
// that are late by up to 0.8 of their period at 4 a symbol. Also where samples nearly keep time with symbols, so that within a
// message one of them slowly passes an edge, in noise of 18 dB.

test.each([2.5, 2.7, 2.9, 3, 3.3, 4, 5, 8, 20, 50, 200])('%f samples a symbol', (samples) => {
  expectAllReceived(at(60, samples))
})
test.each([3, 3.5, 4.5, 8])('%f samples a symbol, jittered', (samples) => {
  expectAllReceived({ ...at(60, samples), symbolJitter: 0.1 })
})
test.each([0.2, 0.5, 0.8])('samples late by up to %f of their period', (sampleJitter) => {
  expectAllReceived({ ...at(60, 4.1), sampleJitter })
})
test.each([3.003, 3.009, 4.01, 5.003, 6.003])('%f samples a symbol, in noise', (samples) => {
  const noiseRms = (0.24 * Math.sqrt(samples)) / 10 ** (18 / 20)
  expectAllReceived({ ...at(60, samples), noiseRms, swing: 0.2, black: 0.4 })
})

test.each([
  { clockStepS: 0.001, sampleRateHz: 2500 },
  { clockStepS: 0.002, sampleRateHz: 700 },
  { clockStepS: 0.01, sampleRateHz: 1000 },
  { clockStepS: 0.01, sampleRateHz: 330 },
])('equal times of a coarse clock: %o', (clock) => expectAllReceived(clock))
