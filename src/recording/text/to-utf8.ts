import { joined } from '../bytes.js'

const UTF8_MARK = [0xef, 0xbb, 0xbf]
const UTF16_LE_MARK = [0xff, 0xfe]
const UTF16_BE_MARK = [0xfe, 0xff]
const MARK_BYTES = 3

/** The bytes of a text as UTF-8 without a mark, or, where they have none, as they are; without NULs, which pad some files. */
export class ToUtf8 {
  #begun: Uint8Array | null = new Uint8Array()
  #decoder: InstanceType<typeof TextDecoder> | null = null
  readonly #encoder = new TextEncoder()
  /** NULs so far. */
  padding = 0

  push(bytes: Uint8Array): Uint8Array {
    if (!this.#begun) return this.#convert(bytes, true)
    this.#begun = joined([this.#begun, bytes])
    return this.#begun.length < MARK_BYTES ? new Uint8Array() : this.#begin(true)
  }

  end(): Uint8Array {
    return this.#begun ? this.#begin(false) : this.#convert(new Uint8Array(), false)
  }

  #begin(goesOn: boolean): Uint8Array {
    const bytes = this.#begun as Uint8Array
    this.#begun = null
    const begins = (mark: readonly number[]): boolean => mark.every((byte, n) => bytes[n] === byte)
    if (begins(UTF16_LE_MARK)) this.#decoder = new TextDecoder('utf-16le')
    else if (begins(UTF16_BE_MARK)) this.#decoder = new TextDecoder('utf-16be')
    return this.#convert(begins(UTF8_MARK) ? bytes.subarray(MARK_BYTES) : bytes, goesOn)
  }

  #convert(bytes: Uint8Array, goesOn: boolean): Uint8Array {
    const utf8 = this.#decoder
      ? this.#encoder.encode(this.#decoder.decode(bytes, { stream: goesOn }))
      : bytes
    if (utf8.indexOf(0) < 0) return utf8
    const text = utf8.filter((byte) => byte !== 0)
    this.padding += utf8.length - text.length
    return text
  }
}

/** A line as text: UTF-8, or else Windows-1252. */
export function lineText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}
