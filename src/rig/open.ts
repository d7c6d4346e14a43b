import type { Check } from './check.js'
import {
  type CompleteConfig,
  completeConfig,
  RIG_KINDS,
  type RigConfig,
  type RigKind,
} from './config.js'
import { loaded } from './load.js'
import type { Rig } from './rig.js'

/** A place of this computer where a rig of a kind may hang. */
export interface RigPlace {
  readonly kind: RigKind
  /** As the configuration has it: a serial port, a GPIO chip, a pin. */
  readonly name: string
  readonly description: string
}

/** What can be done with a kind of rig; its code, and all that is native in it, is loaded only then. */
export interface KindModule<K extends RigKind> {
  /** Errors: RigError, and the signal's reason when that aborts. */
  open(config: CompleteConfig<K>, signal: AbortSignal | undefined): Promise<Rig>
  /** What of this kind is there, without opening it. */
  list(): Promise<readonly Omit<RigPlace, 'kind'>[]>
  /** Looks at what the configuration names, before it is opened. Errors: RigError. */
  checks(config: CompleteConfig<K>): Promise<readonly Check[]>
}

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
  return (await load(complete.kind)).open(complete, signal)
}

/** Lists where a rig may hang, of all kinds or of one, without opening any. Errors: RigError. */
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
