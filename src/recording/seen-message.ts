import {
  BLACK,
  DEFAULT_DIALECT,
  DIALECTS,
  modulate,
  SYMBOLS_PER_BIT,
  SYMBOLS_PER_BYTE,
  WHITE,
} from '../modulation/index.js'
import type { BadPacket, ReceivedMessage } from '../receiver/index.js'

const BITS_PER_BYTE = 8

/**
 * The one-bit lines that symbols are shown as: two as a gpio rig drives them, where grey's alone lights grey, and both
 * light white; and one that is high for as long as the packet lasts. So they are a serial bus, too: grey is its clock,
 * white its data, packet its select, active high; and PulseView's own SPI decoder shows the packet's bits and bytes.
 */
export const SYMBOL_LINES = ['white', 'grey', 'packet'] as const

const PACKET = 0b100

/** Bit n is line n of `SYMBOL_LINES`. */
export const linesOf = (level: number): number =>
  level === BLACK ? 0b00 : level === WHITE ? 0b11 : 0b10

/** A message on the clock of its capture, from the first bit of its sync that was seen. */
export interface SeenMessage {
  /** Of each symbol, as `linesOf` tells them. */
  readonly lines: Uint8Array
  /** When the first symbol begins. */
  readonly startS: number
  readonly symbolRateHz: number
}

/** The symbols of a message, good or with a whole packet that is wrong, as they were seen. */
export function seenMessage(reception: ReceivedMessage | BadPacket): SeenMessage {
  const { packet, symbolRateHz, startS, endS } = reception
  const bits = Math.round(((endS - startS) * symbolRateHz + 1) / SYMBOLS_PER_BIT)
  const syncBits = Math.max(0, bits - BITS_PER_BYTE * (packet.length + 1))
  const syncSymbols = Math.max(DIALECTS[DEFAULT_DIALECT].syncSymbols, SYMBOLS_PER_BIT * syncBits)
  const { levels } = modulate(packet, { syncSymbols })
  const lines = levels.map(linesOf)
  const packetStart = syncSymbols + SYMBOLS_PER_BYTE
  const packetEnd = packetStart + packet.length * SYMBOLS_PER_BYTE
  for (let symbol = packetStart; symbol < packetEnd; symbol++) {
    lines[symbol] = (lines[symbol] as number) | PACKET
  }
  return {
    lines: lines.subarray(syncSymbols - SYMBOLS_PER_BIT * syncBits),
    startS: startS - 1 / symbolRateHz, // the first lit symbol is the second of all
    symbolRateHz,
  }
}
