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

// Samples are as far apart as usual, as a part of it: times are rounded.
const REGULAR = 1e-3

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
  const sampleS = usualSampleS(scale, first)
  const periodS = period * sampleS
  const firstS = scale.newestS - (ACQUIRED_BITS + 1) * periodS
  // The phasor of a stretch over two bits turns with the data in them: so they are cut once more, where bits begin.
  const roughlyS = peakS(firstS, periodS, fitPhases(scale, firstS, periodS, sampleS))
  const bitsIn = (roughlyS - firstS) / periodS - BEFORE_PEAK
  const startS = firstS + (bitsIn - Math.floor(bitsIn)) * periodS
  const fit = fitPhases(scale, startS, periodS, sampleS)
  if (!fit.isCoherent) return null
  const trueS = periodS / (1 + fit.turn / (2 * Math.PI))
  const riseS = peakS(startS, periodS, fit) - (STEP_SAMPLES - 0.5) * sampleS
  return { periodS: trueS, riseS: riseS - Math.floor((riseS - startS) / trueS) * trueS }
}

/** The median, which gaps do not change, of how far apart the samples are. */
function usualSampleS(scale: Scale, first: number): number {
  const meanS = (scale.newestS - scale.timeS(first)) / (scale.count - 1 - first)
  const newestS = scale.newestS - scale.timeS(scale.count - 2)
  if (Math.abs(newestS - meanS) < REGULAR * meanS) return meanS
  const apartS = new Float64Array(scale.count - 1 - first)
  for (let n = 0; n < apartS.length; n++) {
    apartS[n] = scale.timeS(first + n + 1) - scale.timeS(first + n)
  }
  return apartS.sort()[apartS.length >> 1] as number
}

/** When the step is highest, which is when the rise is in its middle. */
function peakS(startS: number, periodS: number, { turn, phase }: PhaseFit): number {
  const truePeriod = 1 / (1 + turn / (2 * Math.PI))
  // `phase` is that of the first bit's middle.
  return startS + periodS * (0.5 - (phase / (2 * Math.PI) + 0.5) * truePeriod)
}

interface PhaseFit {
  /** By how much the phase turns a bit more than a wave of the assumed period would. */
  readonly turn: number
  /** Of the first bit. */
  readonly phase: number
  readonly isCoherent: boolean
}

/** One Fourier component a bit, and the line through their phases. */
function fitPhases(scale: Scale, startS: number, periodS: number, sampleS: number): PhaseFit {
  const re = new Float64Array(ACQUIRED_BITS)
  const im = new Float64Array(ACQUIRED_BITS)
  const rate = (2 * Math.PI) / periodS
  const usualRe = Math.cos(rate * sampleS)
  const usualIm = -Math.sin(rate * sampleS)
  let index = scale.indexAt(startS, sampleS)
  let timeS = startS
  let waveRe = 1
  let waveIm = 0
  for (let bit = 0; bit < ACQUIRED_BITS; bit++) {
    const endS = startS + (bit + 1) * periodS
    for (; index < scale.count && scale.timeS(index) < endS; index++) {
      const sinceS = scale.timeS(index) - timeS
      const isUsual = Math.abs(sinceS - sampleS) < REGULAR * sampleS
      const turnRe = isUsual ? usualRe : Math.cos(rate * sinceS)
      const turnIm = isUsual ? usualIm : -Math.sin(rate * sinceS)
      const turned = waveRe * turnRe - waveIm * turnIm
      waveIm = waveRe * turnIm + waveIm * turnRe
      waveRe = turned
      timeS += sinceS
      const step = scale.step(index)
      re[bit] = (re[bit] as number) + step * waveRe
      im[bit] = (im[bit] as number) + step * waveIm
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
