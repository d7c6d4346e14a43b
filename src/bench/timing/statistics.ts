/** Two-sided, at which uncertainties are stated. */
export const CONFIDENCE = 0.95

export const mean = (values: ArrayLike<number>): number => sum(values) / values.length

export const rms = (values: ArrayLike<number>): number =>
  Math.sqrt(sum(Float64Array.from(values, (value) => value * value)) / values.length)

export function standardDeviation(values: ArrayLike<number>): number {
  const middle = mean(values)
  const squares = Float64Array.from(values, (value) => (value - middle) ** 2)
  return Math.sqrt(sum(squares) / (values.length - 1))
}

/** What this part of all does not exceed; of values in rising order, NaN for none. */
export const quantileOf = (sorted: ArrayLike<number>, part: number): number =>
  sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN

export const inOrder = (values: ArrayLike<number>): Float64Array => Float64Array.from(values).sort()

/** Root of the sum of squares. */
export const inQuadrature = (...parts: readonly number[]): number => Math.hypot(...parts)

export const largest = (values: ArrayLike<number>): number => {
  let most = Number.NEGATIVE_INFINITY
  for (let n = 0; n < values.length; n++) most = Math.max(most, values[n] as number)
  return most
}

/** The normal distribution's quantile for a part above one half. Source: Abramowitz and Stegun 26.2.23, to 4.5e-4. */
export function normalQuantile(part: number): number {
  const t = Math.sqrt(-2 * Math.log(1 - part))
  return (
    t -
    (2.515517 + t * (0.802853 + t * 0.010328)) /
      (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
  )
}

/** Half of a two-sided interval by Student's t, in standard errors; infinite for less than two degrees of freedom. Source: Abramowitz and Stegun 26.7.5. */
export function studentFactor(degrees: number): number {
  if (degrees < 2) return Number.POSITIVE_INFINITY
  const z = normalQuantile((1 + CONFIDENCE) / 2)
  return (
    z +
    (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3)
  )
}

/** In how many standard deviations all of so many normal errors are, with the confidence that is stated. */
export const extremeFactor = (count: number): number =>
  normalQuantile(1 - (1 - CONFIDENCE) / (2 * count))

/** A line through points by least squares; NaN where they do not tell one. */
export interface Line {
  readonly intercept: number
  readonly slope: number
  /** Of the slope. */
  readonly standardError: number
}

export function fitLine(xs: ArrayLike<number>, ys: ArrayLike<number>): Line {
  const count = xs.length
  const [xMean, yMean] = [mean(xs), mean(ys)]
  let [xx, xy, yy] = [0, 0, 0]
  for (let n = 0; n < count; n++) {
    const [x, y] = [(xs[n] as number) - xMean, (ys[n] as number) - yMean]
    xx += x * x
    xy += x * y
    yy += y * y
  }
  const slope = xy / xx
  const residual = Math.max(0, yy - slope * xy) / (count - 2)
  return { intercept: yMean - slope * xMean, slope, standardError: Math.sqrt(residual / xx) }
}

function sum(values: ArrayLike<number>): number {
  let total = 0
  for (let n = 0; n < values.length; n++) total += values[n] as number
  return total
}
