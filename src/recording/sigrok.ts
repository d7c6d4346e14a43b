import type { SampleBlock } from '../light/samples.js'
import { joined } from './bytes.js'
import { RecordingError } from './errors.js'
import { type FileFormat, type ScaleV, WholeReader } from './format.js'
import { unpack, ZIP_SIGNATURE, type ZipEntry, zipEntries } from './zip.js'

const KILO: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 }
// Nearly two hours at 10,000 samples a second. These bound how long a small archive may take.
const MOST_SAMPLES = 1 << 26
const MOST_BYTES = 4 * MOST_SAMPLES
const MOST_TEXT_BYTES = 1 << 20
const SAMPLE_RATES_HZ = [1e-3, 1e12] as const

// Where the lowest and the highest value are shown, as parts of full scale.
const LOWEST = 0.1
const HIGHEST = 0.9

const ANALOG = /^analog-1-(\d{1,9})-(\d{1,9})$/
const LOGIC = /^(logic-1)-(\d{1,9})$/
const FLOAT_BYTES = 4

/** An archive, which only whole has its directory. */
export const SIGROK: FileFormat = {
  name: 'sigrok',
  fits: (head, isWhole) =>
    head.startsWith(ZIP_SIGNATURE) || (ZIP_SIGNATURE.startsWith(head) && !isWhole ? null : false),
  open: (name) =>
    new WholeReader(name, (bytes, reader) => {
      const { scaleV, blocks } = readSigrok(bytes)
      reader.scaleV = scaleV
      return blocks
    }),
}

export interface Session {
  /** The samples, unpacked while they are iterated. */
  readonly blocks: Iterable<SampleBlock>
  /** What level 0 and level 1 are in volts; null unless the samples are analog. */
  readonly scaleV: ScaleV | null
}

/**
 * Reads a sigrok session (`.sr`, version 2: a zip archive of `metadata` and numbered chunks): its first analog channel,
 * or else its first logic channel. A session does not tell the full scale, so that the lowest value is shown as 0.1
 * of it and the highest as 0.9. The first sample is at zero seconds.
 *
 * It is unpacked piece by piece, once for the range and once for the samples, so that it takes little memory however large it is.
 *
 * @throws RecordingError that names the file in the archive, and the line of `metadata`, at fault
 */
export function readSigrok(bytes: Uint8Array): Session {
  const entries = zipEntries(bytes)
  const version = readText(entries, 'version')?.trim()
  if (version !== '2') {
    throw new RecordingError(
      'format',
      `version: give a sigrok session of version 2, not ${version ? 'another' : 'none'}`,
    )
  }
  const { sampleRateHz, unitBytes } = readMetadata(readText(entries, 'metadata'))
  const analog = chunks(entries, ANALOG)
  const isAnalog = analog.length > 0
  const chosen = isAnalog ? analog : chunks(entries, LOGIC)
  const sampleBytes = isAnalog ? FLOAT_BYTES : unitBytes
  if (chosen.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) > MOST_BYTES) {
    throw new RecordingError(
      'too-large',
      `the session is larger than ${MOST_BYTES / 2 ** 20} MiB: shorten it`,
    )
  }
  const count = chosen.reduce((sum, { sizeBytes }) => sum + Math.ceil(sizeBytes / sampleBytes), 0)
  if (count > MOST_SAMPLES) {
    throw new RecordingError(
      'too-large',
      `the session has more than ${MOST_SAMPLES} samples: shorten it`,
    )
  }
  if (count === 0)
    throw new RecordingError('empty', 'there are no samples: give a session with a channel')
  const values = (): Generator<Float64Array> => valuesOf(chosen, isAnalog, unitBytes)
  const { low, high } = rangeOf(values())
  const fullScale = (high - low) / (HIGHEST - LOWEST)
  const zero = low - LOWEST * fullScale
  return {
    blocks: blocksOf(
      values(),
      sampleRateHz,
      (value) => LOWEST + (fullScale > 0 ? (value - low) / fullScale : 0),
    ),
    scaleV: isAnalog ? { zero, full: zero + fullScale } : null,
  }
}

interface Metadata {
  readonly sampleRateHz: number
  /** Bytes of one logic sample. */
  readonly unitBytes: number
}

/** A short file of the archive as text. */
function readText(entries: readonly ZipEntry[], name: string): string | undefined {
  const entry = entries.find((entry) => entry.name === name)
  if (!entry) return undefined
  if (Math.max(entry.packed.length, entry.sizeBytes) > MOST_TEXT_BYTES) {
    throw new RecordingError(
      'too-large',
      `${name}: it is larger than 1 MiB: record the session again`,
    )
  }
  return new TextDecoder().decode(joined([...unpack(entry)]))
}

