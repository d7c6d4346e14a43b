/** IPv4 addresses in dotted form. */
export interface StaticAddress {
  readonly ip: string
  readonly netmask: string
  readonly gateway: string
  readonly dns1: string
  readonly dns2?: string
}

export interface HttpProxy {
  readonly server: string
  /** 1..65535 */
  readonly port: number
  readonly username?: string
  readonly password?: string
}

/** What a device needs to join its network and to be enrolled; every part may be left out. */
export interface Settings {
  /** 1..32 bytes of UTF-8; left out for Ethernet and cellular. */
  readonly ssid?: string
  /** Empty or left out for an open network. */
  readonly password?: string
  /** 16 hex digits, always together with `token`. */
  readonly planId?: string
  /** 16 hex digits, always together with `planId`. */
  readonly token?: string
  readonly staticAddress?: StaticAddress
  readonly proxy?: HttpProxy
  readonly clear?: never
}

/** The content of one packet: settings, or the order to clear the wireless configuration. */
export type DeviceConfig = Settings | { readonly clear: true }

/** A TLV whose type is not public, as it was found. */
export interface UnknownTlv {
  readonly type: number
  readonly valueHex: string
}

/** What a packet held; only its structure was checked, not the rules of `validateConfig`. */
export type DecodedConfig = DeviceConfig & { readonly unknownTlvs?: readonly UnknownTlv[] }
