import { READABLE_GREY } from '../../light/limits.js'
import type { BitLight } from '../cut/bit-light.js'
import type { PacketLight } from '../judge/disturbance.js'
import type { LitLevels } from './packet-bits.js'

// Light is counted in steps of this part of what lit symbols are above black ones, up to so many of them.
const STEP = 0.02
const STEPS = 100
// Lights of which there are as many as this part count alike, as two senders in step show other ones in black symbols than in lit ones.
const OFTEN = 0.04
// What symbols are on no level of the other light, as where it changes within half of one: one in so many, in nats.
const STRAY_NATS = 9
// Noise of half a symbol that is tried, in steps.
const NOISES = [1, 2, 4, 8]

// Of the lit halves one in so many is darker than a grey one beside no other light, by noise; and of black ones.
const DARKEST = 0.02
// How far above there grey may be; it is no further below than there is other light.
const GREY_STEPS = 4
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
  const halves = (mean: number, ...both: readonly number[]): number[] =>
    both.map((half) => (Number.isNaN(half) ? mean : half))
  const blacks = lights.flatMap((bit) => halves(bit.black, bit.begunBlack, bit.settledBlack))
  const lits = lights.flatMap((bit) => halves(bit.lit, bit.begunLit, bit.settledLit))
  const swing = mean(lits) - mean(blacks)
  if (!(swing > 0)) return null
  const dark = quantile(blacks, DARKEST)
  const steps = (level: number): number => (level - dark) / (STEP * swing)
  const others = blacks.map(steps)
  const seen = lits.map(steps)
  const darkest = quantile(seen, DARKEST)
  const lowest = Math.round(Math.max(darkest - quantile(others, 1 - DARKEST), darkest / 2)) - GREY_STEPS
  let best = { grey: 0, white: 1, nats: -Infinity }
  let fit = (_bit: number, _own: number): number => 0
  for (const noise of NOISES) {
    const nats = likelihoodOf(others, noise)
    /** Of both halves of a bit, beside a level of its own. */
    const fitOf = (bit: number, own: number): number =>
      nats((seen[2 * bit] as number) - own) + nats((seen[2 * bit + 1] as number) - own)
    const levels = levelsOf(lowest, Math.round(darkest) + GREY_STEPS, lights.length, fitOf)
    if (levels.nats <= best.nats) continue
    best = levels
    fit = fitOf
  }
  const { grey, white } = best
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
  const most = (OFTEN / noise) / Math.sqrt(2 * Math.PI)
  const nats = density.map((one) => Math.log(Math.min(one, most) + stray))
  return (light) => nats[Math.round(light) + STEPS] ?? -STRAY_NATS
}

/** Grey and white that make all bits most likely, grey near the darkest of them. */
function levelsOf(
  lowest: number,
  highest: number,
  bits: number,
  fit: (bit: number, own: number) => number,
): LitLevels & { readonly nats: number } {
  let best = { grey: 0, white: 1, nats: -Infinity }
  for (let grey = lowest; grey <= highest; grey++) {
    const asGrey = Float64Array.from({ length: bits }, (_, bit) => fit(bit, grey))
    for (let white = Math.ceil(grey / MOST_RATIO); white <= grey / LEAST_RATIO; white++) {
      let sum = 0
      for (let bit = 0; bit < bits; bit++) sum += Math.max(asGrey[bit] as number, fit(bit, white))
      if (sum > best.nats) best = { grey, white, nats: sum }
    }
  }
  return best
}

const quantile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(part * values.length)] ?? Number.NaN

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
