import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MESSAGE_BYTES, randomSettings } from '../../../src/bench/sweep/random-message.js'
import { encodePacket, validateConfig } from '../../../src/packet/index.js'

test('credentials are valid, of the length that was asked for, and others each time', () => {
  const [least, most] = MESSAGE_BYTES
  fc.assert(
    fc.property(fc.integer({ min: least, max: most }), fc.integer(), (bytes, seed) => {
      const settings = randomSettings(bytes, seed)
      const packet = encodePacket(settings)
      expect(packet).toHaveLength(bytes)
      expect(validateConfig(settings).config).toEqual(settings)
      expect(encodePacket(randomSettings(bytes, seed))).toEqual(packet)
      expect(encodePacket(randomSettings(bytes, seed + 1))).not.toEqual(packet)
    }),
  )
})
