import { readFileSync } from 'node:fs'

const FLASH_BYTES = 0x8000

/** The committed firmware image, in Intel HEX as avrdude takes it. */
export const IMAGE_URL = new URL(
  '../../../firmware-bridge/image/blinkup-bridge.hex',
  import.meta.url,
)

/** Reads the firmware image into the flash's content, 32 KiB from address 0. */
export function readImage(url: URL = IMAGE_URL): Uint8Array {
  return parseIntelHex(readFileSync(url, 'latin1'))
}

/**
 * The flash's content from Intel HEX text with 16-bit addresses: `:LLAAAATTdd…cc` a line, type 00 data
 * and 01 end (Intel "Hexadecimal Object File Format Specification", 1988). Throws on anything else.
 */
export function parseIntelHex(text: string): Uint8Array {
  const flash = new Uint8Array(FLASH_BYTES).fill(0xff)
  for (const [index, line] of text.trim().split(/\r?\n/).entries()) {
    const record = line.startsWith(':') ? Buffer.from(line.slice(1), 'hex') : Buffer.alloc(0)
    const [length = 0, high = 0, low = 0, type] = record
    const sum = record.reduce((total, byte) => total + byte, 0)
    const address = high * 256 + low
    if (
      record.length !== length + 5 ||
      line.length !== 2 * record.length + 1 ||
      sum % 256 !== 0 ||
      address + length > FLASH_BYTES ||
      (type !== 0 && type !== 1)
    ) {
      throw new Error(`line ${index + 1} of the firmware image is damaged: build it again`)
    }
    if (type === 1) return flash
    flash.set(record.subarray(4, 4 + length), address)
  }
  throw new Error('the firmware image has no end: build it again')
}
