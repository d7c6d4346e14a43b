export type { SignalQuality } from './quality.js'
export { Receiver } from './receiver.js'
export {
  RECEPTION_FAILURES,
  type ReceivedLevels,
  type Reception,
  type ReceptionFailure,
  swingOf,
  type TimingSpread,
} from './reception.js'
export type { SampleBlock, SampleGap } from './samples.js'
