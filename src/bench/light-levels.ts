import type { SampleBlock } from '../light/samples.js'
import { GREY, type SymbolLevel, WHITE } from '../modulation/index.js'
import type { LightPath, Photodiode } from '../rig/rig.js'
import { inOrder, mean, quantileOf } from './descriptive-statistics.js'

/** All light but the LED's, in parts of the sensor's full scale. */
export interface AmbientLight {
  readonly black: number
  /** By how much it varies, peak to peak, without the rarest hundredth at each end. */
  readonly flicker: number
}

/** What a sensor makes of an LED's levels, in parts of its full scale; of the ambient light while the LED is dark. */
export interface LightLevels extends AmbientLight {
  readonly grey: number
  readonly white: number
  /** (grey - black) / (white - black) */
  readonly greyRatio: number
}

/** Whole periods of any lamp on the mains. */
const DARK_S = 0.5
/** What comes first of a stream that was open already has been on its way, and is of the light before. */
const ON_THE_WAY_S = 0.1
const SYMBOL_RATE_HZ = 10
const LIT_SYMBOLS = 8

/**
 * Looks at half a second of what there is while the LED is dark. The stream of the photodiode may be open already
 * (`SampleFanOut`), as between two messages.
 *
 * @throws RigError; the signal's reason
 */
export async function measureAmbientLight(
  photodiode: Photodiode,
  signal: AbortSignal,
): Promise<AmbientLight> {
  const dark = inOrder(await samplesFor(photodiode, signal, DARK_S))
  return { black: mean(dark), flicker: quantileOf(dark, 0.99) - quantileOf(dark, 0.01) }
}

/**
 * Lights each level for 0.8 s, and measures it.
 *
 * @throws TypeError for a rig without a photodiode; RigError; the signal's reason
 */
export async function measureLightLevels(
  rig: LightPath,
  signal: AbortSignal,
): Promise<LightLevels> {
  const { photodiode, emitter } = rig
  if (!photodiode) throw new TypeError('measuring light needs a rig with a photodiode')
  const ambient = await measureAmbientLight(photodiode, signal)
  const { black } = ambient
  const litLevel = async (level: SymbolLevel): Promise<number> => {
    const levels = new Uint8Array(LIT_SYMBOLS).fill(level)
    const samples = await samplesWhile(photodiode, signal, () =>
      emitter.play({ levels }, { symbolRateHz: SYMBOL_RATE_HZ, signal }),
    )
    // The LED is dark before and after, for however long.
    const change = (sample: number): number => Math.abs(sample - black)
    const lit = quantileOf(inOrder(samples.map(change)), 0.98) / 2
    return mean(samples.filter((sample) => change(sample) >= lit))
  }
  const grey = await litLevel(GREY)
  const white = await litLevel(WHITE)
  return {
    ...ambient,
    grey,
    white,
    greyRatio: (grey - black) / (white - black),
  }
}

/** The samples but for those that may have been taken before. */
async function* fresh(photodiode: Photodiode, signal: AbortSignal): AsyncIterable<SampleBlock> {
  let freshFromS = Number.NaN
  for await (const block of photodiode.samples({ signal })) {
    const [firstS = Number.NaN] = block.timesS
    if (Number.isNaN(freshFromS)) freshFromS = firstS + ON_THE_WAY_S
    if (firstS >= freshFromS) yield block
  }
}

/** All samples of some seconds, by the sensor's clock: an emulated one is slow on a busy machine. */
async function samplesFor(
  photodiode: Photodiode,
  signal: AbortSignal,
  durationS: number,
): Promise<number[]> {
  const samples: number[] = []
  let endS: number | undefined
  for await (const { timesS, levels } of fresh(photodiode, signal)) {
    samples.push(...levels)
    const [firstS, lastS] = [timesS[0], timesS.at(-1)]
    if (firstS === undefined || lastS === undefined) continue
    endS ??= firstS + durationS
    if (lastS >= endS) break
  }
  signal.throwIfAborted()
  return samples
}

/** All samples from before the work until after it. */
async function samplesWhile(
  photodiode: Photodiode,
  signal: AbortSignal,
  work: () => Promise<unknown>,
): Promise<number[]> {
  const enough = new AbortController()
  const samples: number[] = []
  let working: Promise<unknown> | undefined
  try {
    for await (const { levels } of fresh(photodiode, AbortSignal.any([signal, enough.signal]))) {
      samples.push(...levels)
      if (working) continue
      working = work().finally(() => enough.abort())
      working.catch(() => {}) // told below
    }
  } finally {
    await working // also when the samples have failed: the light must not outlast this
  }
  signal.throwIfAborted()
  return samples
}
