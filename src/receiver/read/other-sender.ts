import { READABLE_GREY } from '../../light/limits.js'
import type { BitLight } from '../cut/bit-light.js'
import type { PacketLight } from '../judge/disturbance.js'

// Light is counted in steps of this part of what lit symbols are above black ones, and is known up to so many of them.
const STEP = 0.02
const STEPS = 100

// Rms noise of half a symbol that is tried, in steps.
const NOISES = [1, 2, 4, 8]
// A quarter of the differences of the halves of symbols are smaller than so many times their rms noise. Black symbols have other light
// where nearly all are over more than so many times it: Gaussian noise makes 4.1.
const QUARTER_DIFFERENCE = 0.3186 * Math.SQRT2
const NEARLY_ALL = 0.98
const CLEAR_RANGE = 4.5

// A light counts alike from this part of all on, since two senders in step show other lights in black symbols than in lit ones. A
// half with no such light is as rare as this, in nats: one that light or clock changes in, which makes it darker than it should be, and
// a brighter one than with the most of the other light. Fitted.
const OFTEN = 0.04
const STRAY_NATS = 9
const BRIGHTER_NATS = 14
const STRAY_BIT_NATS = 1 - 2 * STRAY_NATS

// How far from where it should be grey may be, in steps.
const GREY_STEPS = 4
const [LEAST_RATIO, MOST_RATIO] = READABLE_GREY

// From so many nats on a bit is as clear as can be: its margin is 1 then, which has a log-likelihood ratio of 2 / s^2 in noise of rms s.
const CLEAR_NATS = 16
const NOISE_RMS = Math.sqrt(2 / CLEAR_NATS)

/**
 * Decides all bits beside another sender, whose light comes and goes by a clock of its own: the lights that it adds to black symbols
 * are those that it adds to lit ones. Both halves of a symbol have the same light of the message's own, and each one of the other's.
 *
 * So grey with the most of the other light is told from white as long as that is less than the step between them. Grey, white and
 * noise are those that make all halves most likely.
 *
 * @returns null where no other light is seen
 */
export function decideBesideOther(lights: readonly BitLight[]): PacketLight | null {
  const halves = (mean: number, ...both: readonly number[]): number[] =>
    both.map((half) => (Number.isNaN(half) ? mean : half))
  const blacks = lights.flatMap((bit) => halves(bit.black, bit.begunBlack, bit.settledBlack))
  const lits = lights.flatMap((bit) => halves(bit.lit, bit.begunLit, bit.settledLit))
  const stepLevel = STEP * (mean(lits) - mean(blacks))
  if (!(stepLevel > 0)) return null
  const dark = quantile(blacks, 1 - NEARLY_ALL)
  const inSteps = (level: number): number => (level - dark) / stepLevel
  const others = blacks.map(inSteps)
  const seen = lits.map(inSteps)
  const most = quantile(others, NEARLY_ALL)
  // A slow sensor is not settled in the earlier half.
  const settled = others.filter((_, n) => n % 2 === 1)
  if (quantile(settled, NEARLY_ALL) < CLEAR_RANGE * noiseOf([...others, ...seen])) return null
  const darkest = quantile(seen, 1 - NEARLY_ALL)
  const levels = {
    from: Math.round(Math.max(darkest - most, darkest / 2)) - GREY_STEPS,
    to: Math.round(darkest) + GREY_STEPS,
  }
  const { grey, white, asGrey, asWhite } = NOISES.map((noise) =>
    mostLikely(seen, likelihoodOf(others, noise), levels),
  ).reduce((best, one) => (one.nats > best.nats ? one : best))
  // What has no such light in either half was changed by something else.
  const isStray = (_: BitLight, bit: number): boolean =>
    Math.max(asGrey[bit] as number, asWhite[bit] as number) < STRAY_BIT_NATS
  if (lights.some(isStray)) return null
  const margins = lights.map((_, bit) => {
    const margin = ((asWhite[bit] as number) - (asGrey[bit] as number)) / CLEAR_NATS
    return Math.min(Math.max(margin, -1), 1)
  })
  return { margins, blackBelow: (white + grey) / (white - grey), noiseRms: NOISE_RMS }
}

/** The log-likelihood of a light, by those that occur and Gaussian noise, as a table. */
function likelihoodOf(lights: readonly number[], noise: number): (light: number) => number {
  const density = new Float64Array(2 * STEPS + 1)
  const peak = 1 / (noise * Math.sqrt(2 * Math.PI))
  const reach = Math.ceil(4 * noise)
  for (const light of lights) {
    const at = Math.round(light)
    const to = Math.min(at + reach, STEPS)
    for (let n = Math.max(at - reach, -STEPS); n <= to; n++) {
      const part = Math.exp(-(((n - light) / noise) ** 2) / 2) / lights.length
      density[n + STEPS] = (density[n + STEPS] as number) + peak * part
    }
  }
  const most = quantile(lights, NEARLY_ALL)
  const nats = density.map((one, n) => {
    const stray = n - STEPS > most ? BRIGHTER_NATS : STRAY_NATS
    return Math.log(Math.min(one, OFTEN * peak) + Math.exp(-stray))
  })
  return (light) => nats[Math.round(light) + STEPS] ?? -BRIGHTER_NATS
}

interface Levels {
  readonly grey: number
  readonly white: number
  /** Log-likelihood of all halves; and of those of each bit if it is grey, and if it is white. */
  readonly nats: number
  readonly asGrey: Float64Array
  readonly asWhite: Float64Array
}

/** Grey and white that make all halves most likely, grey from one level to another. */
function mostLikely(
  seen: readonly number[],
  natsOf: (light: number) => number,
  { from, to }: { readonly from: number; readonly to: number },
): Levels {
  const bits = seen.length / 2
  const fits = Array.from(
    { length: Math.max(0, Math.floor(to / LEAST_RATIO) + 1 - from) },
    (_, n) =>
      Float64Array.from(
        { length: bits },
        (_, bit) =>
          natsOf((seen[2 * bit] as number) - from - n) +
          natsOf((seen[2 * bit + 1] as number) - from - n),
      ),
  )
  const none = new Float64Array(bits)
  let best: Levels = { grey: 0, white: 1, nats: -Infinity, asGrey: none, asWhite: none }
  for (let grey = from; grey <= to; grey++) {
    const asGrey = fits[grey - from] ?? none
    for (let white = Math.ceil(grey / MOST_RATIO); white <= grey / LEAST_RATIO; white++) {
      const asWhite = fits[white - from] ?? none
      let nats = 0
      for (let bit = 0; bit < bits; bit++) {
        nats += Math.max(asGrey[bit] as number, asWhite[bit] as number)
      }
      if (nats > best.nats) best = { grey, white, nats, asGrey, asWhite }
    }
  }
  return best
}

/** Rms noise of lights of which each two are the halves of a symbol. */
function noiseOf(lights: readonly number[]): number {
  const apart = lights.flatMap((light, n) =>
    n % 2 ? [Math.abs(light - (lights[n - 1] as number))] : [],
  )
  return quantile(apart, 1 / 4) / QUARTER_DIFFERENCE
}

const quantile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(part * values.length)] ?? Number.NaN

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
