import type { SampleBlock } from '../light/samples.js'
import type { SymbolSequence } from '../light/symbols.js'
import type { Edge, EdgeInput, LightPath } from '../rig/rig.js'
import { LONGEST_TIMER_MS } from '../rig/timebase.js'
import { playAndSee } from './play-and-see.js'

export interface CaptureOptions {
  /** Ends the capture. */
  readonly signal: AbortSignal
  /** How long at most; default until the signal aborts. */
  readonly durationS?: number | undefined
}

export interface SampleCaptureOptions extends CaptureOptions {
  readonly onSamples: (block: SampleBlock) => void | Promise<void>
  /** Is played meanwhile; the capture ends a little after it. */
  readonly play?: { readonly sequence: SymbolSequence; readonly symbolRateHz: number } | undefined
}

/**
 * Takes samples of the light, while nothing is played or one sequence.
 *
 * @returns how many there were
 * @throws RigError; the signal's reason where it ends what is played; TypeError for a rig without a photodiode; RangeError for a duration
 *   that is none
 */
export async function captureSamples(
  path: LightPath,
  { signal, durationS = Number.POSITIVE_INFINITY, onSamples, play }: SampleCaptureOptions,
): Promise<number> {
  if (!path.photodiode) throw new TypeError('to see the light takes a rig with a photodiode')
  checkDuration(durationS)
  const enough = new AbortController()
  const end = AbortSignal.any([signal, enough.signal])
  let count = 0
  let endS: number | undefined
  const take = async (block: SampleBlock): Promise<void> => {
    await onSamples(block)
    count += block.timesS.length
    endS ??= (block.timesS[0] ?? 0) + durationS
    if ((block.timesS.at(-1) ?? 0) >= endS) enough.abort()
  }
  if (play) {
    const { sequence, symbolRateHz } = play
    try {
      const options = { symbolRateHz, signal: end, onSamples: take }
      const { untimely } = await playAndSee(path, sequence, options)
      if (untimely) throw untimely // all samples of it have been given
    } catch (error) {
      if (error !== enough.signal.reason) throw error
    }
  } else for await (const block of path.photodiode.samples({ signal: end })) await take(block)
  return count
}

/**
 * Takes the edges of a logic level.
 *
 * @returns how many there were
 * @throws RigError; RangeError for a duration that is none
 */
export async function captureEdges(
  edgeInput: EdgeInput,
  {
    signal,
    durationS = Number.POSITIVE_INFINITY,
    onEdge,
  }: CaptureOptions & { readonly onEdge: (edge: Edge) => void | Promise<void> },
): Promise<number> {
  checkDuration(durationS)
  const enough = new AbortController()
  // By this computer's clock, as there may be no edge that tells the time.
  const timer =
    durationS < Number.POSITIVE_INFINITY
      ? setTimeout(() => enough.abort(), Math.min(1000 * durationS, LONGEST_TIMER_MS))
      : undefined
  let count = 0
  try {
    const end = AbortSignal.any([signal, enough.signal])
    for await (const edge of edgeInput.edges({ signal: end })) {
      await onEdge(edge)
      count++
    }
  } finally {
    clearTimeout(timer)
  }
  return count
}

function checkDuration(durationS: number): void {
  if (!(durationS > 0)) throw new RangeError('give a duration above 0 s')
}
