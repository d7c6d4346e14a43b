import type { Clock, ClockReading } from '../rig/rig.js'

/** How the times of one clock are told by another. */
export interface ClockMap {
  /** A time of the first clock by the second. */
  at(timeS: number): number
  /** Seconds of the second clock in one of the first. */
  readonly rate: number
  /** By how much what `at` gives may be wrong, between the readings. */
  readonly uncertaintyS: number
}

const SAME_CLOCK: ClockMap = { at: (timeS) => timeS, rate: 1, uncertaintyS: 0 }

/**
 * Compares two clocks over a time: reads both, and when the function that it gives is called reads them again. Between
 * the readings each is taken for even.
 *
 * @returns ends the comparison
 * @throws RigError from a clock that cannot be read
 */
export async function compareClocks(from: Clock, to: Clock): Promise<() => Promise<ClockMap>> {
  if (from === to) return async () => SAME_CLOCK
  const read = () => Promise.all([from.read(), to.read()])
  const [from1, to1] = await read()
  return async () => {
    const [from2, to2] = await read()
    return clockMap([from1, from2], [to1, to2])
  }
}

type Readings = readonly [ClockReading, ClockReading]

/** The map from two readings of either clock. */
export function clockMap([from1, from2]: Readings, [to1, to2]: Readings): ClockMap {
  const fromRate = (from2.timeS - from1.timeS) / (middleS(from2) - middleS(from1))
  const toRate = (to2.timeS - to1.timeS) / (middleS(to2) - middleS(to1))
  const at = (timeS: number): number => {
    const hostS = middleS(from1) + (timeS - from1.timeS) / fromRate
    return to1.timeS + (hostS - middleS(to1)) * toRate
  }
  const uncertaintyS = widest(from1, from2) + widest(to1, to2)
  return { at, rate: toRate / fromRate, uncertaintyS }
}

const middleS = ({ fromS, toS }: ClockReading): number => (fromS + toS) / 2

const widest = (...readings: Readings): number =>
  Math.max(...readings.map(({ fromS, toS }) => (toS - fromS) / 2))
