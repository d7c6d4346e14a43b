import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseScanType, readElement, scanLayout } from '../../../src/rig/raspberry-pi/iio-scan.js'

describe('scan types', () => {
  test('as drivers write them', () => {
    expect(parseScanType('be:u10/16>>2')).toEqual({
      littleEndian: false,
      signed: false,
      bits: 10,
      storageBytes: 2,
      shift: 2,
    })
    expect(parseScanType('le:s64/64>>0')).toMatchObject({
      littleEndian: true,
      signed: true,
      bits: 64,
    })
  })

  test.each([
    '',
    'be:u12',
    'xe:u12/16>>0',
    'be:u12/12>>0',
    'be:u12/16>>5',
    'be:u0/16>>0',
    'be:u12/16X2>>0',
  ])('%j is none', (text) => expect(() => parseScanType(text)).toThrow(RangeError))

  test('any text is a type or a RangeError', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^[bl]e:[su]\d{1,3}\/\d{1,3}>>\d$/)),
        (text) => {
          try {
            const { bits, shift, storageBytes } = parseScanType(text)
            expect(bits + shift).toBeLessThanOrEqual(8 * storageBytes)
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError)
          }
        },
      ),
    )
  })
})

const typeArbitrary = fc
  .record({
    littleEndian: fc.boolean(),
    signed: fc.boolean(),
    storageBytes: fc.constantFrom(1, 2, 4, 8),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .chain(({ part, ...type }) => {
    const bits = Math.max(1, Math.min(50, Math.round(part * 8 * type.storageBytes)))
    return fc
      .integer({ min: 0, max: 8 * type.storageBytes - bits })
      .map((shift) => ({ ...type, bits, shift }))
  })

test('a value is read as it was written, whatever stands beside it', () => {
  fc.assert(
    fc.property(
      typeArbitrary,
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      (type, value, noise) => {
        const { bits, signed, shift, storageBytes, littleEndian } = type
        const kept = BigInt.asUintN(bits, value)
        const mask = ((1n << BigInt(bits)) - 1n) << BigInt(shift)
        const storage = BigInt.asUintN(64, (kept << BigInt(shift)) | (noise & ~mask))
        const bytes = Array.from({ length: storageBytes }, (_, i) =>
          Number((storage >> BigInt(8 * i)) & 0xffn),
        )
        const scan = new DataView(Uint8Array.from(littleEndian ? bytes : bytes.reverse()).buffer)
        expect(readElement(scan, 0, type)).toBe(Number(signed ? BigInt.asIntN(bits, kept) : kept))
      },
    ),
  )
})

test('a time stamp is aligned to its own size, and the scan to the largest', () => {
  const value = parseScanType('be:u12/16>>0')
  const time = parseScanType('le:s64/64>>0')
  expect(scanLayout([value, time])).toEqual({ offsets: [0, 8], bytes: 16 })
  expect(scanLayout([value])).toEqual({ offsets: [0], bytes: 2 })
})
