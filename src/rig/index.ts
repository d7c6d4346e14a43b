export type { Check } from './check.js'
export {
  type BridgeConfig,
  type CompleteConfig,
  completeConfig,
  type EmulatedConfig,
  type GpioConfig,
  PHOTODIODE_KINDS,
  type PhotodiodeConfig,
  type PhotodiodeKind,
  type PwmConfig,
  RIG_KINDS,
  type RigConfig,
  type RigKind,
} from './config.js'
export { LateLightError, RigError, type RigErrorCode, UntimelyLightError } from './errors.js'
export type { RigPlace } from './kind.js'
export { checkRig, listRigs, openRig } from './open.js'
export type {
  Clock,
  ClockReading,
  Edge,
  EdgeInput,
  Emitter,
  PacingReport,
  Photodiode,
  PlayOptions,
  PlayReport,
  Rig,
  Scheduling,
} from './rig.js'
