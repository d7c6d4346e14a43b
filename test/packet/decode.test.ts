import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodePacket, encodePacket, PacketError } from '../../src/packet/index.js'
import { deviceConfigArbitrary, packetOf } from '../helpers/arbitraries.js'

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const decodeTlvs = (hex: string) => decodePacket(packetOf(bytes(hex)))

test.each([
  ['an open network', '010161 0600', { ssid: 'a', password: '' }],
  ['a network without a password TLV', '010161', { ssid: 'a' }],
  ['the empty SSID and password of the 2015 SDK', '0100 0600', {}],
  ['a password without an SSID', '0100 060170', { password: 'p' }],
  ['a byte order mark, kept', '0104efbbbf61', { ssid: '\ufeffa' }],
  ['a proxy without a user', '0d05 5000 027078', { proxy: { server: 'px', port: 80 } }],
  ['a proxy with an empty user', '0d07 5000 027078 00 00', { proxy: { server: 'px', port: 80 } }],
  ['no TLVs', '', {}],
  ['another order', '060170 010161', { ssid: 'a', password: 'p' }],
])('%s', (_, tlvs, config) => {
  expect(decodeTlvs(tlvs)).toEqual(config)
})

test('unknown types are kept, also twice', () => {
  expect(decodeTlvs('010161 020200ff 0200')).toEqual({
    ssid: 'a',
    unknownTlvs: [
      { type: 2, valueHex: '00ff' },
      { type: 2, valueHex: '' },
    ],
  })
})

test('the packet is left as it was, also when it is a Buffer', () => {
  const packet = Buffer.from(encodePacket({ planId: '0123456789abcdef', token: 'f'.repeat(16) }))
  const before = packet.toString('hex')
  decodePacket(packet)
  expect(packet.toString('hex')).toBe(before)
})

describe('refused', () => {
  test('text that is not UTF-8, which keeps its cause', () => {
    expect(() => decodeTlvs('0101ff')).toThrow(
      expect.objectContaining({ code: 'utf8', cause: expect.any(TypeError) }),
    )
  })

  function expectRefusal(packet: Uint8Array, code: string, offset: number) {
    expect(() => decodePacket(packet)).toThrow(
      expect.objectContaining({ name: 'PacketError', code, offset }),
    )
  }

  test.each([
    ['no bytes', '', 'length', 0],
    ['too few bytes for a CRC', '00 00', 'length', 0],
    ['a byte missing', '02 07 00 1d', 'length', 0],
    ['a byte too many', '02 07 00 1d 41 00', 'length', 0],
    ['a changed value', '02 07 01 1d 41', 'crc', 3],
    ['a changed CRC', '02 07 00 1d 40', 'crc', 3],
  ])('%s', (_, packet, code, offset) => {
    expectRefusal(bytes(packet), code, offset)
  })

  test.each([
    ['a type without a length', '010161 06', 'tlv-truncated', 4],
    ['a value that runs into the CRC', '010161 060170 fe03aabb', 'tlv-truncated', 7],
    ['a static address of 12 bytes', `0b0c${'00'.repeat(12)}`, 'tlv-length', 2],
    ['a static address of 24 bytes', `0b18${'00'.repeat(24)}`, 'tlv-length', 2],
    ['an enrollment of 15 bytes', `050f${'00'.repeat(15)}`, 'tlv-length', 2],
    ['an enrollment of 17 bytes', `0511${'00'.repeat(17)}`, 'tlv-length', 2],
    ['a clear TLV with a value', '070100', 'tlv-length', 2],
    ['a proxy without a host length', '0d025000', 'tlv-length', 2],
    ['a proxy host past its TLV', '0d05 5000 037078', 'tlv-length', 5],
    ['a proxy user without a password length', '0d07 5000 027078 0175', 'tlv-length', 3],
    ['bytes after the proxy password', '0d09 5000 027078 00 00 0175', 'tlv-length', 3],
    ['an SSID twice', '010161 010161', 'tlv-duplicate', 4],
    ['a clear TLV twice', '0700 0700', 'tlv-duplicate', 3],
    ['an SSID that is not UTF-8', '0102 61ff', 'utf8', 3],
    ['a password cut inside a character', '010161 060270c3', 'utf8', 6],
    ['a lone surrogate in UTF-8', '0103 eda080', 'utf8', 3],
    ['a proxy host that is not UTF-8', '0d05 5000 0261ff', 'utf8', 6],
    ['clear after a setting', '010161 0700', 'clear-not-alone', 4],
    ['clear before an unknown TLV', '0700 0200', 'clear-not-alone', 1],
  ])('%s', (_, tlvs, code, offset) => {
    expectRefusal(packetOf(bytes(tlvs)), code, offset)
  })

  test('in this order: length, CRC, truncation, TLVs, clear', () => {
    expectRefusal(bytes('05 010161 010161 0000'), 'length', 0)
    expectRefusal(bytes('06 010161 010161 0000'), 'crc', 7)
    expectRefusal(packetOf(bytes('010161 010161 01')), 'tlv-truncated', 7)
    expectRefusal(packetOf(bytes('0700 010161 010161')), 'tlv-duplicate', 6)
  })
})

describe('any bytes give a configuration or a PacketError', () => {
  const tlvBytes = fc
    .array(
      fc.tuple(
        fc.oneof(fc.constantFrom(1, 5, 6, 7, 11, 13), fc.nat(255)),
        fc.oneof(fc.uint8Array({ maxLength: 24 }), fc.uint8Array({ minLength: 16, maxLength: 16 })),
      ),
      { maxLength: 8 },
    )
    .map((tlvs) => tlvs.flatMap(([type, value]) => [type, value.length, ...value]))
    .map((tlvs) => Uint8Array.from(tlvs.slice(0, 255)))
  const mutated = fc
    .tuple(deviceConfigArbitrary, fc.nat(), fc.nat(255))
    .map(([config, where, byte]) => {
      const packet = encodePacket(config)
      packet[where % packet.length] = byte
      return packet
    })

  test.each([
    ['random bytes', fc.uint8Array({ maxLength: 300 })],
    ['random bytes with length and CRC', fc.uint8Array({ maxLength: 255 }).map(packetOf)],
    ['random TLVs with length and CRC', tlvBytes.map(packetOf)],
    ['packets with one byte changed', mutated],
    ['... and the CRC made right', mutated.map((p) => packetOf(p.slice(1, -2)))],
  ])('%s', (_, packets) => {
    fc.assert(
      fc.property(packets, (packet) => {
        try {
          expect(decodePacket(packet)).toBeTypeOf('object')
        } catch (error) {
          expect(error).toBeInstanceOf(PacketError)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
