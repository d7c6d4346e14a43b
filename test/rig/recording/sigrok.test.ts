import fc from 'fast-check'
import { strToU8, zipSync } from 'fflate'
import { describe, expect, it, test } from 'vitest'
import { Receiver } from '../../../src/receiver/index.js'
import { RecordingError } from '../../../src/rig/recording/errors.js'
import { isZip, parseSigrok } from '../../../src/rig/recording/sigrok.js'
import { message, randomPacket } from '../../receiver/receive.js'

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
  expect(isZip(bytes)).toBe(true)
  const receiver = new Receiver()
  expect([...receiver.push(parseSigrok(bytes)), ...receiver.end()]).toMatchObject([
    { ok: true, packet },
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

/** An archive whose directory is `entries`, `count` of them; zip64, as 16 bits may not hold the count. */
function withDirectory(archive: Uint8Array, entries: Uint8Array, count: number): Uint8Array {
  const end = new Uint8Array(56 + 20 + 22)
  const view = new DataView(end.buffer)
  const directoryAt = archive.length
  const endAt = directoryAt + entries.length
  view.setUint32(0, 0x06064b50, true)
  view.setUint32(32, count, true)
  view.setUint32(48, directoryAt, true)
  view.setUint32(56, 0x07064b50, true)
  view.setUint32(64, endAt, true)
  view.setUint32(76, 0x06054b50, true)
  view.setUint16(84, 0xffff, true)
  view.setUint32(92, 0xffffffff, true)
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
    ['too many bytes', session({ 'logic-1-1': new Uint8Array(2 ** 28) }), 'larger than 256 MiB'],
    ['long metadata', session({}, '\n'.repeat(2e6)), 'metadata: it is larger than 1 MiB'],
    ['files without end', withDirectory(one, new Uint8Array(0), 0xffffffff), 'is damaged'],
    ['one file many times', withDirectory(one, repeated(1000), 1000), 'is damaged'],
  ])('%s', (_, bytes, text) => {
    expect(bytes.length).toBeLessThan(1e6)
    expect(() => parseSigrok(bytes)).toThrow(RecordingError)
    expect(() => parseSigrok(bytes)).toThrow(text)
  })

  it('has many spaces in its metadata', () => {
    const metadata = `samplerate=1${' '.repeat(1e6)}x\n`
    expect(() => parseSigrok(session({}, metadata))).toThrow('metadata, line 1: the sample rate')
  })
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
