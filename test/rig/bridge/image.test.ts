import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIntelHex, readImage } from '../../../src/rig/bridge/image.js'

const END = ':00000001FF'

test('data at its addresses, 0xff everywhere else', () => {
  const flash = parseIntelHex(`:0300300002337A1E\r\n${END}\r\n`)
  expect(flash.length).toBe(0x8000)
  expect([...flash.subarray(0x2f, 0x34)]).toEqual([0xff, 0x02, 0x33, 0x7a, 0xff])
})

test('the committed image starts with a jump', () => {
  expect([...readImage().subarray(0, 2)]).toEqual([0x0c, 0x94])
})

describe('refuses', () => {
  test.each([
    ['a wrong sum', `:0300300002337A1F\n${END}`, 'line 1'],
    ['a digit missing', `:0300300002337A1\n${END}`, 'line 1'],
    ['a byte too many', `:0300300002337A1E00\n${END}`, 'line 1'],
    ['no colon', `0300300002337A1E\n${END}`, 'line 1'],
    ['another record type', `:020000021000EC\n${END}`, 'line 1'],
    ['an address past the flash', `:01FFFF000001\n${END}`, 'line 1'],
    ['a missing end', ':0300300002337A1E', 'no end'],
    ['nothing', '', 'line 1'],
  ])('%s', (_, text, message) => {
    expect(() => parseIntelHex(text)).toThrow(message)
  })

  test('any other text, with a sentence', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^(:[0-9A-F]{0,20}\n){0,5}$/)),
        (text) => {
          try {
            parseIntelHex(text)
          } catch (error) {
            expect((error as Error).message).toMatch(/build it again$/)
          }
        },
      ),
    )
  })
})
