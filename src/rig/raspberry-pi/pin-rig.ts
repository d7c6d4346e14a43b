import { RigError } from '../errors.js'
import { packageVersion } from '../package-version.js'
import type { Photodiode, PhotodiodeInfo, Rig } from '../rig.js'
import { openAdc } from './adc.js'
import type { PacedEmitter } from './paced-emitter.js'

/** The bridge's, as every message can be played on either; what paces it badly is told each time. */
const SYMBOL_RATES_HZ = [10, 2000] as const

/** What sees the light of a rig, and is closed with it. A bridge is one, too. */
export interface PhotodiodePart extends AsyncDisposable {
  readonly photodiode: Photodiode
  readonly info: { readonly photodiode: PhotodiodeInfo }
  readonly lost: AbortSignal
}

/** The LED on the header's pins, and what sees it, which know nothing of each other, as one rig. */
export function pinRig(
  kind: 'gpio' | 'pwm',
  emitter: PacedEmitter,
  seeing: PhotodiodePart | undefined,
): Rig {
  const closeSeeing = async (): Promise<void> => {
    await seeing?.[Symbol.asyncDispose]()
  }
  const close = (): Promise<void> =>
    // Nothing has lit the LED of a bridge that only looks on.
    emitter[Symbol.asyncDispose]().finally(() => closeSeeing().catch(() => {}))
  let closed: Promise<void> | undefined
  return {
    info: {
      kind,
      name: emitter.name,
      serialNumber: null,
      firmwareVersion: null,
      clock: emitter.clock.id,
      packageVersion: packageVersion(),
      symbolRatesHz: SYMBOL_RATES_HZ,
      maxSymbols: null,
      photodiode: seeing?.info.photodiode ?? null,
    },
    lost: seeing ? AbortSignal.any([emitter.lost, seeing.lost]) : emitter.lost,
    emitter,
    ...(seeing && { photodiode: seeing.photodiode }),
    [Symbol.asyncDispose]: () => (closed ??= close()),
  }
}

/** Opens an ADC, which is lost when it cannot be read any more. Errors: RigError. */
export async function openAdcPart(channel: number, sampleRateHz: number): Promise<PhotodiodePart> {
  const adc = await openAdc(channel, sampleRateHz)
  const lost = new AbortController()
  async function* samples(options: { signal: AbortSignal }) {
    lost.signal.throwIfAborted()
    try {
      yield* adc.samples(options)
    } catch (error) {
      if (error instanceof RigError && error.code === 'unplugged') lost.abort(error)
      throw error
    }
  }
  return {
    photodiode: { clock: adc.clock, sampleRateHz: adc.sampleRateHz, samples },
    info: {
      photodiode: {
        name: adc.description,
        serialNumber: null,
        firmwareVersion: null,
        clock: adc.clock.id,
        sampleRateHz: adc.sampleRateHz,
      },
    },
    lost: lost.signal,
    [Symbol.asyncDispose]: () => adc[Symbol.asyncDispose](),
  }
}
