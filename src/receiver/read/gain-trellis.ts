import { type LitLevels, marginOf } from './packet-bits.js'

// Gains from a quarter to four times that of the marker, in steps of 2 %.
const STEP = 0.02
const STEPS = Math.ceil(Math.log(4) / STEP)
const STATES = 2 * STEPS + 1

// What a change of the gain costs, as an improbable event: a step at a bit, and by one or two steps of the grid, as a hand or an
// automatic gain does. And at most what a bit costs that is on no level, since an impulse may have hit it. In nats; fitted.
const SWITCHED = 20
const DRIFTED = 2.5
const OUTLIER = 12
// What is less likely than this many nats is not considered beside what is most likely.
const DOUBTFUL = 4

// Noise of a margin that the grid makes at least.
const LEAST_NOISE = 0.05

// Doubtful bits in a row that their CRC tells apart, as it finds each burst within eight; and ways to decide all that are.
const LONGEST_RUN = 8
const MOST_WAYS = 2 * LONGEST_RUN

interface Decided {
  readonly margins: number[]
  /** Bits that are nearly as likely the other. */
  readonly isDoubtful: boolean[]
}

/**
 * Decides all bits of a message at once where the gain may have changed: the sequence of gains and bits that makes the levels most
 * likely (Viterbi's algorithm over a grid of gains), and for each bit how much less likely the best one is that has the other value
 * there. So a gain that makes grey as bright as white was is found by the next level that is on neither.
 *
 * @param levels of the lit symbols, above black
 * @param marker grey and white at the gain of the marker
 * @param noiseRms of a level
 */
export function decideWithGain(
  levels: readonly number[],
  marker: LitLevels,
  noiseRms: number,
): Decided {
  const half = (marker.white - marker.grey) / 2
  const noise = Math.max(noiseRms / half, LEAST_NOISE)
  const bits = levels.length
  const gains = Float64Array.from({ length: STATES }, (_, n) => Math.exp((n - STEPS) * STEP))
  /** How unlikely a level is for a symbol at a gain, in nats. */
  const cost = (level: number, symbol: number, gain: number): number => {
    const squared = ((level - gain * symbol) / (half * noise)) ** 2 / 2
    return squared / (1 + squared / OUTLIER)
  }
  const bitCost = (bit: number, n: number): number => {
    const [level, gain] = [levels[bit] as number, gains[n] as number]
    return Math.min(cost(level, marker.grey, gain), cost(level, marker.white, gain))
  }
  // The least cost of all before a bit, and of all behind it, for each gain.
  const before = Array.from({ length: bits }, () => new Float64Array(STATES))
  const behind = Array.from({ length: bits }, () => new Float64Array(STATES))
  const first = new Float64Array(STATES).fill(SWITCHED)
  first[STEPS] = 0
  if (bits > 0) step(first, before[0] as Float64Array)
  const sum = new Float64Array(STATES)
  for (let bit = 1; bit < bits; bit++) {
    const from = before[bit - 1] as Float64Array
    for (let n = 0; n < STATES; n++) sum[n] = (from[n] as number) + bitCost(bit - 1, n)
    step(sum, before[bit] as Float64Array)
  }
  for (let bit = bits - 2; bit >= 0; bit--) {
    const from = behind[bit + 1] as Float64Array
    for (let n = 0; n < STATES; n++) sum[n] = (from[n] as number) + bitCost(bit + 1, n)
    step(sum, behind[bit] as Float64Array)
  }
  const margins: number[] = []
  const isDoubtful: boolean[] = []
  for (const [bit, level] of levels.entries()) {
    let [least, zero, one, best] = [Infinity, Infinity, Infinity, 1]
    for (let n = 0; n < STATES; n++) {
      const gain = gains[n] as number
      const rest =
        ((before[bit] as Float64Array)[n] as number) + ((behind[bit] as Float64Array)[n] as number)
      const asZero = rest + cost(level, marker.grey, gain)
      const asOne = rest + cost(level, marker.white, gain)
      zero = Math.min(zero, asZero)
      one = Math.min(one, asOne)
      if (Math.min(asZero, asOne) < least) {
        least = Math.min(asZero, asOne)
        best = gain
      }
    }
    const apart = Math.min(Math.abs(zero - one) / DOUBTFUL, 1)
    const size = Math.abs(marginOf(level / best, marker)) * apart
    margins.push(one < zero ? size : -size)
    isDoubtful.push(apart < 1)
  }
  return { margins, isDoubtful }
}

/**
 * All margins that a message may have: where a run of bits is doubtful, as the gain may have changed before, in or after it, those
 * up to the change are one value and those from it on the other. Only the first, as decided, where there are too many.
 */
export function waysOf({ margins, isDoubtful }: Decided): number[][] {
  let ways = [margins]
  for (let bit = 0; bit < margins.length; bit++) {
    const from = bit
    while (isDoubtful[bit]) bit++
    if (bit === from) continue
    ways = ways.flatMap((way) => splits(way, from, bit))
    if (bit - from > LONGEST_RUN || ways.length > MOST_WAYS) return [margins]
  }
  return ways
}

/** With the bits of one run changed to zeros and then ones, or ones and then zeros. */
function splits(margins: readonly number[], from: number, to: number): number[][] {
  const ways: number[][] = []
  for (const sign of [1, -1]) {
    for (let split = from; split < to; split++) {
      ways.push(
        margins.map((margin, bit) =>
          bit < from || bit >= to ? margin : (bit < split ? sign : -sign) * Math.abs(margin),
        ),
      )
    }
  }
  return ways
}

/** The least cost of each gain at the next bit. */
function step(from: Float64Array, to: Float64Array): void {
  let least = Infinity
  for (let n = 0; n < STATES; n++) least = Math.min(least, from[n] as number)
  for (let n = 0; n < STATES; n++) {
    const one = Math.min(from[n - 1] ?? Infinity, from[n + 1] ?? Infinity) + DRIFTED
    const two = Math.min(from[n - 2] ?? Infinity, from[n + 2] ?? Infinity) + 2 * DRIFTED
    to[n] = Math.min(from[n] as number, one, two, least + SWITCHED)
  }
}
