import type { ClockMap } from '../light/clock.js'
import type { SampleBlock } from '../light/samples.js'
import type { SymbolSequence } from '../modulation/index.js'
import { RigError, UntimelyLightError } from '../rig/errors.js'
import type { LightPath, PlayOptions, PlayReport } from '../rig/rig.js'
import { mapClocks } from './map-clocks.js'

/** What the receiver needs to know the flicker of other light. */
const AMBIENT_S = 0.5

/** Time for the last samples to arrive, and for the sensor to come down, after the light has ended. */
const SETTLE_S = 0.25

/** A busy machine delays them, but not for so long. */
const LONGEST_SILENCE_MS = 10_000

export interface SeeOptions extends PlayOptions {
  /** Gets each block of samples as it comes. */
  readonly onSamples: (block: SampleBlock) => void | Promise<void>
  /** Whether enough was seen, once the light has ended: then it is looked at no longer. Default never. */
  readonly isEnough?: () => boolean
}

/** What came of it. */
export interface Seen {
  readonly play: PlayReport
  /** Set when the light did not keep to its times. */
  readonly untimely: UntimelyLightError | null
  /** Tells times of the emitter by the photodiode's clock. */
  readonly clocks: ClockMap
}

/**
 * Plays symbols while the rig's photodiode looks on, from half a second before until a little after the light. The
 * photodiode may be one whose stream is open already (`SampleFanOut`).
 *
 * @throws RigError, 'no-answer' when no samples come, 'broken-off' when their stream ends; the signal's reason, or what `onSamples` throws; TypeError for a rig without a photodiode
 */
export async function playAndSee(
  { emitter, photodiode }: LightPath,
  sequence: SymbolSequence,
  {
    onSamples,
    isEnough = () => false,
    signal = new AbortController().signal,
    ...options
  }: SeeOptions,
): Promise<Seen> {
  if (!photodiode) throw new TypeError('seeing the light needs a rig with a photodiode')
  signal.throwIfAborted()
  const seen = new AbortController()
  const blind = new AbortController()
  let ambientSeen: () => void
  const seesAmbient = new Promise<void>((resolve) => {
    ambientSeen = resolve
  })
  let firstS: number | null = null
  let newestS = 0
  let seenUntilS = Number.POSITIVE_INFINITY

  let isWaiting = true // else it is `onSamples` that takes its time
  const silence = setTimeout(() => {
    if (!isWaiting) return
    const sentence = 'the photodiode gives no samples: check it, and open it again'
    blind.abort(new RigError('no-answer', sentence))
  }, LONGEST_SILENCE_MS)

  const see = async (): Promise<void> => {
    for await (const block of photodiode.samples({ signal: seen.signal })) {
      isWaiting = false
      firstS ??= block.timesS[0] ?? null
      newestS = block.timesS.at(-1) ?? newestS
      if (firstS !== null && newestS - firstS >= AMBIENT_S) ambientSeen()
      if (newestS >= seenUntilS) seen.abort()
      await onSamples(block)
      if (seenUntilS < Number.POSITIVE_INFINITY && isEnough()) seen.abort()
      isWaiting = true
      silence.refresh()
    }
    if (seen.signal.aborted) return
    throw new RigError(
      'broken-off',
      'the samples ended before the light: open the photodiode again',
    )
  }
  const seeing = see().catch((error) => {
    blind.abort(error) // light that nobody sees is of no use
    throw error
  })
  seeing.catch(() => {}) // awaited below, when the light has ended

  // Whatever is awaited, a signal is heard, and a silence.
  const over = new AbortController()
  const interrupted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { signal: over.signal })
    blind.signal.addEventListener('abort', () => reject(blind.signal.reason))
  })
  interrupted.catch(() => {})
  const orInterrupted = <T>(work: Promise<T>): Promise<T> => Promise.race([work, interrupted])
  try {
    // Not before there is someone to see it, who knows what else there is to be seen.
    await orInterrupted(Promise.race([seesAmbient, seeing]))
    const played = await emitter
      .play(sequence, { ...options, signal: AbortSignal.any([blind.signal, signal]) })
      .then((play) => ({ play, untimely: null }))
      .catch((error) => {
        if (!(error instanceof UntimelyLightError)) throw error
        return { play: error.play, untimely: error }
      })
    seenUntilS = newestS + SETTLE_S
    if (isEnough()) seen.abort()
    await orInterrupted(seeing)
    return { ...played, clocks: await orInterrupted(mapClocks(emitter.clock, photodiode.clock)) }
  } finally {
    clearTimeout(silence)
    seen.abort()
    await orInterrupted(seeing).catch(() => {})
    over.abort()
  }
}
