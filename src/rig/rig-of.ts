import type { Emitter, Photodiode, Rig } from './rig.js'

/** An emitter, and a photodiode that knows nothing of it, as one rig. */
export function rigOf(emitter: Emitter, photodiode?: Photodiode): Rig {
  let closed: Promise<void> | undefined
  const close = async (): Promise<void> => {
    // Nothing has lit the LED of a bridge that only looks on.
    await emitter.close().finally(() => photodiode?.close().catch(() => {}))
  }
  return { emitter, ...(photodiode && { photodiode }), close: () => (closed ??= close()) }
}
