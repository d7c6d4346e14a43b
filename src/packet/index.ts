export type {
  DecodedConfig,
  DeviceConfig,
  HttpProxy,
  Settings,
  StaticAddress,
  UnknownTlv,
} from './config.js'
export { crc16 } from './crc16.js'
export { decodePacket } from './decode.js'
export { encodePacket } from './encode.js'
export { ConfigError, type ConfigErrorCode, PacketError, type PacketErrorCode } from './errors.js'
export { type PacketField, packetFields } from './fields.js'
export { toHex } from './hex.js'
export { maskPacketHex, maskSecrets } from './mask.js'
export { type EncodeOptions, type ValidConfig, validateConfig } from './validate.js'
