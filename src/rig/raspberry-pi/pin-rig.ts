import { DEFAULT_GREY_RATIO } from '../../light/dialects.js'
import type { CompletePhotodiode } from '../config.js'
import { loaded } from '../load.js'
import type { Emitter, Photodiode, Rig } from '../rig.js'
import { openAdc } from './adc.js'

/** An emitter on the header and the photodiode beside it, if any, as one rig. Errors as of `openRig`; the emitter is closed then. */
export async function withPhotodiode(
  emitter: Emitter,
  config: CompletePhotodiode | undefined,
  signal: AbortSignal | undefined,
): Promise<Rig> {
  try {
    return combine(emitter, config && (await openPhotodiode(config, signal)))
  } catch (error) {
    await emitter.close()
    throw error
  }
}

async function openPhotodiode(
  config: CompletePhotodiode,
  signal: AbortSignal | undefined,
): Promise<Photodiode> {
  const { sampleRateHz } = config
  if (config.kind === 'adc') return openAdc(config.channel, sampleRateHz)
  const [{ findPort }, { openBridge }] = await loaded(
    'what the USB board needs',
    Promise.all([import('../bridge/find-port.js'), import('../bridge/open.js')]),
  )
  // Its own LED stays dark.
  const levels = { brightness: 1, greyRatio: DEFAULT_GREY_RATIO }
  return openBridge(await findPort(config.port, signal), { ...levels, sampleRateHz, signal })
}

/** An emitter and a photodiode that know nothing of each other, as one rig. */
function combine(emitter: Emitter, photodiode: Photodiode | undefined): Rig {
  let closed: Promise<void> | undefined
  const close = async (): Promise<void> => {
    // Nothing has lit the LED of a bridge that only looks on.
    await emitter.close().finally(() => photodiode?.close().catch(() => {}))
  }
  return { emitter, ...(photodiode && { photodiode }), close: () => (closed ??= close()) }
}
