import { test } from 'vitest'
import { expectAllReceived } from './received.js'

// Perfect with gaps of five samples, one in 200 samples, at 16.7 samples a symbol.

test.each([0.001, 0.005])('gaps of five samples at %f of them', (gaps) => {
  expectAllReceived({ gaps, gapSamples: 5 })
})
