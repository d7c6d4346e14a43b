export {
  type AmbientLight,
  type LightLevels,
  measureAmbientLight,
  measureLightLevels,
} from './bench/light-levels.js'
export { type LoopbackOptions, type LoopbackReport, loopback } from './bench/loopback.js'
export * from './channel/index.js'
export { type ClockId, ClockMap, HOST_CLOCK } from './light/clock.js'
export * from './modulation/index.js'
export * from './packet/index.js'
export * from './receiver/index.js'
export { LateLightError, RigError, type RigErrorCode } from './rig/errors.js'
export { SampleFanOut } from './rig/fan-out.js'
export { openRig, PHOTODIODE_KINDS, RIG_KINDS, type RigConfig } from './rig/open.js'
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
} from './rig/rig.js'
export { type RigState, type SupervisedOptions, SupervisedRig } from './rig/supervised.js'
