export { type LoopbackOptions, type LoopbackReport, loopback } from './bench/loopback.js'
export * from './channel/index.js'
export * from './modulation/index.js'
export * from './packet/index.js'
export * from './receiver/index.js'
export { LateLightError, RigError, type RigErrorCode } from './rig/errors.js'
export { openRig, PHOTODIODE_KINDS, RIG_KINDS, type RigConfig } from './rig/open.js'
export type {
  Edge,
  EdgeInput,
  Emitter,
  PacingReport,
  Photodiode,
  PlayOptions,
  PlayReport,
  Rig,
  Scheduling,
} from './rig/rig.js'
