export { type ClockId, ClockMap, HOST_CLOCK } from '../light/clock.js'
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
export {
  LateLightError,
  REMEDIES,
  type Remedy,
  RigError,
  type RigErrorCode,
  type RigErrorOptions,
  UntimelyLightError,
} from './errors.js'
export { SampleFanOut } from './fan-out.js'
export type { RigPlace } from './kind.js'
export { checkRig, listRigs, openRig } from './open.js'
export type {
  Clock,
  Edge,
  EdgeInput,
  Emitter,
  LightPath,
  PacingReport,
  PartInfo,
  Photodiode,
  PhotodiodeInfo,
  PlayOptions,
  PlayReport,
  Rig,
  RigInfo,
  Scheduling,
} from './rig.js'
export { type RigState, type SupervisedOptions, SupervisedRig } from './supervised.js'
