import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IMP_LISTENS_S, makeMessage } from '../../src/bench/message.js'
import { demodulate } from '../../src/modulation/index.js'
import { ConfigError, decodePacket } from '../../src/packet/index.js'
import { deviceConfigArbitrary } from '../helpers/arbitraries.js'

test('a message holds what was asked for, and knows how long its light is', () => {
  fc.assert(
    fc.property(
      deviceConfigArbitrary,
      fc.double({ min: 10, max: 2000, noNaN: true }),
      (input, symbolRateHz) => {
        const { config, packet, sequence, durationS, warnings } = makeMessage(input, {
          symbolRateHz,
        })
        expect(decodePacket(packet)).toEqual(config)
        expect(demodulate(sequence).packet).toEqual(packet)
        expect(durationS * symbolRateHz).toBeCloseTo(sequence.levels.length, 6)
        const isTold = warnings.some((warning) => warning.startsWith('an imp listens for 60 s'))
        expect(isTold).toBe(durationS > IMP_LISTENS_S)
      },
    ),
  )
})

test('what can hardly be right is a doubt, and what cannot be an error', () => {
  const network = { ssid: 'net', password: 'long enough ' }
  expect(makeMessage(network, { symbolRateHz: 60 }).doubts[0]).toBeInstanceOf(ConfigError)
  expect(() => makeMessage({ ...network, password: 'short!' }, { symbolRateHz: 60 })).toThrow(
    ConfigError,
  )
  expect(() => makeMessage(network, { symbolRateHz: Number.NaN })).toThrow(RangeError)
  expect(() => makeMessage(null, { symbolRateHz: 60 })).toThrow(ConfigError)
  expect(() => makeMessage({ clear: true }, { symbolRateHz: 60, syncSymbols: 2 })).toThrow(
    RangeError,
  )
})

test('the dialect is that of the light, too', () => {
  const [old, today] = (['sdk-2015', 'sdk-0.3.0'] as const).map((dialect) =>
    makeMessage({ clear: true }, { symbolRateHz: 60, dialect }),
  )
  expect(old?.packet).toEqual(today?.packet)
  expect(old?.sequence.levels).not.toEqual(today?.sequence.levels)
})
