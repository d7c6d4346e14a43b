import type { Dialect } from '../light/dialects.js'
import type { DeviceConfig, HttpProxy, Settings, StaticAddress } from './config.js'
import { findDoubts } from './doubts.js'
import { ConfigError } from './errors.js'
import { ipv4Bits, isIpv4 } from './ipv4.js'
import { encodeTlvs, MAX_TLV_BYTES, utf8 } from './tlv.js'

export interface EncodeOptions {
  readonly dialect?: Dialect
  /** Send SSIDs and Wi-Fi passwords that IEEE 802.11 does not allow, with a warning. */
  readonly allowNonstandard?: boolean
}

export interface ValidConfig {
  readonly config: DeviceConfig
  /** What is unusual, and may well be right. */
  readonly warnings: readonly string[]
  /** What is allowed and can hardly be right: an unreachable address, a stray space. To be shown, or to be thrown. */
  readonly doubts: readonly ConfigError[]
}

/** IEEE 802.11, "SSID element". */
const MAX_SSID_BYTES = 32

type Fields = Readonly<Record<string, unknown>>

/**
 * Checks a configuration of any origin against docs/protocol.md section 1.
 *
 * The result is in canonical form, which is what `decodePacket` gives for its packet: hex in
 * lower case, `password: ''` for an open network, no empty user name or password of a proxy.
 *
 * @throws ConfigError for the first fault found
 */
export function validateConfig(input: unknown, options: EncodeOptions = {}): ValidConfig {
  const fields = readObject(input, '', [
    'ssid',
    'password',
    'planId',
    'token',
    'staticAddress',
    'proxy',
    'clear',
  ])
  if (fields.clear !== undefined) {
    checkClear(fields)
    return { config: { clear: true }, warnings: [], doubts: [] }
  }
  const warnings: string[] = []
  const config: Settings = {
    ...readWifi(fields, options.allowNonstandard ?? false, warnings),
    ...readEnrollment(fields),
    ...(fields.staticAddress !== undefined && {
      staticAddress: readStaticAddress(fields.staticAddress),
    }),
    ...(fields.proxy !== undefined && { proxy: readProxy(fields.proxy) }),
  }
  if (Object.keys(config).length === 0) {
    throw new ConfigError('empty', '', 'Give at least one setting to send, or clear: true.')
  }
  const tlvBytes = encodeTlvs(config, options.dialect).length
  if (tlvBytes > MAX_TLV_BYTES) {
    throw new ConfigError(
      'too-long',
      '',
      `Shorten the configuration: its TLVs take ${tlvBytes} bytes, ${tlvBytes - MAX_TLV_BYTES} over the limit of ${MAX_TLV_BYTES}.`,
    )
  }
  return { config, warnings, doubts: findDoubts(config) }
}

function checkClear(fields: Fields): void {
  if (fields.clear !== true) {
    throw new ConfigError('type', 'clear', 'Set clear to true, or leave it out.')
  }
  if (Object.entries(fields).some(([key, value]) => key !== 'clear' && value !== undefined)) {
    throw new ConfigError('conflict', 'clear', 'Leave out everything else when clear is given.')
  }
}

function readWifi(fields: Fields, allowNonstandard: boolean, warnings: string[]): Settings {
  const ssid = readText(fields.ssid, 'ssid')
  const password = readText(fields.password, 'password')
  if (ssid === undefined) {
    if (password === undefined) return {}
    throw missing('ssid', 'Give the ssid that the password is for, or leave out the password.')
  }
  const ssidBytes = utf8(ssid).length
  if (ssidBytes === 0 || (ssidBytes > MAX_SSID_BYTES && !allowNonstandard)) {
    throw new ConfigError(
      'length',
      'ssid',
      `Give an ssid of 1 to ${MAX_SSID_BYTES} bytes of UTF-8; this one has ${ssidBytes}.`,
    )
  }
  if (ssidBytes > MAX_SSID_BYTES) {
    warnings.push(
      `The SSID has ${ssidBytes} bytes: no network can have more than ${MAX_SSID_BYTES}.`,
    )
  }
  if (!password) return { ssid, password: '' }

  // IEEE 802.11: a WPA2 passphrase, or the key itself; WEP keys are 40 or 104 bits.
  if (/^([ -~]{5}|[\dA-Fa-f]{10}|[\dA-Fa-f]{26})$/.test(password)) {
    warnings.push('The Wi-Fi password looks like a WEP key: check that the network uses WEP.')
  } else if (!/^([ -~]{8,63}|[\dA-Fa-f]{64})$/.test(password)) {
    if (!allowNonstandard) {
      throw new ConfigError(
        'nonstandard',
        'password',
        'Give a password of 8 to 63 printable ASCII characters, 64 hex digits, a WEP key, or none for an open network; or allow nonstandard ones.',
      )
    }
    warnings.push(
      'The Wi-Fi password is not one that WPA2 or WEP allows: the device may refuse it.',
    )
  }
  return { ssid, password }
}

