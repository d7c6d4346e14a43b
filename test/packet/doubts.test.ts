import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigError, type DeviceConfig, validateConfig } from '../../src/packet/index.js'
import { deviceConfigArbitrary } from '../helpers/arbitraries.js'

const doubtsOf = (config: DeviceConfig) =>
  validateConfig(config, { allowNonstandard: true }).doubts.map(({ field, message }) => {
    return { field, message }
  })

const staticAddress = {
  ip: '192.168.1.10',
  netmask: '255.255.255.0',
  gateway: '192.168.1.1',
  dns1: '192.168.1.1',
}

describe('a static address', () => {
  test.each([
    [{ ip: '0.0.0.0' }, 'is unspecified'],
    [{ ip: '127.0.0.1' }, 'is loopback'],
    [{ ip: '224.0.0.251' }, 'is multicast'],
    [{ ip: '239.255.255.250' }, 'is multicast'],
    [{ ip: '240.0.0.1' }, 'is reserved'],
    [{ ip: '255.255.255.255' }, 'is reserved'],
    [{ ip: '192.168.1.0' }, 'is the address of its network'],
    [{ ip: '192.168.1.255' }, 'is the broadcast address of its network'],
    [{ netmask: '0.0.0.0' }, 'with 0.0.0.0 the gateway is never used'],
    [{ gateway: '192.168.1.10' }, "is the device's own"],
    [{ gateway: '192.168.2.1' }, "is outside the device's network"],
    [{ gateway: '10.0.0.1' }, "is outside the device's network"],
    [{ gateway: '192.168.1.0' }, 'is the address of its network'],
    [{ gateway: '192.168.1.255' }, 'is the broadcast address of its network'],
    [{ gateway: '0.0.0.0' }, 'is unspecified'],
    [{ gateway: '127.0.0.1' }, 'is loopback'],
    [{ gateway: '224.0.0.1' }, 'is multicast'],
    [{ dns1: '0.0.0.0' }, 'is unspecified'],
    [{ dns1: '127.0.0.53' }, 'is loopback'],
    [{ dns1: '224.0.0.251' }, 'is multicast'],
    [{ dns1: '255.255.255.255' }, 'is reserved'],
    [{ dns1: '192.168.1.255' }, 'is the broadcast address of its network'],
    [{ dns1: '192.168.1.10' }, "is the device's own"],
    [{ dns2: '127.0.0.1' }, 'is loopback'],
    [{ dns2: '192.168.1.0' }, 'is the address of its network'],
  ])('with %j can hardly be right', (part, why) => {
    const [key = ''] = Object.keys(part)
    const doubts = doubtsOf({ staticAddress: { ...staticAddress, ...part } })
    // A device that is in another network has its gateway outside, too.
    expect(doubts[0]?.field).toBe(`staticAddress.${key}`)
    expect(doubts[0]?.message).toContain(why)
    if (!('ip' in part)) expect(doubts).toHaveLength(1)
  })

  test('in a net of two has neither network nor broadcast address', () => {
    const net = { ...staticAddress, ip: '10.0.0.0', netmask: '255.255.255.254' }
    expect(doubtsOf({ staticAddress: { ...net, gateway: '10.0.0.1' } })).toEqual([])
  })

  const octets = (bits: number) => [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.')
  /** Three hosts of any network, with 2 host bits at least. */
  const network = fc
    .record({
      firstOctet: fc.integer({ min: 1, max: 223 }).filter((octet) => octet !== 127),
      otherOctets: fc.nat({ max: 2 ** 24 - 1 }),
      prefix: fc.integer({ min: 8, max: 30 }),
      hosts: fc.uniqueArray(fc.nat(), { minLength: 2, maxLength: 2 }),
    })
    .map(({ firstOctet, otherOctets, prefix, hosts }) => {
      const size = 2 ** (32 - prefix)
      const first = Math.floor((firstOctet * 2 ** 24 + otherOctets) / size) * size
      const [a = 0, b = 0] = hosts
      const ip = 1 + (a % (size - 2))
      const step = 1 + (b % (size - 3)) // to any host but the first
      const gateway = 1 + ((ip - 1 + step) % (size - 2))
      return { first, size, ip: first + ip, gateway: first + gateway, netmask: 2 ** 32 - size }
    })

  test('is right where all are hosts of one network, and the device is not its own gateway', () => {
    fc.assert(
      fc.property(network, ({ ip, gateway, netmask }) => {
        const staticAddress = {
          ip: octets(ip),
          netmask: octets(netmask),
          gateway: octets(gateway),
          dns1: octets(gateway),
          dns2: '9.9.9.9',
        }
        fc.pre(staticAddress.ip !== staticAddress.dns2)
        expect(doubtsOf({ staticAddress })).toEqual([])
      }),
    )
  })

  test('with the first, the last or a foreign address for a gateway is not', () => {
    fc.assert(
      fc.property(
        network,
        fc.nat({ max: 2 ** 32 - 1 }),
        ({ first, size, ip, netmask }, foreign) => {
          const isForeign = foreign < first || foreign >= first + size
          for (const gateway of [first, first + size - 1, ip, ...(isForeign ? [foreign] : [])]) {
            const staticAddress = {
              ip: octets(ip),
              netmask: octets(netmask),
              gateway: octets(gateway),
              dns1: '9.9.9.9',
            }
            expect(doubtsOf({ staticAddress }).map(({ field }) => field)).toContain(
              'staticAddress.gateway',
            )
          }
        },
      ),
    )
  })
})

test.each([
  ['127.0.0.1', 1],
  ['0.0.0.0', 1],
  ['224.0.0.1', 1],
  ['10.0.0.1', 0],
  ['proxy.example', 0],
])('a proxy at %s: doubts %i', (server, count) => {
  expect(doubtsOf({ proxy: { server, port: 80 } })).toHaveLength(count)
})

describe('a text', () => {
  test.each([
    ' net',
    'net ',
    'net\u{a0}',
    '\tnet',
    'net\n',
    'net\r\n',
    'n\0t',
    'n\net',
    'n\u{2028}et',
  ])('like %j can hardly be meant, wherever it stands', (text) => {
    const proxy = { server: 'px', port: 80, username: 'user', password: 'secret' }
    const message = expect.stringContaining('without spaces at its ends')
    expect(doubtsOf({ ssid: text })).toEqual([{ field: 'ssid', message }])
    expect(doubtsOf({ ssid: 'net', password: text })).toEqual([{ field: 'password', message }])
    for (const key of ['username', 'password']) {
      expect(doubtsOf({ proxy: { ...proxy, [key]: text } })).toEqual([
        { field: `proxy.${key}`, message },
      ])
    }
  })

  test.each(['net', 'my net', 'Büro ☕', 'a  b', '漢'])('like %j is right', (ssid) => {
    expect(doubtsOf({ ssid, password: 'correct horse' })).toEqual([])
  })
})

test('a doubt is an error that can be thrown, and tells no secret', () => {
  const secret = ' hunter2 '
  const { doubts } = validateConfig({
    ssid: 'net',
    password: secret,
    proxy: { server: 'px', port: 80, username: 'u', password: secret },
  })
  expect(doubts).toHaveLength(2)
  for (const doubt of doubts) {
    expect(doubt).toBeInstanceOf(ConfigError)
    expect(doubt.message).not.toContain('hunter2')
  }
})

test('any configuration that is right as to its form is sent, with doubts or without', () => {
  fc.assert(
    fc.property(deviceConfigArbitrary, (config) => {
      for (const { field, message } of doubtsOf(config)) {
        expect(message).toMatch(/^Give .*\.$/)
        expect(message).toContain(field)
      }
    }),
  )
})
