/** The two published versions of the BlinkUp SDK, which differ in framing (docs/protocol.md sections 1 and 2). */
export type Dialect = 'sdk-0.3.0' | 'sdk-2015'

export const DEFAULT_DIALECT: Dialect = 'sdk-0.3.0'

export interface DialectFacts {
  /** Symbols of zero bits before the marker; even, as a bit is two symbols. */
  readonly syncSymbols: number
  /** Black symbols after the last bit. */
  readonly tailSymbols: number
  /** Grey on an sRGB screen, of 255. A code value, not a light level: see DEFAULT_GREY_RATIO. */
  readonly screenGreyCode: number
}

/** Source: the published SDKs, docs/protocol.md section 2. */
export const DIALECTS: Readonly<Record<Dialect, DialectFacts>> = {
  'sdk-0.3.0': { syncSymbols: 48, tailSymbols: 6, screenGreyCode: 191 },
  'sdk-2015': { syncSymbols: 32, tailSymbols: 1, screenGreyCode: 159 },
}

/**
 * Grey as a part of white's light, for an emitter that is linear in light such as an LED.
 * Derived in docs/protocol.md section 2: a screen turns code 191 of 255 into about 0.52 (sRGB curve).
 */
export const DEFAULT_GREY_RATIO = 0.52