function readMetadata(text: string | undefined): Metadata {
  if (text === undefined)
    throw new RecordingError('damaged', 'metadata: it is missing from the session')
  let sampleRateHz = Number.NaN
  let unitBytes = 1
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [, key, value = ''] = /^\s*(samplerate|unitsize)\s*=(.*)$/i.exec(line) ?? []
    if (key?.toLowerCase() === 'unitsize') unitBytes = Number(value)
    if (key?.toLowerCase() !== 'samplerate') continue
    const [, number, prefix = ''] = /^([\d.]+)\s*([kmg]?)(?:hz)?$/i.exec(value.trim()) ?? []
    sampleRateHz = Number(number) * (KILO[prefix.toLowerCase()] ?? 1)
    const [least, most] = SAMPLE_RATES_HZ
    if (!(sampleRateHz >= least && sampleRateHz <= most)) {
      throw new RecordingError(
        'range',
        `metadata, line ${index + 1}: the sample rate is not a number from 0.001 Hz to 1,000 GHz`,
      )
    }
  }
  if (Number.isNaN(sampleRateHz))
    throw new RecordingError('damaged', 'metadata: the sample rate is missing')
  if (!(Number.isInteger(unitBytes) && unitBytes > 0)) {
    throw new RecordingError('range', 'metadata: the unit size is not a number above 0')
  }
  return { sampleRateHz, unitBytes }
}

/** The chunks of the first channel, in the order of their numbers. */
function chunks(entries: readonly ZipEntry[], name: RegExp): ZipEntry[] {
  const found = entries.flatMap((entry) => {
    const [, channel, chunk] = name.exec(entry.name) ?? []
    return channel === undefined ? [] : [{ entry, channel, chunk: Number(chunk) }]
  })
  const [first] = found.map(({ channel }) => channel).sort((a, b) => Number(a) - Number(b))
  const ofFirst = found.filter(({ channel }) => channel === first)
  return ofFirst.sort((a, b) => a.chunk - b.chunk).map(({ entry }) => entry)
}

/** The values of all chunks, one array after another. */
function* valuesOf(
  entries: readonly ZipEntry[],
  isAnalog: boolean,
  unitBytes: number,
): Generator<Float64Array> {
  for (const entry of entries) yield* isAnalog ? floats(entry) : firstBits(entry, unitBytes)
}

/** Analog values are 32-bit floats, low byte first. */
function* floats(entry: ZipEntry): Generator<Float64Array> {
  const refuse = (offset: number): never => {
    throw new RecordingError('format', `${entry.name}, offset ${offset}: it is not a 32-bit number`)
  }
  let begun: Uint8Array = new Uint8Array()
  let offset = 0
  for (const piece of unpack(entry)) {
    const bytes = joined([begun, piece])
    const view = new DataView(bytes.buffer)
    const values = new Float64Array(Math.floor(bytes.length / FLOAT_BYTES))
    for (let i = 0; i < values.length; i++) {
      const value = view.getFloat32(i * FLOAT_BYTES, true)
      if (!Number.isFinite(value)) refuse(offset + i * FLOAT_BYTES)
      values[i] = value
    }
    yield values
    offset += values.length * FLOAT_BYTES
    begun = bytes.subarray(values.length * FLOAT_BYTES)
  }
  if (begun.length > 0) refuse(offset)
}

/** The first bit of each logic sample; what is left of one at the end counts. */
function* firstBits(entry: ZipEntry, unitBytes: number): Generator<Float64Array> {
  let next = 0 // where the next sample begins in the piece
  for (const piece of unpack(entry)) {
    const bits = new Float64Array(Math.max(0, Math.ceil((piece.length - next) / unitBytes)))
    for (let i = 0; i < bits.length; i++) bits[i] = (piece[next + i * unitBytes] as number) & 1
    yield bits
    next += bits.length * unitBytes - piece.length
  }
}

function rangeOf(parts: Iterable<Float64Array>): { low: number; high: number } {
  let [low, high] = [Infinity, -Infinity]
  for (const values of parts) {
    for (const value of values) {
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  }
  return { low, high }
}

function* blocksOf(
  parts: Iterable<Float64Array>,
  sampleRateHz: number,
  toLevel: (value: number) => number,
): Generator<SampleBlock> {
  let count = 0
  for (const values of parts) {
    const start = count
    yield { timesS: values.map((_, i) => (start + i) / sampleRateHz), levels: values.map(toLevel) }
    count += values.length
  }
}
