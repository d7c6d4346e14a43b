import fc from 'fast-check'
import { strToU8, zipSync } from 'fflate'
import { describe, expect, it, test } from 'vitest'
import { simulateChannel } from '../../src/channel/index.js'
import { BLACK, GREY, modulate, WHITE } from '../../src/modulation/index.js'
import { encodePacket } from '../../src/packet/index.js'
import { CSV_HEADER, csvLines } from '../../src/recording/csv.js'
import { type Decoded, type DecodeOptions, FileDecoder } from '../../src/recording/file-decoder.js'
import type { Samples } from '../../src/recording/kept-samples.js'

const PACKET = encodePacket({ ssid: 'net' })
const { levels: SYMBOLS } = modulate(PACKET)
const RATE_HZ = 600
const ROWS_A_SYMBOL = RATE_HZ / 60
const LIGHT = simulateChannel(SYMBOLS, { sampleRateHz: RATE_HZ, noiseRms: 0.002, afterS: 0.5 })
const ROWS = LIGHT.levels.length
/** The symbol of each sample, black before and after the message. */
const symbolOf = (row: number): number => SYMBOLS[Math.floor(row / ROWS_A_SYMBOL) - 12] ?? BLACK

const METADATA = `[device 1]
samplerate=${RATE_HZ} Hz
total probes=3
probe1=white
probe2=grey
probe3=2
total analog=2
analog4=Trigger
analog5=Photodiode
unitsize=1
`
const floats = (of: (row: number) => number) =>
  new Uint8Array(Float32Array.from({ length: ROWS }, (_, row) => of(row)).buffer)
const isWhite = (row: number) => symbolOf(row) === WHITE
const isGrey = (row: number) => symbolOf(row) === GREY
const trigger = floats(() => 0.02)
const photodiode = floats((row) => 3.3 * (LIGHT.levels[row] as number))

/** Two lines of a rig and one that stands still, then a trigger that does and a photodiode. */
const session = ({ isGreyOn = isGrey, isLit = true } = {}): Uint8Array =>
  zipSync({
    version: strToU8('2'),
    metadata: strToU8(METADATA),
    'logic-1-1': Uint8Array.from(
      { length: ROWS },
      (_, row) => Number(isWhite(row)) + 2 * Number(isGreyOn(row)),
    ),
    'analog-1-4-1': trigger,
    'analog-1-5-1': isLit ? photodiode : trigger,
  })

function decode(bytes: Uint8Array, options?: DecodeOptions, size = bytes.length) {
  const seen: Samples[] = []
  const decoder = new FileDecoder('a.sr', (samples) => seen.push(samples), options)
  const found: Decoded[] = []
  let fault: unknown = null
  try {
    for (let at = 0; at < bytes.length; at += size) {
      for (const one of decoder.push(bytes.subarray(at, at + size))) found.push(one)
    }
    for (const one of decoder.end()) found.push(one)
  } catch (error) {
    fault = error
  }
  const isRead = decoder.channels.filter((channel) => channel.isRead).map(({ name }) => name)
  const values = seen.flatMap((samples) => [...samples.values])
  return { found, fault, isRead, values, channels: decoder.channels, scale: decoder.scale }
}

describe('the channel that holds a message', () => {
  const whole = decode(session())

  it('is found by trying, and all that there are are told', () => {
    expect(whole.fault).toBeNull()
    expect(whole.found).toMatchObject([{ kind: 'message', packet: PACKET, scale: { unit: 'V' } }])
    expect(whole.channels.map(({ name, isRead }) => [name, isRead])).toEqual([
      ['white', false],
      ['grey', false],
      ['2', false],
      ['Trigger', false],
      ['Photodiode', true],
    ])
  })

  it('gives all of its samples, those of the time before it was chosen, too', () => {
    expect(whole.values).toEqual([...new Float32Array(photodiode.buffer)])
    expect(whole.scale).toEqual((whole.found[0] as { scale?: object }).scale)
  })

  it('is the same in pieces of any size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), (size) => {
        expect(decode(session(), {}, size)).toEqual(whole)
      }),
      { numRuns: 10 },
    )
  })
})

describe('a channel', () => {
  it.each<[string | number, string]>([
    ['Photodiode', 'Photodiode'],
    ['5', 'Photodiode'],
    [5, 'Photodiode'],
    ['2', '2'], // its name, before its number
    [2, 'grey'],
  ])('is read by name or number: %j', (channel, name) => {
    const { found, isRead } = decode(session(), { channel })
    expect(isRead).toEqual([name])
    expect(found.map(({ kind }) => kind === 'message')).toEqual([name === 'Photodiode'])
  })

  it.each(['6', 0, 1.5, '', 'white '])('that is not there is told: %j', (channel) => {
    expect(decode(session(), { channel })).toMatchObject({
      found: [],
      fault: {
        code: 'channel',
        message: `there is no channel ${channel}: give one of white, grey, 2, Trigger, Photodiode`,
      },
    })
  })

  it('is nearest to a message where none has one', () => {
    const { found, isRead } = decode(session({ isLit: false }))
    expect(isRead).toEqual(['grey'])
    expect(found).toMatchObject([{ kind: 'bare-sync' }])
  })
})

