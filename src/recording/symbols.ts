import { demodulate, parseSymbols } from '../modulation/index.js'
import { decodePacket, PacketError } from '../packet/index.js'
import { packetFailure } from '../receiver/read/packet-bits.js'
import { type DecodedSymbols, type FileFormat, HEAD_BYTES, toText, WholeReader } from './format.js'

/** One message as digits, 0 black, 1 grey, 2 white, with any white space between them. */
export const SYMBOLS: FileFormat = {
  name: 'symbols',
  fits: (head, isWhole) => {
    if (head.length === HEAD_BYTES || !/^(\xef\xbb\xbf)?[012\s]*$/.test(head)) return false
    return isWhole ? /\d/.test(head) : null
  },
  open: (name) => new WholeReader(name, (bytes) => [decodeSymbols(toText(bytes, name))]),
}

/** Throws ModulationError when the symbols are no message at all. */
function decodeSymbols(text: string): DecodedSymbols {
  const { packet } = demodulate(parseSymbols(text))
  try {
    return { kind: 'symbols', packet, config: decodePacket(packet) }
  } catch (error) {
    if (!(error instanceof PacketError)) throw error
    return { kind: 'bad-symbols', packet, reason: packetFailure(error) }
  }
}
