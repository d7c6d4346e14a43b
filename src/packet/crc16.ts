/**
 * The CRC-16 of a BlinkUp packet, over its length byte and TLVs: 0..0xffff.
 *
 * Source: the published SDKs, docs/protocol.md section 1. It mixes the table of the reflected
 * polynomial 0xA001 with a most-significant-bit-first update, so it is no catalogue CRC.
 */
export function crc16(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    let tableEntry = (crc >> 8) ^ byte
    for (let bit = 0; bit < 8; bit++) {
      tableEntry = tableEntry & 1 ? (tableEntry >> 1) ^ 0xa001 : tableEntry >> 1
    }
    crc = ((crc << 8) & 0xffff) ^ tableEntry
  }
  return crc
}
