import { RecordingError } from './errors.js'

/** How the samples of a WAV file are written. */
export interface WavFormat {
  readonly channelCount: number
  /** As the file tells it, which may be 0. */
  readonly sampleRateHz: number
  /** Of one sample of each channel. */
  readonly frameBytes: number
  /** The sample at an offset, from -1 to 1. */
  readonly read: (view: DataView, at: number) => number
}

const PCM = 1
const FLOAT = 3
/** WAVE_FORMAT_EXTENSIBLE: the code is at the beginning of the field SubFormat. */
const EXTENSIBLE = 0xfffe
const SUB_FORMAT_OFFSET = 24
const LEAST_BYTES = 16
const MOST_CHANNELS = 64

/** Of each code, by the bytes of one sample. What has fewer bits than it has room for is at the upper end of it. */
const READERS: Readonly<Record<number, Readonly<Record<number, WavFormat['read']>>>> = {
  [PCM]: {
    1: (view, at) => (view.getUint8(at) - 0x80) / 0x80,
    2: (view, at) => view.getInt16(at, true) / 0x8000,
    3: (view, at) => (view.getUint8(at) + 0x100 * view.getInt16(at + 1, true)) / 0x80_0000,
    4: (view, at) => view.getInt32(at, true) / 0x8000_0000,
  },
  [FLOAT]: {
    4: (view, at) => view.getFloat32(at, true),
    8: (view, at) => view.getFloat64(at, true),
  },
}

/**
 * Reads the chunk `fmt ` of a WAV file (Multimedia Programming Interface and Data Specifications 1.0, and the description of
 * WAVEFORMATEXTENSIBLE).
 *
 * @throws RecordingError
 */
export function readWavFormat(chunk: DataView): WavFormat {
  if (chunk.byteLength < LEAST_BYTES) {
    throw new RecordingError('damaged', 'the WAV file is damaged: record it again')
  }
  const isExtended = chunk.getUint16(0, true) === EXTENSIBLE
  const isLong = chunk.byteLength >= SUB_FORMAT_OFFSET + 2
  const code = chunk.getUint16(isExtended && isLong ? SUB_FORMAT_OFFSET : 0, true)
  const channelCount = chunk.getUint16(2, true)
  const sampleRateHz = chunk.getUint32(4, true)
  const frameBytes = chunk.getUint16(12, true)
  const read = READERS[code]?.[frameBytes / channelCount]
  if (!read) {
    throw new RecordingError(
      'format',
      'the WAV file is compressed, or of a kind that is not read: save it as 16-bit PCM',
    )
  }
  if (channelCount > MOST_CHANNELS) {
    throw new RecordingError('format', `the WAV file has more than ${MOST_CHANNELS} tracks`)
  }
  return { channelCount, sampleRateHz, frameBytes, read }
}
