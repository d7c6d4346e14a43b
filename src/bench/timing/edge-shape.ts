import { inQuadrature } from '../descriptive-statistics.js'
import type { Uncertain } from './fit-edges.js'
import { indexAt, type Samples } from './sample-edges.js'

/** An edge of the light, with the samples that it is in. */
export interface SampledEdge {
  readonly samples: Samples
  /** By the clock of the samples. */
  readonly edgeS: number
  readonly rising: boolean
  readonly before: number
  readonly after: number
  /** Until the edge before it and the edge after it. */
  readonly sinceS: number
  readonly untilS: number
}

/** All edges of one direction laid over one another: level from 0 before to 1 after, over the time since the edge. */
export interface FoldedEdge {
  readonly timesS: Float64Array
  readonly parts: Float64Array
}

/** So much of the time to the edges beside it belongs to an edge. */
const REACH = 0.5

/** Equivalent-time sampling: each edge has its samples elsewhere, all together have them densely. */
export function foldEdges(edges: readonly SampledEdge[]): FoldedEdge {
  const points: { timeS: number; part: number }[] = []
  for (const { samples, edgeS, before, after, sinceS, untilS } of edges) {
    const { timesS, levels } = samples
    const last = indexAt(timesS, edgeS + REACH * untilS)
    for (let n = indexAt(timesS, edgeS - REACH * sinceS); n < last; n++) {
      points.push({
        timeS: (timesS[n] as number) - edgeS,
        part: ((levels[n] as number) - before) / (after - before),
      })
    }
  }
  points.sort((a, b) => a.timeS - b.timeS)
  return {
    timesS: Float64Array.from(points, ({ timeS }) => timeS),
    parts: Float64Array.from(points, ({ part }) => part),
  }
}

/**
 * Time from 10 to 90 % of an edge: of the rising curve that fits the samples best (isotonic regression), interpolated. What it
 * may be off is the time between the steps of that curve, which sample period and noise make, and what it would be from levels
 * that are off.
 *
 * @param levelError by how much the levels before and after may be off, as a part of the step between them
 * @returns null where the samples do not show it
 */
export function transitionTimeS(folded: FoldedEdge, levelError: number): Uncertain | null {
  const steps = isotonic(folded)
  const betweenS = (low: number, high: number) => {
    const [from, to] = [crossing(steps, low), crossing(steps, high)]
    return from && to && { value: to.timeS - from.timeS, widths: [from.widthS, to.widthS] }
  }
  const nominal = betweenS(0.1, 0.9)
  if (!nominal) return null
  const offS = [levelError, -levelError].map((off) => {
    const other = betweenS(0.1 + off, 0.9 - off)
    return other ? Math.abs(other.value - nominal.value) : nominal.value
  })
  return {
    value: nominal.value,
    uncertainty: inQuadrature(...nominal.widths, Math.max(...offS)),
  }
}

/** Samples in a row whose mean level stands for all of them. */
interface Step {
  readonly fromS: number
  readonly toS: number
  readonly part: number
  readonly count: number
}

/** Pool adjacent violators. */
function isotonic({ timesS, parts }: FoldedEdge): Step[] {
  const steps: Step[] = []
  for (let n = 0; n < timesS.length; n++) {
    const timeS = timesS[n] as number
    let step: Step = { fromS: timeS, toS: timeS, part: parts[n] as number, count: 1 }
    for (;;) {
      const last = steps.at(-1)
      if (!last || last.part < step.part) break
      steps.pop()
      step = pooled(last, step)
    }
    steps.push(step)
  }
  return steps
}

function pooled(a: Step, b: Step): Step {
  const count = a.count + b.count
  return { fromS: a.fromS, toS: b.toS, part: (a.count * a.part + b.count * b.part) / count, count }
}

function crossing(steps: readonly Step[], part: number) {
  const after = steps.findIndex((step) => step.part >= part)
  const [a, b] = [steps[after - 1], steps[after]]
  if (!a || !b) return undefined
  const gapS = b.fromS - a.toS
  return {
    timeS: a.toS + (gapS * (part - a.part)) / (b.part - a.part),
    // Where they are long it is noise that has made them so, unless one is the level itself.
    widthS: gapS + Math.min(a.toS - a.fromS, b.toS - b.fromS),
  }
}
