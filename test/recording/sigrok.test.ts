import { strToU8, zipSync } from 'fflate'
import { describe, expect, it, test } from 'vitest'
import { Receiver } from '../../src/receiver/index.js'
import { RecordingError } from '../../src/recording/errors.js'
import { message, randomPacket } from '../helpers/receive.js'
import { checkAnyDamage, readFile } from './read-file.js'

const METADATA = `[global]
sigrok version=0.5.2

[device 1]
capturefile=logic-1
total probes=8
samplerate=1 kHz
total analog=2
probe1=white
probe4=LED
analog9=A0
analog10=Photodiode
unitsize=1
`
const floats = (values: ArrayLike<number>) => new Uint8Array(Float32Array.from(values).buffer)
const session = (files: Record<string, Uint8Array>, metadata = METADATA, version = '2') =>
  zipSync({ version: strToU8(version), metadata: strToU8(metadata), ...files })
const rounded = (values: readonly number[] = []) => values.map((value) => Number(value.toFixed(9)))

it('reads each channel that is there, chunks in the order of their numbers', () => {
  const { channels, timesS, values } = readFile(
    session({
      'analog-1-10-10': floats([0]),
      'analog-1-10-2': floats([2, 4]),
      'analog-1-10-1': floats([-4, 0]),
      'logic-1-2': Uint8Array.of(0b1000, 0),
      'logic-1-1': Uint8Array.of(1, 0b1001),
    }),
  )
  expect(channels).toEqual([
    { name: 'white', unit: null, kind: 'logic', fullScale: null },
    { name: 'LED', unit: null, kind: 'logic', fullScale: null },
    { name: 'Photodiode', unit: 'V', kind: 'analog', fullScale: null },
  ])
  expect(values).toEqual([
    [1, 1, 0, 0],
    [0, 1, 1, 0],
    [-4, 0, 2, 4, 0],
  ])
  expect(timesS).toEqual([
    [0, 0.001, 0.002, 0.003],
    [0, 0.001, 0.002, 0.003],
    [0, 0.001, 0.002, 0.003, 0.004],
  ])
})

it.each(['1', '2'])('reads version %s with its samples in one file each', (version) => {
  const files = { 'logic-1': Uint8Array.of(8, 0), 'analog-1-9': floats([1.5, 2.5]) }
  expect(readFile(session(files, METADATA, version)).values).toEqual([
    [0, 0],
    [1, 0],
    [1.5, 2.5],
  ])
})

it('reads the first device of several, whose keys may have spaces', () => {
  const metadata = `[global]
sigrok version = 0.2.0
[device 1]
capturefile = logic-1
unitsize = 1
samplerate = 2 kHz
probe1 = LED
[device 2]
samplerate = 1 MHz
probe2 = other
`
  const { channels, timesS } = readFile(session({ 'logic-1': Uint8Array.of(0, 1) }, metadata, '1'))
  expect(channels.map(({ name }) => name)).toEqual(['LED'])
  expect(timesS).toEqual([[0, 0.0005]])
})

describe('logic samples', () => {
  const metadata = (rate: string, unitBytes: number) =>
    `[device 1]\nsamplerate=${rate}\nprobe1=first\nprobe${8 * unitBytes}=last\nunitsize=${unitBytes}\n`

  it.each([1, 2, 3, 4, 5, 8])('have %i bytes each', (unitBytes) => {
    const words = [1, 1, 3, 2, 2, 0, 3, 3, 3, 1] // last and first bit
    const bytes = words.flatMap((word) => {
      const unit = new Array<number>(unitBytes).fill(0)
      unit[0] = word & 1
      unit[unitBytes - 1] = (unit[unitBytes - 1] as number) | (word & 2 ? 0x80 : 0)
      return unit
    })
    const samples = Uint8Array.from(bytes)
    const { values } = readFile(session({ 'logic-1': samples }, metadata('1 kHz', unitBytes)))
    expect(values).toEqual([words.map((word) => word & 1), words.map((word) => word >> 1)])
  })

  it('above 20 kHz are means of as few as make it 20 kHz or less, at the middle of them', () => {
    const samples = Uint8Array.from(
      { length: 13 },
      (_, i) => (i % 4 < 3 ? 1 : 0) | (i < 6 ? 128 : 0),
    )
    const { timesS, values } = readFile(session({ 'logic-1': samples }, metadata('72 kHz', 1)))
    expect(values).toEqual([
      [0.75, 0.75, 0.75],
      [1, 0.5, 0],
    ])
    expect(rounded(timesS[0]?.map((timeS) => timeS * 72_000))).toEqual([1.5, 5.5, 9.5])
  })

  it('are the same in however many pieces and chunks', () => {
    const samples = Uint8Array.from({ length: 200_001 }, (_, i) =>
      i % 77 < i % 200 ? 0x81 : i % 5,
    )
    const at = (from: number, to?: number) => samples.subarray(3 * from, to && 3 * to)
    const text = metadata('100 kHz', 3)
    const whole = readFile(session({ 'logic-1': samples }, text))
    expect(whole.values[0]?.length).toBe(13_333)
    const cut = session(
      { 'logic-1-1': at(0, 7), 'logic-1-2': at(7, 30_000), 'logic-1-3': at(30_000) },
      text,
    )
    expect(readFile(cut)).toEqual(whole)
  })
})

it('takes the sample rate that is given', () => {
  const bytes = session({ 'logic-1': Uint8Array.of(0, 1) }, METADATA.replace('1 kHz', '0 Hz'))
  expect(readFile(bytes, { sampleRateHz: 500 }).timesS[0]).toEqual([0, 0.002])
})

