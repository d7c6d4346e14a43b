import { Trend, type TrendBin } from '../../bench/trend.js'
import { LIGHT_LIMITS } from '../../light/limits.js'
import type { CycleRecord, UnixMs } from './cycle-record.js'

/**
 * What is followed of the light, by the names of its measurements, and how little is too little where a measurement does not say it. A margin
 * of 0 is a bit that may be read either way.
 */
const FOLLOWED = {
  'margin-pct': { unit: '%', least: 20 },
  'snr-db': { unit: 'dB', least: LIGHT_LIMITS.snrDb.marginal[0] },
} as const
export type FollowedName = keyof typeof FOLLOWED

/** A warning is early enough for the next visit of whoever mends it, and not so early that all that seems to fall is told. */
const WARN_WITHIN_H = 7 * 24
/** Fewer may seem to fall by chance. */
const LEAST_FOR_WARNING = 10

/** What becomes of the light of a rig. */
export interface MarginTrend {
  readonly rig: string
  readonly name: FollowedName
  readonly unit: string
  /** Cycles that have measured it. */
  readonly cycles: number
  readonly min: number
  readonly mean: number
  readonly max: number
  /** What it must not fall below. */
  readonly least: number
  /** Slope of the straight line that fits best, an hour; null for too few. */
  readonly perHour: number | null
  /** By how much the slope may be off by chance, with 95 % confidence; null where that is not known. */
  readonly perHourUncertainty: number | null
  /** After how long the line comes to the least, counted from the last cycle; null where it surely falls not, or not within a week. */
  readonly hoursLeft: number | null
  /** What to do about it, in a sentence; null for nothing. */
  readonly warning: string | null
  /** Its course; times are in s since 1970. */
  readonly bins: readonly TrendBin[]
}

interface Followed {
  readonly rig: string
  readonly name: FollowedName
  readonly values: { readonly atMs: UnixMs; readonly value: number; readonly least: number }[]
}

/** Follows the light of each rig. */
export class MarginTrends {
  readonly #followed = new Map<string, Followed>()

  add({ rig, startedAtMs, measurements }: CycleRecord): void {
    for (const { name, value, least } of measurements) {
      if (!isFollowed(name) || typeof value !== 'number') continue
      const key = JSON.stringify([rig, name])
      const followed = this.#followed.get(key) ?? { rig, name, values: [] }
      this.#followed.set(key, followed)
      followed.values.push({ atMs: startedAtMs, value, least: least ?? FOLLOWED[name].least })
    }
  }

  /** By rig, in alphabetical order. */
  trends(): MarginTrend[] {
    return Array.from(this.#followed)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, followed]) => trendOf(followed))
  }
}

const isFollowed = (name: string): name is FollowedName => Object.hasOwn(FOLLOWED, name)

function trendOf({ rig, name, values }: Followed): MarginTrend {
  const { unit } = FOLLOWED[name]
  values.sort((a, b) => a.atMs - b.atMs)
  const trend = new Trend()
  for (const { atMs, value } of values) trend.push(atMs / 1000, value)
  const { all, bins, perHour } = trend
  const last = values.at(-1)
  if (!all || !last) throw new Error(`nothing is known of ${name}`)
  const { least } = last
  const middleMs = values.reduce((sum, { atMs }) => sum + atMs / values.length, 0)
  const slope = perHour?.value ?? 0
  const valueNow = all.mean + (slope * (last.atMs - middleMs)) / 3_600_000
  const isFalling = perHour?.uncertainty != null && slope + perHour.uncertainty < 0
  const hours = Math.max(0, (valueNow - least) / -slope)
  const isWarned = isFalling && values.length >= LEAST_FOR_WARNING && hours <= WARN_WITHIN_H
  const hoursLeft = isWarned ? hours : null
  return {
    rig,
    name,
    unit,
    cycles: values.length,
    min: all.min,
    mean: all.mean,
    max: all.max,
    least,
    perHour: perHour?.value ?? null,
    perHourUncertainty: perHour?.uncertainty ?? null,
    hoursLeft,
    warning:
      hoursLeft === null
        ? null
        : `${name} of rig ${rig} falls by ${short(-slope)} ${unit} an hour, and is at ${short(valueNow)} ${unit}: in about ${short(hoursLeft)} h it is below ${short(least)} ${unit}; clean LED, photodiode and window, and look how they stand`,
    bins,
  }
}

const short = (value: number): string => `${Number(value.toPrecision(2))}`
