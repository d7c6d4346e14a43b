/** One light level held for one symbol period: 0 black, 1 grey, 2 white (docs/protocol.md section 2). */
export type SymbolLevel = 0 | 1 | 2

export const BLACK = 0
export const GREY = 1
export const WHITE = 2

/** What an emitter plays: one light level a symbol period, each element 0, 1 or 2. */
export interface SymbolSequence {
  readonly levels: Uint8Array
}

/** What every emitter can play, from the least to the most: the bridge's bounds (firmware-bridge/PROTOCOL.md), so that a message can be played on any. */
export const SYMBOL_RATES_HZ = [10, 2000] as const
