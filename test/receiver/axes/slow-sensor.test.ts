import { test } from 'vitest'
import { expectAllReceived } from './received.js'

// Perfect with rise and fall times (one pole) of up to 0.7 symbols, equal or not.

test.each([0.1, 0.3, 0.5, 0.7])('%f symbols', (tau) => {
  expectAllReceived({ riseSymbols: tau, fallSymbols: tau })
  expectAllReceived({ riseSymbols: 0.1, fallSymbols: Math.min(tau, 0.6) })
  expectAllReceived({ riseSymbols: Math.min(tau, 0.6), fallSymbols: 0.1 })
})
test.each([1, 1.2, 1.5])('a fall of %f symbols after a quick rise', (fallSymbols) => {
  expectAllReceived({ riseSymbols: 0.1, fallSymbols })
})
