import fc from 'fast-check'
import { strToU8, type Zippable, zipSync } from 'fflate'
import { describe, expect, it, test } from 'vitest'
import { Receiver } from '../../src/receiver/index.js'
import { RecordingError } from '../../src/recording/errors.js'
import { formatOf } from '../../src/recording/formats.js'
import { readSigrok } from '../../src/recording/sigrok.js'
import { unpack, zipEntries } from '../../src/recording/zip.js'
import { message, randomPacket } from '../helpers/receive.js'

const METADATA = `[global]
sigrok version=0.5.2

[device 1]
samplerate=1 kHz
total analog=1
analog1=A0
unitsize=1
`
const floats = (values: ArrayLike<number>) => new Uint8Array(Float32Array.from(values).buffer)
const session = (files: Record<string, Uint8Array>, metadata = METADATA) =>
  zipSync({ version: strToU8('2'), metadata: strToU8(metadata), ...files })

/** All of a session, in one block. */
function parseSigrok(bytes: Uint8Array) {
  const { blocks, scaleV } = readSigrok(bytes)
  const all = [...blocks]
  const join = (key: 'timesS' | 'levels') => Float64Array.from(all.flatMap((b) => [...b[key]]))
  return { timesS: join('timesS'), levels: join('levels'), scaleV }
}

it('reads the first analog channel, its chunks in the order of their numbers', () => {
  const { timesS, levels, scaleV } = parseSigrok(
    session({
      'analog-1-1-10': floats([0]),
      'analog-1-1-2': floats([2, 4]),
      'analog-1-1-1': floats([-4, 0]),
      'analog-1-2-1': floats([9, 9, 9]),
    }),
  )
  expect([...timesS]).toEqual([0, 0.001, 0.002, 0.003, 0.004])
  expect([...levels].map((level) => Number(level.toFixed(6)))).toEqual([0.1, 0.5, 0.7, 0.9, 0.5])
  expect(scaleV).toEqual({ zero: expect.closeTo(-5, 9), full: expect.closeTo(5, 9) })
})

it('reads the first bit of logic samples of any size', () => {
  const bytes = session(
    { 'logic-1-1': Uint8Array.of(1, 0, 2, 0, 3, 0) },
    METADATA.replace('unitsize=1', 'unitsize=2').replace('1 kHz', '2 MHz'),
  )
  const { timesS, levels, scaleV } = parseSigrok(bytes)
  expect(scaleV).toBeNull()
  expect([...levels]).toEqual([0.9, 0.1, 0.9])
  expect(timesS[2]).toBeCloseTo(1e-6, 12)
})

it('holds a message that is received', () => {
  const packet = randomPacket(1)
  const { levels } = message(packet, { noiseRms: 0.02 })
  const bytes = session({ 'analog-1-1-1': floats(levels.map((level) => 3.3 * level)) })
  expect(formatOf(Buffer.from(bytes), false)?.name).toBe('sigrok')
  const receiver = new Receiver()
  expect([...receiver.push(parseSigrok(bytes)), ...receiver.end()]).toMatchObject([
    { kind: 'message', packet },
  ])
})

describe('a broken session is told with the file at fault', () => {
  it.each<[string, Uint8Array, string]>([
    ['no version', zipSync({ metadata: strToU8(METADATA) }), 'version: give'],
    ['an old version', zipSync({ version: strToU8('1') }), 'not another'],
    ['no metadata', zipSync({ version: strToU8('2') }), 'metadata: it is missing'],
    ['no rate', session({}, '[device 1]\n'), 'metadata: the sample rate is missing'],
    ['a bad rate', session({}, 'a\nsamplerate=fast\n'), 'metadata, line 2'],
    ['a rate of a thousand digits', session({}, `samplerate=${'9'.repeat(1000)}\n`), 'line 1: the'],
    ['hardly any rate', session({}, `samplerate=0.${'0'.repeat(300)}1\n`), 'line 1: the'],
    ['a bad unit', session({}, 'samplerate=1\nunitsize=0\n'), 'unit size'],
    ['no channel', session({}), 'there are no samples'],
    ['half a number', session({ 'analog-1-1-1': new Uint8Array(6) }), 'analog-1-1-1, offset 4'],
    ['no number', session({ 'analog-1-1-1': floats([1, Number.NaN]) }), 'analog-1-1-1, offset 4'],
    ['a damaged archive', session({}).subarray(0, 60), 'the archive is damaged'],
  ])('%s', (_, bytes, text) => {
    expect(() => parseSigrok(bytes)).toThrow(RecordingError)
    expect(() => parseSigrok(bytes)).toThrow(text)
  })
})

