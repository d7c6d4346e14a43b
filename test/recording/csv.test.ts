import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { SampleBlock } from '../../src/receiver/index.js'
import { CSV_HEADER, CsvReader, csvLines } from '../../src/recording/csv.js'
import { RecordingError } from '../../src/recording/errors.js'
import { samplesArbitrary } from './samples.js'

/** What a reader makes of pieces of a file: the samples, and the error after them. */
function readPieces(pieces: Iterable<Uint8Array>) {
  const reader = new CsvReader()
  const timesS: number[] = []
  const levels: number[] = []
  const keep = (blocks: Iterable<SampleBlock>): void => {
    for (const block of blocks) {
      timesS.push(...block.timesS)
      levels.push(...block.levels)
    }
  }
  try {
    for (const piece of pieces) keep(reader.push(piece))
    keep(reader.end())
    return { timesS, levels, error: null }
  } catch (error) {
    return { timesS, levels, error }
  }
}

function parseCsv(text: string): Omit<ReturnType<typeof readPieces>, 'error'> {
  const { error, ...samples } = readPieces([Buffer.from(text)])
  if (error !== null) throw error
  return samples
}

it('reads equal times, as a coarse clock has them', () => {
  expect(parseCsv('time_ms,level\n0,0.1\n0,0.2\n1,0.3\n')).toEqual({
    timesS: [0, 0, 0.001],
    levels: [0.1, 0.2, 0.3],
  })
})

/** Bytes cut at some places. */
const pieces = (bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] => {
  const places = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b)
  return [0, ...places].map((place, n) => bytes.subarray(place, places[n]))
}
const cutsArbitrary = fc.array(fc.nat(), { maxLength: 20 })

describe('the unit of time', () => {
  it.each([
    ['0,0.5\n0.199,0.6\n', 0.199],
    ['time_s,level\n0,0.5\n2,0.6\n', 2],
    ['time,level\n0,0.5\n2,0.6\n', 2],
    ['time_ms,level\n0,0.5\n2,0.6\n', 2e-3],
    ['"Time (us)","A0"\n0,0.5\n2,0.6\n', 2e-6],
    ['second,Volt\n0,0.5\n2,0.6\n', 2],
    ['Time (sec),level\n0,0.5\n2,0.6\n', 2],
    ['Time in Seconds,level\n0,0.5\n2,0.6\n', 2],
    ['time_msec,level\n0,0.5\n2,0.6\n', 2e-3],
    ['"t [milliseconds]",level\n0,0.5\n2,0.6\n', 2e-3],
    ['time_usec,level\n0,0.5\n2,0.6\n', 2e-6],
    ['t (µsecs),level\n0,0.5\n2,0.6\n', 2e-6],
    ['microseconds,level\n0,0.5\n2,0.6\n', 2e-6],
    ['t [µs], volts\r\n0 , 0.5\r\n\r\n2 , 0.6\r\n', 2e-6],
  ])('%j', (text, endS) => {
    const { timesS, levels } = parseCsv(text)
    expect(timesS).toEqual([0, endS])
    expect(levels).toEqual([0.5, 0.6])
  })
})

test('what csvLines writes is read back to its last digit', () => {
  fc.assert(
    fc.property(samplesArbitrary, (samples) => {
      const { timesS, levels } = parseCsv(CSV_HEADER + csvLines(samples))
      expect(timesS).toEqual(Array.from(samples.timesS, (timeS) => Number(timeS.toFixed(6))))
      expect(levels).toEqual(Array.from(samples.levels, (level) => Number(level.toFixed(5))))
    }),
  )
})

