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
  const [fromX, fromY] = [
    Float64Array.from(xs, (x) => x - xMean),
    Float64Array.from(ys, (y) => y - yMean),
  ]
  let [xx, xy] = [0, 0]
  for (const [n, x] of fromX.entries()) {
    xx += x * x
    xy += x * (fromY[n] as number)
  }
  const slope = xy / xx
  // Not by the difference of two sums of squares, of which little is left where the points are near the line.
  const residual = sum(fromX.map((x, n) => ((fromY[n] as number) - slope * x) ** 2)) / (count - 2)
  return { intercept: yMean - slope * xMean, slope, standardError: Math.sqrt(residual / xx) }
}

function sum(values: ArrayLike<number>): number {
  let total = 0
  for (let n = 0; n < values.length; n++) total += values[n] as number
  return total
}
