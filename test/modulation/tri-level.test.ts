import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  DIALECTS,
  type Dialect,
  demodulate,
  formatSymbols,
  ModulationError,
  modulate,
  parseSymbols,
} from '../../src/modulation/index.js'
import { vectors } from '../helpers/vectors.js'

const dialects: Dialect[] = ['sdk-0.3.0', 'sdk-2015']

// Modulation looks only at the length byte, so these two need no right CRC.
const emptyPacket = Uint8Array.of(0, 0xff, 0x00)
const packetArbitrary = fc
  .uint8Array({ minLength: 2, maxLength: 257 })
  .map((rest) => Uint8Array.of(rest.length - 2, ...rest))

describe('the published SDKs', () => {
  test('have 43 vectors, in both dialects', () => {
    expect(vectors).toHaveLength(43)
    expect(new Set(vectors.map(({ dialect }) => dialect))).toEqual(new Set(dialects))
  })

  test.each(vectors)('$name is modulated symbol for symbol', ({ dialect, packetHex, frames }) => {
    const packet = Uint8Array.from(Buffer.from(packetHex, 'hex'))
    expect(formatSymbols(modulate(packet, { dialect }))).toBe(frames)
  })

  test.each(vectors)('$name is demodulated byte for byte', ({ dialect, packetHex, frames }) => {
    const { packet, syncSymbols } = demodulate(parseSymbols(frames))
    expect(Buffer.from(packet).toString('hex')).toBe(packetHex)
    expect(syncSymbols).toBe(DIALECTS[dialect].syncSymbols)
  })
})

describe('modulate', () => {
  test.each([
    ['sdk-0.3.0', 48, 6],
    ['sdk-2015', 32, 1],
  ] as const)('%s: sync, marker, length, CRC, tail', (dialect, syncSymbols, tailSymbols) => {
    expect(formatSymbols(modulate(emptyPacket, { dialect }))).toBe(
      [
        '01'.repeat(syncSymbols / 2),
        '0101020102010201', // marker 0x2A
        '0101010101010101', // length 0
        '0202020202020202', // CRC, high byte
        '0101010101010101', // CRC, low byte
        '0'.repeat(tailSymbols),
      ].join(''),
    )
  })

  test('takes the default dialect', () => {
    expect(modulate(emptyPacket)).toEqual(modulate(emptyPacket, { dialect: 'sdk-0.3.0' }))
  })

  test('makes 4,198 symbols of 255 TLV bytes', () => {
    const packet = new Uint8Array(258)
    packet[0] = 255
    expect(modulate(packet).levels).toHaveLength(4198)
  })

  test('lengthens the sync', () => {
    const usual = formatSymbols(modulate(emptyPacket))
    expect(formatSymbols(modulate(emptyPacket, { syncSymbols: 60 }))).toBe(`010101010101${usual}`)
  })

  test.each([
    ['sdk-0.3.0', 46],
    ['sdk-0.3.0', 49],
    ['sdk-2015', 30],
    ['sdk-2015', 32.5],
    ['sdk-2015', Number.NaN],
    ['sdk-2015', Number.POSITIVE_INFINITY],
  ] as const)('%s refuses a sync of %d symbols', (dialect, syncSymbols) => {
    expect(() => modulate(emptyPacket, { dialect, syncSymbols })).toThrow(
      new RangeError(
        `Set syncSymbols to an even number of at least ${DIALECTS[dialect].syncSymbols} for ${dialect}; it is ${syncSymbols}.`,
      ),
    )
  })

  test.each([[[]], [[0]], [[1, 0, 0]], [[0x2a, 0, 0, 0]]])('refuses %j, no packet', (bytes) => {
    expect(() => modulate(Uint8Array.from(bytes))).toThrow(RangeError)
  })
})

describe('demodulate', () => {
  test.each(dialects)('is the inverse of modulate (%s)', (dialect) => {
    fc.assert(
      fc.property(packetArbitrary, fc.nat(100), (packet, moreSyncBits) => {
        const syncSymbols = DIALECTS[dialect].syncSymbols + 2 * moreSyncBits
        expect(demodulate(modulate(packet, { dialect, syncSymbols }))).toEqual({
          packet,
          syncSymbols,
        })
      }),
    )
  })

  const marker = '0101020102010201'
  const packet = `0101010101010101${'0202020202020202'.repeat(2)}`

  test('needs one sync bit and no tail', () => {
    expect(demodulate(parseSymbols(`01${marker}${packet}`))).toEqual({
      packet: Uint8Array.of(0, 0xff, 0xff),
      syncSymbols: 2,
    })
  })

  test.each([
    ['nothing at all', '', 'no-marker', 0],
    ['sync alone', '010101010101', 'no-marker', 0],
    ['no sync', `${marker}${packet}`, 'no-marker', 0],
    ['another byte for the marker', `010101${'0101020202020202'}${packet}`, 'no-marker', 6],
    ['black where sync is lit', `010001${marker}${packet}`, 'not-clocked', 3],
    ['a sync of an odd number of symbols', `1${'01'}${marker}${packet}`, 'not-clocked', 0],
    ['a symbol lost in the sync', `01${'1'}01${marker}${packet}`, 'not-clocked', 2],
    ['a lit clock in the packet', `01${marker}11`, 'not-clocked', 18],
    ['white for a clock in the packet', `01${marker}21`, 'not-clocked', 18],
    ['black for a data symbol', `01${marker}00`, 'not-clocked', 19],
    ['an end inside the marker', '010101020', 'truncated', 9],
    ['an end inside the packet', `01${marker}${packet.slice(0, -2)}`, 'truncated', 64],
    ['an end inside a bit', `01${marker}${packet.slice(0, -1)}`, 'truncated', 65],
    ['light in the tail', `01${marker}${packet}0001`, 'lit-tail', 69],
  ])('refuses %s', (_, text, code, symbolOffset) => {
    expect(() => demodulate(parseSymbols(text))).toThrow(
      expect.objectContaining({ name: 'ModulationError', code, symbolOffset }),
    )
  })

  test('any levels give a packet or a ModulationError', () => {
    const bits = fc.array(fc.constantFrom('01', '02'), { maxLength: 60 }).map((a) => a.join(''))
    const anything = fc.uint8Array({ max: 3, maxLength: 200 })
    const wellStarted = bits.map((text) => parseSymbols(`01${marker}${text}`).levels)
    fc.assert(
      fc.property(fc.oneof(anything, wellStarted), (levels) => {
        try {
          demodulate({ levels })
        } catch (error) {
          expect(error).toBeInstanceOf(ModulationError)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
