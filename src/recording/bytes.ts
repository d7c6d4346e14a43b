/** Bytes one after the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** As many arguments as a call takes in any engine. */
const PIECE_BYTES = 1 << 13

/**
 * Bytes as text in ISO 8859-1: each is one character, of its own number. Not a TextDecoder's work: what it calls latin1 is windows-1252
 * (Encoding Standard, 4.2), with other characters from 0x80 to 0x9f, as Node.js 24 has it and 20 has not.
 */
export function latin1(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE_BYTES))
  }
  return text
}
