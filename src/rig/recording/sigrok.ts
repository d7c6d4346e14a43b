import { strFromU8, type Unzipped, unzipSync } from 'fflate'
import type { SampleBlock } from '../../receiver/samples.js'
import { RecordingError } from './errors.js'

const KILO: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 }
// More than an hour at 10,000 samples a second; it bounds what a small archive may unpack to.
const MOST_BYTES = 1 << 29
const LOWEST = 0.1
const HIGHEST = 0.9

/** Whether bytes begin like a zip archive, as sigrok sessions do. */
export const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4

/**
 * Reads a sigrok session (`.sr`, version 2: a zip archive of `metadata` and numbered chunks): its first analog channel,
 * or else its first logic channel. A session does not tell the full scale, so that the lowest value is shown as 0.1
 * of it and the highest as 0.9. The first sample is at zero seconds.
 *
 * @throws RecordingError that names the file in the archive, and the line of `metadata`, at fault
 */
export function parseSigrok(bytes: Uint8Array): SampleBlock {
  const files = unzip(bytes)
  const version = files['version'] && strFromU8(files['version']).trim()
  if (version !== '2') {
    throw new RecordingError(
      `version: give a sigrok session of version 2, not ${version ?? 'none'}`,
    )
  }
  const metadata = readMetadata(files)
  const analog = chunks(files, /^analog-1-(\d+)-(\d+)$/)
  const values =
    analog.length > 0 ? floats(analog) : firstBits(chunks(files, /^(logic-1)-(\d+)$/), metadata)
  if (values.length === 0)
    throw new RecordingError('there are no samples: give a session with a channel')
  const timesS = Float64Array.from(values, (_, index) => index / metadata.sampleRateHz)
  return { timesS, levels: scaled(values) }
}

interface Metadata {
  readonly sampleRateHz: number
  /** Bytes of one logic sample. */
  readonly unitBytes: number
}

function unzip(bytes: Uint8Array): Unzipped {
  let total = 0
  try {
    return unzipSync(bytes, {
      filter: ({ originalSize }) => {
        total += originalSize
        if (total > MOST_BYTES)
          throw new RecordingError('the session is larger than 512 MiB: cut it')
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
    const [, key, value = ''] = /^\s*(samplerate|unitsize)\s*=\s*(.*?)\s*$/i.exec(line) ?? []
    if (key?.toLowerCase() === 'unitsize') unitBytes = Number(value)
    if (key?.toLowerCase() !== 'samplerate') continue
    const [, number, prefix = ''] = /^([\d.]+)\s*([kmg]?)(?:hz)?$/i.exec(value) ?? []
    sampleRateHz = Number(number) * (KILO[prefix.toLowerCase()] ?? 1)
    if (!(sampleRateHz > 0)) {
      throw new RecordingError(
        `metadata, line ${index + 1}: the sample rate is not a number above 0`,
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
function chunks(files: Unzipped, name: RegExp): { name: string; bytes: Uint8Array }[] {
  const found = Object.entries(files).flatMap(([file, bytes]) => {
    const [, channel, chunk] = name.exec(file) ?? []
    return channel === undefined ? [] : [{ name: file, bytes, channel, chunk: Number(chunk) }]
  })
  const [first] = found.map(({ channel }) => channel).sort((a, b) => Number(a) - Number(b))
  return found.filter(({ channel }) => channel === first).sort((a, b) => a.chunk - b.chunk)
}

/** Analog values are 32-bit floats, low byte first. */
function floats(parts: readonly { name: string; bytes: Uint8Array }[]): Float64Array {
  const values: number[] = []
  for (const { name, bytes } of parts) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let offset = 0; offset < bytes.length; offset += 4) {
      const value = offset + 4 <= bytes.length ? view.getFloat32(offset, true) : Number.NaN
      if (!Number.isFinite(value)) {
        throw new RecordingError(`${name}, offset ${offset}: it is not a 32-bit number`)
      }
      values.push(value)
    }
  }
  return Float64Array.from(values)
}

/** The first bit of each logic sample. */
function firstBits(
  parts: readonly { name: string; bytes: Uint8Array }[],
  { unitBytes }: Metadata,
): Float64Array {
  const bits: number[] = []
  for (const { bytes } of parts) {
    for (let offset = 0; offset < bytes.length; offset += unitBytes) {
      bits.push((bytes[offset] as number) & 1)
    }
  }
  return Float64Array.from(bits)
}

function scaled(values: Float64Array): Float64Array {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return values.map((value) =>
    high > low ? LOWEST + (HIGHEST - LOWEST) * ((value - low) / (high - low)) : LOWEST,
  )
}