describe('without a header, samples too far apart to be in seconds ask for one', () => {
  const refusal = (where: string, stepS: string): string =>
    `${where}: name the unit of time in a header (time_s, time_ms or time_us): without one these are seconds, and the samples are ${stepS} s apart`
  it.each([
    ['0,0.5\n1,0.6\n2,0.7\n', 'line 2, column 1', '1'],
    ['0,0.5\n0.2,0.6\n', 'line 2, column 1', '0.2'],
    ['27454000,0.5\r\n\r\n27455000.04, 0.6\r\n', 'line 3, column 1', '1000'],
    ['-1e9,0.5\n1e9,0.6', 'line 2, column 1', '2000000000'],
  ])('%j', (text, where, stepS) => {
    const bytes = Buffer.from(text)
    const whole = readPieces([bytes])
    expect(whole).toMatchObject({ levels: [0.5], error: { message: refusal(where, stepS) } })
    expect(whole.error).toBeInstanceOf(RecordingError)
    fc.assert(
      fc.property(cutsArbitrary, (cuts) => {
        expect(readPieces(pieces(bytes, cuts))).toEqual(whole)
      }),
    )
  })

  test('but a gap later in the capture is none of that', () => {
    expect(parseCsv('0,0.5\n0.001,0.5\n9,0.5\n').timesS).toEqual([0, 0.001, 9])
  })
})

describe('a broken file is told with line and column', () => {
  it.each([
    ['', 'there are no samples'],
    ['time_s,level\n', 'there are no samples'],
    ['time_fortnights,level\n0,0.5\n', 'line 1, column 1: name the unit'],
    ['nsec,level\n0,0.5\n', 'line 1, column 1: name the unit'],
    ['constructor,level\n0,0.5\n', 'line 1, column 1: name the unit'],
    ['0,0.5\n1\n', 'line 2, column 2: give a time and a level'],
    ['0,0.5\n1,0.5,7\n', 'line 2, column 8: give a time and a level'],
    ['0,0.5\nx,0.5\n', 'line 2, column 1: the time is not a number'],
    ['0,0.5\n1,.\n', 'line 2, column 3: the level is not a number'],
    ['0,0.5\n1,0.1.2\n', 'line 2, column 3: the level is not a number'],
    ['0,0.5\n1,\n', 'line 2, column 3: the level is not a number'],
    ['0,0.5\ntime_s,level\n', 'line 2, column 1: the time is not a number'],
    ['time_s,level\ntime_s,level\n', 'line 2, column 1: the time is not a number'],
    ['0,0.5\n1,0x10\n', 'line 2, column 3: the level is not a number'],
    ['0,0.5\n1,1.5\n', 'line 2, column 3: give the level as a part'],
    ['1,0.5\n0,0.5\n', 'line 2, column 1: the time must not be earlier'],
    ['1,0.5\n1,0.5\n2,0.5\n', 'line 3, column 1: name the unit of time'],
    ['0,0.5\n1e999,0.5\n', 'line 2, column 1: the time is farther than 10^10 s'],
    [
      'time_s,level\n1764000000000000000,0.5\n',
      'line 2, column 1: the time is farther than 10^10 s',
    ],
    ['0,0.5\r\n\r\n1\r\n', 'line 3, column 2: give a time and a level'],
  ])('%j', (text, message) => {
    expect(() => parseCsv(text)).toThrow(RecordingError)
    expect(() => parseCsv(text)).toThrow(message)
  })
})

test('bytes that are not UTF-8 are told with their line', () => {
  const bytes = Buffer.concat([Buffer.from('0,0.5\n0.1,0.6\n0.2,'), Uint8Array.of(0xc3, 0x0a)])
  const { levels, error } = readPieces([bytes])
  expect(levels).toEqual([0.5, 0.6])
  expect(error).toBeInstanceOf(RecordingError)
  expect(error).toMatchObject({
    message: 'line 3: it is not text in UTF-8: give a time and a level on each line',
  })
})

// As long as a line may be.
it.each([
  ['digits', `0,${'1'.repeat(65_530)}x`],
  ['spaces', `0,1${' '.repeat(65_530)}x`],
  ['digits and spaces', `0,${'1'.repeat(32_765)}${' '.repeat(32_765)}x`],
])('a cell of %s that is no number is refused, and soon', (_, text) => {
  expect(() => parseCsv(text)).toThrow('line 1, column 3: the level is not a number')
})

