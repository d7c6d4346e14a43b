/** Numbers of charts, bounded however many values there are. */

/** The least and the most of what is finite; null where nothing is. */
export function extentOf(lists: Iterable<ArrayLike<number>>): [least: number, most: number] | null {
  let [least, most] = [Infinity, -Infinity]
  for (const list of lists) {
    for (let i = 0; i < list.length; i++) {
      const value = list[i] as number
      if (!Number.isFinite(value)) continue
      if (value < least) least = value
      if (value > most) most = value
    }
  }
  return least <= most ? [least, most] : null
}

export interface Bin {
  readonly from: number
  readonly to: number
  readonly count: number
}

/** How many values there are in each of equally wide bins, the last of which holds its upper end, too. */
export function binned(
  values: ArrayLike<number>,
  [least, most]: readonly [number, number],
  bins: number,
): Bin[] {
  const width = (most - least) / bins
  const counts = new Array<number>(bins).fill(0)
  for (let i = 0; i < values.length; i++) {
    const part = ((values[i] as number) - least) / (most - least)
    const bin = Math.min(Math.floor(part * bins), bins - 1)
    if (bin >= 0) (counts[bin] as number)++ // not for NaN
  }
  return counts.map((count, i) => ({ from: least + i * width, to: least + (i + 1) * width, count }))
}

export interface Point {
  readonly x: number
  readonly y: number
}

/** The points of a line; of too many the least and the most of each stretch, so that no peak is lost. Those not finite are left out. */
export function thinned(xs: ArrayLike<number>, ys: ArrayLike<number>, most: number): Point[] {
  const points: Point[] = []
  for (let i = 0; i < Math.min(xs.length, ys.length); i++) {
    const [x, y] = [xs[i] as number, ys[i] as number]
    if (Number.isFinite(x) && Number.isFinite(y)) points.push({ x, y })
  }
  if (points.length <= most) return points
  const stretch = Math.ceil(points.length / Math.floor(most / 2))
  const kept: Point[] = []
  for (let from = 0; from < points.length; from += stretch) {
    let [low, high] = [from, from]
    for (let i = from; i < Math.min(from + stretch, points.length); i++) {
      if ((points[i] as Point).y < (points[low] as Point).y) low = i
      if ((points[i] as Point).y > (points[high] as Point).y) high = i
    }
    const places = low === high ? [low] : [Math.min(low, high), Math.max(low, high)]
    kept.push(...places.map((i) => points[i] as Point))
  }
  return kept
}

/** Shades of a density, of which the first is nothing. */
export const SHADES = 8

/**
 * How densely points lie in the cells of a grid, row by row from the least y on, as shades by the logarithm of their number: a single
 * one is seen.
 */
export function density(
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  [left, right]: readonly [number, number],
  [bottom, top]: readonly [number, number],
  [columns, rows]: readonly [number, number],
): Uint8Array {
  const counts = new Uint32Array(columns * rows)
  let most = 0
  for (let i = 0; i < Math.min(xs.length, ys.length); i++) {
    const column = Math.floor((((xs[i] as number) - left) / (right - left)) * columns)
    const row = Math.floor((((ys[i] as number) - bottom) / (top - bottom)) * rows)
    if (!(column >= 0 && column < columns && row >= 0 && row < rows)) continue
    const count = ++(counts[row * columns + column] as number)
    if (count > most) most = count
  }
  return Uint8Array.from(counts, (count) =>
    count === 0
      ? 0
      : 1 + Math.round(((SHADES - 2) * Math.log(count)) / Math.log(Math.max(2, most))),
  )
}
