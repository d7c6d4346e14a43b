import { test } from 'vitest'
import { expectAllReceived } from './received.js'

// Perfect with up to 0.3 of the swing cut off above, or 0.2 below; and with a PWM whose ripple the sensor leaves to 0.1.

test.each([0.95, 0.8, 0.7])('white at %f of its swing', (clip) => {
  expectAllReceived({ clipHigh: 0.1 + 0.6 * clip })
})
test.each([0.05, 0.2])('black %f of the swing too bright', (clip) => {
  expectAllReceived({ clipLow: 0.1 + 0.6 * clip })
})
test.each([0.05, 0.1])('PWM ripple of %f', (pwmRipple) => {
  expectAllReceived({ pwmRipple, pwmHz: 1007, swing: 0.3, black: 0.2 })
})