/** An archive whose directory is `entries`, `count` of them. */
function withDirectory(archive: Uint8Array, entries: Uint8Array, count: number): Uint8Array {
  const end = new Uint8Array(22)
  const view = new DataView(end.buffer)
  view.setUint32(0, 0x06054b50, true)
  view.setUint16(10, count, true)
  view.setUint32(16, archive.length, true)
  return Uint8Array.of(...archive, ...entries, ...end)
}

/** The directory of an archive. */
function directoryOf(archive: Uint8Array): Uint8Array {
  const view = new DataView(archive.buffer, archive.byteOffset)
  return archive.slice(view.getUint32(archive.length - 6, true), archive.length - 22)
}

describe('an archive that is small, and would take for ever or all memory to unpack, is refused', () => {
  const one = zipSync({ 'logic-1-1': new Uint8Array(1e5) })
  const repeated = (count: number): Uint8Array =>
    Uint8Array.from(Array.from({ length: count }, () => [...directoryOf(one)]).flat())

  it.each<[string, Uint8Array, string]>([
    [
      'too many samples',
      session({ 'logic-1-1': new Uint8Array(2 ** 26 + 1) }),
      'more than 67108864',
    ],
    [
      'too many bytes',
      session({ 'logic-1-1': new Uint8Array(2 ** 28 + 1) }),
      'larger than 256 MiB',
    ],
    ['long metadata', session({}, '\n'.repeat(2e6)), 'metadata: it is larger than 1 MiB'],
    [
      'too many bytes, though few samples',
      session(
        { 'logic-1-1': new Uint8Array(2 ** 28 + 1) },
        METADATA.replace('unitsize=1', 'unitsize=9'),
      ),
      'larger than 256 MiB',
    ],
    ['files without end', withDirectory(one, new Uint8Array(0), 0xffff), 'is damaged'],
    ['one file many times', withDirectory(one, repeated(1000), 1000), 'is damaged'],
  ])('%s', (_, bytes, text) => {
    expect(bytes.length).toBeLessThan(1e6)
    expect(() => parseSigrok(bytes)).toThrow(RecordingError)
    expect(() => parseSigrok(bytes)).toThrow(text)
  })

  it('says that its file is shorter than it is', () => {
    const bytes = session({ 'logic-1-1': new Uint8Array(1e6) })
    const directory = bytes.length - 22 - directoryOf(bytes).length
    const at = Buffer.from(bytes).indexOf(Buffer.from(Uint32Array.of(1e6).buffer), directory)
    expect(at).toBeGreaterThan(directory)
    new DataView(bytes.buffer).setUint32(at, 1000, true)
    expect(() => parseSigrok(bytes)).toThrow('the archive is damaged')
  })

  it('has many spaces in its metadata', () => {
    const metadata = `samplerate=1${' '.repeat(1e6)}x\n`
    expect(() => parseSigrok(session({}, metadata))).toThrow('metadata, line 1: the sample rate')
  })
})

test('an archive is unpacked as by another program', () => {
  const files = fc.dictionary(
    fc.stringMatching(/^[a-z]{1,9}$/),
    fc.tuple(fc.uint8Array({ maxLength: 50 }), fc.nat({ max: 20_000 }), fc.nat({ max: 9 })),
    { maxKeys: 5 },
  )
  fc.assert(
    fc.property(files, fc.nat({ max: 100 }), (made, commentLength) => {
      const contents = Object.entries(made).map(([name, [part, times, level]]) => {
        const bytes = Buffer.alloc(part.length * (times + 1), part)
        return [name, bytes, level] as const
      })
      const archive = zipSync(
        Object.fromEntries(
          contents.map(([name, bytes, level]) => [name, [bytes, { level }]]),
        ) as Zippable,
      )
      const commented = Buffer.concat([archive, Buffer.alloc(commentLength, 'x')])
      const read = new Map(zipEntries(commented).map((entry) => [entry.name, entry]))
      expect(read.size).toBe(contents.length)
      for (const [name, bytes] of contents) {
        const entry = read.get(name)
        expect(entry && Buffer.concat([...unpack(entry)]).equals(bytes)).toBe(true)
      }
    }),
    { numRuns: 100 },
  )
})

test('any damage to a session ends in samples or a RecordingError', () => {
  const whole = session({ 'analog-1-1-1': floats([0, 1, 2, 3, 4, 5, 6, 7]) })
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 5 })
  fc.assert(
    fc.property(damage, fc.nat(whole.length), (hits, length) => {
      const bytes = whole.slice(0, length)
      for (const [at, value] of hits) if (at < length) bytes[at] = value
      try {
        expect(parseSigrok(bytes).timesS.length).toBeGreaterThan(0)
      } catch (error) {
        expect(error).toBeInstanceOf(RecordingError)
      }
    }),
    { numRuns: 2000 },
  )
})
