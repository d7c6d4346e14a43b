import { TWO_SIDED_95 } from './quality.js'

// Values further from the line than so many times the median deviation, which is some four times the rms of Gaussian noise, do not move it.
const OUTLIER = 6
const ROUNDS = 2
// More is no lag-1 correlation but a curve, of which the line tells its mean slope only.
const MOST_CORRELATED = 0.99

/** A line through values that are one apart. */
export interface Line {
  readonly slope: number
  /**
   * 95 % half-width of the slope: of the least squares, with as many independent values as residuals have that follow one another
   * (a first-order autoregressive process); null of fewer than three.
   */
  readonly slopeError: number | null
  /** The line at the place of a value; the first one's is 0. */
  at(place: number): number
  /** Of all values, outliers too. */
  readonly residuals: readonly number[]
}

/** Least squares, in which values far off the line have no part, so that a few wrong ones do not move it. Needs two values. */
export function fitLine(values: readonly number[]): Line {
  // Large values would lose digits in the sums.
  const [origin = 0] = values
  const places = [...values.keys()]
  let kept = places
  let line = leastSquares(values, kept, origin)
  let residuals = residualsOf(values, line)
  for (let round = 0; round < ROUNDS; round++) {
    const sorted = Float64Array.from(residuals, Math.abs).sort()
    const most = OUTLIER * (sorted[sorted.length >> 1] ?? 0)
    const inside = places.filter((n) => Math.abs(residuals[n] as number) <= most)
    const areSame = inside.length === kept.length && inside.every((n, at) => n === kept[at])
    if (areSame || inside.length < Math.max(2, values.length / 2)) break
    kept = inside
    line = leastSquares(values, kept, origin)
    residuals = residualsOf(values, line)
  }
  const { slope, squares } = line
  return {
    slope,
    slopeError: slopeError(
      kept.map((n) => residuals[n] ?? 0),
      squares,
    ),
    at: line.at,
    residuals,
  }
}

function leastSquares(values: readonly number[], kept: readonly number[], origin: number) {
  let [sumPlaces, sumValues] = [0, 0]
  for (const n of kept) {
    sumPlaces += n
    sumValues += (values[n] ?? 0) - origin
  }
  const middle = sumPlaces / kept.length
  const mean = sumValues / kept.length
  let [squares, products] = [0, 0]
  for (const n of kept) {
    squares += (n - middle) ** 2
    products += (n - middle) * ((values[n] ?? 0) - origin)
  }
  const slope = products / squares
  return { slope, squares, at: (place: number) => origin + mean + (place - middle) * slope }
}

const residualsOf = (values: readonly number[], { at }: Pick<Line, 'at'>): number[] =>
  values.map((value, n) => value - at(n))

function slopeError(residuals: readonly number[], squares: number): number | null {
  if (residuals.length < 3) return null
  let [power, lagged] = [0, 0]
  for (const [n, residual] of residuals.entries()) {
    power += residual ** 2
    lagged += residual * (residuals[n - 1] ?? 0)
  }
  const correlation = Math.min(Math.max(0, lagged / power || 0), MOST_CORRELATED)
  const variance = power / (residuals.length - 2) / squares
  return TWO_SIDED_95 * Math.sqrt((variance * (1 + correlation)) / (1 - correlation))
}
