import { type LitLevels, marginOf } from './packet-bits.js'

// Gains from a quarter to four times that of the marker, in steps of 2 %.
const STEP = 0.02
const STEPS = Math.ceil(Math.log(4) / STEP)
const STATES = 2 * STEPS + 1
// A gain changes by up to so many steps from a bit to the next.
const BESIDE = 2
const WIDTH = STATES + 2 * BESIDE

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
  const bits = levels.length
  const half = (marker.white - marker.grey) / 2
  const unit = half * Math.max(noiseRms / half, LEAST_NOISE)
  const gains = Float64Array.from({ length: STATES }, (_, n) => Math.exp((n - STEPS) * STEP))
  const grey = gains.map((gain) => (gain * marker.grey) / unit)
  const white = gains.map((gain) => (gain * marker.white) / unit)
  // The least cost of all before each bit, and of all behind one, for each gain.
  const before = new Float64Array(bits * WIDTH)
  let behind = newCosts()
  behind.fill(0, BESIDE, -BESIDE)
  const sum = newCosts()
  sum.fill(SWITCHED, BESIDE, -BESIDE)
  sum[BESIDE + STEPS] = 0
  for (let bit = 0; bit < bits; bit++) {
    const costs = before.subarray(bit * WIDTH, (bit + 1) * WIDTH)
    step(sum, costs)
    const level = (levels[bit] as number) / unit
    for (let n = 0; n < STATES; n++) {
      const least = Math.min(cost(level, grey[n] as number), cost(level, white[n] as number))
      sum[n + BESIDE] = (costs[n + BESIDE] as number) + least
    }
  }
  const margins = new Array<number>(bits)
  const isDoubtful = new Array<boolean>(bits)
  let next = newCosts()
  for (let bit = bits - 1; bit >= 0; bit--) {
    const costs = before.subarray(bit * WIDTH, (bit + 1) * WIDTH)
    const level = (levels[bit] as number) / unit
    let [zero, one, best, least] = [Infinity, Infinity, 0, Infinity]
    for (let n = 0; n < STATES; n++) {
      const rest = behind[n + BESIDE] as number
      const asZero = cost(level, grey[n] as number)
      const asOne = cost(level, white[n] as number)
      sum[n + BESIDE] = rest + Math.min(asZero, asOne)
      const all = rest + (costs[n + BESIDE] as number)
      zero = Math.min(zero, all + asZero)
      one = Math.min(one, all + asOne)
      if (all + Math.min(asZero, asOne) < least) {
        least = all + Math.min(asZero, asOne)
        best = n
      }
    }
    const apart = Math.min(Math.abs(zero - one) / DOUBTFUL, 1)
    const size =
      Math.abs(marginOf((levels[bit] as number) / (gains[best] as number), marker)) * apart
    margins[bit] = one < zero ? size : -size
    isDoubtful[bit] = apart < 1
    step(sum, next)
    ;[behind, next] = [next, behind]
  }
  return { margins, isDoubtful }
}

/** How unlikely a level is for a symbol, both in units of the noise; in nats. */
function cost(level: number, symbol: number): number {
  const squared = (level - symbol) ** 2 / 2
  return squared / (1 + squared / OUTLIER)
}

/** A cost for each gain, and on either side two that none is. */
const newCosts = (): Float64Array => new Float64Array(WIDTH).fill(Infinity)

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
  for (let n = BESIDE; n < STATES + BESIDE; n++) least = Math.min(least, from[n] as number)
  const switched = least + SWITCHED
  for (let n = BESIDE; n < STATES + BESIDE; n++) {
    const one = Math.min(from[n - 1] as number, from[n + 1] as number) + DRIFTED
    const two = Math.min(from[n - 2] as number, from[n + 2] as number) + 2 * DRIFTED
    to[n] = Math.min(Math.min(from[n] as number, one), Math.min(two, switched))
  }
}
