import { test } from 'vitest'
import { expectAllReceived } from './received.js'

// Perfect from a swing of 0.01 of full scale at 10 bits of 0.03 at 8 and of 0.0002 at 16, with grey from 0.32 to 0.83 of white.

test.each([0.01, 0.03, 0.1, 0.4])('a swing of %f at 10 bits', (swing) => {
  for (const black of [0, 0.3, 0.55]) expectAllReceived({ swing, black, noiseRms: 0.02 })
})
test.each([0.03, 0.1])('a swing of %f at 8 bits', (swing) => {
  expectAllReceived({ swing, black: 0.3, adcBits: 8, noiseRms: 0.02 })
})
test('a swing of 0.0002 at 16 bits, beside a black of 1,500 times as much', () => {
  expectAllReceived({ swing: 0.0002, black: 0.3, adcBits: 16, noiseRms: 0.02 })
})
test.each([0.32, 0.4, 0.52, 0.65, 0.75, 0.83])('grey at %f of white', (greyRatio) => {
  expectAllReceived({ greyRatio })
})
