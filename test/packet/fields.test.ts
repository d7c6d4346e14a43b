import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodePacket, PacketError, packetFields } from '../../src/packet/index.js'
import { damaged, packetOf } from '../helpers/receive.js'

const PACKET = encodePacket({
  ssid: 'net',
  password: 'long enough',
  planId: 'fedcba9876543210',
  token: '0123456789abcdef',
  proxy: { server: 'proxy.example', port: 8080, username: 'me', password: 'hidden' },
})

describe('the fields of a packet', () => {
  test('are told by name, with secrets masked', () => {
    expect(packetFields(PACKET).map(({ name, text }) => [name, text])).toEqual([
      ['length', `${PACKET.length - 3}`],
      ['SSID', 'net'],
      ['password', '********'],
      ['proxy', 'proxy.example 8080 ******** ********'],
      ['plan ID and token', 'fedcba9876543210 ********'],
      ['CRC', '********'],
    ])
  })

  test('say all, if that is wanted', () => {
    const text = packetFields(PACKET, true).map((field) => field.text)
    expect(text).toContain('long enough')
    expect(text).toContain('fedcba9876543210 0123456789abcdef')
  })

  test('of other messages have their names, too', () => {
    const names = (packet: Uint8Array) =>
      packetFields(packet).map(({ name, text }) => `${name} ${text}`)
    expect(names(encodePacket({ clear: true }))[1]).toBe('clear ')
    expect(names(packetOf(200, 2, 1, 2))[1]).toBe('TLV 200 ********')
    const staticAddress = {
      ip: '10.0.0.2',
      netmask: '255.0.0.0',
      gateway: '10.0.0.1',
      dns1: '10.0.0.1',
    }
    expect(names(encodePacket({ ssid: 'net', password: '', staticAddress }))).toContain(
      'static address 10.0.0.2 255.0.0.0 10.0.0.1 10.0.0.1',
    )
  })

  test('lie side by side, from the first byte to the last', () => {
    const value = fc.uint8Array({ maxLength: 30 })
    const tlvs = fc.uniqueArray(fc.tuple(fc.integer({ min: 100, max: 255 }), value), {
      maxLength: 5,
      selector: ([type]) => type,
    })
    fc.assert(
      fc.property(tlvs, (list) => {
        const packet = packetOf(...list.flatMap(([type, bytes]) => [type, bytes.length, ...bytes]))
        const fields = packetFields(packet)
        expect(fields.map(({ start }) => start)).toEqual([
          0,
          ...fields.slice(0, -1).map(({ end }) => end),
        ])
        expect(fields.at(-1)?.end).toBe(packet.length)
      }),
    )
  })

  test('are those of a right packet only', () => {
    expect(() => packetFields(damaged(PACKET))).toThrow(PacketError)
  })
})
