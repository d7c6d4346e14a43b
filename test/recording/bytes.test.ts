import { expect, test } from 'vitest'
import { latin1 } from '../../src/recording/bytes.js'

test('each byte is the character of its own number, in any Node.js', () => {
  const bytes = Uint8Array.from({ length: 20_000 }, (_, i) => i)
  expect(latin1(bytes)).toBe(Buffer.from(bytes).toString('latin1'))
  expect(latin1(Uint8Array.of(0x1f, 0x8b, 0x08))).toBe('\x1f\x8b\x08')
})