describe('two lines of one LED', () => {
  const lines = { whiteLine: 'white', greyLine: 'grey' }

  it.each([
    ['either is high', isGrey],
    ['grey is high with white, too', (row: number) => isGrey(row) || isWhite(row)],
  ])('are read together where %s', (_, isGreyOn) => {
    const { found, isRead } = decode(session({ isGreyOn }), lines)
    expect(isRead).toEqual(['white', 'grey'])
    expect(found).toMatchObject([
      { kind: 'message', packet: PACKET, advice: expect.stringContaining('nothing needs') },
    ])
    const [first] = found as { greyRatio?: number }[]
    expect(first?.greyRatio).toBeCloseTo(0.52, 2)
  })

  it('have to be two', () => {
    expect(decode(session(), { whiteLine: 2, greyLine: 'grey' }).fault).toMatchObject({
      code: 'channel',
      message:
        'the white and the grey line are both grey: give two of white, grey, 2, Trigger, Photodiode',
    })
  })

  it('have to be recorded together', () => {
    expect(decode(session(), { ...lines, greyLine: 'Trigger' }).fault).toMatchObject({
      code: 'channel',
      message: 'white and Trigger were not recorded together: give two logic channels',
    })
  })
})

test('samples that are not finite are not looked at', () => {
  const values = ['0.1', 'nan', '0.2', 'inf', '0.3', '-inf', '0.4', '0.5', '0.6', '0.5', '0.6']
  const lines = values.map((value, n) => `${n / 100},${value}\n`).join('')
  const { values: seen } = decode(Buffer.from(`time_s,light\n${lines}`))
  expect(seen).toEqual(values.map(Number).filter(Number.isFinite))
})

test.each<[string, DecodeOptions]>([
  ['both lines', { whiteLine: 1 }],
  ['not both', { channel: 1, whiteLine: 1, greyLine: 2 }],
  ['two different numbers', { fullScale: [1, 1] }],
  ['two different numbers', { fullScale: [0, Number.POSITIVE_INFINITY] }],
])('options that contradict each other are refused: give %s', (says, options) => {
  expect(() => new FileDecoder('a', null, options)).toThrow(RangeError)
  expect(() => new FileDecoder('a', null, options)).toThrow(says)
})

describe('a file that breaks off', () => {
  const csv = Buffer.from(CSV_HEADER + csvLines(LIGHT))

  it('has told what it held, and a packet that was cut off', () => {
    const ended = LIGHT.timesS.findIndex((timeS) => timeS > (LIGHT.timesS.at(-1) ?? 0) - 0.48)
    for (const rows of [ended, ended - 200]) {
      const decoder = new FileDecoder('a.csv')
      const lines = csv.toString().split('\n', rows + 1)
      const found = [...decoder.push(Buffer.from(`${lines.join('\n')}\n`)), ...decoder.breakOff()]
      expect(found.map(({ kind }) => kind)).toEqual([rows === ended ? 'message' : 'bad-packet'])
      expect([...decoder.breakOff()]).toEqual([])
    }
  })

  it('in darkness has held nothing', () => {
    const decoder = new FileDecoder('a.csv')
    expect([...decoder.push(csv.subarray(0, 1000)), ...decoder.breakOff()]).toEqual([])
    expect([...new FileDecoder('a.csv').breakOff()]).toEqual([])
  })
})

test('times in which no message could be are refused, after what came before', () => {
  const sparse = Array.from({ length: 400 }, (_, n) => `${n},0.${n % 9}\n`).join('')
  expect(decode(Buffer.from(`time_s,level\n${sparse}`))).toMatchObject({
    found: [],
    fault: { code: 'unit', message: expect.stringMatching(/1 s apart, 1 a second over 256 s/) },
  })
  const short = csvLines({ ...LIGHT, timesS: LIGHT.timesS.map((timeS) => timeS / 200) })
  expect(decode(Buffer.from(`time_s,level\n${short}`))).toMatchObject({
    found: [],
    fault: { code: 'unit', message: expect.stringMatching(/all samples are within 0\.0[0-3]/) },
  })
  const dense = Array.from({ length: 400 }, (_, n) => `${n / 1e6},0.${n % 9}\n`).join('')
  expect(decode(Buffer.from(`time_s,level\n${dense}`))).toMatchObject({
    found: [],
    fault: { code: 'unit', message: expect.stringMatching(/within 0\.000399 s/) },
  })
})
