import { RigError } from '../../rig/errors.js'
import { SampleFanOut } from '../../rig/fan-out.js'
import type { Photodiode, Rig } from '../../rig/rig.js'

/** Half a second of other light, and what is on its way (`measureAmbientLight`). */
const RECENT_S = 0.75

export type WatchedRig = Rig & { readonly photodiode: Photodiode }
export type WatchedPath = Pick<WatchedRig, 'emitter' | 'photodiode'>

/**
 * A rig whose light is watched from now on: whoever takes samples gets those of the last 0.75 s first, so that nobody has to wait to
 * know the other light. It is lost when its samples end, too. Disposing closes the rig.
 *
 * @throws RigError 'misconfigured' for a rig without a photodiode, which is closed
 */
export async function watched(rig: Rig): Promise<WatchedRig> {
  if (!rig.photodiode) {
    await rig[Symbol.asyncDispose]()
    throw new RigError('misconfigured', 'the rig has no photodiode: a station proves each light')
  }
  const photodiode = new SampleFanOut(rig.photodiode, RECENT_S)
  const closing = new AbortController()
  const blind = new AbortController()
  const watching = watch(photodiode, closing.signal).catch((error) => blind.abort(error))
  const { info, emitter, edgeInput } = rig
  return {
    info,
    emitter,
    photodiode,
    ...(edgeInput && { edgeInput }),
    lost: AbortSignal.any([rig.lost, blind.signal]),
    async [Symbol.asyncDispose]() {
      closing.abort()
      await watching
      await photodiode[Symbol.asyncDispose]()
      await rig[Symbol.asyncDispose]()
    },
  }
}

/** Reads on, so that the end of the samples is known at once. */
async function watch(photodiode: Photodiode, signal: AbortSignal): Promise<void> {
  for await (const _ of photodiode.samples({ signal }));
  if (signal.aborted) return
  throw new RigError('broken-off', 'the samples of the photodiode have ended: it is opened again')
}
