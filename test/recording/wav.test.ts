import { strToU8 } from 'fflate'
import { describe, expect, it, test } from 'vitest'
import { checkAnyDamage, readFile, readPieces } from './read-file.js'

const chunk = (id: string, bytes: Uint8Array, sizeBytes = bytes.length): Buffer => {
  const head = Buffer.alloc(8, id)
  head.writeUInt32LE(sizeBytes, 4)
  return Buffer.concat([head, bytes, Buffer.alloc(bytes.length % 2)])
}

interface Format {
  readonly code?: number
  readonly channelCount?: number
  readonly rateHz?: number
  readonly sampleBytes?: number
  readonly subFormat?: number
}

const format = ({
  code = 1,
  channelCount = 1,
  rateHz = 8000,
  sampleBytes = 2,
  subFormat,
}: Format) => {
  const bytes = Buffer.alloc(subFormat === undefined ? 16 : 40)
  bytes.writeUInt16LE(code, 0)
  bytes.writeUInt16LE(channelCount, 2)
  bytes.writeUInt32LE(rateHz, 4)
  bytes.writeUInt32LE((rateHz * channelCount * sampleBytes) % 2 ** 32, 8)
  bytes.writeUInt16LE(channelCount * sampleBytes, 12)
  bytes.writeUInt16LE(8 * sampleBytes, 14)
  if (subFormat !== undefined) bytes.writeUInt16LE(subFormat, 24)
  return chunk('fmt ', bytes)
}

const wav = (chunks: readonly Uint8Array[], id = 'RIFF'): Uint8Array => {
  const body = Buffer.concat([strToU8('WAVE'), ...chunks])
  return chunk(id, body)
}
const data16 = (values: readonly number[]) => new Uint8Array(Int16Array.from(values).buffer)

describe('the values are parts of full scale', () => {
  it.each<[string, Format, readonly number[], readonly number[]]>([
    ['8 bits', { sampleBytes: 1 }, [0, 0x80, 0xc0], [-1, 0, 0.5]],
    ['16 bits', {}, [0, 0x80, 0, 0, 0, 0x40], [-1, 0, 0.5]],
    [
      '24 bits',
      { sampleBytes: 3 },
      [0, 0, 0x80, 0xff, 0xff, 0xff, 0, 0, 0x40],
      [-1, -(2 ** -23), 0.5],
    ],
    ['32 bits', { sampleBytes: 4 }, [0, 0, 0, 0x80, 0, 0, 0, 0x40], [-1, 0.5]],
    [
      'floats',
      { code: 3, sampleBytes: 4 },
      [...new Uint8Array(Float32Array.of(-1, 0.25, 2, Number.NaN).buffer)],
      [-1, 0.25, 2, Number.NaN],
    ],
    [
      'doubles',
      { code: 3, sampleBytes: 8 },
      [...new Uint8Array(Float64Array.of(-1, 0.1).buffer)],
      [-1, 0.1],
    ],
    ['an extensible format', { code: 0xfffe, subFormat: 1 }, [0, 0x40], [0.5]],
  ])('of %s', (_, made, bytes, expected) => {
    const { values, channels } = readFile(
      wav([format(made), chunk('data', Uint8Array.from(bytes))]),
    )
    expect(values).toEqual([expected])
    expect(channels).toEqual([{ name: 'channel 1', unit: 'FS', kind: 'analog', fullScale: null }])
  })
})

it('has a channel for each track', () => {
  const bytes = wav([format({ channelCount: 2 }), chunk('data', data16([1, 2, 3, 4, 5]))])
  const { values, channels, timesS } = readFile(bytes)
  expect(channels.map(({ name }) => name)).toEqual(['channel 1', 'channel 2'])
  expect(values.map((column) => column.map((value) => value * 32_768))).toEqual([
    [1, 3],
    [2, 4],
  ])
  expect(timesS[1]).toEqual([0, 1 / 8000])
})

