import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatSymbols, parseSymbols } from '../../src/modulation/index.js'

test('symbols are written as digits', () => {
  expect(formatSymbols({ levels: Uint8Array.of(0, 1, 0, 2, 0) })).toBe('01020')
})

test('white space is ignored', () => {
  expect(parseSymbols(' 01 02\r\n\n\t0\n').levels).toEqual(Uint8Array.of(0, 1, 0, 2, 0))
})

test('any symbols survive', () => {
  fc.assert(
    fc.property(fc.uint8Array({ max: 2 }), (levels) => {
      expect(parseSymbols(formatSymbols({ levels })).levels).toEqual(levels)
    }),
  )
})

test.each([
  ['0103', 3, 'line 1, column 4 has "3"'],
  ['01\n0 x', 3, 'line 2, column 3 has "x"'],
  ['01\r\n02\r-', 4, 'line 3, column 1 has "-"'],
  ['0😀', 1, 'line 1, column 2 has "😀"'],
])('%j names what is wrong and where', (text, symbolOffset, place) => {
  expect(() => parseSymbols(text)).toThrow(
    expect.objectContaining({
      code: 'bad-character',
      symbolOffset,
      message: `Use only the digits 0, 1 and 2: ${place}.`,
    }),
  )
})
