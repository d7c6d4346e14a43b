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
export {
  type Change,
  type Comparison,
  compareRuns,
  type MeasuredRun,
  type Outcome,
} from './compare.js'

export {
  FIGURES,
  type Figure,
  type FigureName,
  type JudgedFigure,
  judgeFigures,
  type Limits,
} from './figures.js'

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
export { type Soaked, type SoakOptions, soak } from './soak.js'
export {
  type SoakError,
  type SoakMessage,
  type SoakResult,
  type SoakTrend,
  soakFigures,
  type TrendName,
} from './soak-tally.js'
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
export { ALARMS, TIMING_FAULTS, type TimingFault, type TimingFaultName } from './timing/faults.js'
export {
  type MeasuredTiming,
  type MeasureTimingOptions,
  measureTiming,
} from './timing/measure.js'
export { makePattern, PATTERNS, type Pattern } from './timing/patterns.js'
export { Trend, type TrendBin, type Uncertain } from './trend.js'
export { VERDICT_FAILURES, type Verdict, type VerdictFailure } from './verdict.js'
