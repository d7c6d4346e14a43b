import type { TimedPlay } from '../../../src/bench/timing/analyse.js'
import { expectedEdges } from '../../../src/bench/timing/edges.js'
import { type Channel, simulateChannel } from '../../../src/channel/index.js'
import { ClockMap, clockId } from '../../../src/light/clock.js'
import type { SymbolSequence } from '../../../src/light/symbols.js'

const CLOCK = clockId('synthetic')
const BEFORE_S = 0.5
const SWING = 0.6
const BLACK_LEVEL = 0.1

export interface SyntheticLight {
  readonly sequence: SymbolSequence
  readonly symbolRateHz?: number
  /** By how much an edge is late, in parts of a symbol. */
  readonly late?: (symbol: number, rising: boolean) => number
  /** By how much the emitter's clock is fast against that of the samples. */
  readonly fastPpm?: number
  /** By how much white falls within each symbol, as a part of the swing. */
  readonly droop?: number
  readonly channel?: Partial<Channel>
  readonly seed?: number
}

/** So many parts of a symbol are told apart. */
const FINE = 1000
/** A phototransistor, seen at a rate that is no multiple of the symbols', with the noise of a bench. */
export const TIME_CONSTANT_S = 220e-6
const SAMPLE_RATE_HZ = 7993
const NOISE_RMS = 0.004

/** What samples show of a light whose edges are known to a thousandth of a symbol: the rest is the simulated channel's. */
export function syntheticPlay({
  sequence,
  symbolRateHz = 142,
  late = () => 0,
  fastPpm = 0,
  droop = 0,
  channel = {},
  seed = 1,
}: SyntheticLight): TimedPlay {
  const { levels } = sequence
  const fineHz = symbolRateHz * FINE * (1 + fastPpm / 1e6)
  const fine = new Uint8Array(levels.length * FINE)
  for (const [symbol, level] of levels.entries()) {
    fine.fill(level, symbol * FINE, (symbol + 1) * FINE)
  }
  for (const { symbol, rising } of expectedEdges(sequence)) {
    const at = symbol * FINE
    const moved = at + Math.round(late(symbol, rising) * FINE)
    if (moved > at) fine.fill(levels[symbol - 1] ?? 0, at, moved)
    else fine.fill(levels[symbol] ?? 0, moved, at)
  }
  const seen = simulateChannel(fine, {
    swing: SWING,
    black: BLACK_LEVEL,
    sampleRateHz: SAMPLE_RATE_HZ,
    riseSymbols: TIME_CONSTANT_S * fineHz,
    fallSymbols: TIME_CONSTANT_S * fineHz,
    noiseRms: NOISE_RMS,
    beforeS: BEFORE_S,
    seed,
    ...channel,
    symbolRateHz: fineHz,
  })
  const isLit = (level: number): boolean => level > BLACK_LEVEL + SWING / 2
  const passed = (timeS: number): number => (((timeS - BEFORE_S) * fineHz) / FINE) % 1
  const drooped = seen.levels.map((level, n) =>
    isLit(level) ? level - droop * SWING * passed(seen.timesS[n] as number) : level,
  )
  return {
    sequence,
    report: {
      symbols: levels.length,
      symbolRateHz,
      greyRatio: 0.52,
      startS: BEFORE_S,
      clock: CLOCK,
    },
    clocks: ClockMap.identity(CLOCK),
    samples: {
      timesS: seen.timesS,
      levels: drooped,
      sampleRateHz: channel.sampleRateHz ?? SAMPLE_RATE_HZ,
    },
    edges: null,
  }
}
