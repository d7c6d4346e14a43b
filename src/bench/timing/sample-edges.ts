import { LEAST_CHANGE } from '../../light/limits.js'
import { inOrder, mean, quantileOf, standardDeviation } from '../descriptive-statistics.js'
import type { ObservedEdge, Sighting } from './edges.js'

/** Samples of one play, from before its light until after it. */
export interface Samples {
  /** Strictly increasing, in seconds. */
  readonly timesS: ArrayLike<number>
  /** In parts of full scale. */
  readonly levels: ArrayLike<number>
}

/** When the light was, by the clock of the samples, and how sure that is. */
export interface LightTimes {
  readonly startS: number
  readonly endS: number
  readonly symbolS: number
  readonly uncertaintyS: number
  readonly samplePeriodS: number
}

/** What the samples of one play show. */
export interface SampleView extends Sighting {
  /** From black to white: negative for a sensor whose level falls with light. */
  readonly swing: number
  /** Levels around each edge, in the order of `edges`. */
  readonly around: readonly { readonly before: number; readonly after: number }[]
  /** Samples before the light. */
  readonly dark: Float64Array
}

/** A move by this part of the swing is a change between dark and lit: less than grey, more than noise and droop. */
const TURN = 0.2
/** Where the levels around an edge are taken from: symbols before and after it. */
const BEFORE = [-0.35, -0.1] as const
const AFTER = [0.25, 0.5] as const
/** What an ADC of 10 bits, the coarsest there is on a rig, may be off. */
export const ADC_QUANTUM = 1 / 1023 / Math.sqrt(12)
/** An interval of so many sample periods is a gap. */
const GAP_PERIODS = 1.5

/**
 * Finds the edges in samples: each where the light crosses the middle between the levels before and after it, interpolated
 * between two samples. Of what that may be off noise is told as chance; and as bound what the samples beside the two leave
 * open: the curvature between them, and half a sample period where the whole edge may lie between them.
 */
export function edgesOfSamples(samples: Samples, light: LightTimes): SampleView {
  const { timesS } = samples
  const { startS, endS, uncertaintyS, samplePeriodS, symbolS } = light
  const lastDark = indexAt(timesS, startS - uncertaintyS)
  const dark = Float64Array.from({ length: lastDark }, (_, n) => samples.levels[n] as number)
  const blind = gapsOf(timesS, samplePeriodS)
  const lit = inOrder(
    Float64Array.from(
      { length: indexAt(timesS, endS + symbolS + uncertaintyS) - lastDark },
      (_, n) => samples.levels[lastDark + n] as number,
    ),
  )
  const [least, most] = [quantileOf(lit, 0.02), quantileOf(lit, 0.98)]
  const size = most - least
  const black = dark.length > 0 ? quantileOf(inOrder(dark), 0.5) : least
  const sign = black - least > size / 2 ? -1 : 1
  if (!(size >= LEAST_CHANGE.ofSamples)) return { edges: [], blind, swing: 0, around: [], dark }

  const levels = Float64Array.from(samples.levels, (level) => sign * level)
  const turns = turnsOf(levels, TURN * size)
  const around = turns.map((_, n) => levelsAround(timesS, levels, turns, n, symbolS))
  const noise = Math.max(
    ADC_QUANTUM,
    dark.length > 1 ? standardDeviation(dark) : 0,
    Math.sqrt(mean(around.map(({ variance }) => variance)) || 0),
  )
  const found = turns.flatMap((turn, n) => {
    const { before, after } = around[n] as Around
    const edge = crossing(timesS, levels, turn, (before + after) / 2, noise)
    const isInGap = blind.some(({ fromS, toS }) => edge && edge.timeS > fromS && edge.timeS < toS)
    return edge && !isInGap ? [{ edge, before: sign * before, after: sign * after }] : []
  })
  return {
    edges: found.map(({ edge }) => edge),
    around: found.map(({ before, after }) => ({ before, after })),
    swing: sign * size,
    blind,
    dark,
  }
}

