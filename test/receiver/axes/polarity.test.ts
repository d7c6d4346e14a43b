import { expect, test } from 'vitest'
import { message, randomPacket, receivedMessage } from '../../helpers/receive.js'
import { expectAllReceived } from './received.js'

// All other axes take turns in polarity; here each is alone, and the levels are those of the sensor.

test.each([false, true])('inverted: %s', (inverted) => {
  expectAllReceived({ inverted })
  expectAllReceived({ inverted, noiseRms: 0.1, black: 0.2, swing: 0.4 })
})

test('levels of an inverting sensor', () => {
  const path = { inverted: true, sampleRateHz: 4000 }
  const reception = receivedMessage(message(randomPacket(1), path))
  expect(reception.levels.black).toBeCloseTo(0.9, 2)
  expect(reception.levels.white).toBeCloseTo(0.3, 2)
  expect(reception.greyRatio).toBeCloseTo(0.52, 2)
})
