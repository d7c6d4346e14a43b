import { test } from 'vitest'
import { expectAllReceived } from './received.js'

// Perfect with a lamp of up to the swing that is switched within the packet, and with a gain that changes by a quarter there.

test.each([0.3, 0.7, 1])('a lamp of %f of the swing, on and off', (lamp) => {
  expectAllReceived({ lamp, lampS: [4.003], swing: 0.2, black: 0.05 })
  expectAllReceived({ lamp, lampS: [0, 4.003], swing: 0.2, black: 0.05 })
})
test.each([0.8, 0.9, 1.1, 1.25])('a gain of %f', (gain) => {
  expectAllReceived({ gain, gainS: [4.003], swing: 0.2, black: 0.05 })
})
