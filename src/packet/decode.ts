import type { DecodedConfig, Settings, UnknownTlv } from './config.js'
import { crc16 } from './crc16.js'
import { PacketError } from './errors.js'
import { toHex } from './hex.js'
import { TLV } from './tlv.js'

interface Tlv {
  readonly type: number
  /** Index of the type byte in the packet. */
  readonly offset: number
  readonly value: Uint8Array
}

interface TlvReader {
  readonly fits: (valueBytes: number) => boolean
  readonly read: (value: Uint8Array, valueOffset: number) => Settings
}

const READERS: Readonly<Record<number, TlvReader>> = {
  [TLV.ssid]: {
    fits: () => true,
    read: (value, offset) => ({ ssid: readUtf8(value, offset) }),
  },
  [TLV.password]: {
    fits: () => true,
    read: (value, offset) => ({ password: readUtf8(value, offset) }),
  },
  [TLV.staticAddress]: {
    fits: (bytes) => bytes === 16 || bytes === 20,
    read: (value) => ({ staticAddress: readStaticAddress(value) }),
  },
  [TLV.proxy]: { fits: (bytes) => bytes >= 3, read: readProxy },
  [TLV.enrollment]: { fits: (bytes) => bytes === 16, read: readEnrollment },
  [TLV.clear]: { fits: (bytes) => bytes === 0, read: () => ({}) },
}

/**
 * The configuration that a packet carries. Checks in this order: length, CRC, each TLV, `clear` alone.
 *
 * @param packet length byte, TLVs and CRC, without the marker
 * @returns an open network with `password: ''`; TLVs of unknown types in `unknownTlvs`
 * @throws PacketError and nothing else
 */
export function decodePacket(packet: Uint8Array): DecodedConfig {
  const tlvs = readTlvs(packet)
  const found: Settings = {}
  const unknownTlvs: UnknownTlv[] = []
  const seen = new Set<number>()
  for (const { type, offset, value } of tlvs) {
    const reader = READERS[type]
    if (!reader) {
      unknownTlvs.push({ type, valueHex: toHex(value) })
      continue
    }
    if (!reader.fits(value.length)) {
      throw new PacketError(
        'tlv-length',
        offset + 1,
        `A TLV of type ${type} cannot have ${value.length} bytes.`,
      )
    }
    if (seen.has(type)) {
      throw new PacketError('tlv-duplicate', offset, `TLV type ${type} must not appear twice.`)
    }
    seen.add(type)
    Object.assign(found, reader.read(value, offset + 2))
  }
  const clear = tlvs.find(({ type }) => type === TLV.clear)
  if (clear && tlvs.length > 1) {
    throw new PacketError('clear-not-alone', clear.offset, 'A TLV of type 7 must be the only one.')
  }
  if (clear) return { clear: true }

  const { ssid, password, ...others } = found
  return {
    ...(ssid && { ssid }),
    // Without an SSID an empty password is no open network: the 2015 SDK sends both for Ethernet.
    ...(password !== undefined && (ssid || password) && { password }),
    ...others,
    ...(unknownTlvs.length > 0 && { unknownTlvs }),
  }
}

/** Splits a packet whose length and CRC are right into its TLVs. Throws PacketError. */
export function readTlvs(packet: Uint8Array): Tlv[] {
  const end = packet.length - 2
  if (packet[0] !== end - 1) {
    throw new PacketError('length', 0, `The length byte does not match ${packet.length} bytes.`)
  }
  const crc = new DataView(packet.buffer, packet.byteOffset).getUint16(end)
  if (crc16(packet.subarray(0, end)) !== crc) {
    throw new PacketError('crc', end, 'The CRC does not match the bytes before it.')
  }
  const tlvs: Tlv[] = []
  for (let offset = 1; offset < end; ) {
    // A type without a length byte is truncated, like any value that is too long.
    const [type = 0, valueBytes = Infinity] = packet.subarray(offset, Math.min(offset + 2, end))
    const next = offset + 2 + valueBytes
    if (next > end) {
      throw new PacketError(
        'tlv-truncated',
        offset,
        `TLV type ${type} runs past the last TLV byte.`,
      )
    }
    tlvs.push({ type, offset, value: packet.subarray(offset + 2, next) })
    offset = next
  }
  return tlvs
}

function readUtf8(value: Uint8Array, valueOffset: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value)
  } catch (cause) {
    throw new PacketError('utf8', valueOffset, 'The text of this TLV is not UTF-8.', { cause })
  }
}

function readEnrollment(value: Uint8Array): Settings {
  const hex = toHex(value.toReversed())
  return { planId: hex.slice(16), token: hex.slice(0, 16) }
}

function readStaticAddress(value: Uint8Array): NonNullable<Settings['staticAddress']> {
  const address = (index: number): string => value.subarray(4 * index, 4 * index + 4).join('.')
  return {
    ip: address(0),
    netmask: address(1),
    gateway: address(2),
    dns1: address(3),
    ...(value.length === 20 && { dns2: address(4) }),
  }
}

function readProxy(value: Uint8Array, valueOffset: number): Settings {
  const texts: string[] = []
  for (let offset = 2; offset < value.length; ) {
    const start = offset + 1
    const end = start + (value[offset] ?? 0)
    if (end > value.length) throw badProxy(valueOffset + offset)
    texts.push(readUtf8(value.subarray(start, end), valueOffset + start))
    offset = end
  }
  const [server = '', username, password] = texts
  if (texts.length !== 1 && texts.length !== 3) throw badProxy(valueOffset)
  return {
    proxy: {
      server,
      port: (value[0] ?? 0) | ((value[1] ?? 0) << 8),
      ...(username && { username }),
      ...(password && { password }),
    },
  }
}

const badProxy = (offset: number): PacketError =>
  new PacketError(
    'tlv-length',
    offset,
    'The lengths inside the proxy TLV do not match its own length.',
  )
