import type { SymbolSequence } from '../modulation/index.js'

/**
 * The symbols as a value change dump for a waveform viewer: one 2-bit variable `symbol` on a
 * timescale of 1 µs (IEEE 1364-2005, clause 18).
 */
export function symbolsToVcd({ levels }: SymbolSequence, symbolRateHz: number): string {
  const changes = Array.from(levels, (level, i) =>
    level === levels[i - 1] ? '' : `#${timeUs(i)}\nb${level.toString(2)} s\n`,
  )
  return `$timescale 1 us $end
$scope module blinkup $end
$var wire 2 s symbol $end
$upscope $end
$enddefinitions $end
${changes.join('')}#${timeUs(levels.length)}
`
  function timeUs(symbol: number): number {
    return Math.round((symbol * 1e6) / symbolRateHz)
  }
}
