import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodePacket, maskPacketHex, maskSecrets } from '../../src/packet/index.js'
import { packetOf } from '../helpers/arbitraries.js'

const planId = 'fedcba9876543210'
const token = '0123456789abcdef'

describe('maskSecrets', () => {
  test('hides passwords, token, user name and unknown TLVs, and nothing else', () => {
    const config = {
      ssid: 'net',
      password: 'long enough',
      planId,
      token,
      proxy: { server: 'px', port: 80, username: 'u', password: 'p' },
      unknownTlvs: [{ type: 2, valueHex: '00ff' }],
    }
    expect(maskSecrets(config)).toEqual({
      ssid: 'net',
      password: '********',
      planId,
      token: '********',
      proxy: { server: 'px', port: 80, username: '********', password: '********' },
      unknownTlvs: [{ type: 2, valueHex: '********' }],
    })
    expect(config.password).toBe('long enough')
  })

  test.each([
    ['user:secret@proxy', '********@proxy'],
    ['http://user:se@cr/et@proxy', '********@proxy'],
    ['user:sec\nret@proxy', '********@proxy'],
    ['proxy.example', 'proxy.example'],
    ['', ''],
  ])('shows the server %j of a packet of another program as %j', (server, shown) => {
    expect(maskSecrets({ proxy: { server, port: 80 } })).toEqual({
      proxy: { server: shown, port: 80 },
    })
  })

  test.each([
    { ssid: 'net', password: '' },
    { ssid: 'net' },
    { proxy: { server: 'px', port: 80 } },
    { clear: true } as const,
  ])('leaves %j as it is', (config) => {
    expect(maskSecrets(config)).toEqual(config)
  })
})

describe('maskPacketHex', () => {
  test('hides the values of password and proxy, the token, and the CRC', () => {
    const packet = encodePacket({
      ssid: 'net',
      password: 'password',
      staticAddress: { ip: '1.2.3.4', netmask: '255.0.0.0', gateway: '1.0.0.1', dns1: '1.1.1.1' },
      proxy: { server: 'px', port: 80 },
      planId,
      token,
    })
    expect(maskPacketHex(packet)).toBe(
      [
        '3a',
        '01036e6574',
        `0608${'**'.repeat(8)}`,
        '0b1001020304ff0000000100000101010101',
        `0d05${'**'.repeat(5)}`,
        `05101032547698badcfe${'**'.repeat(8)}`,
        '****',
      ].join(''),
    )
  })

  test('hides the values of unknown types', () => {
    const packet = packetOf(Uint8Array.of(2, 2, 0xaa, 0xbb))
    expect(maskPacketHex(packet)).toBe(`040202${'**'.repeat(4)}`)
  })

  test('hides everything of bytes that are no packet', () => {
    fc.assert(
      fc.property(fc.uint8Array({ max: 254 }), (rest) => {
        const tooLong = Uint8Array.of(255, ...rest)
        expect(maskPacketHex(tooLong)).toBe('**'.repeat(tooLong.length))
      }),
    )
  })

  test('hides everything of a packet whose TLVs are wrong', () => {
    const twoSsids = packetOf(Uint8Array.of(1, 1, 0x61, 1, 1, 0x62))
    expect(maskPacketHex(twoSsids)).toBe('**'.repeat(9))
  })

  test('hides everything when one byte is wrong', () => {
    const packet = encodePacket({ ssid: 'net', password: 'password' })
    packet[3] = 0
    expect(maskPacketHex(packet)).toBe('**'.repeat(packet.length))
  })
})
