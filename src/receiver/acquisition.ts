import { type Scale, STEP_SAMPLES } from './scale.js'

/** Bits that are looked at together. */
const ACQUIRED_BITS = 8

// Length of the phasors' sum as a part of the sum of their lengths: about 0.96 for a sync at the noise where half
// of the packets are lost, 0.6 for noise alone.
const COHERENT = 0.85
// The darkest of the bits, as a part of their mean: with less, the sync has not begun or has ended.
const DARKEST = 0.5
// How much brighter some bits are than others, rms: more than so many times what noise does to their phases (mean
// square; one sync in a hundred is missed once), and than this part of their mean, and they are data.
const UNEVEN_NOISE = 8
const UNEVEN = 0.12

// Where a bit begins: so much of it before the step is highest.
const BEFORE_PEAK = 0.25

/** A clock that light was found to blink with. */
export interface FoundClock {
  readonly periodS: number
  /** When the light rose, first within the bits that were looked at. */
  readonly riseS: number
}

/**
 * Measures the clock of the newest bits, if there is one: one Fourier component a bit, at the period that the
 * scale has found. Their phases turn evenly when the true period is another (Kay 1989: the frequency
 * of a tone from the phase steps of its samples), and their common phase tells where the light rises.
 */
export function acquire(scale: Scale, period: number): FoundClock | null {
  const first = scale.count - 1 - Math.ceil((ACQUIRED_BITS + 1) * period)
  if (first < scale.oldest + 2 * STEP_SAMPLES) return null
  // The phasor of a stretch over two bits turns with the data in them: so they are cut once more, where bits begin.
  const peak = peakOf(first, period, fitPhases(scale, first, period))
  const bitsIn = (peak - first) / period - BEFORE_PEAK
  const start = first + Math.round((bitsIn - Math.floor(bitsIn)) * period)
  const fit = fitPhases(scale, start, period)
  if (!fit.isCoherent) return null
  const truePeriod = period / (1 + fit.turn / (2 * Math.PI))
  const sampleS = (scale.newestS - scale.timeS(first)) / (scale.count - 1 - first)
  const rise = peakOf(start, period, fit) - (STEP_SAMPLES - 0.5)
  const bits = Math.floor((rise - start) / truePeriod)
  return { periodS: truePeriod * sampleS, riseS: scale.timeAtS(rise - bits * truePeriod) }
}

/** Where the step is highest, which is when the rise is in its middle. */
function peakOf(first: number, period: number, { turn, phase }: PhaseFit): number {
  const truePeriod = period / (1 + turn / (2 * Math.PI))
  // `phase` is that of the first bit's middle.
  const middle = first + (period - 1) / 2
  return middle - (phase / (2 * Math.PI) + (middle - first) / period) * truePeriod
}

interface PhaseFit {
  /** By how much the phase turns a bit more than a wave of the assumed period would. */
  readonly turn: number
  /** Of the first bit. */
  readonly phase: number
  readonly isCoherent: boolean
}

/** One Fourier component a bit, and the line through their phases. */
function fitPhases(scale: Scale, first: number, period: number): PhaseFit {
  const re = new Float64Array(ACQUIRED_BITS)
  const im = new Float64Array(ACQUIRED_BITS)
  const rate = (2 * Math.PI) / period
  const turnRe = Math.cos(rate)
  const turnIm = -Math.sin(rate)
  let waveRe = 1
  let waveIm = 0
  for (let bit = 0, index = first; bit < ACQUIRED_BITS; bit++) {
    const end = first + Math.round((bit + 1) * period)
    for (; index < end; index++) {
      const step = scale.step(index)
      re[bit] = (re[bit] as number) + step * waveRe
      im[bit] = (im[bit] as number) + step * waveIm
      const turned = waveRe * turnRe - waveIm * turnIm
      waveIm = waveRe * turnIm + waveIm * turnRe
      waveRe = turned
    }
  }
  let stepRe = 0
  let stepIm = 0
  for (let bit = 1; bit < ACQUIRED_BITS; bit++) {
    const [a, b] = [re[bit] as number, im[bit] as number]
    const [c, d] = [re[bit - 1] as number, im[bit - 1] as number]
    stepRe += a * c + b * d
    stepIm += b * c - a * d
  }
  const coarse = Math.atan2(stepIm, stepRe)
  const middle = (ACQUIRED_BITS - 1) / 2
  // Turned back by the coarse slope, the phases are near that of their sum, and a line can be fitted to them.
  const straight = turned(re, im, coarse, middle)
  const common = Math.atan2(straight.im, straight.re)
  let slope = 0
  let weight = 0
  for (let bit = 0; bit < ACQUIRED_BITS; bit++) {
    const angle = -coarse * (bit - middle) - common
    const a = (re[bit] as number) * Math.cos(angle) - (im[bit] as number) * Math.sin(angle)
    const b = (re[bit] as number) * Math.sin(angle) + (im[bit] as number) * Math.cos(angle)
    slope += (bit - middle) * Math.atan2(b, a)
    weight += (bit - middle) ** 2
  }
  const turn = coarse + slope / weight
  const fitted = turned(re, im, turn, middle)
  const phase = Math.atan2(fitted.im, fitted.re)
  const mean = Math.sqrt(fitted.re ** 2 + fitted.im ** 2) / ACQUIRED_BITS
  let darkest = Infinity
  let uneven = 0
  let noise = 0
  for (let bit = 0; bit < ACQUIRED_BITS; bit++) {
    const angle = -turn * (bit - middle) - phase
    const along = (re[bit] as number) * Math.cos(angle) - (im[bit] as number) * Math.sin(angle)
    const across = (re[bit] as number) * Math.sin(angle) + (im[bit] as number) * Math.cos(angle)
    darkest = Math.min(darkest, along)
    uneven += (along - mean) ** 2 / ACQUIRED_BITS
    noise += across ** 2 / ACQUIRED_BITS
  }
  const isCoherent =
    mean > (COHERENT * fitted.length) / ACQUIRED_BITS &&
    darkest > DARKEST * mean &&
    uneven < UNEVEN_NOISE * noise + (UNEVEN * mean) ** 2
  return { turn, phase: phase - middle * turn, isCoherent }
}

function turned(re: Float64Array, im: Float64Array, turn: number, middle: number) {
  const sum = { re: 0, im: 0, length: 0 }
  for (let bit = 0; bit < ACQUIRED_BITS; bit++) {
    const [a, b] = [re[bit] as number, im[bit] as number]
    const angle = -turn * (bit - middle)
    sum.re += a * Math.cos(angle) - b * Math.sin(angle)
    sum.im += a * Math.sin(angle) + b * Math.cos(angle)
    sum.length += Math.sqrt(a * a + b * b)
  }
  return sum
}
