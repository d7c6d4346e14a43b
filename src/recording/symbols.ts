import { demodulate, parseSymbols } from '../modulation/index.js'
import { decodePacket, PacketError } from '../packet/index.js'
import { packetFailure } from '../receiver/read/packet-bits.js'
import { RecordingError } from './errors.js'
import { type DecodedSymbols, type FileFormat, HEAD_BYTES, toText, WholeReader } from './format.js'

/** Far more than the 516 digits of the longest packet, whose white space may be of any kind. */
const MOST_HEX_LETTERS = 2048
/** A document of ours tells its schema before. */
const MOST_HEAD_LETTERS = 2048
const MARK = /^\xef\xbb\xbf/

/** One message as digits, 0 black, 1 grey, 2 white, with any white space between them. */
export const SYMBOLS: FileFormat = {
  id: 'symbols',
  extensions: ['txt'],
  fits: (head, isWhole) => {
    if (head.length === HEAD_BYTES || !/^[012\s]*$/.test(head.replace(MARK, ''))) return false
    return isWhole ? /\d/.test(head) : null
  },
  open: (name) => messageReader(name, decodeSymbols),
}

/** One packet as hexadecimal digits. */
export const PACKET_HEX: FileFormat = {
  id: 'hex',
  extensions: ['hex', 'txt'],
  fits: (head, isWhole) => {
    const text = head.replace(MARK, '')
    if (text.length > MOST_HEX_LETTERS || !/^[\da-f\s]*$/i.test(text)) return false
    return isWhole ? /^\s*([\da-f]{2}\s*){4,}$/i.test(text) : null
  },
  open: (name) =>
    messageReader(name, (text) => {
      const digits = text.match(/[\da-f]{2}/gi) ?? []
      return decoded(Uint8Array.from(digits, (pair) => Number.parseInt(pair, 16)))
    }),
}

/** The JSON document of a message, with its symbols. */
export const ENCODED_JSON: FileFormat = {
  id: 'encoded',
  extensions: ['json'],
  fits: (head, isWhole) => {
    const text = head.replace(MARK, '')
    if (!/^\s*(\{\s*("|$)|$)/.test(text)) return false
    const [, schema] = /^\s*\{\s*"schema"\s*:\s*"([^"]*)/.exec(text) ?? []
    if (schema === undefined || 'blinkup.encode/'.startsWith(schema)) {
      return isWhole || text.length > MOST_HEAD_LETTERS ? false : null
    }
    return schema.startsWith('blinkup.encode/')
  },
  open: (name) =>
    messageReader(name, (text) => {
      const [, symbols] = /"symbols"\s*:\s*"([012]+)"/.exec(text) ?? []
      if (symbols !== undefined) return decodeSymbols(symbols)
      throw new RecordingError(
        'format',
        `${name} has no symbols: give a whole document of a message`,
      )
    }),
}

const messageReader = (name: string, decode: (text: string) => DecodedSymbols): WholeReader =>
  new WholeReader(name, (bytes) => ({ channels: [], blocks: [decode(toText(bytes, name))] }))

/** Throws ModulationError when the symbols are no message at all. */
const decodeSymbols = (text: string): DecodedSymbols =>
  decoded(demodulate(parseSymbols(text)).packet)

function decoded(packet: Uint8Array): DecodedSymbols {
  try {
    return { kind: 'symbols', packet, config: decodePacket(packet) }
  } catch (error) {
    if (!(error instanceof PacketError)) throw error
    return { kind: 'bad-symbols', packet, reason: packetFailure(error) }
  }
}