describe('a line of more than 64 KiB', () => {
  const long = `0,0.5\n0.1,0.${'5'.repeat(65_530)}`

  test('is refused, whole or without an end', () => {
    expect(parseCsv(long).levels).toHaveLength(2)
    for (const text of [`${long}5\n2,0.5\n`, `${long}5`, `${long}\r\n`]) {
      expect(() => parseCsv(text)).toThrow('line 2: it is longer than 64 KiB')
    }
  })

  test('is not waited for, nor kept', () => {
    const reader = new CsvReader()
    const zeros = new Uint8Array(1 << 14)
    const push = (): unknown => [...reader.push(zeros)]
    for (let n = 0; n < 4; n++) push()
    expect(push).toThrow('line 1: it is longer than 64 KiB')
  })
})

test('a number is the nearest double, however it is written', () => {
  const digits = (maxLength: number) =>
    fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength })
  const decimals = fc
    .tuple(fc.nat(25), digits(25))
    .map(([zeros, after]) => `.${'0'.repeat(zeros)}${after}`)
  const exponent = fc.constantFrom('', '', 'e-3', 'e0')
  const time = fc.tuple(fc.constantFrom('', '+', ' '), digits(9), decimals, exponent)
  const level = fc.tuple(fc.constantFrom('0', '00000', '-0'), decimals)
  fc.assert(
    fc.property(time, level, ([sign, before, ...after], [zeros, fraction]) => {
      const [timeText, levelText] = [[sign, before || '0', ...after].join(''), zeros + fraction]
      const positive = levelText.replace(/-(?=.*[1-9])/, '')
      expect(readPieces([Buffer.from(`t,level\n-1,0\n${timeText},${positive}`)])).toEqual({
        timesS: [-1, Number(timeText)],
        levels: [0, Number(positive)],
        error: null,
      })
    }),
    { numRuns: 5000 },
  )
})

describe('what is read does not depend on how the file is cut', () => {
  const cells = fc.constantFrom('0', '1', '.', ',', '-', 'e', '\n', '\r\n', ' ', 'µs', '\uFEFF')
  const good = samplesArbitrary.map((samples) => Buffer.from(CSV_HEADER + csvLines(samples)))
  const damaged = fc
    .tuple(good, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 3 }))
    .map(([bytes, place, wrong]) => {
      bytes.set(wrong, place % (bytes.length - 2))
      return bytes
    })
  const windows = samplesArbitrary.map((samples) =>
    Buffer.from(`\uFEFFt [µs], "µ"\n${csvLines(samples)}`.replaceAll('\n', '\r\n')),
  )
  const text = fc.array(cells).map((all) => Buffer.from(all.join('')))
  test.each([
    ['good', good],
    ['damaged', damaged],
    ["of another program's", windows],
    ['any text', text],
    ['any bytes', fc.uint8Array({ maxLength: 200 })],
  ])('%s', (_, bytes) => {
    fc.assert(
      fc.property(bytes, cutsArbitrary, (whole, cuts) => {
        const one = readPieces([whole])
        expect(readPieces(pieces(whole, cuts))).toEqual(one)
        expect(readPieces(Array.from(whole, (byte) => Uint8Array.of(byte)))).toEqual(one)
      }),
      { numRuns: 300 },
    )
  })

  test('with blocks of thousands of samples and a fault after them', () => {
    const lines = Array.from({ length: 10_000 }, (_, n) => `${n / 10},0.5\n`).join('')
    const whole = readPieces([Buffer.from(`${lines}x,0`)])
    expect(whole.timesS).toHaveLength(10_000)
    expect(whole.error).toMatchObject({
      message: 'line 10001, column 1: the time is not a number',
    })
    expect(readPieces(pieces(Buffer.from(`${lines}x,0`), [1, 20_000, 50_000]))).toEqual(whole)
  })
})

test('any text is samples or a RecordingError', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom('0', '1', '.', ',', '-', 'e', '\n', ' ', 't', '_', 'ms'))
      .map((all) => all.join('')),
  )
  fc.assert(
    fc.property(text, (content) => {
      try {
        expect(parseCsv(content).timesS.length).toBeGreaterThan(0)
      } catch (error) {
        expect(error).toBeInstanceOf(RecordingError)
      }
    }),
    { numRuns: 2000 },
  )
})
