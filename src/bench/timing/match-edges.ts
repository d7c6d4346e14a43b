import type { Blindness, ObservedEdge } from './edges.js'

/** When an edge should be seen, by the witness's clock but for an unknown delay that is the same for all. */
export interface PredictedEdge {
  readonly timeS: number
  readonly rising: boolean
}

/** Each edge by its index; all in the order of time. */
export interface EdgeMatch {
  readonly pairs: readonly (readonly [predicted: number, observed: number])[]
  readonly missed: readonly number[]
  /** Missed, but while the witness was blind. */
  readonly unseen: readonly number[]
  readonly extra: readonly number[]
}

export interface MatchOptions {
  readonly symbolS: number
  /** By how much all predictions may be off, beside a delay of up to a symbol. */
  readonly uncertaintyS: number
  readonly blind?: readonly Blindness[]
}

/** An edge that is farther from its time is another one. */
const REACH_SYMBOLS = 0.45
/** By which part of the last deviation the delay is taken to have changed: two clocks drift apart. */
const TRACKING = 0.1
/** Edges at the beginning that may be missing or too many until the delay is found. */
const LEAD = 8

/** Finds which observed edge is which predicted one: by the delay with which most are and are nearest, of several the least. */
export function matchEdges(
  predicted: readonly PredictedEdge[],
  observed: readonly ObservedEdge[],
  { symbolS, uncertaintyS, blind = [] }: MatchOptions,
): EdgeMatch {
  const reachS = REACH_SYMBOLS * symbolS
  const delays = [0]
  for (const { timeS, rising } of predicted.slice(0, LEAD)) {
    const from = firstAfter(observed, timeS - uncertaintyS - symbolS)
    for (const edge of observed.slice(from, from + 2 * LEAD)) {
      const delayS = edge.timeS - timeS
      if (edge.rising === rising && Math.abs(delayS) <= uncertaintyS + symbolS) delays.push(delayS)
    }
  }
  delays.sort((a, b) => Math.abs(a) - Math.abs(b))
  let best = follow(predicted, observed, 0, reachS)
  for (const delayS of delays) {
    const found = follow(predicted, observed, delayS, reachS)
    if (found.score > best.score) best = found
  }
  const isBlindAt = (timeS: number): boolean =>
    blind.some(({ fromS, toS }) => timeS >= fromS - reachS && timeS <= toS + reachS)
  const isUnseen = ({ timeS }: Missed): boolean => isBlindAt(timeS)
  const indices = (missed: readonly Missed[]): number[] => missed.map(({ index }) => index)
  return {
    pairs: best.pairs,
    missed: indices(best.missed.filter((edge) => !isUnseen(edge))),
    unseen: indices(best.missed.filter(isUnseen)),
    extra: best.extra,
  }
}

interface Missed {
  readonly index: number
  readonly timeS: number
}

function follow(
  predicted: readonly PredictedEdge[],
  observed: readonly ObservedEdge[],
  firstDelayS: number,
  reachS: number,
) {
  const pairs: [number, number][] = []
  const missed: Missed[] = []
  const extra: number[] = []
  let delayS = firstDelayS
  /** One for each pair, less for what it is off. */
  let score = 0
  let next = 0
  for (const [index, { timeS, rising }] of predicted.entries()) {
    const dueS = timeS + delayS
    const lateS = (n: number): number => (observed[n]?.timeS ?? Number.POSITIVE_INFINITY) - dueS
    while (lateS(next) < -reachS) extra.push(next++)
    let nearest: number | undefined
    for (let n = next; lateS(n) <= reachS; n++) {
      if (observed[n]?.rising !== rising) continue
      if (nearest === undefined || Math.abs(lateS(n)) < Math.abs(lateS(nearest))) nearest = n
    }
    if (nearest === undefined) {
      missed.push({ index, timeS: dueS })
      continue
    }
    while (next < nearest) extra.push(next++)
    pairs.push([index, nearest])
    score += 1 - (lateS(nearest) / reachS) ** 2
    delayS += TRACKING * lateS(nearest)
    next = nearest + 1
  }
  while (next < observed.length) extra.push(next++)
  return { pairs, missed, extra, score }
}

function firstAfter(edges: readonly ObservedEdge[], timeS: number): number {
  const first = edges.findIndex((edge) => edge.timeS >= timeS)
  return first < 0 ? edges.length : first
}
