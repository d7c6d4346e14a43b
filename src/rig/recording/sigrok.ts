import { strFromU8, type Unzipped, unzipSync } from 'fflate'
import type { SampleBlock } from '../../receiver/samples.js'
import { RecordingError } from './errors.js'

const KILO: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 }
// Nearly two hours at 10,000 samples a second. These bound what a small archive may unpack to.
const MOST_SAMPLES = 1 << 26
const MOST_BYTES = 4 * MOST_SAMPLES
const MOST_FILES = 1 << 16
const MOST_TEXT_BYTES = 1 << 20
const SAMPLE_RATES_HZ = [1e-3, 1e12] as const

// Where the lowest and the highest value are shown, as parts of full scale.
const LOWEST = 0.1
const HIGHEST = 0.9

const ANALOG = /^analog-1-(\d{1,9})-(\d{1,9})$/
const LOGIC = /^(logic-1)-(\d{1,9})$/

/** What the ends of a scale are in volts. */
export interface ScaleV {
  readonly zero: number
  readonly full: number
}

/** Whether bytes begin like a zip archive, as sigrok sessions do. */
export const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4

/**
 * Reads a sigrok session (`.sr`, version 2: a zip archive of `metadata` and numbered chunks): its first analog channel,
 * or else its first logic channel. A session does not tell the full scale, so that the lowest value is shown as 0.1
 * of it and the highest as 0.9. The first sample is at zero seconds.
 *
 * @returns the samples, and what level 0 and level 1 are in volts, if they are analog
 * @throws RecordingError that names the file in the archive, and the line of `metadata`, at fault
 */
export function parseSigrok(bytes: Uint8Array): SampleBlock & { scaleV: ScaleV | null } {
  const files = unzip(bytes)
  const version = files['version'] && strFromU8(files['version']).trim()
  if (version !== '2') {
    throw new RecordingError(
      `version: give a sigrok session of version 2, not ${version ? 'another' : 'none'}`,
    )
  }
  const metadata = readMetadata(files)
  const analog = chunks(files, ANALOG)
  const values = analog.length > 0 ? floats(analog) : firstBits(chunks(files, LOGIC), metadata)
  if (values.length === 0)
    throw new RecordingError('there are no samples: give a session with a channel')
  const timesS = values.map((_, index) => index / metadata.sampleRateHz)
  const { low, high } = rangeOf(values)
  const fullScale = (high - low) / (HIGHEST - LOWEST)
  const levels = values.map((value) => LOWEST + (fullScale > 0 ? (value - low) / fullScale : 0))
  const zero = low - LOWEST * fullScale
  return { timesS, levels, scaleV: analog.length > 0 ? { zero, full: zero + fullScale } : null }
}

interface Metadata {
  readonly sampleRateHz: number
  /** Bytes of one logic sample. */
  readonly unitBytes: number
}

/** One numbered file of a channel's samples. */
interface Chunk {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Unpacks what a session is read from; all that an archive claims of itself may be false. */
function unzip(bytes: Uint8Array): Unzipped {
  let [files, packedBytes, unpackedBytes] = [0, 0, 0]
  try {
    return unzipSync(bytes, {
      filter: ({ name, size, originalSize }) => {
        files++
        packedBytes += size
        unpackedBytes += originalSize
        // Files that share their bytes, or are without end, would take for ever to unpack.
        if (files > MOST_FILES || packedBytes > bytes.length) throw new RangeError('false sizes')
        if (unpackedBytes > MOST_BYTES) {
          throw new RecordingError(`the session is larger than ${MOST_BYTES / 2 ** 20} MiB: cut it`)
        }
        if (ANALOG.test(name) || LOGIC.test(name)) return true
        if (name !== 'version' && name !== 'metadata') return false
        if (Math.max(size, originalSize) > MOST_TEXT_BYTES) {
          throw new RecordingError(`${name}: it is larger than 1 MiB: record the session again`)
        }
        return true
      },
    })
  } catch (error) {
    if (error instanceof RecordingError) throw error
    throw new RecordingError('the archive is damaged: record the session again')
  }
}

function readMetadata(files: Unzipped): Metadata {
  const file = files['metadata']
  if (!file) throw new RecordingError('metadata: it is missing in the session')
  let sampleRateHz = Number.NaN
  let unitBytes = 1
  for (const [index, line] of strFromU8(file).split(/\r?\n/).entries()) {
    const [, key, value = ''] = /^\s*(samplerate|unitsize)\s*=(.*)$/i.exec(line) ?? []
    if (key?.toLowerCase() === 'unitsize') unitBytes = Number(value)
    if (key?.toLowerCase() !== 'samplerate') continue
    const [, number, prefix = ''] = /^([\d.]+)\s*([kmg]?)(?:hz)?$/i.exec(value.trim()) ?? []
    sampleRateHz = Number(number) * (KILO[prefix.toLowerCase()] ?? 1)
    const [least, most] = SAMPLE_RATES_HZ
    if (!(sampleRateHz >= least && sampleRateHz <= most)) {
      throw new RecordingError(
        `metadata, line ${index + 1}: the sample rate is not a number from 0.001 Hz to 1,000 GHz`,
      )
    }
  }
  if (Number.isNaN(sampleRateHz)) throw new RecordingError('metadata: the sample rate is missing')
  if (!(Number.isInteger(unitBytes) && unitBytes > 0)) {
    throw new RecordingError('metadata: the unit size is not a number above 0')
  }
  return { sampleRateHz, unitBytes }
}

/** The chunks of the first channel, in the order of their numbers. */
function chunks(files: Unzipped, name: RegExp): Chunk[] {
  const found = Object.entries(files).flatMap(([file, bytes]) => {
    const [, channel, chunk] = name.exec(file) ?? []
    return channel === undefined ? [] : [{ name: file, bytes, channel, chunk: Number(chunk) }]
  })
  const [first] = found.map(({ channel }) => channel).sort((a, b) => Number(a) - Number(b))
  return found.filter(({ channel }) => channel === first).sort((a, b) => a.chunk - b.chunk)
}

/** Room for the samples of all parts, so many bytes each; what is left of a sample counts as one. */
function samplesOf(parts: readonly Chunk[], sampleBytes: number): Float64Array {
  const count = parts.reduce((sum, { bytes }) => sum + Math.ceil(bytes.length / sampleBytes), 0)
  if (count > MOST_SAMPLES) {
    throw new RecordingError(`the session has more than ${MOST_SAMPLES} samples: cut it`)
  }
  return new Float64Array(count)
}

/** Analog values are 32-bit floats, low byte first. */
function floats(parts: readonly Chunk[]): Float64Array {
  const values = samplesOf(parts, 4)
  let count = 0
  for (const { name, bytes } of parts) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let offset = 0; offset < bytes.length; offset += 4) {
      const value = offset + 4 <= bytes.length ? view.getFloat32(offset, true) : Number.NaN
      if (!Number.isFinite(value)) {
        throw new RecordingError(`${name}, offset ${offset}: it is not a 32-bit number`)
      }
      values[count++] = value
    }
  }
  return values
}

/** The first bit of each logic sample. */
function firstBits(parts: readonly Chunk[], { unitBytes }: Metadata): Float64Array {
  const bits = samplesOf(parts, unitBytes)
  let count = 0
  for (const { bytes } of parts) {
    for (let offset = 0; offset < bytes.length; offset += unitBytes) {
      bits[count++] = (bytes[offset] as number) & 1
    }
  }
  return bits
}

function rangeOf(values: Float64Array): { low: number; high: number } {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return { low, high }
}
