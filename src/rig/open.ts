import type { Check } from './check.js'
import {
  type CompletePhotodiode,
  completeConfig,
  RIG_KINDS,
  type RigConfig,
  type RigKind,
} from './config.js'
import type { KindModule, RigPlace } from './kind.js'
import { loaded } from './load.js'
import type { Rig } from './rig.js'
import { type PhotodiodePart, seenBy } from './seen-by.js'

const KINDS: { readonly [K in RigKind]: () => Promise<KindModule<K>> } = {
  emulated: () => import('./emulated/kind.js'),
  bridge: () => import('./bridge/kind.js'),
  gpio: () => import('./raspberry-pi/gpio-kind.js'),
  pwm: () => import('./raspberry-pi/pwm-kind.js'),
}

/**
 * Opens a rig; its LED is dark. Errors: RigError, 'misconfigured' for whatever is no configuration, and the signal's reason when
 * that aborts.
 */
export async function openRig(config: RigConfig, signal?: AbortSignal): Promise<Rig> {
  signal?.throwIfAborted()
  const complete = completeConfig(config)
  const rig = await (await load(complete.kind)).open(complete, signal)
  const photodiode = 'photodiode' in complete ? complete.photodiode : undefined
  if (!photodiode) return rig
  try {
    return seenBy(rig, await openPhotodiode(photodiode, signal))
  } catch (error) {
    await rig[Symbol.asyncDispose]()
    throw error
  }
}

/** Lists where a rig may hang, of all kinds or of some, without opening any. Errors: RigError. */
export async function listRigs(kinds: readonly RigKind[] = RIG_KINDS): Promise<RigPlace[]> {
  const places = kinds.map(async (kind) => {
    const found = await (await load(kind)).list()
    return found.map((place) => ({ kind, ...place }))
  })
  return (await Promise.all(places)).flat()
}

/** Looks at what a configuration names on this computer, without opening it. Errors: RigError. */
export async function checkRig(config: RigConfig): Promise<readonly Check[]> {
  const complete = completeConfig(config)
  return (await load(complete.kind)).checks(complete)
}

/** A kind's module takes the configurations of its kind. */
function load(kind: RigKind): Promise<KindModule<RigKind>> {
  const kindModule: Promise<unknown> = KINDS[kind]()
  return loaded(`what a rig of kind ${kind} needs`, kindModule as Promise<KindModule<RigKind>>)
}

async function openPhotodiode(
  config: CompletePhotodiode,
  signal: AbortSignal | undefined,
): Promise<PhotodiodePart> {
  if (config.kind === 'adc') {
    const { openAdcPart } = await loaded('what reads an ADC', import('./raspberry-pi/adc-part.js'))
    return openAdcPart(config.channel, config.sampleRateHz)
  }
  // A board that only looks on: its own LED stays dark.
  return openRig(config, signal)
}
