import { READABLE_GREY } from '../../light/limits.js'
import type { BitLight } from '../cut/bit-light.js'
import type { PacketLight } from '../judge/disturbance.js'
import type { LitLevels } from './packet-bits.js'

// Light is counted in steps of this part of what lit symbols are above black ones, up to so many of them.
const STEP = 0.02
const STEPS = 100
// What symbols are on no level of the other light, as where it changes within half of one: one in so many, in nats.
const STRAY_NATS = 9
// Noise of half a symbol: a quarter of all differences of two halves are less than so many times it, and no less than rounding makes.
const QUARTER_DIFFERENCE = 0.3186 * Math.SQRT2
const LEAST_NOISE = 1

// Of the lit halves one in so many is darker than a grey one beside no other light, by noise; and of black ones.
const DARKEST = 0.02
// How far from there grey may be.
const GREY_STEPS = 6
const [LEAST_RATIO, MOST_RATIO] = READABLE_GREY

// A bit is as clear as can be from so many nats on.
const CLEAR_NATS = 16
/** A Gaussian margin m has the log-likelihood ratio 2 m / s^2. */
const NOISE_RMS = Math.sqrt(2 / CLEAR_NATS)

/**
 * Decides all bits beside another sender, whose light comes and goes at a clock of its own: what it adds to lit symbols has the
 * distribution of what it adds to black ones. A symbol's two halves have the same level of the message's own, each with some of that.
 *
 * So grey with the most of the other light is told from white as long as that is less than the step between them. Grey and white are
 * those that make all light most likely.
 *
 * @returns null without enough light
 */
export function decideBesideOther(lights: readonly BitLight[]): PacketLight | null {
  const blacks = lights.flatMap(({ black, begunBlack, settledBlack }) =>
    [begunBlack, settledBlack].map((half) => (Number.isNaN(half) ? black : half)),
  )
  const lits = lights.flatMap(({ lit, begunLit, settledLit }) =>
    [begunLit, settledLit].map((half) => (Number.isNaN(half) ? lit : half)),
  )
  const swing = mean(lits) - mean(blacks)
  if (!(swing > 0)) return null
  const dark = quantile(blacks, DARKEST)
  const steps = (level: number): number => (level - dark) / (STEP * swing)
  const others = blacks.map(steps)
  const seen = lits.map(steps)
  const nats = likelihoodOf(others, Math.max(LEAST_NOISE, noiseOfHalves([...others, ...seen])))
  /** Of both halves of a bit, beside a level of its own. */
  const fit = (bit: number, own: number): number =>
    nats((seen[2 * bit] as number) - own) + nats((seen[2 * bit + 1] as number) - own)
  const { grey, white } = levelsOf(quantile(seen, DARKEST), lights.length, fit)
  const margins = lights.map((_, bit) => {
    const margin = (fit(bit, white) - fit(bit, grey)) / CLEAR_NATS
    return Math.min(Math.max(margin, -1), 1)
  })
  return { margins, blackBelow: (white + grey) / (white - grey), noiseRms: NOISE_RMS }
}

/** The log-likelihood of a light, in steps, by the distribution of such lights and Gaussian noise; a table of it. */
function likelihoodOf(lights: readonly number[], noise: number): (light: number) => number {
  const density = new Float64Array(2 * STEPS + 1)
  const part = 1 / (lights.length * noise * Math.sqrt(2 * Math.PI))
  const reach = Math.ceil(4 * noise)
  for (const light of lights) {
    const at = Math.round(light)
    for (let n = at - reach; n <= at + reach; n++) {
      if (Math.abs(n) > STEPS) continue
      density[n + STEPS] =
        (density[n + STEPS] as number) + part * Math.exp(-(((n - light) / noise) ** 2) / 2)
    }
  }
  const stray = Math.exp(-STRAY_NATS)
  const nats = density.map((one) => Math.log(one + stray))
  return (light) => nats[Math.round(light) + STEPS] ?? -STRAY_NATS
}

/** Grey and white that make all bits most likely, grey near the darkest of them. */
function levelsOf(
  darkest: number,
  bits: number,
  fit: (bit: number, own: number) => number,
): LitLevels {
  let best = { grey: 0, white: 1 }
  let most = -Infinity
  for (let grey = darkest - GREY_STEPS; grey <= darkest + GREY_STEPS; grey++) {
    const asGrey = Float64Array.from({ length: bits }, (_, bit) => fit(bit, grey))
    for (let white = Math.ceil(grey / MOST_RATIO); white <= grey / LEAST_RATIO; white++) {
      let sum = 0
      for (let bit = 0; bit < bits; bit++) sum += Math.max(asGrey[bit] as number, fit(bit, white))
      if (sum <= most) continue
      most = sum
      best = { grey, white }
    }
  }
  return best
}

/** Rms noise of a light, of which two halves each follow each other. */
function noiseOfHalves(lights: readonly number[]): number {
  const apart = lights.flatMap((light, n) =>
    n % 2 ? [Math.abs(light - (lights[n - 1] as number))] : [],
  )
  return quantile(apart, 1 / 4) / QUARTER_DIFFERENCE
}

const quantile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(part * values.length)] ?? Number.NaN

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
