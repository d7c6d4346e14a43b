export { type Band, type Grade, grade, LIGHT_LIMITS } from '../light/limits.js'
export type { SampleBlock, SampleGap } from '../light/samples.js'
export { RECEPTION_FAILURES, type ReceptionFailure } from './judge/failures.js'
export {
  type ReceivedLevels,
  type SignalQuality,
  swingOf,
  type TimingSpread,
} from './judge/quality.js'
export { Receiver, type ReceiverOptions } from './receiver.js'
export {
  type BadPacket,
  type BareSync,
  failureOf,
  type NoSync,
  type ReceivedMessage,
  type Reception,
  type TracedReading,
} from './reception.js'
