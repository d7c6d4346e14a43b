import {
  fitLine,
  inOrder,
  inQuadrature,
  mean,
  quantileOf,
  standardDeviation,
} from '../descriptive-statistics.js'
import { student95 } from '../statistics.js'
import type { Uncertain } from './fit-edges.js'
import { ADC_QUANTUM, indexAt, type Samples } from './sample-edges.js'

/** A stretch of time at one level, by the clock of its samples. */
export interface HeldLevel {
  readonly samples: Samples
  readonly fromS: number
  readonly toS: number
}

/** Fewer samples tell no slope of a level. */
const LEAST_SAMPLES = 4
/** Fewer levels tell no mean of slopes. */
const LEAST_LEVELS = 5

/**
 * By how much the level falls within a symbol that is held, as its straight line has it, the mean of all; in levels. What seems to
 * fall while the LED is dark is other light's flicker, which is in step with the symbols, and may be in the lit levels, too.
 *
 * @param unsettled by how much a level may still be on its way at the beginning
 * @returns null for too few samples, or too few levels
 */
export function droopOf(
  lit: readonly HeldLevel[],
  dark: readonly HeldLevel[],
  symbolS: number,
  unsettled: number,
): Uncertain | null {
  const falls = fallsOf(lit, symbolS)
  const darkFalls = fallsOf(dark, symbolS)
  if (Math.min(falls.length, darkFalls.length) < LEAST_LEVELS) return null
  const error = standardDeviation(falls) / Math.sqrt(falls.length)
  const chance = inQuadrature(student95(falls.length - 1) * error, unsettled)
  return { value: mean(falls), uncertainty: chance + Math.abs(mean(darkFalls)) }
}

function fallsOf(held: readonly HeldLevel[], symbolS: number): number[] {
  return held.flatMap((level) => {
    const { times, levels } = within(level)
    return times.length < LEAST_SAMPLES ? [] : [-fitLine(times, levels).slope * symbolS]
  })
}

/** By how much the held levels rise from the first to the last, as their straight line has it; in levels. Null for too few. */
export function driftOf(held: readonly HeldLevel[]): Uncertain | null {
  const means = held
    .map((level) => ({ timeS: level.fromS, levels: within(level).levels }))
    .filter(({ levels }) => levels.length > 0)
  if (means.length < LEAST_LEVELS) return null
  const times = means.map(({ timeS }) => timeS)
  const line = fitLine(
    times,
    means.map(({ levels }) => mean(levels)),
  )
  const spanS = (times.at(-1) as number) - (times[0] as number)
  return {
    value: line.slope * spanS,
    uncertainty: inQuadrature(
      student95(means.length - 2) * line.standardError * spanS,
      ADC_QUANTUM,
    ),
  }
}

/** Without the rarest hundredth at each end. */
const RAREST = 0.01
/** Of a rank's normal deviate. */
const TWO_SIDED = 1.96

/** Peak to peak of a level that should be still, without the rarest hundredth at each end. Null for less than a hundred samples. */
export function flickerOf(levels: ArrayLike<number>): Uncertain | null {
  const count = levels.length
  if (count < 1 / RAREST) return null
  const sorted = inOrder(levels)
  const peakToPeak = (rarest: number): number =>
    quantileOf(sorted, 1 - rarest) - quantileOf(sorted, rarest)
  // By the ranks between which the quantiles of so many samples may be.
  const off = TWO_SIDED * Math.sqrt((RAREST * (1 - RAREST)) / count)
  const value = peakToPeak(RAREST)
  const [most, least] = [peakToPeak(Math.max(0, RAREST - off)), peakToPeak(RAREST + off)]
  return { value, uncertainty: Math.max(most - value, value - least) }
}

function within({ samples, fromS, toS }: HeldLevel) {
  const [first, end] = [indexAt(samples.timesS, fromS), indexAt(samples.timesS, toS)]
  const times: number[] = []
  const levels: number[] = []
  for (let n = first; n < end; n++) {
    times.push(samples.timesS[n] as number)
    levels.push(samples.levels[n] as number)
  }
  return { times, levels }
}
