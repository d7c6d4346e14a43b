import { decodePacket, readTlvs } from './decode.js'
import { toHex } from './hex.js'
import { maskSecrets } from './mask.js'
import { TLV } from './tlv.js'

/** A part of a packet, and what it says. */
export interface PacketField {
  readonly name: string
  /** Bytes of the packet: the first one, and the one after the last. */
  readonly start: number
  readonly end: number
  readonly text: string
}

const MASKED = '********'

/**
 * The fields of a packet in their order, with its TLVs by name. Secrets are masked unless they are to be shown, and so is the CRC, by
 * which guesses could be checked.
 *
 * @throws PacketError
 */
export function packetFields(packet: Uint8Array, showSecrets = false): PacketField[] {
  const decoded = decodePacket(packet)
  const config = showSecrets ? decoded : maskSecrets(decoded)
  const {
    ssid = '',
    password = '',
    planId,
    token,
    staticAddress,
    proxy,
  } = 'clear' in config && config.clear ? {} : (config as Exclude<typeof config, { clear: true }>)
  const named: Readonly<Record<number, readonly [name: string, text: string]>> = {
    [TLV.ssid]: ['SSID', ssid],
    [TLV.password]: ['password', password],
    [TLV.enrollment]: ['plan ID and token', `${planId} ${token}`],
    [TLV.clear]: ['clear', ''],
    [TLV.staticAddress]: ['static address', Object.values(staticAddress ?? {}).join(' ')],
    [TLV.proxy]: ['proxy', Object.values(proxy ?? {}).join(' ')],
  }
  const crcAt = packet.length - 2
  return [
    { name: 'length', start: 0, end: 1, text: `${packet[0]}` },
    ...readTlvs(packet).map(({ type, offset, value }): PacketField => {
      const [name, text] = named[type] ?? [`TLV ${type}`, showSecrets ? toHex(value) : MASKED]
      return { name, start: offset, end: offset + 2 + value.length, text }
    }),
    {
      name: 'CRC',
      start: crcAt,
      end: packet.length,
      text: showSecrets ? toHex(packet.subarray(crcAt)) : MASKED,
    },
  ]
}
