import type { Dialect } from '../light/dialects.js'
import type { DeviceConfig, HttpProxy, StaticAddress } from './config.js'

/** TLV types. Source: the published SDKs, docs/protocol.md section 1. */
export const TLV = {
  ssid: 1,
  enrollment: 5,
  password: 6,
  clear: 7,
  staticAddress: 11,
  proxy: 13,
} as const

/** All TLVs of a packet together, because its length is one byte. */
export const MAX_TLV_BYTES = 255

/** The TLVs of a valid configuration, in the order of the published SDKs, however long they are. */
export function encodeTlvs(config: DeviceConfig, dialect: Dialect | undefined): number[] {
  if (config.clear) return tlv(TLV.clear, [])
  const { ssid, password = '', staticAddress, proxy, planId = '', token } = config
  return [
    ...(ssid !== undefined || dialect === 'sdk-2015'
      ? [...tlv(TLV.ssid, utf8(ssid ?? '')), ...tlv(TLV.password, utf8(password))]
      : []),
    ...(staticAddress ? tlv(TLV.staticAddress, staticAddressBytes(staticAddress)) : []),
    ...(proxy ? tlv(TLV.proxy, proxyBytes(proxy)) : []),
    ...(token ? tlv(TLV.enrollment, [...reversedHex(planId), ...reversedHex(token)]) : []),
  ]
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

const tlv = (type: number, value: ArrayLike<number>): number[] => [type, ...prefixed(value)]

const prefixed = (value: ArrayLike<number>): number[] => [value.length, ...Array.from(value)]

const staticAddressBytes = ({ ip, netmask, gateway, dns1, dns2 }: StaticAddress): number[] =>
  [ip, netmask, gateway, dns1, ...(dns2 ? [dns2] : [])].flatMap((a) => a.split('.').map(Number))

const proxyBytes = ({ server, port, username, password = '' }: HttpProxy): number[] => [
  port & 0xff,
  port >> 8,
  ...prefixed(utf8(server)),
  ...(username ? [...prefixed(utf8(username)), ...prefixed(utf8(password))] : []),
]

const reversedHex = (hex: string): number[] =>
  (hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).reverse()
