import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Dialect, demodulate, modulate } from '../../src/modulation/index.js'
import { decodePacket, encodePacket, validateConfig } from '../../src/packet/index.js'
import { canonical, deviceConfigArbitrary } from '../helpers/arbitraries.js'
import { vectors } from '../helpers/vectors.js'

describe('the published SDKs', () => {
  test.each(vectors)('$name is encoded byte for byte', ({ dialect, input, packetHex }) => {
    expect(Buffer.from(encodePacket(input, { dialect })).toString('hex')).toBe(packetHex)
  })

  test.each(vectors)('$name is decoded', ({ input, packetHex }) => {
    expect(decodePacket(Buffer.from(packetHex, 'hex'))).toEqual(input)
  })
})

test.each<Dialect>(['sdk-0.3.0', 'sdk-2015'])('any configuration survives (%s)', (dialect) => {
  fc.assert(
    fc.property(deviceConfigArbitrary, (config) => {
      const sent = encodePacket(config, { dialect })
      const { packet } = demodulate(modulate(sent, { dialect }))
      expect(packet).toEqual(sent)
      expect(decodePacket(packet)).toEqual(canonical(config))
      expect(validateConfig(config, { dialect }).config).toEqual(canonical(config))
    }),
    { numRuns: 500 },
  )
})
