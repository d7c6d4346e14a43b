import { describe, expect, test } from 'vitest'
import { modulate } from '../../src/modulation/index.js'
import { type DeviceConfig, type EncodeOptions, encodePacket } from '../../src/packet/index.js'

const hex = (config: DeviceConfig, options?: EncodeOptions) =>
  Buffer.from(encodePacket(config, options)).toString('hex')

/** The packet without its length byte and CRC. */
const tlvs = (config: DeviceConfig, options?: EncodeOptions) => hex(config, options).slice(2, -4)

const enrollment = { planId: 'fedcba9876543210', token: '0123456789abcdef' }

test('the clear packet', () => {
  expect(hex({ clear: true })).toBe('0207001d41')
})

test('SSID, password and enrollment, the IDs last byte first', () => {
  expect(hex({ ssid: 'test', password: 'password', ...enrollment })).toBe(
    ['22', '010474657374', '060870617373776f7264', '0510', '1032547698badcfe', 'efcdab8967452301']
      .join('')
      .concat('be41'),
  )
})

test('hex digits of either case', () => {
  const upperCase = { planId: 'FEDCBA9876543210', token: '0123456789ABCDEF' }
  expect(hex(upperCase)).toBe(hex(enrollment))
})

test.each([{ ssid: 'ab' }, { ssid: 'ab', password: '' }])('open network %j', (config) => {
  expect(tlvs(config)).toBe('010261620600')
})

test('Ethernet sends no SSID in 0.3.0, and an empty one in 2015', () => {
  expect(tlvs(enrollment)).toBe('05101032547698badcfeefcdab8967452301')
  expect(tlvs(enrollment, { dialect: 'sdk-2015' })).toBe(
    '0100060005101032547698badcfeefcdab8967452301',
  )
})

test('static address with one and with two name servers', () => {
  const one = { ip: '10.0.0.2', netmask: '255.255.0.0', gateway: '10.0.0.1', dns1: '8.8.4.4' }
  expect(tlvs({ staticAddress: one })).toBe('0b100a000002ffff00000a00000108080404')
  expect(tlvs({ staticAddress: { ...one, dns2: '9.9.9.9' } })).toBe(
    '0b140a000002ffff00000a0000010808040409090909',
  )
})

test.each([
  ['no user', {}, '0d05901f027078'],
  ['an empty user', { username: '', password: '' }, '0d05901f027078'],
  ['a user', { username: 'u' }, '0d08901f027078017500'],
  ['user and password', { username: 'u', password: 'pw' }, '0d0a901f0270780175027077'],
])('proxy with %s, port low byte first', (_, login, expected) => {
  expect(tlvs({ proxy: { server: 'px', port: 8080, ...login } })).toBe(expected)
})

describe('the limit of 255 TLV bytes', () => {
  const proxyOf = (tlvBytes: number) => ({
    proxy: { server: 'x'.repeat(tlvBytes - 5), port: 80 },
  })

  test('255 are sent, as 4,198 symbols', () => {
    const packet = encodePacket(proxyOf(255))
    expect(packet).toHaveLength(258)
    expect(modulate(packet).levels).toHaveLength(4198)
  })

  test.each([
    [{}, 256, 1],
    [{}, 400, 145],
    [{ dialect: 'sdk-2015' }, 252, 1],
    [{ allowNonstandard: true }, 256, 1],
  ] as const)('with %j, %d are refused as %d too many', (options, tlvBytes, excess) => {
    expect(() => encodePacket(proxyOf(tlvBytes), options)).toThrow(
      expect.objectContaining({
        code: 'too-long',
        field: '',
        message: expect.stringContaining(`, ${excess} over the limit of 255.`),
      }),
    )
  })
})

test('an invalid configuration is refused', () => {
  expect(() => encodePacket({ ssid: '' })).toThrow(
    expect.objectContaining({ code: 'length', field: 'ssid' }),
  )
})
