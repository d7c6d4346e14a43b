import { inOrder, inQuadrature, largest, quantileOf, rms } from '../descriptive-statistics.js'
import { extremeFactor, student95 } from '../statistics.js'
import type { EdgeFit, TimedEdge, Uncertain } from './fit-edges.js'

/** Figures in seconds; null where there are too few edges. */
export interface JitterFigures {
  readonly tieRmsS: Uncertain | null
  readonly tieP99S: Uncertain | null
  readonly tieP999S: Uncertain | null
  readonly tieMaxS: Uncertain | null
  readonly periodRmsS: Uncertain | null
  readonly periodPeakToPeakS: Uncertain | null
  readonly cycleRmsS: Uncertain | null
  readonly cyclePeakToPeakS: Uncertain | null
}

/**
 * By how much one of so many figures may be off at most, each of which is a sum of edge times: of chance the extreme, of method
 * the bound.
 *
 * @param weights of the times in the sum
 */
export function methodExtremeS(
  edges: readonly TimedEdge[],
  weights: readonly number[] = [1],
): number {
  const noiseS = largest(edges.map(({ seen }) => seen.noiseS))
  const boundS = largest(edges.map(({ seen }) => seen.boundS))
  const size = weights.reduce((sum, weight) => sum + Math.abs(weight), 0)
  return extremeFactor(edges.length) * noiseS * Math.hypot(...weights) + boundS * size
}

/** How edge times make a period, and what a period differs from the one before it. */
const PERIOD = [-1, 1] as const
const CYCLE_TO_CYCLE = [1, -2, 1] as const

/**
 * Jitter of edges about the fit. A period lasts from one edge to the next of the same direction of one play; where patterns are uneven
 * it is less its own number of symbols.
 */
export function jitterOf(
  edges: readonly TimedEdge[],
  { tieS, parameters }: EdgeFit,
): JitterFigures {
  const absoluteS = inOrder(tieS.map(Math.abs))
  const extremeS = methodExtremeS(edges)
  const methodS = inQuadrature(
    rms(edges.map(({ seen }) => seen.noiseS)),
    rms(edges.map(({ seen }) => seen.boundS)),
  )
  const { periodsS, cyclesS } = periodsOf(edges, tieS)
  const degrees = edges.length - parameters
  const extreme = (valueS: number, leastCount: number): Uncertain | null =>
    edges.length >= leastCount ? { value: valueS, uncertainty: extremeS } : null
  return {
    tieRmsS: rmsOf(tieS, degrees, methodS),
    tieP99S: extreme(quantileOf(absoluteS, 0.99), 100),
    tieP999S: extreme(quantileOf(absoluteS, 0.999), 1000),
    tieMaxS: extreme(quantileOf(absoluteS, 1), 1),
    periodRmsS: rmsOf(periodsS, periodsS.length - 1, methodS * Math.hypot(...PERIOD)),
    periodPeakToPeakS: peakToPeakOf(periodsS, 2 * methodExtremeS(edges, PERIOD)),
    cycleRmsS: rmsOf(cyclesS, cyclesS.length - 1, methodS * Math.hypot(...CYCLE_TO_CYCLE)),
    cyclePeakToPeakS: peakToPeakOf(cyclesS, 2 * methodExtremeS(edges, CYCLE_TO_CYCLE)),
  }
}

/** Deviations of periods, and of each from the one before it. */
function periodsOf(edges: readonly TimedEdge[], tieS: Float64Array) {
  const periodsS: number[] = []
  const cyclesS: number[] = []
  for (const rising of [true, false]) {
    let before:
      | { readonly play: number; readonly tieS: number; readonly periodS?: number }
      | undefined
    for (const [n, { play, seen }] of edges.entries()) {
      if (seen.rising !== rising) continue
      const edge = { play, tieS: tieS[n] as number }
      if (before?.play !== play) {
        before = edge
        continue
      }
      const periodS = edge.tieS - before.tieS
      periodsS.push(periodS)
      if (before.periodS !== undefined) cyclesS.push(periodS - before.periodS)
      before = { ...edge, periodS }
    }
  }
  return { periodsS, cyclesS }
}

function rmsOf(values: ArrayLike<number>, degrees: number, method: number): Uncertain | null {
  if (degrees < 2) return null
  const value = rms(values) * Math.sqrt(values.length / degrees)
  const chance = (student95(degrees) * value) / Math.sqrt(2 * degrees)
  return { value, uncertainty: inQuadrature(chance, method * (1 + 2 / Math.sqrt(2 * degrees))) }
}

function peakToPeakOf(values: readonly number[], uncertainty: number): Uncertain | null {
  if (values.length < 2) return null
  return { value: largest(values) + largest(values.map((value) => -value)), uncertainty }
}
