import {
  DEFAULT_DIALECT,
  DIALECTS,
  modulate,
  SYMBOLS_PER_BIT,
  type SymbolSequence,
} from '../modulation/index.js'
import type { BadPacket, ReceivedMessage } from '../receiver/index.js'

const BITS_PER_BYTE = 8

/**
 * The symbols as a value change dump for a waveform viewer: one 2-bit variable `symbol` on a
 * timescale of 1 µs (IEEE 1364-2005, clause 18). The first symbol begins at `startS`; before it is black. What is before
 * zero is left out, as a dump has no such times.
 */
export function symbolsToVcd({ levels }: SymbolSequence, symbolRateHz: number, startS = 0): string {
  const changes = Array.from(levels, (level, i) =>
    level === levels[i - 1] ? '' : `#${timeUs(i)}\nb${level.toString(2)} s\n`,
  )
  return `$timescale 1 us $end
$scope module blinkup $end
$var wire 2 s symbol $end
$upscope $end
$enddefinitions $end
${timeUs(0) > 0 ? '#0\nb0 s\n' : ''}${changes.join('')}#${timeUs(levels.length)}
`
  function timeUs(symbol: number): number {
    return Math.max(0, Math.round(1e6 * startS + (symbol * 1e6) / symbolRateHz))
  }
}

/**
 * The symbols of a message, good or with a whole packet that is wrong, as they were seen, on the clock of its capture; where
 * that is below zero, whole seconds are added, and a comment in the dump says how many.
 */
export function receptionToVcd(reception: ReceivedMessage | BadPacket): string {
  const { packet, symbolRateHz, startS, endS } = reception
  const bits = Math.round(((endS - startS) * symbolRateHz + 1) / SYMBOLS_PER_BIT)
  const syncBits = Math.max(0, bits - BITS_PER_BYTE * (packet.length + 1))
  const syncSymbols = Math.max(DIALECTS[DEFAULT_DIALECT].syncSymbols, SYMBOLS_PER_BIT * syncBits)
  const { levels } = modulate(packet, { syncSymbols })
  const seen = levels.subarray(syncSymbols - SYMBOLS_PER_BIT * syncBits)
  const addedS = Math.max(0, Math.ceil(-startS))
  const comment =
    addedS > 0 ? `$comment times are those of the capture plus ${addedS} s $end\n` : ''
  // The first lit symbol is the second of all.
  return comment + symbolsToVcd({ levels: seen }, symbolRateHz, startS + addedS - 1 / symbolRateHz)
}
