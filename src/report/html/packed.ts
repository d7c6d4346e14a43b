import { deflateSync } from 'node:zlib'
import type { Waveform } from '../bench-report.js'

/** Samples as a page holds them. */
export interface PackedSamples {
  readonly count: number
  readonly startS: number
  /** What a step of the times is. */
  readonly stepS: number
  /** What a step of the levels is. */
  readonly levelStep: number
  /**
   * In base64, by deflate (zlib): the second differences of the times and the differences of the levels, as zigzag numbers, of each
   * the four bytes in a plane of its own, the least first; then the bytes that were given beside them. Regular times are nothing so.
   */
  readonly data: string
}

/** Finer than noise, and than what any picture shows. */
const LEVEL_STEP = 1 / 4096
const FINEST_STEP_S = 1e-6
/** Differences must fit into 32 bits, twice. */
const MOST_STEPS = 2 ** 29

/** @param besides other bytes to pack */
export function packSamples(
  { timesS, levels }: Waveform,
  besides: readonly Uint8Array[],
): PackedSamples {
  const [startS = 0] = timesS
  const count = timesS.length
  let [shortest, longest] = [Infinity, 0]
  for (let i = 1; i < count; i++) {
    const period = (timesS[i] as number) - (timesS[i - 1] as number)
    shortest = Math.min(shortest, period)
    longest = Math.max(longest, period)
  }
  const stepS = Math.max(Math.min(FINEST_STEP_S, shortest / 16), longest / MOST_STEPS)
  const times = new Int32Array(count)
  const steps = new Int32Array(count)
  let [atTime, period, atLevel] = [0, 0, 0]
  for (let i = 0; i < count; i++) {
    const time = Math.round(((timesS[i] as number) - startS) / stepS)
    const level = Math.round((levels[i] as number) / LEVEL_STEP)
    times[i] = time - atTime - period
    steps[i] = level - atLevel
    period = time - atTime
    ;[atTime, atLevel] = [time, level]
  }
  const data = Buffer.concat([planes(times), planes(steps), ...besides])
  return {
    count,
    startS,
    stepS,
    levelStep: LEVEL_STEP,
    data: deflateSync(data, { level: 9 }).toString('base64'),
  }
}

function planes(numbers: Int32Array): Uint8Array {
  const bytes = new Uint8Array(4 * numbers.length)
  numbers.forEach((number, i) => {
    const zigzag = (number << 1) ^ (number >> 31)
    for (let plane = 0; plane < 4; plane++) {
      bytes[plane * numbers.length + i] = zigzag >>> (8 * plane)
    }
  })
  return bytes
}
