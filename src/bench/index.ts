export {
  AIM_ADVICE,
  AIM_REMEDIES,
  Aiming,
  type AimVerdict,
  type AimView,
  judgeAim,
} from './aiming.js'
export {
  type CaptureOptions,
  captureEdges,
  captureSamples,
  type SampleCaptureOptions,
} from './capture.js'
export { checkLight } from './check-light.js'
export { type HoldOptions, holdLevel } from './hold-level.js'
export {
  type AmbientLight,
  type LightLevels,
  measureAmbientLight,
  measureLightLevels,
} from './light-levels.js'
export { type LoopbackOptions, type LoopbackReport, loopback } from './loopback.js'
export { IMP_LISTENS_S, type Message, type MessageOptions, makeMessage } from './message.js'
export { playAndSee, type Seen, type SeeOptions } from './play-and-see.js'
export type { PointSettings, SweepAxis } from './sweep/axes.js'
export { Lattice } from './sweep/lattice.js'
export { type Player, RigPlayer } from './sweep/player.js'
export {
  type Asked,
  passRateInterval,
  SequentialTest,
  type TestVerdict,
} from './sweep/sequential-test.js'
export {
  type PointResult,
  type SweepOptions,
  type SweepProgress,
  type SweepQuestion,
  type SweepResult,
  sweep,
} from './sweep/sweep.js'
export { ThreadPlayer } from './sweep/thread-player.js'
export type { LightComparison } from './this-light.js'
export { VERDICT_FAILURES, type Verdict, type VerdictFailure } from './verdict.js'
