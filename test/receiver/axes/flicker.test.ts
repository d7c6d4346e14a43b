import { test } from 'vitest'
import { at, expectAllReceived } from './received.js'

// Perfect up to a peak of half of the swing at 60 Hz and below, of 0.15 at 142 Hz, and of 0.1 at 500 Hz.

const ROOM = { swing: 0.2, black: 0.5, beforeS: 1.5 }

test.each([
  [30, 0.5],
  [60, 0.5],
  [142, 0.15],
  [500, 0.1],
])('100 and 120 Hz at %i Hz, a peak of %f', (symbolRateHz, flicker) => {
  expectAllReceived({ ...at(symbolRateHz, 16), ...ROOM, flicker })
  expectAllReceived({ ...at(symbolRateHz, 16), ...ROOM, flicker, flickerHz: 120 })
})
test('harmonics', () => {
  expectAllReceived({ ...at(60, 16), ...ROOM, flicker: 0.5, flickerHarmonics: [0.3, 0.1] })
})
