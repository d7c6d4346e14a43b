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
 * equally fast ones that with the most room among them: in the middle of the other axes. What is beyond the end of an axis counts as
 * failing, but not where light is read more easily there, or where an axis has one value only. Messages are the longest of the sweep.
 *
 * @param passes of each point by its number; null for what is not known
 * @param isAllowed whether a point may be proposed
 * @returns null where nothing passes
 */
export function propose(
  lattice: Lattice,
  passes: readonly (boolean | null)[],
  marginSteps: number,
  isAllowed: (number: number) => boolean = () => true,
): Candidate | null {
  const rateAxis = lattice.axisOf('symbolRateHz')
  const lengthAxis = lattice.axisOf('messageBytes')
  const failing = passes.flatMap((pass, number) => (pass ? [] : [lattice.pointOf(number)]))
  const candidates = passes.flatMap((pass, number) => {
    const point = lattice.pointOf(number)
    const isLongest = lengthAxis < 0 || point[lengthAxis] === lattice.last[lengthAxis]
    if (!pass || !isLongest || !isAllowed(number)) return []
    const rate = point[rateAxis] ?? 0
    const asFast = failing.filter((other) => (other[rateAxis] ?? 0) === rate)
    const { ofRate, ofOthers } = endSteps(lattice, point)
    return [
      {
        number,
        rate,
        steps: Math.min(nearest(point, failing), ofRate, ofOthers),
        room: Math.min(nearest(point, asFast), ofOthers),
      },
    ]
  })
  const least = Math.min(marginSteps, Math.max(...candidates.map(({ steps }) => steps)))
  const [best] = candidates
    .filter(({ steps }) => steps >= least)
    .sort((a, b) => b.rate - a.rate || b.room - a.room)
  return best ? { number: best.number, steps: best.steps } : null
}

/** Along all axes together. */
const nearest = (point: readonly number[], others: readonly (readonly number[])[]): number =>
  Math.min(
    FAR,
    ...others.map((other) =>
      Math.max(...point.map((index, axis) => Math.abs(index - (other[axis] ?? 0)))),
    ),
  )

const FAR = Number.MAX_SAFE_INTEGER

/** Steps to what is beyond the nearest end that counts: of the axis of rates, and of the others. */
function endSteps({ axes, last }: Lattice, point: readonly number[]) {
  const steps = { ofRate: FAR, ofOthers: FAR }
  for (const [axis, { name }] of axes.entries()) {
    const index = point[axis] as number
    const most = last[axis] as number
    if (most === 0 || name === 'messageBytes') continue
    const low = EASY_END[name] === 'low' ? FAR : index + 1
    const high = EASY_END[name] === 'high' ? FAR : most - index + 1
    const of = name === 'symbolRateHz' ? 'ofRate' : 'ofOthers'
    steps[of] = Math.min(steps[of], low, high)
  }
  return steps
}
