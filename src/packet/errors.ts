export type ConfigErrorCode =
  | 'type'
  | 'unknown-key'
  | 'missing'
  | 'encoding'
  | 'length'
  | 'format'
  | 'range'
  | 'nonstandard'
  | 'unreachable'
  | 'conflict'
  | 'empty'
  | 'too-long'

/** A configuration that cannot be sent. The message says what to do and holds no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'

  constructor(
    readonly code: ConfigErrorCode,
    /** Path of the field at fault, such as `proxy.port`; empty for the configuration as a whole. */
    readonly field: string,
    message: string,
  ) {
    super(message)
  }
}

export type PacketErrorCode =
  | 'length'
  | 'crc'
  | 'tlv-truncated'
  | 'tlv-length'
  | 'tlv-duplicate'
  | 'utf8'
  | 'clear-not-alone'

/** Bytes that are no BlinkUp packet. */
export class PacketError extends Error {
  override readonly name = 'PacketError'

  constructor(
    readonly code: PacketErrorCode,
    /** Index of the byte at fault; 0 is the length byte. */
    readonly offset: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
