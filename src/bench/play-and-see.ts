import { once } from 'node:events'
import type { SymbolSequence } from '../modulation/index.js'
import type { SampleBlock } from '../receiver/index.js'
import type { PlayOptions, PlayReport, Rig } from '../rig/rig.js'

/** What the receiver needs to know the flicker of other light. */
const AMBIENT_S = 0.5

/** Time for the last samples to arrive, and for the sensor to come down, after the light has ended. */
const SETTLE_S = 0.25

export interface SeeOptions extends PlayOptions {
  /** Gets each block of samples as it comes. */
  readonly onSamples: (block: SampleBlock) => void | Promise<void>
}

/**
 * Plays symbols while the rig's photodiode looks on, from half a second before until a little after the light.
 *
 * @throws RigError, the signal's reason, or what `onSamples` throws; TypeError for a rig without a photodiode
 */
export async function playAndSee(
  { emitter, photodiode }: Rig,
  sequence: SymbolSequence,
  { onSamples, ...options }: SeeOptions,
): Promise<PlayReport> {
  if (!photodiode) throw new TypeError('to see the light takes a rig with a photodiode')
  const seen = new AbortController()
  const blind = new AbortController()
  let ambientSeen: () => void
  const seesAmbient = new Promise<void>((resolve) => {
    ambientSeen = resolve
  })
  let firstS: number | null = null
  let newestS = 0
  let seenUntilS = Number.POSITIVE_INFINITY

  const see = async (): Promise<void> => {
    for await (const block of photodiode.samples({ signal: seen.signal })) {
      firstS ??= block.timesS[0] ?? null
      newestS = block.timesS.at(-1) ?? newestS
      if (firstS !== null && newestS - firstS >= AMBIENT_S) ambientSeen()
      if (newestS >= seenUntilS) seen.abort()
      await onSamples(block)
    }
  }
  const seeing = see().catch((error) => {
    blind.abort(error) // light that nobody sees is of no use
    throw error
  })
  seeing.catch(() => {}) // awaited below, when the light has ended

  try {
    const signal = AbortSignal.any([blind.signal, ...(options.signal ? [options.signal] : [])])
    // Not before there is someone to see it, who knows what else there is to be seen.
    if (!signal.aborted) await Promise.race([seesAmbient, seeing, once(signal, 'abort')])
    const play = await emitter.play(sequence, { ...options, signal })
    seenUntilS = newestS + SETTLE_S
    await seeing
    return play
  } finally {
    seen.abort()
    await seeing.catch(() => {})
  }
}
