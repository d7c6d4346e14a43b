import fc from 'fast-check'
import { crc16, type DeviceConfig, type HttpProxy, type Settings } from '../../src/packet/index.js'

const ascii = (minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: 'grapheme-ascii', minLength, maxLength })

/** 1..32 bytes of UTF-8, with any code points: 8 of them are at most 32 bytes. */
const ssid = fc.oneof(ascii(1, 32), fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }))

const hexDigits = (length: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom(...'0123456789abcdefABCDEF'),
    minLength: length,
    maxLength: length,
  })

const wifiPassword = fc.oneof(
  fc.constant(''),
  ascii(8, 63),
  ...[10, 26, 64].map(hexDigits),
  ...[5, 13].map((length) => ascii(length, length)),
)

const address = fc.ipV4()

const netmask = fc
  .integer({ min: 0, max: 32 })
  .map((ones) => '1'.repeat(ones).padEnd(32, '0'))
  .map((bits) => (bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)).join('.'))

const staticAddress = fc.record(
  { ip: address, netmask, gateway: address, dns1: address, dns2: address },
  { requiredKeys: ['ip', 'netmask', 'gateway', 'dns1'] },
)

const server = fc.string({
  unit: fc.constantFrom(...'abyzABYZ0189-._'),
  minLength: 1,
  maxLength: 40,
})

const endpoint = { server, port: fc.integer({ min: 1, max: 65535 }) }

const proxy: fc.Arbitrary<HttpProxy> = fc.oneof(
  fc.record(endpoint),
  fc.record(
    { ...endpoint, username: ascii(1, 30), password: ascii(1, 30) },
    { requiredKeys: ['server', 'port', 'username'] },
  ),
)

const wifi = fc.record({ ssid, password: wifiPassword }, { requiredKeys: ['ssid'] })
const enrollment = fc.record({ planId: hexDigits(16), token: hexDigits(16) })

const settings: fc.Arbitrary<Settings> = fc
  .tuple(
    fc.option(wifi),
    fc.option(enrollment),
    fc.record({ staticAddress, proxy }, { requiredKeys: [] }),
  )
  .map(([wifi, enrollment, addressing]) => ({ ...wifi, ...enrollment, ...addressing }))
  .filter((config) => Object.keys(config).length > 0)

/** Any valid configuration; its packet fits in both dialects. */
export const deviceConfigArbitrary: fc.Arbitrary<DeviceConfig> = fc.oneof(
  { weight: 30, arbitrary: settings },
  { weight: 1, arbitrary: fc.constant({ clear: true } as const) },
)

/** What decoding gives back: hex in lower case, an open network with an empty password. */
export function canonical(config: DeviceConfig): DeviceConfig {
  if (config.clear) return config
  const { ssid, password = '', planId, token } = config
  return {
    ...config,
    ...(ssid !== undefined && { password }),
    ...(planId && { planId: planId.toLowerCase() }),
    ...(token && { token: token.toLowerCase() }),
  }
}

/** A packet of these TLV bytes, valid or not, with the right length and CRC. */
export function packetOf(tlvs: Uint8Array): Uint8Array {
  const body = Uint8Array.of(tlvs.length, ...tlvs)
  const crc = crc16(body)
  return Uint8Array.of(...body, crc >> 8, crc & 0xff)
}