function readEnrollment(fields: Fields): Settings {
  const planId = readHex16(fields.planId, 'planId')
  const token = readHex16(fields.token, 'token')
  if (planId === undefined && token === undefined) return {}
  if (planId === undefined) throw missing('planId', 'Give planId too, or leave out token.')
  if (token === undefined) throw missing('token', 'Give token too, or leave out planId.')
  return { planId, token }
}

function readStaticAddress(value: unknown): StaticAddress {
  const fields = readObject(value, 'staticAddress', ['ip', 'netmask', 'gateway', 'dns1', 'dns2'])
  const address = (key: string): string => {
    const field = `staticAddress.${key}`
    const text = required(readText(fields[key], field), field)
    if (!isIpv4(text)) {
      throw new ConfigError('format', field, `Give ${field} as an IPv4 address like 192.168.1.10.`)
    }
    return text
  }
  const staticAddress = {
    ip: address('ip'),
    netmask: address('netmask'),
    gateway: address('gateway'),
    dns1: address('dns1'),
    ...(fields.dns2 !== undefined && { dns2: address('dns2') }),
  }
  const hostBits = ~ipv4Bits(staticAddress.netmask)
  if ((hostBits & (hostBits + 1)) !== 0) {
    throw new ConfigError(
      'format',
      'staticAddress.netmask',
      'Give a staticAddress.netmask whose one bits all come first, like 255.255.255.0.',
    )
  }
  return staticAddress
}

// What a URL has around its host; what is no part of a host name would only fail in the device.
const NOT_IN_HOST = /[\s\p{Cc}:/\\@?#]/u

function readProxy(value: unknown): HttpProxy {
  const fields = readObject(value, 'proxy', ['server', 'port', 'username', 'password'])
  const server = required(readText(fields.server, 'proxy.server'), 'proxy.server')
  const port = required(fields.port, 'proxy.port')
  const username = readText(fields.username, 'proxy.username')
  const password = readText(fields.password, 'proxy.password')
  if (server === '') {
    throw new ConfigError('length', 'proxy.server', 'Give a proxy.server that is not empty.')
  }
  if (NOT_IN_HOST.test(server)) {
    throw new ConfigError(
      'format',
      'proxy.server',
      'Give proxy.server as a host name or an IPv4 address alone; port, username and password have keys of their own.',
    )
  }
  if (typeof port !== 'number') {
    throw new ConfigError('type', 'proxy.port', 'Give proxy.port as a number.')
  }
  if (!Number.isInteger(port) || port < 1 || port > 0xffff) {
    throw new ConfigError('range', 'proxy.port', 'Give a whole number 1 to 65535 as proxy.port.')
  }
  if (password && !username) {
    throw missing('proxy.username', 'Give proxy.username too, or leave out proxy.password.')
  }
  return { server, port, ...(username && { username }), ...(password && { password }) }
}

function readObject(value: unknown, field: string, keys: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigError('type', field, `Give ${field || 'the configuration'} as an object.`)
  }
  const unknownKey = Object.keys(value).find((key) => !keys.includes(key))
  if (unknownKey !== undefined) {
    const path = field ? `${field}.${unknownKey}` : unknownKey
    throw new ConfigError('unknown-key', path, `Correct or remove the unknown key "${path}".`)
  }
  return value as Fields
}

function readText(value: unknown, field: string): string | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'string') throw new ConfigError('type', field, `Give ${field} as text.`)
  if (!value.isWellFormed()) {
    throw new ConfigError(
      'encoding',
      field,
      `Give ${field} as well-formed Unicode; it has a lone surrogate.`,
    )
  }
  return value
}

function readHex16(value: unknown, field: string): string | undefined {
  const text = readText(value, field)
  if (text !== undefined && !/^[\da-f]{16}$/i.test(text)) {
    throw new ConfigError('format', field, `Give ${field} as 16 hex digits.`)
  }
  return text?.toLowerCase()
}

function required<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw missing(field, `Give ${field}.`)
  return value
}

const missing = (field: string, message: string): ConfigError =>
  new ConfigError('missing', field, message)
