import type { Rig, RigInfo } from './rig.js'

/** What sees the light of a rig, and is closed with it: an ADC, or a bridge that only looks on and can time edges. */
export type PhotodiodePart = Pick<
  Rig,
  'photodiode' | 'edgeInput' | 'lost' | typeof Symbol.asyncDispose
> & {
  readonly info: Pick<RigInfo, 'photodiode'>
}

/** A rig and a photodiode that know nothing of each other, as one rig. What looks on sees and times its light. */
export function seenBy(rig: Rig, seeing: PhotodiodePart): Rig {
  const close = (): Promise<void> =>
    // Nothing has lit the LED of a bridge that only looks on.
    rig[Symbol.asyncDispose]().finally(() => seeing[Symbol.asyncDispose]().catch(() => {}))
  let closed: Promise<void> | undefined
  return {
    ...rig,
    info: { ...rig.info, photodiode: seeing.info.photodiode },
    lost: AbortSignal.any([rig.lost, seeing.lost]),
    ...(seeing.photodiode && { photodiode: seeing.photodiode }),
    ...(seeing.edgeInput && { edgeInput: seeing.edgeInput }),
    [Symbol.asyncDispose]: () => (closed ??= close()),
  }
}
