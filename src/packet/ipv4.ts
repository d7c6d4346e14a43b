// No leading zeros: some programs read them as octal.
const OCTET = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const IPV4 = new RegExp(`^${OCTET}(\\.${OCTET}){3}$`)

/** Whether a text is an IPv4 address in dotted form. */
export const isIpv4 = (text: string): boolean => IPV4.test(text)

/** The 32 bits of an address for which `isIpv4` holds, 0..2^32-1. */
export const ipv4Bits = (address: string): number =>
  address.split('.').reduce((bits, octet) => (bits << 8) | Number(octet), 0) >>> 0
