import { joined } from './bytes.js'
import { RecordingError } from './errors.js'
import type { FileFormat, FileReader } from './format.js'
import type { Channel, ReadOptions, ValueBlock } from './recording.js'
import { readWavFormat, type WavFormat } from './wav-format.js'

const SIGNATURES = ['RIFF', 'RF64', 'BW64']
const HEAD_BYTES = 12
const CHUNK_HEAD_BYTES = 8
const MOST_FORMAT_BYTES = 1 << 10
/** What stands for a size that is elsewhere, or that was not known when it was written. */
const NO_SIZE = 0xffffffff
const BLOCK_FRAMES = 4096

/** Sound, as of a photodiode at a sound card. */
export const WAV: FileFormat = {
  id: 'wav',
  extensions: ['wav'],
  fits: (head, isWhole) => {
    const [id, kind] = [head.slice(0, 4), head.slice(8, HEAD_BYTES)]
    if (!SIGNATURES.some((signature) => signature.startsWith(id))) return false
    return kind === 'WAVE' || (head.length < HEAD_BYTES && !isWhole ? null : false)
  },
  open: (_name, options) => new WavReader(options),
}

/**
 * Reads a WAV file (RIFF, or RF64 and BW64 for more than 4 GiB): whole numbers of 8 to 32 bits, and floats, as parts of full scale
 * from -1 to 1 (of which the unit is FS), each track a channel. What no light is among them is not known, as a sound card passes
 * no constant part. Streaming; a file whose sizes its writer could not know, or that is cut off, is read to its end.
 */
class WavReader implements FileReader {
  channels: readonly Channel[] = []
  /** What is not yet read. */
  #begun: Uint8Array = new Uint8Array()
  #isHeadRead = false
  #skippedBytes = 0
  #format: WavFormat | null = null
  /** From the chunk `ds64`, where there is one. */
  #longDataBytes = Number.POSITIVE_INFINITY
  /** Of the samples; null before them. */
  #leftBytes: number | null = null
  #frames = 0

  constructor(private readonly options: ReadOptions) {}

  *push(bytes: Uint8Array): Generator<ValueBlock> {
    this.#begun = joined([this.#begun, bytes])
    while (this.#leftBytes === null && this.#readChunk());
    if (this.#leftBytes !== null && this.#format) yield* this.#readFrames(this.#format)
  }

  end(): Iterable<ValueBlock> {
    if (this.#leftBytes === null) {
      throw new RecordingError('damaged', 'the WAV file ends before its samples: record it again')
    }
    if (this.#frames === 0) {
      throw new RecordingError('empty', 'there are no samples: give a capture')
    }
    return []
  }

  /** Reads what is before the samples; false when more of it must come. */
  #readChunk(): boolean {
    const skipped = Math.min(this.#skippedBytes, this.#begun.length)
    this.#skippedBytes -= skipped
    this.#begun = this.#begun.subarray(skipped)
    const headBytes = this.#isHeadRead ? CHUNK_HEAD_BYTES : HEAD_BYTES
    if (this.#skippedBytes > 0 || this.#begun.length < headBytes) return false
    if (!this.#isHeadRead) {
      this.#isHeadRead = true
      this.#skippedBytes = HEAD_BYTES
      return true
    }
    const view = viewOf(this.#begun)
    const id = String.fromCharCode(...this.#begun.subarray(0, 4))
    const sizeBytes = view.getUint32(4, true)
    if (id === 'data') {
      this.#beginData(sizeBytes)
      return true
    }
    if (id === 'fmt ' || id === 'ds64') {
      if (sizeBytes > MOST_FORMAT_BYTES) throw damaged()
      if (this.#begun.length < CHUNK_HEAD_BYTES + sizeBytes) return false
      const chunk = viewOf(this.#begun.subarray(CHUNK_HEAD_BYTES, CHUNK_HEAD_BYTES + sizeBytes))
      if (id === 'fmt ') this.#format = readWavFormat(chunk)
      else if (sizeBytes >= 16) this.#longDataBytes = Number(chunk.getBigUint64(8, true))
    }
    // A chunk of an odd size is followed by one byte more.
    this.#skippedBytes = CHUNK_HEAD_BYTES + sizeBytes + (sizeBytes % 2)
    return true
  }

  #beginData(sizeBytes: number): void {
    if (!this.#format) throw damaged()
    this.channels = Array.from({ length: this.#format.channelCount }, (_, i) => ({
      name: `channel ${i + 1}`,
      unit: 'FS',
      kind: 'analog',
      fullScale: null,
    }))
    const isKnown = sizeBytes > 0 && sizeBytes < NO_SIZE
    this.#leftBytes = isKnown ? sizeBytes : this.#longDataBytes || Number.POSITIVE_INFINITY
    this.#begun = this.#begun.subarray(CHUNK_HEAD_BYTES)
  }

  *#readFrames({ channelCount, frameBytes, sampleRateHz, read }: WavFormat): Generator<ValueBlock> {
    const rateHz = this.options.sampleRateHz ?? sampleRateHz
    if (rateHz === 0) {
      throw new RecordingError('rate', 'the WAV file tells no sample rate: give it')
    }
    const bytes = this.#begun.subarray(0, this.#leftBytes ?? 0)
    const view = viewOf(bytes)
    const sampleBytes = frameBytes / channelCount
    let at = 0
    while (at + frameBytes <= bytes.length) {
      const frames = Math.min(BLOCK_FRAMES, Math.floor((bytes.length - at) / frameBytes))
      const timesS = Float64Array.from({ length: frames }, (_, i) => (this.#frames + i) / rateHz)
      const values = Array.from({ length: channelCount }, () => new Float64Array(frames))
      for (let i = 0; i < frames; i++, at += frameBytes) {
        for (let channel = 0; channel < channelCount; channel++) {
          const track = values[channel] as Float64Array
          track[i] = read(view, at + channel * sampleBytes)
        }
      }
      this.#frames += frames
      yield { firstChannel: 0, timesS, values }
    }
    this.#leftBytes = (this.#leftBytes ?? 0) - at
    this.#begun = this.#leftBytes < frameBytes ? new Uint8Array() : bytes.slice(at)
  }
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const damaged = (): RecordingError =>
  new RecordingError('damaged', 'the WAV file is damaged: record it again')
