import { expect, test } from 'vitest'
import { crc16 } from '../../src/packet/index.js'

test.each([
  [[], 0x0000],
  // One byte gives one entry of the table of polynomial 0xA001.
  [[0x00], 0x0000],
  [[0x01], 0xc0c1],
  [[0x02], 0xc181],
  [[0x03], 0x0140],
  // The clear packet of the published SDK.
  [[0x02, 0x07, 0x00], 0x1d41],
])('the CRC of %j', (bytes, crc) => {
  expect(crc16(Uint8Array.from(bytes))).toBe(crc)
})
