import { once } from 'node:events'
import { Receiver } from '../../receiver/index.js'
import { type Decoded, type DecodeOptions, FileDecoder } from '../../recording/index.js'
import type { Photodiode } from '../../rig/rig.js'

/** Who is told what a device sees. */
export interface LightWatcher {
  /** Whether a message is coming in, each time that it changes. */
  onReceiving(isReceiving: boolean): void
  /** A message, or what there was instead of one. */
  onReception(reception: Decoded): void
}

/** Shows a device the light until the signal aborts, or there is no more. Rejects with the error of what gives it. */
export type LightSource = (signal: AbortSignal, watcher: LightWatcher) => Promise<void>

/** The light that a photodiode sees, such as a rig's, or a `SampleFanOut` of it. */
export const photodiodeLight =
  (photodiode: Photodiode): LightSource =>
  async (signal, { onReceiving, onReception }) => {
    const receiver = new Receiver()
    let isReceiving = false
    const tell = (now: boolean): void => {
      if (now !== isReceiving) onReceiving(now)
      isReceiving = now
    }
    for await (const block of photodiode.samples({ signal })) {
      for (const reception of receiver.push(block)) onReception(reception)
      tell(receiver.isReading)
    }
    tell(false)
  }

/**
 * The light of a recording, once: it is there as soon as the device looks, without the pauses of the recording.
 *
 * @param name of the recording, for errors
 * @param pieces of the file, as FileDecoder takes it. Errors: RecordingError and what the pieces reject with
 * @param options of how to read it
 * @throws RangeError for options that contradict each other
 */
export function recordedLight(
  name: string,
  pieces: AsyncIterable<Uint8Array>,
  options?: DecodeOptions,
): LightSource {
  const decoder = new FileDecoder(name, null, options)
  let isOver = false
  return async (signal, { onReception }) => {
    if (isOver) return
    isOver = true
    const aborted = once(signal, 'abort').then(() => null)
    const reader = pieces[Symbol.asyncIterator]()
    for (;;) {
      const reading = reader.next()
      reading.catch(() => {}) // what has no end need not be waited for
      const piece = await Promise.race([reading, aborted])
      if (!piece || signal.aborted) return
      if (piece.done) break
      for (const decoded of decoder.push(piece.value)) onReception(decoded)
    }
    for (const decoded of decoder.end()) onReception(decoded)
  }
}