const samples = data16([0x4000, -0x4000])
const EXPECTED = [[0.5, -0.5]]

describe('it reads', () => {
  const ds64 = (dataBytes: number) => {
    const bytes = Buffer.alloc(28)
    bytes.writeBigUInt64LE(BigInt(dataBytes), 8)
    return chunk('ds64', bytes)
  }
  it.each<[string, Uint8Array]>([
    [
      'nothing after the samples',
      wav([format({}), chunk('data', samples), chunk('LIST', samples)]),
    ],
    [
      'what is after a chunk of an odd size',
      wav([chunk('LIST', new Uint8Array(7)), format({}), chunk('data', samples)]),
    ],
    ['a stream that tells a size of 0', wav([format({}), chunk('data', samples, 0)])],
    ['a stream that tells no size', wav([format({}), chunk('data', samples, 0xffffffff)])],
    ['one that is cut off', wav([format({}), chunk('data', samples, 1000)])],
    [
      'one that is cut off within a sample',
      wav([format({}), chunk('data', Uint8Array.of(...samples, 7), 1000)]).subarray(0, -1),
    ],
    [
      'RF64',
      wav(
        [ds64(4), format({}), chunk('data', Uint8Array.of(...samples, 1, 2), 0xffffffff)],
        'RF64',
      ),
    ],
    ['BW64', wav([ds64(4), format({}), chunk('data', samples, 0xffffffff)], 'BW64')],
  ])('%s', (_, bytes) => {
    expect(readFile(bytes).values).toEqual(EXPECTED)
  })

  it('with the sample rate that is given', () => {
    const bytes = wav([format({ rateHz: 0 }), chunk('data', samples)])
    expect(readFile(bytes, { sampleRateHz: 4 }).timesS).toEqual([[0, 0.25]])
    expect(() => readFile(bytes)).toThrow('the WAV file tells no sample rate: give it')
  })
})

describe('it tells what is wrong', () => {
  it.each<[string, Uint8Array, string, string]>([
    [
      'A-law',
      wav([format({ code: 6, sampleBytes: 1 }), chunk('data', samples)]),
      'format',
      'save it as 16-bit PCM',
    ],
    [
      'no channel',
      wav([format({ channelCount: 0 }), chunk('data', samples)]),
      'format',
      '16-bit PCM',
    ],
    [
      'many tracks',
      wav([format({ channelCount: 65 }), chunk('data', samples)]),
      'format',
      'more than 64 tracks',
    ],
    ['no format', wav([chunk('data', samples)]), 'damaged', 'damaged'],
    ['a short format', wav([chunk('fmt ', samples), chunk('data', samples)]), 'damaged', 'damaged'],
    ['a huge format', wav([chunk('fmt ', samples, 1e9)]), 'damaged', 'damaged'],
    [
      'no samples',
      wav([format({}), chunk('data', new Uint8Array())]),
      'empty',
      'there are no samples',
    ],
    ['an end before its samples', wav([format({})]), 'damaged', 'ends before its samples'],
  ])('%s', (_, bytes, code, text) => {
    expect(() => readFile(bytes)).toThrow(expect.objectContaining({ code }))
    expect(() => readFile(bytes)).toThrow(text)
  })
})

it('is read in pieces of any size', () => {
  const values = Array.from({ length: 10_000 }, (_, i) => i)
  const bytes = wav([format({ channelCount: 2, sampleBytes: 3 }), chunk('data', data16(values))])
  const pieces = Array.from({ length: Math.ceil(bytes.length / 999) }, (_, i) =>
    bytes.subarray(999 * i, 999 * (i + 1)),
  )
  expect(readPieces(pieces)).toEqual(readFile(bytes))
  expect(readFile(bytes).values[0]?.length).toBe(3333)
})

test('any damage to it ends in values or a RecordingError, however it is cut', () => {
  checkAnyDamage(
    wav([chunk('LIST', new Uint8Array(3)), format({}), chunk('data', data16([1, 2, 3, 4]))]),
  )
})
