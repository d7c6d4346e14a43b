import { test } from 'vitest'
import { expectAllReceived } from './received.js'

// Perfect with a gap of four samples after each 200, at 16.7 samples a symbol.

test.each([0.001, 0.005])('gaps of four samples after %f of them', (gaps) => {
  expectAllReceived({ gaps, gapSamples: 5 })
})
