import { test } from 'vitest'
import { at, expectAllReceived } from './received.js'

// Perfect from 5 to 2,500 Hz, and while the symbol period grows by a half.

test.each([5, 7, 10, 20, 60, 142, 250, 500, 1000, 2500])('%f Hz', (symbolRateHz) => {
  expectAllReceived(at(symbolRateHz, 10))
})
test.each([-0.3, -0.1, 0.1, 0.5])('a period that changes by %f of itself', (rateChange) => {
  expectAllReceived({ rateChange })
})
