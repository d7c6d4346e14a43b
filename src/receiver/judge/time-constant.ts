// A sensor that is not of one pole, and edges that are not where they seem, move it by some tenth.
const MODEL_ERROR = 0.1

/** How much the level falls from each quarter of a black symbol to the next, on average. */
export interface Falls {
  readonly first: number
  readonly second: number
}

/** One pole falls in each quarter of a symbol by the same part of what it fell in the one before: its time constant in symbols. */
export const timeConstantOf = ({ first, second }: Falls): number =>
  1 / (4 * Math.log(first / second))

/** By how much that may be off where each of the falls may be off by `error`. */
export function timeConstantError({ first, second }: Falls, error: number): number {
  const symbols = timeConstantOf({ first, second })
  return Math.hypot(
    (4 * symbols ** 2 * error) / first,
    (4 * symbols ** 2 * error) / second,
    MODEL_ERROR * symbols,
  )
}

/** How much the level falls from the first quarter of a black symbol to the second, after so much light. */
export const firstFallOf = (symbols: number, light: number): number =>
  4 * symbols * (1 - Math.exp(-1 / (4 * symbols))) ** 2 * light

/** The part of a lit symbol's light that its later half shows where black and lit ones take turns. */
export function seenPart(symbols: number): number {
  if (symbols === 0) return 1
  const left = Math.exp(-1 / symbols)
  const later = 2 * symbols * (Math.exp(-0.5 / symbols) - left)
  return 1 - (2 * later) / (1 + left)
}
