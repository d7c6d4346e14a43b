import { type Scale, STEP_SAMPLES } from './scale.js'

/** Bits that are looked at together. */
export const ACQUIRED_BITS = 8
const MIDDLE = (ACQUIRED_BITS - 1) / 2

// Length of the phasors' sum as a part of the sum of their lengths: about 0.96 for a sync at the noise where half
// of the packets are lost, 0.6 for noise alone.
const COHERENT = 0.85
// The least light in one of the bits, as a part of their mean: with less, the sync has not begun or has ended.
const DARKEST = 0.5
// Bits that differ by more are data: their variance is above so many times that of the noise, as it is seen across their phase
// (one sync in a hundred is missed once), and the square of this part of their mean.
const UNEVEN_NOISE = 8
const UNEVEN = 0.12

// A bit begins this part of itself before its step is highest.
const BEFORE_PEAK = 0.25

// Samples that are off their usual distance by less than this part of it are as far apart as usual: times are rounded.
const REGULAR = 1e-3

/** A clock that light was found to blink with. */
export interface FoundClock {
  readonly periodS: number
  /** When the light rose in the first of the bits that were looked at. */
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
  const from = scale.indexAt(firstS, sampleS)
  if (scale.count - from > MOST_SAMPLES) return null
  scale.copyTimes(from, scale.count, TIMES_S)
  scale.copySteps(from, scale.count, STEPS)
  TIMES_S[scale.count - from] = Infinity
  // The phasor of a stretch over two bits turns with the data in them: so they are cut once more, where bits begin.
  const roughlyS = peakS(firstS, periodS, fitPhases(firstS, periodS, sampleS))
  const bitsIn = (roughlyS - firstS) / periodS - BEFORE_PEAK
  const startS = firstS + (bitsIn - Math.floor(bitsIn)) * periodS
  const fit = fitPhases(startS, periodS, sampleS)
  if (!fit.isCoherent) return null
  const trueS = periodS / (1 + fit.turn / (2 * Math.PI))
  const riseS = peakS(startS, periodS, fit) - (STEP_SAMPLES - 0.5) * sampleS
  return { periodS: trueS, riseS: riseS - Math.floor((riseS - startS) / trueS) * trueS }
}

/** How far apart the samples are: the median, which gaps do not change. */
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

/** When the step filter is highest in the first bit, which is when the rise is in its middle. */
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

// The samples that are looked at, and Infinity behind the last one. Even ones are at most 24 a bit; where there are more than twice as
// many no clock is looked for.
const MOST_SAMPLES = 512
const TIMES_S = new Float64Array(MOST_SAMPLES + 1)
const STEPS = new Float64Array(MOST_SAMPLES)
// One phasor for each bit, and what they are beside a line of phases: kept, as clocks are looked for all the time in light that blinks.
const RE = new Float64Array(ACQUIRED_BITS)
const IM = new Float64Array(ACQUIRED_BITS)
const ALONG = new Float64Array(ACQUIRED_BITS)
const ACROSS = new Float64Array(ACQUIRED_BITS)

/** One Fourier component a bit, and the line through their phases. */
function fitPhases(startS: number, periodS: number, sampleS: number): PhaseFit {
  readPhasors(startS, periodS, sampleS)
  const coarse = coarseTurn()
  // Turned back by the coarse slope, the phases are near that of their sum, and a line can be fitted to them.
  turnBack(coarse, 0)
  turnBack(coarse, Math.atan2(sum(ACROSS), sum(ALONG)))
  let slope = 0
  let weight = 0
  let length = 0
  for (let bit = 0; bit < ACQUIRED_BITS; bit++) {
    const along = ALONG[bit] as number
    const across = ACROSS[bit] as number
    slope += (bit - MIDDLE) * Math.atan2(across, along)
    weight += (bit - MIDDLE) ** 2
    length += Math.sqrt(along * along + across * across)
  }
  const turn = coarse + slope / weight
  turnBack(turn, 0)
  const phase = Math.atan2(sum(ACROSS), sum(ALONG))
  turnBack(turn, phase)
  const mean = sum(ALONG) / ACQUIRED_BITS
  let darkest = Infinity
  let uneven = 0
  let noise = 0
  for (let bit = 0; bit < ACQUIRED_BITS; bit++) {
    const along = ALONG[bit] as number
    darkest = Math.min(darkest, along)
    uneven += (along - mean) ** 2 / ACQUIRED_BITS
    noise += (ACROSS[bit] as number) ** 2 / ACQUIRED_BITS
  }
  const isCoherent =
    mean > (COHERENT * length) / ACQUIRED_BITS &&
    darkest > DARKEST * mean &&
    uneven < UNEVEN_NOISE * noise + (UNEVEN * mean) ** 2
  return { turn, phase: phase - MIDDLE * turn, isCoherent }
}

/** The step filter's output in each bit, correlated with a wave of the assumed period that goes on from bit to bit. */
function readPhasors(startS: number, periodS: number, sampleS: number): void {
  const rate = (2 * Math.PI) / periodS
  const usualRe = Math.cos(rate * sampleS)
  const usualIm = -Math.sin(rate * sampleS)
  let index = 0
  while ((TIMES_S[index] as number) < startS) index++
  let timeS = startS
  let waveRe = 1
  let waveIm = 0
  for (let bit = 0; bit < ACQUIRED_BITS; bit++) {
    const endS = startS + (bit + 1) * periodS
    let re = 0
    let im = 0
    for (; (TIMES_S[index] as number) < endS; index++) {
      const sinceS = (TIMES_S[index] as number) - timeS
      const isUsual = Math.abs(sinceS - sampleS) < REGULAR * sampleS
      const turnRe = isUsual ? usualRe : Math.cos(rate * sinceS)
      const turnIm = isUsual ? usualIm : -Math.sin(rate * sinceS)
      const nextRe = waveRe * turnRe - waveIm * turnIm
      waveIm = waveRe * turnIm + waveIm * turnRe
      waveRe = nextRe
      timeS += sinceS
      const step = STEPS[index] as number
      re += step * waveRe
      im += step * waveIm
    }
    RE[bit] = re
    IM[bit] = im
  }
}

/** By how much phasors turn a bit, as the mean of the steps between neighbours has it. */
function coarseTurn(): number {
  let stepRe = 0
  let stepIm = 0
  for (let bit = 1; bit < ACQUIRED_BITS; bit++) {
    const a = RE[bit] as number
    const b = IM[bit] as number
    const c = RE[bit - 1] as number
    const d = IM[bit - 1] as number
    stepRe += a * c + b * d
    stepIm += b * c - a * d
  }
  return Math.atan2(stepIm, stepRe)
}

/** The phasors beside the line of phases that has `phase` in the middle of the bits and the slope `turn`. */
function turnBack(turn: number, phase: number): void {
  const stepRe = Math.cos(turn)
  const stepIm = -Math.sin(turn)
  let re = Math.cos(MIDDLE * turn - phase)
  let im = Math.sin(MIDDLE * turn - phase)
  for (let bit = 0; bit < ACQUIRED_BITS; bit++) {
    const a = RE[bit] as number
    const b = IM[bit] as number
    ALONG[bit] = a * re - b * im
    ACROSS[bit] = a * im + b * re
    const turned = re * stepRe - im * stepIm
    im = re * stepIm + im * stepRe
    re = turned
  }
}

function sum(values: Float64Array): number {
  let total = 0
  for (let bit = 0; bit < ACQUIRED_BITS; bit++) total += values[bit] as number
  return total
}
