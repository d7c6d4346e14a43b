import { test } from 'vitest'
import { expectAllReceived } from './received.js'

// Perfect with other light that drifts by 0.7 of the swing a second, with a hand that takes away 0.4 of all light for a
// second (0.2 in sync and marker), and with an automatic gain of 0.3 s.

test.each([0.1, 0.3, 0.7])('%f of the swing a second', (drift) => {
  expectAllReceived({ drift, swing: 0.08, black: 0.05 })
})
test.each([0.8, 0.6])('a hand that leaves %f of the light', (handTransmission) => {
  expectAllReceived({ handStartS: 4, handS: 1, handTransmission })
})
test.each([0.9, 0.8])(
  'a hand that leaves %f of the light, in sync and marker',
  (handTransmission) => {
    for (const handStartS of [1, 1.2, 1.4, 1.6]) {
      expectAllReceived({ handStartS, handS: 0.6, handTransmission, swing: 0.3, black: 0.3 })
    }
  },
)
test.each([5, 1, 0.3])('an automatic gain of %f s', (automaticGainS) => {
  expectAllReceived({ automaticGainS, swing: 0.3, black: 0.2 })
})
