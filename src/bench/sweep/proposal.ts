import { EASY_END } from './axes.js'
import type { Lattice } from './lattice.js'

/** Settings that are away from the edge of the passing region. */
export interface Candidate {
  /** Of the point in the lattice. */
  readonly number: number
  /** Steps of the axes, any of them together, to the nearest point that does not pass. */
  readonly steps: number
}

/**
 * The fastest settings that are so many steps of the axes away from what does not pass; where nothing is, those that are farthest away. Of
 * equally fast ones the farthest away. What is beyond the end of an axis counts as failing, but not where light is read more easily there, or
 * where an axis has one value only. Messages are the longest of the sweep.
 *
 * @param passes of each point by its number; null for what is not known
 * @returns null where nothing passes
 */
export function propose(
  lattice: Lattice,
  passes: readonly (boolean | null)[],
  marginSteps: number,
): Candidate | null {
  const rateAxis = lattice.axisOf('symbolRateHz')
  const lengthAxis = lattice.axisOf('messageBytes')
  const isLongest = (point: readonly number[]): boolean =>
    lengthAxis < 0 || point[lengthAxis] === lattice.last[lengthAxis]
  const failing = passes.flatMap((pass, number) => (pass ? [] : [lattice.pointOf(number)]))
  const candidates = passes.flatMap((pass, number) => {
    const point = lattice.pointOf(number)
    if (!pass || !isLongest(point)) return []
    const distances = failing.map((other) => distance(point, other))
    const steps = Math.min(stepsInside(lattice, point), ...distances)
    return [{ number, steps, rate: point[rateAxis] ?? 0 }]
  })
  const least = Math.min(marginSteps, Math.max(...candidates.map(({ steps }) => steps)))
  const [best] = candidates
    .filter(({ steps }) => steps >= least)
    .sort((a, b) => b.rate - a.rate || b.steps - a.steps)
  return best ? { number: best.number, steps: best.steps } : null
}

/** Along all axes together. */
const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((index, axis) => Math.abs(index - (b[axis] ?? 0))))

/** Steps to what is beyond the nearest end of an axis that counts. */
function stepsInside({ axes, last }: Lattice, point: readonly number[]): number {
  const ends = axes.flatMap(({ name }, axis) => {
    const index = point[axis] as number
    const most = last[axis] as number
    if (most === 0 || name === 'messageBytes') return []
    const easy = EASY_END[name]
    return [...(easy === 'low' ? [] : [index + 1]), ...(easy === 'high' ? [] : [most - index + 1])]
  })
  return Math.min(Number.MAX_SAFE_INTEGER, ...ends)
}
