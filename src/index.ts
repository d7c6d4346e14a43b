export { type LoopbackOptions, type LoopbackReport, loopback } from './bench/loopback.js'
export * from './channel/index.js'
export * from './modulation/index.js'
export * from './packet/index.js'
export * from './receiver/index.js'
export { RigError, type RigErrorCode } from './rig/errors.js'
export { openRig, RIG_KINDS, type RigConfig } from './rig/open.js'
export type {
  Edge,
  EdgeInput,
  Emitter,
  Photodiode,
  PlayOptions,
  PlayReport,
  Rig,
} from './rig/rig.js'
