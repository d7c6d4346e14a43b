export { CSV_HEADER, csvLines } from './csv.js'
export { RecordingError } from './errors.js'
export {
  type Decoded,
  type DecodeOptions,
  FileDecoder,
  type FoundChannel,
} from './file-decoder.js'
export type { DecodedSymbols } from './format.js'
export type { Samples } from './kept-samples.js'
export type { LevelScale, Measured } from './ranging.js'
export {
  decodeRecording,
  type Recording,
  type RecordingSource,
  readRecording,
} from './read-recording.js'
export { type Light, RecentLight } from './recent-light.js'
export type { Channel as RecordedChannel, ReadOptions, ValueBlock } from './recording.js'
export { receptionToSigrok } from './sigrok-writer.js'
export { receptionToVcd, symbolsToVcd } from './vcd.js'