/** The first sample that is not before a time, or how many there are. */
export function indexAt(timesS: ArrayLike<number>, timeS: number): number {
  let [low, high] = [0, timesS.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((timesS[middle] as number) < timeS) low = middle + 1
    else high = middle
  }
  return low
}

function gapsOf(timesS: ArrayLike<number>, samplePeriodS: number) {
  const gaps: { fromS: number; toS: number }[] = []
  for (let n = 1; n < timesS.length; n++) {
    const [fromS, toS] = [timesS[n - 1] as number, timesS[n] as number]
    if (toS - fromS > GAP_PERIODS * samplePeriodS) gaps.push({ fromS, toS })
  }
  return gaps
}

/** A move of the level that is no noise. */
interface Turn {
  readonly rising: boolean
  /** Samples at its beginning, the extreme of the level before; and at which it was seen. */
  readonly from: number
  readonly seen: number
}

function turnsOf(levels: Float64Array, least: number): Turn[] {
  const turns: Turn[] = []
  let isLit = false
  let extreme = 0
  for (let n = 1; n < levels.length; n++) {
    const move = (levels[n] as number) - (levels[extreme] as number)
    if (isLit ? move > 0 : move < 0) extreme = n
    else if (Math.abs(move) >= least) {
      turns.push({ rising: !isLit, from: extreme, seen: n })
      isLit = !isLit
      extreme = n
    }
  }
  return turns
}

interface Around {
  readonly before: number
  readonly after: number
  readonly variance: number
}

function levelsAround(
  timesS: ArrayLike<number>,
  levels: Float64Array,
  turns: readonly Turn[],
  n: number,
  symbolS: number,
): Around {
  const { seen } = turns[n] as Turn
  const seenS = timesS[seen] as number
  const previous = turns[n - 1]?.seen ?? 0
  const next = turns[n + 1]
  const within = (part: readonly [number, number]): Float64Array =>
    levels.subarray(
      Math.max(previous, indexAt(timesS, seenS + part[0] * symbolS)),
      Math.min(next?.seen ?? levels.length, indexAt(timesS, seenS + part[1] * symbolS)),
    )
  const [before, after] = [within(BEFORE), within(AFTER)]
  const variances = [before, after]
    .filter(({ length }) => length > 2)
    .map((window) => standardDeviation(window) ** 2)
  return {
    before: before.length > 0 ? mean(before) : (levels[Math.max(previous, seen - 2)] as number),
    after:
      after.length > 0
        ? mean(after)
        : (levels[next?.from ?? Math.min(seen + 1, levels.length - 1)] as number),
    variance: variances.length > 0 ? mean(variances) : 0,
  }
}

function crossing(
  timesS: ArrayLike<number>,
  levels: Float64Array,
  { rising, from, seen }: Turn,
  middle: number,
  noise: number,
): ObservedEdge | undefined {
  const isPast = (n: number): boolean => (levels[n] as number) >= middle === rising
  // From where it was seen on, or back to where it had crossed already.
  let past = seen
  while (past < levels.length && !isPast(past)) past++
  while (past > from + 1 && isPast(past - 1)) past--
  if (past >= levels.length || past === 0) return undefined
  const slopeAt = (n: number): number =>
    ((levels[n] as number) - (levels[n - 1] as number)) /
    ((timesS[n] as number) - (timesS[n - 1] as number))
  const slope = slopeAt(past)
  if (!((rising ? slope : -slope) > 0)) return undefined
  const periodS = (timesS[past] as number) - (timesS[past - 1] as number)
  const timeS = (timesS[past - 1] as number) + (middle - (levels[past - 1] as number)) / slope
  const part = (timeS - (timesS[past - 1] as number)) / periodS
  const neighbours = [past - 1, past + 1].filter((n) => n > 0 && n < levels.length)
  const bend = Math.min(1, Math.max(...neighbours.map((n) => Math.abs(1 - slopeAt(n) / slope))))
  return {
    timeS,
    rising,
    // The middle may be off the other way.
    noiseS: (noise * (Math.hypot(part, 1 - part) + 1)) / Math.abs(slope),
    boundS: periodS * Math.max(bend / 8, bend ** 2 / 2),
  }
}
