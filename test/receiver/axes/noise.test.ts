import { test } from 'vitest'
import { at, expectAllReceived } from './received.js'

// Perfect up to 16 dB: half of the step from grey to white over the noise of a symbol's mean; and with impulses of the
// swing in two samples of a hundred. How near to the bound this is, `npm run bench:receiver` tells.

test.each([3.1, 6.1, 10.1, 20.1, 50.1])('16 dB at %f samples a symbol', (samples) => {
  const noiseRms = ((0.48 / 2) * Math.sqrt(samples)) / 10 ** (16 / 20)
  expectAllReceived({ ...at(60, samples), noiseRms, swing: 0.1, black: 0.45, adcBits: 16 }, 40)
})
test.each([0.005, 0.02])('impulses in %f of the samples', (impulses) => {
  expectAllReceived({ impulses, swing: 0.3, black: 0.35 })
})
