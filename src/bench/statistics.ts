/**
 * The few exact tests and intervals that the bench judges chance by. Each is a sum of elementary terms: the packages that have them bring a hundred
 * kilobytes of others, and lose digits in the tails.
 */

const EXACT_FACTORIALS = 20
const LOG_FACTORIALS = Array.from({ length: EXACT_FACTORIALS }, (_, n) => {
  let product = 1
  for (let factor = 2; factor <= n; factor++) product *= factor
  return Math.log(product)
})

/** ln n!, to the last digits of a double. */
export function logFactorial(n: number): number {
  const exact = LOG_FACTORIALS[n]
  if (exact !== undefined) return exact
  // Stirling's series: the next term is below 1e-12 from 20 on.
  const series = 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1260 * n ** 5) - 1 / (1680 * n ** 7)
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + series
}

const logChoose = (n: number, k: number): number =>
  logFactorial(n) - logFactorial(k) - logFactorial(n - k)

/** The place in a range where a rising function reaches a value. */
export function solve(
  rising: (x: number) => number,
  value: number,
  [low, high]: readonly [low: number, high: number],
): number {
  let [below, above] = [low, high]
  for (;;) {
    const middle = (below + above) / 2
    if (middle === below || middle === above) return middle
    if (rising(middle) < value) below = middle
    else above = middle
  }
}

/** An interval; the bounds belong to it. */
export type Interval = readonly [least: number, most: number]

/**
 * What share of all there ever will be may be as of some that were tried: the exact interval of Clopper and Pearson, which holds
 * at least as often as it says.
 *
 * @param passed of `tried`; both whole
 * @param confidence such as 0.95
 */
export function binomialInterval(passed: number, tried: number, confidence = 0.95): Interval {
  const chance = (1 - confidence) / 2
  return [leastShare(passed, tried, chance), 1 - leastShare(tried - passed, tried, chance)]
}

/** The share with which so many, or more, come with that chance. */
function leastShare(passed: number, tried: number, chance: number): number {
  if (passed === 0) return 0
  const orMore = (share: number): number => {
    let sum = 0
    for (let count = passed; count <= tried; count++) {
      const ways = logChoose(tried, count)
      const term = Math.exp(ways + count * Math.log(share) + (tried - count) * Math.log1p(-share))
      sum += term
      if (term < sum * Number.EPSILON) break // below the mean share they only fall
    }
    return sum
  }
  return solve(orMore, chance, [0, passed / tried])
}

/**
 * Fisher's exact test: how likely shares are at least that different by chance alone, where both are of the same (two-sided).
 */
export function fisherExact(
  [passedA, triedA]: readonly [passed: number, tried: number],
  [passedB, triedB]: readonly [passed: number, tried: number],
): number {
  const passed = passedA + passedB
  const all = logChoose(triedA + triedB, passed)
  const logChance = (inA: number): number =>
    logChoose(triedA, inA) + logChoose(triedB, passed - inA) - all
  const seen = logChance(passedA) + 1e-7 // equal ones differ by rounding
  let sum = 0
  for (let inA = Math.max(0, passed - triedB); inA <= Math.min(triedA, passed); inA++) {
    if (logChance(inA) <= seen) sum += Math.exp(logChance(inA))
  }
  return Math.min(1, sum)
}

/**
 * How likely two counts of rare things are at least that different by chance alone, where both come as often (two-sided, exact: given
 * their sum, one of them is binomial).
 *
 * @param exposureA how much of what they come in was looked at, such as messages or seconds
 */
export function compareCounts(
  [countA, exposureA]: readonly [count: number, exposure: number],
  [countB, exposureB]: readonly [count: number, exposure: number],
): number {
  const sum = countA + countB
  const share = exposureA / (exposureA + exposureB)
  const logChance = (inA: number): number =>
    logChoose(sum, inA) + inA * Math.log(share) + (sum - inA) * Math.log1p(-share)
  const seen = logChance(countA) + 1e-7 // equal ones differ by rounding
  let chance = 0
  for (let inA = 0; inA <= sum; inA++) {
    if (logChance(inA) <= seen) chance += Math.exp(logChance(inA))
  }
  return Math.min(1, chance)
}

/** From here on Student's distribution is the normal one, or hardly wider. */
const MOST_FREEDOM = 1000

/**
 * How likely Student's t is at least that far from 0, on either side.
 *
 * @param freedom degrees of freedom, at least 1; rounded down, which is the careful side
 */
export function studentTails(t: number, freedom: number): number {
  const n = Math.max(1, Math.min(MOST_FREEDOM, Math.floor(freedom)))
  const angle = Math.atan2(Math.abs(t), Math.sqrt(n))
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)]
  // Closed sums for whole degrees of freedom, in powers of the cosine.
  let sum = 0
  let term = n % 2 === 0 ? 1 : cosine
  for (let power = n % 2; power <= n - 2; power += 2) {
    sum += term
    term *= (cosine * cosine * (power + 1)) / (power + 2)
  }
  const within = n % 2 === 0 ? sine * sum : (2 * (angle + sine * sum)) / Math.PI
  return Math.max(0, 1 - within)
}

const halfWidths = new Map<number, number>()

/** How many standard errors a 95 % interval is wide on each side; infinite for less than one degree of freedom. */
export function student95(freedom: number): number {
  if (freedom < 1) return Number.POSITIVE_INFINITY
  const n = Math.max(1, Math.min(MOST_FREEDOM, Math.floor(freedom)))
  const known = halfWidths.get(n)
  if (known !== undefined) return known
  const width = solve((t) => -studentTails(t, n), -0.05, [0, 13])
  halfWidths.set(n, width)
  return width
}

/** The normal distribution's quantile for a part above one half. Source: Abramowitz and Stegun 26.2.23, to 4.5e-4. */
export function normalQuantile(part: number): number {
  const t = Math.sqrt(-2 * Math.log(1 - part))
  return (
    t -
    (2.515517 + t * (0.802853 + t * 0.010328)) /
      (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
  )
}

/** In how many standard deviations all of so many normal errors are, with 95 % confidence. */
export const extremeFactor = (count: number): number => normalQuantile(1 - (1 - 0.95) / (2 * count))

/**
 * Holm's correction for many tests at once: with it, the chance that any of them is below a bound by chance alone is at most that
 * bound, however they depend on one another.
 *
 * @returns the corrected chances, in the order of those given
 */
export function holm(chances: readonly number[]): number[] {
  const order = chances.map((_, index) => index).sort((a, b) => at(chances, a) - at(chances, b))
  const corrected = new Array<number>(chances.length)
  let most = 0
  for (const [rank, index] of order.entries()) {
    most = Math.max(most, Math.min(1, (chances.length - rank) * at(chances, index)))
    corrected[index] = most
  }
  return corrected
}

const at = (values: readonly number[], index: number): number => values[index] as number
