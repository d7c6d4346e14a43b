import { inQuadrature, mean, rms } from '../descriptive-statistics.js'
import { student95 } from '../statistics.js'
import type { ObservedEdge } from './edges.js'

/** An edge that was seen, and when the emitter says that it was made. */
export interface TimedEdge {
  /** Which of the plays, and which of its symbols begins with it. */
  readonly play: number
  readonly symbol: number
  /** By the emitter's clock. */
  readonly madeS: number
  /** By the witness's clock. */
  readonly seen: ObservedEdge
}

/** A value and by how much it may be off with 95 % confidence. */
export interface Uncertain {
  readonly value: number
  readonly uncertainty: number
}

/** What all edges have in common, and what each has for itself. */
export interface EdgeFit {
  /** Time interval error of each edge: positive for a late one. */
  readonly tieS: Float64Array
  /** Seconds of the witness's clock in one of the emitter's, less one. */
  readonly rateError: Uncertain
  /** By how much longer than its symbols a lit level lasts. */
  readonly litLongerS: Uncertain | null
  /** Parameters that were fitted. */
  readonly parameters: number
  /** When an edge that is made at a time would be seen, had it no error of its own. */
  at(madeS: number, rising: boolean): number
}

/**
 * Fits the times at which edges were seen to those at which they were made, by least squares: one offset for each direction and
 * one rate for both.
 *
 * @returns null for less than five edges, which tell no error of their own
 */
export function fitEdges(edges: readonly TimedEdge[]): EdgeFit | null {
  const groups = [true, false]
    .map((rising) => edges.filter(({ seen }) => seen.rising === rising))
    .filter(({ length }) => length > 0)
  const parameters = groups.length + 1
  if (edges.length < 5) return null
  const originS = edges[0]?.madeS ?? 0
  const seenOriginS = edges[0]?.seen.timeS ?? 0
  const xOf = ({ madeS }: TimedEdge): number => madeS - originS
  const yOf = (edge: TimedEdge): number => edge.seen.timeS - seenOriginS - xOf(edge)
  const middles = groups.map((group) => ({ x: mean(group.map(xOf)), y: mean(group.map(yOf)) }))
  let [xx, xy] = [0, 0]
  for (const [g, group] of groups.entries()) {
    const { x, y } = middles[g] as { x: number; y: number }
    for (const edge of group) {
      xx += (xOf(edge) - x) ** 2
      xy += (xOf(edge) - x) * (yOf(edge) - y)
    }
  }
  const slope = xy / xx
  const offsets = middles.map(({ x, y }) => y - slope * x)
  const offsetOf = (rising: boolean): number =>
    offsets[groups.findIndex(([edge]) => edge?.seen.rising === rising)] ?? (offsets[0] as number)
  const tieS = Float64Array.from(
    edges,
    (edge) => yOf(edge) - slope * xOf(edge) - offsetOf(edge.seen.rising),
  )
  const degrees = edges.length - parameters
  const residualS = rms(tieS) * Math.sqrt(edges.length / degrees)
  const factor = student95(degrees)
  const boundsS = groups.map((group) => mean(group.map(({ seen }) => seen.boundS)))
  const spanS = Math.sqrt((12 * xx) / edges.length)
  const [rises, falls] = groups
  return {
    tieS,
    parameters,
    rateError: {
      value: slope,
      // Errors of the method that go with time tilt the line by three of them over its span at most.
      uncertainty: inQuadrature(
        (factor * residualS) / Math.sqrt(xx),
        (3 * Math.max(...boundsS)) / spanS,
      ),
    },
    litLongerS:
      rises && falls
        ? {
            value: offsetOf(false) - offsetOf(true),
            uncertainty: inQuadrature(
              factor * residualS * Math.sqrt(1 / rises.length + 1 / falls.length),
              ...boundsS,
            ),
          }
        : null,
    at: (madeS, rising) => seenOriginS + (madeS - originS) * (1 + slope) + offsetOf(rising),
  }
}
