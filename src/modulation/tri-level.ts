import { DEFAULT_DIALECT, DIALECTS, type Dialect } from '../light/dialects.js'
import { BLACK, GREY, type SymbolSequence, WHITE } from '../light/symbols.js'
import { ModulationError } from './errors.js'

// Every bit is two symbols (docs/protocol.md section 2): a black clock, then grey for 0, white for 1.
//
//   sync 0 0 0 …   marker 00101010   length byte, TLVs, CRC   tail
//   01 01 01 …     0101020102010201  16 symbols a byte        0 0 …

export const SYMBOLS_PER_BIT = 2
export const SYMBOLS_PER_BYTE = 16

/** The byte between sync and packet; it is in neither the length nor the CRC. */
export const MARKER = 0x2a

// The marker's first one, hence the first white symbol of a message, is the lit half of its third bit.
const FIRST_WHITE_IN_MARKER = 5

/** Bytes of a whole packet that starts with this length byte: itself, the TLVs and two of CRC. */
export const packetLengthBytes = (lengthByte: number): number => lengthByte + 3

export interface ModulateOptions {
  readonly dialect?: Dialect
  /** Symbols of sync, even; the dialect's own number is the least and the default. */
  readonly syncSymbols?: number
}

/**
 * Turns a packet into light levels: sync, marker, packet bits, tail.
 *
 * @param packet length byte, TLVs and CRC, as `encodePacket` makes it
 * @throws RangeError when `syncSymbols` is odd or too small, or the length byte is not the packet's
 */
export function modulate(packet: Uint8Array, options: ModulateOptions = {}): SymbolSequence {
  const { dialect = DEFAULT_DIALECT } = options
  const facts = DIALECTS[dialect]
  const { syncSymbols = facts.syncSymbols } = options
  if (syncSymbols % SYMBOLS_PER_BIT !== 0 || syncSymbols < facts.syncSymbols) {
    throw new RangeError(
      `Set syncSymbols to an even number of at least ${facts.syncSymbols} for ${dialect}; it is ${syncSymbols}.`,
    )
  }
  if (packet.length !== packetLengthBytes(packet[0] ?? 0)) {
    throw new RangeError(
      'Give modulate a whole packet, without the marker: its first byte must be its length less 3.',
    )
  }
  const bytes = [MARKER, ...packet]
  const levels = new Uint8Array(
    syncSymbols + bytes.length * SYMBOLS_PER_BYTE + facts.tailSymbols,
  ).fill(BLACK)
  for (let symbol = 1; symbol < syncSymbols; symbol += SYMBOLS_PER_BIT) levels[symbol] = GREY
  let symbol = syncSymbols + 1
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--, symbol += SYMBOLS_PER_BIT) {
      levels[symbol] = (byte >> bit) & 1 ? WHITE : GREY
    }
  }
  return { levels }
}

/**
 * The inverse of `modulate`, for symbols without noise; the CRC is not looked at.
 *
 * @param sequence one message, with any number >= 1 of sync bits and any number of tail symbols
 * @throws ModulationError with the offset of the symbol at fault
 */
export function demodulate(sequence: SymbolSequence): { packet: Uint8Array; syncSymbols: number } {
  const { levels } = sequence
  const syncSymbols = levels.indexOf(WHITE) - FIRST_WHITE_IN_MARKER
  if (syncSymbols < SYMBOLS_PER_BIT) throw noMarker(0)
  for (let symbol = 0; symbol < syncSymbols; symbol += SYMBOLS_PER_BIT) readBit(levels, symbol)
  if (readByte(levels, syncSymbols) !== MARKER) throw noMarker(syncSymbols)

  const start = syncSymbols + SYMBOLS_PER_BYTE
  const packet = new Uint8Array(packetLengthBytes(readByte(levels, start)))
  for (let index = 0; index < packet.length; index++) {
    packet[index] = readByte(levels, start + index * SYMBOLS_PER_BYTE)
  }
  const end = start + packet.length * SYMBOLS_PER_BYTE
  const lit = levels.subarray(end).findIndex((level) => level !== BLACK)
  if (lit !== -1) {
    throw new ModulationError('lit-tail', end + lit, 'Give one message that ends in black symbols.')
  }
  return { packet, syncSymbols }
}

function readByte(levels: Uint8Array, start: number): number {
  let byte = 0
  for (let bit = 0; bit < 8; bit++) {
    byte = (byte << 1) | readBit(levels, start + bit * SYMBOLS_PER_BIT)
  }
  return byte
}

function readBit(levels: Uint8Array, start: number): 0 | 1 {
  const clock = levels[start]
  const data = levels[start + 1]
  if (clock === undefined || data === undefined) {
    throw new ModulationError('truncated', levels.length, 'Give the whole message: it ends early.')
  }
  if (clock !== BLACK || (data !== GREY && data !== WHITE)) {
    throw new ModulationError(
      'not-clocked',
      clock === BLACK ? start + 1 : start,
      `Symbols ${start} and ${start + 1} must be black, then grey or white.`,
    )
  }
  return data === WHITE ? 1 : 0
}

const noMarker = (symbolOffset: number): ModulationError =>
  new ModulationError('no-marker', symbolOffset, 'Give a message of zero bits, then marker 0x2A.')
