import { RigError, rigClosed } from '../errors.js'
import type { PhotodiodePart } from '../seen-by.js'
import { openAdc } from './adc.js'

/** Opens an ADC, which is lost when it cannot be read any more. Errors: RigError. */
export async function openAdcPart(channel: number, sampleRateHz: number): Promise<PhotodiodePart> {
  const adc = await openAdc(channel, sampleRateHz)
  const lost = new AbortController()
  const closed = new AbortController()
  async function* samples({ signal }: { signal: AbortSignal }) {
    lost.signal.throwIfAborted()
    try {
      yield* adc.samples({ signal: AbortSignal.any([signal, closed.signal]) })
      if (!signal.aborted) throw rigClosed()
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
    [Symbol.asyncDispose]: async () => {
      closed.abort()
      await adc[Symbol.asyncDispose]()
    },
  }
}