it('keeps what is no number, and what is over range', () => {
  const bytes = session({ 'analog-1-9': floats([1, Number.NaN, Number.POSITIVE_INFINITY]) })
  expect(readFile(bytes).values).toEqual([[1, Number.NaN, Number.POSITIVE_INFINITY]])
})

it('has means of analog samples above 20 kHz, too, without those that are no number', () => {
  const none = Number.NaN
  const samples = floats([1, 2, none, 6, none, none, 4, Number.POSITIVE_INFINITY, 7, 5])
  const metadata = METADATA.replace('1 kHz', '60 kHz')
  const whole = readFile(session({ 'analog-1-9': samples }, metadata))
  expect(whole.values).toEqual([[1.5, 6, Number.POSITIVE_INFINITY]])
  expect(rounded(whole.timesS[0]?.map((timeS) => timeS * 60_000))).toEqual([1, 4, 7])
  const [a, b] = [samples.subarray(0, 8), samples.subarray(8)]
  expect(readFile(session({ 'analog-1-9-1': a, 'analog-1-9-2': b }, metadata))).toEqual(whole)
})

it('leaves out what is left of a sample at the end', () => {
  expect(readFile(session({ 'analog-1-9': floats([1, 2]).subarray(0, 6) })).values).toEqual([[1]])
})

it('holds a message that is received', () => {
  const packet = randomPacket(1)
  const { levels } = message(packet, { noiseRms: 0.02 })
  const { timesS, values } = readFile(session({ 'analog-1-9-1': floats(levels) }))
  const receiver = new Receiver()
  const block = {
    timesS: Float64Array.from(timesS[0] ?? []),
    levels: Float64Array.from(values[0] ?? []),
  }
  expect([...receiver.push(block), ...receiver.end()]).toMatchObject([{ kind: 'message', packet }])
})

describe('a broken session is told with the file at fault', () => {
  const logic = { 'logic-1': Uint8Array.of(1) }
  it.each<[string, Uint8Array, string, string]>([
    ['a newer version', session(logic, METADATA, '3'), 'format', 'version: give'],
    [
      'no rate',
      session(logic, '[device 1]\n'),
      'rate',
      'metadata: the session tells no sample rate: give it',
    ],
    ['a rate of 0', session(logic, 'samplerate=0 Hz\n'), 'rate', 'no sample rate: give it'],
    ['a bad rate', session(logic, 'a\nsamplerate=fast\n'), 'range', 'metadata, line 2'],
    [
      'a rate of a thousand digits',
      session({}, `samplerate=${'9'.repeat(1000)}\n`),
      'range',
      'line 1: the',
    ],
    ['hardly any rate', session({}, `samplerate=0.${'0'.repeat(300)}1\n`), 'range', 'line 1: the'],
    [
      'many spaces in its metadata',
      session({}, `samplerate=1${' '.repeat(1e6)}x\n`),
      'range',
      'line 1: the',
    ],
    ['a bad unit', session(logic, 'samplerate=1\nunitsize=0\n'), 'range', 'line 2: the unit size'],
    [
      'a huge unit',
      session(logic, 'samplerate=1\nunitsize=65\n'),
      'range',
      'line 2: the unit size',
    ],
    [
      'too many channels',
      session(
        logic,
        `samplerate=1\n${Array.from({ length: 65 }, (_, i) => `analog${i}=A\n`).join('')}`,
      ),
      'range',
      'more than 64 analog',
    ],
    ['no channel', session({}), 'empty', 'there are no samples'],
    [
      'samples of a channel without a name',
      session({ 'analog-1-1-1': floats([1]) }),
      'empty',
      'no samples',
    ],
    [
      'long metadata',
      session({}, '\n'.repeat(2e6)),
      'too-large',
      'metadata: it is larger than 1 MiB',
    ],
    ['a damaged archive', session({}).subarray(0, 60), 'damaged', 'the archive is damaged'],
  ])('%s', (_, bytes, code, text) => {
    expect(() => readFile(bytes)).toThrow(RecordingError)
    expect(() => readFile(bytes)).toThrow(expect.objectContaining({ code }))
    expect(() => readFile(bytes)).toThrow(text)
  })
})

describe('a session that is small, and would take for ever to read, is refused', () => {
  /** One whose directory says that `logic-1` has `sizeBytes`, as it has when it is as long as that. */
  const claiming = (sizeBytes: number, metadata: string): Uint8Array => {
    const bytes = session({ 'logic-1': new Uint8Array(7777) }, metadata)
    const at = Buffer.from(bytes).lastIndexOf(Buffer.from(Uint32Array.of(7777).buffer))
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, sizeBytes, true)
    return bytes
  }

  it.each<[string, Uint8Array]>([
    ['too many bytes', claiming(2 ** 31 + 1, METADATA.replace('1 kHz', '24 MHz'))],
    ['too many values', claiming(2 ** 26 + 1, METADATA)],
  ])('%s', (_, bytes) => {
    expect(() => readFile(bytes)).toThrow('the session holds more than 2 GiB or 128 Mi values')
  })

  it('and so is one that only says that it is short', () => {
    const bytes = claiming(1000, METADATA)
    expect(() => readFile(bytes)).toThrow('the archive is damaged')
  })
})

test('any damage to a session ends in samples or a RecordingError', () => {
  checkAnyDamage(
    session({ 'analog-1-9-1': floats([0, 1, 2, 3]), 'logic-1-1': Uint8Array.of(1, 0) }),
  )
})
