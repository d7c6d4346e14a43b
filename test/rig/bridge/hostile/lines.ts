import { crc16xmodem } from 'crc'

export function crcOf(text: string): string {
  return crc16xmodem(Buffer.from(text, 'latin1')).toString(16).padStart(4, '0')
}

/** A line as it goes over the wire. */
export function withCrc(text: string): Buffer {
  return Buffer.from(`${text}*${crcOf(text)}\n`, 'latin1')
}

/** An INDEX or a TIME of a line. */
export const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0')
