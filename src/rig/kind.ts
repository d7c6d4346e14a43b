import type { Check } from './check.js'
import type { CompleteConfig, RigKind } from './config.js'
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
  /** Opens it without the photodiode beside it. Errors: RigError, and the signal's reason when that aborts. */
  open(config: CompleteConfig<K>, signal: AbortSignal | undefined): Promise<Rig>
  /** What of this kind is there, without opening it. */
  list(): Promise<readonly Omit<RigPlace, 'kind'>[]>
  /** Looks at what the configuration names, before it is opened. Errors: RigError. */
  checks(config: CompleteConfig<K>): Promise<readonly Check[]>
}
