import type { ArchiveFormat } from './archive.js'
import { joined } from './bytes.js'
import { RecordingError } from './errors.js'
import type { Contents } from './format.js'
import { type Channel, MOST_VALUES, type ReadOptions, type ValueBlock } from './recording.js'
import { AnalogMeans, LogicMeans, samplesPerMean } from './sample-means.js'
import { readMetadata, type SigrokMetadata } from './sigrok-metadata.js'
import { MOST_UNPACKED_BYTES } from './unpacker.js'
import { unpack, type ZipEntry } from './zip.js'

const MOST_TEXT_BYTES = 1 << 20
const FLOAT_BYTES = 4

/** A session of sigrok-cli or PulseView. */
export const SIGROK: ArchiveFormat = {
  id: 'sigrok',
  extensions: ['sr'],
  fits: (names) => names.includes('metadata') && names.includes('version'),
  read: readSigrok,
}

/** Channels that follow each other and are read together. */
interface Group {
  readonly channels: readonly Channel[]
  readonly files: readonly ZipEntry[]
  /** How many values there are of all channels. */
  readonly valueCount: number
  read(firstChannel: number): Iterable<ValueBlock>
}

/**
 * Reads a sigrok session, version 1 or 2: an archive of `metadata` and the samples of its first device, in one file or in
 * numbered chunks. Logic channels come first; analog ones are in volts. More than 20,000 samples a second become means of
 * some. The first sample is at zero seconds. It is unpacked piece by piece while the blocks are iterated.
 *
 * @throws RecordingError that names the file in the archive, and the line of `metadata`, at fault
 */
function readSigrok(entries: readonly ZipEntry[], { sampleRateHz }: ReadOptions): Contents {
  const version = readText(entries, 'version').trim()
  if (version !== '1' && version !== '2') {
    throw new RecordingError('format', 'version: give a sigrok session of version 1 or 2')
  }
  const metadata = readMetadata(readText(entries, 'metadata'))
  const rateHz = sampleRateHz ?? metadata.sampleRateHz
  if (rateHz === null) {
    throw new RecordingError('rate', 'metadata: the session tells no sample rate: give it')
  }
  const groups = [
    logicGroup(entries, metadata, rateHz),
    ...[...metadata.analogs]
      .sort(([a], [b]) => a - b)
      .map(([number, name]) => analogGroup(filesOf(entries, `analog-1-${number}`), name, rateHz)),
  ].filter(({ files, channels }) => files.length > 0 && channels.length > 0)
  const bytes = sum(groups.flatMap(({ files }) => files.map(({ sizeBytes }) => sizeBytes)))
  const values = sum(groups.map(({ valueCount }) => valueCount))
  if (bytes > MOST_UNPACKED_BYTES || values > MOST_VALUES) {
    throw new RecordingError(
      'too-large',
      `the session holds more than ${MOST_UNPACKED_BYTES / 2 ** 30} GiB or ${MOST_VALUES / 2 ** 20} Mi values: shorten it`,
    )
  }
  if (values === 0) {
    throw new RecordingError('empty', 'there are no samples: give a session with a channel')
  }
  return { channels: groups.flatMap(({ channels }) => channels), blocks: blocksOf(groups) }
}

function* blocksOf(groups: readonly Group[]): Generator<ValueBlock> {
  let firstChannel = 0
  for (const { channels, read } of groups) {
    yield* read(firstChannel)
    firstChannel += channels.length
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

/** A short file of the archive as text. */
function readText(entries: readonly ZipEntry[], name: string): string {
  const entry = entries.find((entry) => entry.name === name)
  if (!entry) throw new RecordingError('damaged', `${name}: it is missing from the session`)
  if (entry.sizeBytes > MOST_TEXT_BYTES) {
    throw new RecordingError(
      'too-large',
      `${name}: it is larger than 1 MiB: record the session again`,
    )
  }
  return new TextDecoder().decode(joined([...unpack(entry)]))
}

/** The file of this name, or else its chunks in the order of their numbers. */
function filesOf(entries: readonly ZipEntry[], name: string): ZipEntry[] {
  const whole = entries.filter((entry) => entry.name === name)
  if (whole.length > 0) return whole
  const chunks = entries.flatMap((entry) => {
    const number = entry.name.startsWith(`${name}-`) ? entry.name.slice(name.length + 1) : ''
    return /^\d{1,9}$/.test(number) ? [{ entry, number: Number(number) }] : []
  })
  return chunks.sort((a, b) => a.number - b.number).map(({ entry }) => entry)
}

function logicGroup(
  entries: readonly ZipEntry[],
  { probes, unitBytes, logicFile }: SigrokMetadata,
  sampleRateHz: number,
): Group {
  const there = [...probes].filter(([number]) => number >= 1 && number <= 8 * unitBytes)
  there.sort(([a], [b]) => a - b)
  const files = filesOf(entries, logicFile)
  return {
    channels: there.map(([, name]) => ({
      name,
      unit: null,
      kind: 'logic',
      fullScale: null,
    })),
    files,
    valueCount: meanCount(files, unitBytes, sampleRateHz) * there.length,
    *read() {
      const bits = there.map(([number]) => number - 1)
      const means = new LogicMeans(bits, unitBytes, sampleRateHz)
      for (const file of files) {
        for (const samples of wholeUnits(file, unitBytes)) yield* means.push(samples)
      }
      yield* means.end()
    },
  }
}

/** Analog values are 32-bit floats, low byte first. */
function analogGroup(files: readonly ZipEntry[], name: string, sampleRateHz: number): Group {
  return {
    channels: [{ name, unit: 'V', kind: 'analog', fullScale: null }],
    files,
    valueCount: meanCount(files, FLOAT_BYTES, sampleRateHz),
    *read(firstChannel) {
      const means = new AnalogMeans(firstChannel, sampleRateHz)
      for (const file of files) {
        for (const bytes of wholeUnits(file, FLOAT_BYTES)) yield* means.push(bytes)
      }
    },
  }
}

function meanCount(files: readonly ZipEntry[], sampleBytes: number, sampleRateHz: number): number {
  const samples = sum(files.map(({ sizeBytes }) => Math.floor(sizeBytes / sampleBytes)))
  return Math.floor(samples / samplesPerMean(sampleRateHz))
}

/** The bytes of a file in pieces of whole units; what is left of one at its end is left out. */
function* wholeUnits(file: ZipEntry, unitBytes: number): Generator<Uint8Array> {
  let begun: Uint8Array = new Uint8Array()
  for (const piece of unpack(file)) {
    const bytes = begun.length > 0 ? joined([begun, piece]) : piece
    const whole = bytes.length - (bytes.length % unitBytes)
    begun = bytes.subarray(whole)
    if (whole > 0) yield bytes.subarray(0, whole)
  }
}
