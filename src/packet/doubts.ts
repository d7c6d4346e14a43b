import type { DeviceConfig, Settings, StaticAddress } from './config.js'
import { ConfigError } from './errors.js'
import { ipv4Bits, isIpv4 } from './ipv4.js'

/**
 * What a valid configuration says that can hardly be meant. Nothing here is forbidden: an SSID may be any bytes, and
 * some networks do have their gateway outside. So each doubt is the error that whoever takes no chances may throw.
 */
export function findDoubts(config: DeviceConfig): ConfigError[] {
  if (config.clear) return []
  const { staticAddress, proxy } = config
  return [
    ...textDoubts(config),
    ...(staticAddress ? staticAddressDoubts(staticAddress) : []),
    ...(proxy && isIpv4(proxy.server)
      ? hostDoubts('proxy.server', proxy.server, specialUse(proxy.server))
      : []),
  ]
}

/** What comes with careless copying. */
const STRAY = /^\s|\s$|[\p{Cc}\p{Zl}\p{Zp}]/u

function textDoubts({ ssid = '', password = '', proxy }: Settings): ConfigError[] {
  const texts = {
    ssid,
    password,
    'proxy.username': proxy?.username ?? '',
    'proxy.password': proxy?.password ?? '',
  }
  return Object.entries(texts)
    .filter(([, text]) => STRAY.test(text))
    .map(
      ([field]) =>
        new ConfigError(
          'format',
          field,
          `Give ${field} without spaces at its ends, line ends and control characters: they are rarely intended.`,
        ),
    )
}

function staticAddressDoubts(config: StaticAddress): ConfigError[] {
  const { ip, netmask, gateway, dns1, dns2 } = config
  const hostBits = ~ipv4Bits(netmask) >>> 0
  const isInside = (address: string): boolean =>
    ((ipv4Bits(address) ^ ipv4Bits(ip)) & ~hostBits) === 0

  const reserved = (address: string): string | undefined => {
    if (hostBits <= 1 || !isInside(address)) return undefined // a net of two has neither (RFC 3021)
    const host = (ipv4Bits(address) & hostBits) >>> 0
    if (host === 0) return 'the address of its network'
    return host === hostBits ? 'the broadcast address of its network' : undefined
  }
  const whyNot = (address: string): string | undefined => specialUse(address) ?? reserved(address)
  const whyNotOther = (address: string): string | undefined =>
    address === ip ? "the device's own" : whyNot(address)

  return [
    ...hostDoubts('staticAddress.ip', ip, whyNot(ip)),
    ...(netmask === '0.0.0.0'
      ? [
          unreachable(
            'staticAddress.netmask',
            'Give a staticAddress.netmask like 255.255.255.0: with 0.0.0.0 the gateway is never used.',
          ),
        ]
      : []),
    ...hostDoubts(
      'staticAddress.gateway',
      gateway,
      whyNotOther(gateway) ?? (isInside(gateway) ? undefined : "outside the device's network"),
    ),
    ...hostDoubts('staticAddress.dns1', dns1, whyNotOther(dns1)),
    ...(dns2 === undefined ? [] : hostDoubts('staticAddress.dns2', dns2, whyNotOther(dns2))),
  ]
}

/** What the addresses are for that no other host can have (RFC 1122 section 3.2.1.3, RFC 1112 section 4). */
function specialUse(address: string): string | undefined {
  const firstOctet = ipv4Bits(address) >>> 24
  if (firstOctet === 0) return 'unspecified'
  if (firstOctet === 127) return 'loopback'
  if (firstOctet >= 240) return 'reserved'
  return firstOctet >= 224 ? 'multicast' : undefined
}

const hostDoubts = (field: string, address: string, whyNot: string | undefined): ConfigError[] =>
  whyNot === undefined
    ? []
    : [
        unreachable(
          field,
          `Give ${field} as an address that can be reached: ${address} is ${whyNot}.`,
        ),
      ]

const unreachable = (field: string, message: string): ConfigError =>
  new ConfigError('unreachable', field, message)
