import { BLACK, type SymbolLevel } from '../modulation/index.js'
import type { SampleBlock } from '../receiver/index.js'
import type { LightPath, Photodiode } from '../rig/rig.js'
import { machineTimebase } from '../rig/timebase.js'

/** The lowest that all emitters make. */
const SYMBOL_RATE_HZ = 10
/** A minute of light, which is loaded in a tenth of a second. Should this program be killed, no emitter is lit for longer. */
const SYMBOLS = 600
/** The light is begun anew before it ends by itself, so that no sample of the dark is taken for one of it. */
const LAST_SYMBOLS = 20

export interface HoldOptions {
  /** Turns the LED dark at once, and rejects with its reason. */
  readonly signal: AbortSignal
  /** Ends the holding in order: dark, and every sample told. */
  readonly enough: AbortSignal
  /** Called when the level is there: each time that it is begun anew. */
  readonly onHeld?: () => void
  /** Gets samples of the held level only. */
  readonly onSamples: (block: SampleBlock) => void | Promise<void>
}

/**
 * Holds one level of light, and shows what the photodiode sees of it, if there is one, by a stream of its own. Once a minute the LED is dark for an instant.
 *
 * @throws RigError, or the signal's reason
 */
export async function holdLevel(
  rig: LightPath,
  level: SymbolLevel,
  options: HoldOptions,
): Promise<void> {
  const { signal, enough, onHeld, onSamples } = options
  if (level === BLACK) {
    onHeld?.()
    await see(rig.photodiode, AbortSignal.any([signal, enough]), onSamples)
  } else while (!enough.aborted) await playOnce(rig, level, options)
  signal.throwIfAborted()
}

async function playOnce(
  { emitter, photodiode }: LightPath,
  level: SymbolLevel,
  { signal, enough, onHeld, onSamples }: HoldOptions,
): Promise<void> {
  const isLit = new AbortController()
  const isOver = new AbortController()
  const darken = new AbortController()
  const playing = emitter
    .play(
      { levels: new Uint8Array(SYMBOLS).fill(level) },
      {
        symbolRateHz: SYMBOL_RATE_HZ,
        signal: AbortSignal.any([signal, darken.signal]),
        onProgress: (symbols) => {
          if (symbols > 0) isLit.abort()
          if (symbols > SYMBOLS - LAST_SYMBOLS) isOver.abort()
        },
      },
    )
    .catch((error) => {
      if (!darken.signal.aborted) throw error
    })
    .finally(() => isOver.abort())
  playing.catch(() => {}) // told below
  const end = AbortSignal.any([signal, enough, isOver.signal])
  try {
    await aborted(AbortSignal.any([end, isLit.signal]))
    if (isLit.signal.aborted) onHeld?.()
    // Not the other way round, or samples of the dark were taken for some of it.
    await see(photodiode, end, onSamples)
  } finally {
    darken.abort()
    await playing
  }
}

async function see(
  photodiode: Photodiode | undefined,
  signal: AbortSignal,
  onSamples: HoldOptions['onSamples'],
): Promise<void> {
  if (!photodiode) return aborted(signal)
  for await (const block of photodiode.samples({ signal })) await onSamples(block)
}

/** Resolves when it is; keeps the program running until then. */
async function aborted(signal: AbortSignal): Promise<void> {
  const LONG_MS = 2 ** 31 - 1
  await machineTimebase.sleep(LONG_MS, signal).catch(() => {})
}
