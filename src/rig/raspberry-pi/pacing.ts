import { BLACK, type SymbolLevel } from '../../light/symbols.js'

/** What the pacing needs of its machine. */
export interface PacingMachine {
  /** A monotonic clock in nanoseconds. A bigint, as V8 reads `process.hrtime.bigint` without allocating. */
  nowNs(): bigint
  /** Sleeps for about so long, or until it is to be abandoned. */
  sleepNs(ns: bigint): void
  /** Shows a level: the light has changed when it returns. */
  show(level: SymbolLevel): void
  /** Whether to give up, in the dark. */
  isAbandoned(): boolean
}

/** The processor spins for at most a tenth of a symbol. */
const MAX_SPIN_DIVISOR = 10n
const FIRST_MARGIN_NS = 500_000n

/** When each of so many symbols begins, and the last one ends, after the start: each rounded to a nanosecond. */
export function scheduleNs(symbols: number, symbolRateHz: number): BigInt64Array {
  return BigInt64Array.from({ length: symbols + 1 }, (_, i) =>
    BigInt(Math.round((i * 1e9) / symbolRateHz)),
  )
}

/**
 * Plays levels by one absolute schedule, so that no error adds up. It sleeps until a margin before each
 * change of the level, and spins for the rest. The margin is twice the latest that the machine woke up
 * lately, which is forgotten by a hundredth a change.
 *
 * @param schedule of so many levels, from `startNs` on
 * @returns by how many nanoseconds each symbol's change of the level came late, when it had been written;
 *   NaN for a symbol that is no change; the last element is the change to black after the last symbol.
 *   Null when it was abandoned; the light is dark then, too.
 */
export function pace(
  levels: Uint8Array,
  schedule: BigInt64Array,
  startNs: bigint,
  machine: PacingMachine,
): Float64Array | null {
  const latenessNs = new Float64Array(schedule.length).fill(Number.NaN)
  const maxMarginNs = (schedule[1] as bigint) / MAX_SPIN_DIVISOR
  let marginNs = FIRST_MARGIN_NS
  let shown: number = BLACK
  for (let i = 0; i < schedule.length; i++) {
    const level = levels[i] ?? BLACK // after the last symbol
    if (level === shown) continue
    const due = startNs + (schedule[i] as bigint)
    const wakeNs = due - (marginNs < maxMarginNs ? marginNs : maxMarginNs)
    const napNs = wakeNs - machine.nowNs()
    if (napNs > 0n) {
      machine.sleepNs(napNs)
      // What is shown already: a rehearsal that brings code and data back into the processor's caches.
      machine.show(shown as SymbolLevel)
      const wantedNs = 2n * (machine.nowNs() - wakeNs)
      marginNs = wantedNs > marginNs ? wantedNs : marginNs - marginNs / 100n
    }
    if (machine.isAbandoned()) {
      machine.show(BLACK)
      return null
    }
    while (machine.nowNs() < due);
    machine.show(level as SymbolLevel)
    latenessNs[i] = Number(machine.nowNs() - due)
    shown = level
  }
  return latenessNs
}
