import { RecordingError } from '../errors.js'
import { NumberScanner } from '../text/number.js'

/** What comes next: `more` where that cannot be told before more bytes come, `end` at the end of the file. */
export type Token = '[' | ']' | '{' | '}' | 'key' | 'number' | 'text' | 'more' | 'end'

/** What may stand where the scanner is. */
type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end'

const COMMA = 0x2c
const COLON = 0x3a
const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const NEWLINE = 0x0a
const SPACE = 0x20
const FIRST_OF_OTHERS = 0x80

const MOST_DEPTH = 64
const MOST_TOKEN_BYTES = 1 << 16
/** More than the longest of the words has. */
const MOST_WORD_BYTES = 10
const ENDS_EARLY = 'the file ends early: what is before was read'

/** JSON's own words, and those that programs write for numbers which JSON does not have. */
const WORDS: ReadonlyMap<string, number> = new Map([
  ['true', 1],
  ['false', 0],
  ['null', Number.NaN],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

/** What ends a number or a word. */
const IS_DELIMITER = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte <= SPACE || ',:[]{}"'.includes(String.fromCharCode(byte)) ? 1 : 0,
)

const WANTED: Readonly<Record<Expected, string>> = {
  value: 'a value',
  'value or end': 'a value or ]',
  key: 'a name in quotes',
  'key or end': 'a name in quotes or }',
  colon: 'a colon',
  'comma or end': 'a comma or the end',
}

/** Reads the tokens of JSON (RFC 8259), or of one JSON after another, as their bytes come, in constant memory. */
export class JsonScanner {
  /** Of a number; of true and false 1 and 0, of null NaN. */
  value = 0
  /** Of a key or a text. */
  text = ''
  depth = 0
  readonly #numbers = new NumberScanner('.'.charCodeAt(0))
  readonly #isObject: boolean[] = []
  #expected: Expected = 'value'
  /** Those from `#at` up to `#length` are to be read. */
  #bytes = new Uint8Array(0)
  #length = 0
  #at = 0
  #isWhole = false
  /** Of the file, before `#bytes`. */
  #bytesBefore = 0
  #line = 1
  #lineStart = 0

  /** Takes the next bytes, after the ones before were read as far as they go. */
  push(bytes: Uint8Array): void {
    const rest = this.#bytes.subarray(this.#at, this.#length)
    const length = rest.length + bytes.length
    this.#bytesBefore += this.#at
    if (length <= this.#bytes.length) this.#bytes.copyWithin(0, this.#at, this.#length)
    else {
      this.#bytes = new Uint8Array(2 * length)
      this.#bytes.set(rest)
    }
    this.#bytes.set(bytes, rest.length)
    this.#length = length
    this.#at = 0
  }

  /** Tells that all bytes have come. */
  end(): void {
    this.#isWhole = true
  }

  /** @throws RecordingError with line and column */
  next(): Token {
    for (;;) {
      const byte = this.#skipSpace()
      if (byte === undefined) {
        if (!this.#isWhole) return 'more'
        if (this.depth > 0 || this.#expected !== 'value') throw this.fault(ENDS_EARLY)
        return 'end'
      }
      switch (this.#expected) {
        case 'comma or end':
          if (byte !== COMMA) return this.#close(byte)
          this.#at++
          this.#expected = this.#isObject[this.depth] ? 'key' : 'value'
          break
        case 'colon':
          if (byte !== COLON) throw this.#misfit()
          this.#at++
          this.#expected = 'value'
          break
        case 'key or end':
          if (byte === CLOSE_OBJECT) return this.#close(byte)
          return this.#readText('key', 'colon')
        case 'key':
          return this.#readText('key', 'colon')
        case 'value or end':
          if (byte === CLOSE_ARRAY) return this.#close(byte)
          return this.#readValue(byte)
        case 'value':
          return this.#readValue(byte)
      }
    }
  }

  /** A fault where the scanner is: before the token that did not fit, or after the last one that did. */
  fault(what: string, code: 'format' | 'order' | 'range' = 'format'): RecordingError {
    const column = this.#bytesBefore + this.#at - this.#lineStart + 1
    return new RecordingError(code, `line ${this.#line}, column ${column}: ${what}`)
  }

  #misfit(): RecordingError {
    return this.fault(`it is no JSON: ${WANTED[this.#expected]} must stand here`)
  }

  #skipSpace(): number | undefined {
    for (; this.#at < this.#length; this.#at++) {
      const byte = this.#bytes[this.#at] as number
      if (byte > SPACE) return byte
      if (byte === NEWLINE) {
        this.#line++
        this.#lineStart = this.#bytesBefore + this.#at + 1
      }
    }
    return undefined
  }

  #readValue(byte: number): Token {
    if (byte === QUOTE) return this.#readText('text', this.#afterValue())
    if (byte !== OPEN_ARRAY && byte !== OPEN_OBJECT) return this.#readNumber()
    if (this.depth === MOST_DEPTH) throw this.fault(`it is nested deeper than ${MOST_DEPTH} levels`)
    this.#at++
    this.depth++
    this.#isObject[this.depth] = byte === OPEN_OBJECT
    this.#expected = byte === OPEN_OBJECT ? 'key or end' : 'value or end'
    return byte === OPEN_OBJECT ? '{' : '['
  }

  #close(byte: number): Token {
    const isObject = this.#isObject[this.depth]
    if (byte !== (isObject ? CLOSE_OBJECT : CLOSE_ARRAY)) throw this.#misfit()
    this.#at++
    this.depth--
    this.#expected = this.#afterValue()
    return isObject ? '}' : ']'
  }

  #afterValue(): Expected {
    return this.depth > 0 ? 'comma or end' : 'value'
  }

  #readNumber(): Token {
    const bytes = this.#bytes
    const length = this.#length
    let end = this.#numbers.read(bytes, this.#at, length)
    const isNumber = end > 0 && end < length && IS_DELIMITER[bytes[end] as number] === 1
    if (!isNumber) {
      end = this.#at
      while (end < length && IS_DELIMITER[bytes[end] as number] === 0) end++
    }
    if (end - this.#at > MOST_TOKEN_BYTES) throw this.#misfit()
    if (isNumber) this.value = this.#numbers.value
    else if (end < length) this.value = this.#readWord(bytes.subarray(this.#at, end))
    else if (this.#isWhole)
      throw this.fault(ENDS_EARLY) // within a number, maybe
    else return 'more'
    this.#at = end
    this.#expected = this.#afterValue()
    return 'number'
  }

  #readWord(bytes: Uint8Array): number {
    const word = WORDS.get(String.fromCharCode(...bytes.subarray(0, MOST_WORD_BYTES)))
    if (word === undefined) throw this.#misfit()
    return word
  }

  #readText(token: 'key' | 'text', next: Expected): Token {
    const bytes = this.#bytes
    const length = this.#length
    if (bytes[this.#at] !== QUOTE) throw this.#misfit()
    let text = ''
    let isPlain = true
    let at = this.#at + 1
    for (; at >= length || bytes[at] !== QUOTE; at++) {
      if (at - this.#at > MOST_TOKEN_BYTES) throw this.fault('the text has no end')
      if (at >= length) {
        if (this.#isWhole) throw this.fault('the text has no end')
        return 'more'
      }
      const byte = bytes[at] as number
      if (byte === BACKSLASH) at++
      isPlain &&= byte >= SPACE && byte < FIRST_OF_OTHERS && byte !== BACKSLASH
      if (isPlain) text += String.fromCharCode(byte)
    }
    this.text = isPlain ? text : this.#unescaped(bytes.subarray(this.#at, at + 1))
    this.#at = at + 1
    this.#expected = next
    return token
  }

  #unescaped(quoted: Uint8Array): string {
    try {
      return JSON.parse(new TextDecoder().decode(quoted))
    } catch {
      throw this.fault('it is no JSON: the text is broken')
    }
  }
}
