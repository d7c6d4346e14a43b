import type { DeviceConfig } from './config.js'
import { crc16 } from './crc16.js'
import { encodeTlvs } from './tlv.js'
import { type EncodeOptions, validateConfig } from './validate.js'

/**
 * The packet that carries a configuration: length byte, TLVs and CRC, 5..258 bytes, no marker.
 *
 * @throws ConfigError when `validateConfig` refuses the configuration
 */
export function encodePacket(config: DeviceConfig, options: EncodeOptions = {}): Uint8Array {
  const tlvs = encodeTlvs(validateConfig(config, options).config, options.dialect)
  const body = Uint8Array.from([tlvs.length, ...tlvs])
  const crc = crc16(body)
  return Uint8Array.from([...body, crc >> 8, crc & 0xff])
}
