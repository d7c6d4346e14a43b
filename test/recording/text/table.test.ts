import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { SampleBlock } from '../../../src/receiver/index.js'
import { CSV_HEADER, csvLines } from '../../../src/recording/csv.js'
import { RecordingError } from '../../../src/recording/errors.js'
import type { ReadOptions, ValueBlock } from '../../../src/recording/recording.js'
import { TableReader } from '../../../src/recording/text/table.js'
import { samplesArbitrary } from '../samples.js'

/** What a reader makes of pieces of a file: the rows, and the error after them. */
function readPieces(pieces: Iterable<Uint8Array>, options: ReadOptions = {}) {
  const reader = new TableReader('a.csv', options)
  const timesS: number[] = []
  const values: number[][] = []
  const keep = (blocks: Iterable<ValueBlock>): void => {
    for (const block of blocks) {
      timesS.push(...block.timesS)
      for (const [n, some] of block.values.entries()) {
        values[n] ??= []
        values[n].push(...some)
      }
    }
  }
  let error: unknown = null
  try {
    for (const piece of pieces) keep(reader.push(piece))
    keep(reader.end())
  } catch (fault) {
    error = fault
  }
  return { channels: reader.channels, timesS, values, error }
}

function read(text: string | Uint8Array, options?: ReadOptions) {
  const { error, ...table } = readPieces([Buffer.from(text)], options)
  if (error !== null) throw error
  return table
}

/** Bytes cut at some places. */
const pieces = (bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] => {
  const places = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b)
  return [0, ...places].map((place, n) => bytes.subarray(place, places[n]))
}
const cutsArbitrary = fc.array(fc.nat(), { maxLength: 20 })

/** Rows of a capture with noise, and what stands between their cells. */
const rows = (count: number, delimiter = ',', end = '\n', sampleS = 0.001): string =>
  Array.from(
    { length: count },
    (_, n) => `${(n * sampleS).toFixed(9)}${delimiter}${((n * 7) % 11) / 11}${end}`,
  ).join('')

describe('the unit of time', () => {
  it.each([
    ['time_s', 1],
    ['time', 1],
    ['Zeit', 1],
    ['time_ms', 1e-3],
    ['"Time (us)"', 1e-6],
    ['second', 1],
    ['Time (sec)', 1],
    ['Time in Seconds', 1],
    ['time_msec', 1e-3],
    ['"t [milliseconds]"', 1e-3],
    ['time_usec', 1e-6],
    ['t (µsecs)', 1e-6],
    ['microseconds', 1e-6],
    ['t [µs]', 1e-6],
    ['t [μs]', 1e-6],
    ['Time (ns)', 1e-9],
    ['nanoseconds', 1e-9],
    ['time ps', 1e-12],
    ['millis', 1e-3],
    ['timeMs', 1e-3],
    ['Time (min)', 60],
    ['time_h', 3600],
  ])('%s', (heading, unitS) => {
    const { timesS, channels } = read(`${heading},level\n0,0.5\n\n 2 , 0.6 \n`)
    expect(timesS).toEqual([0, 2 * unitS])
    expect(channels).toMatchObject([{ name: 'level', unit: null }])
  })

  test('is as said where the file says another, or none', () => {
    expect(read('time_s,level\n0,0.5\n2,0.6\n', { timeUnitS: 1e-3 }).timesS).toEqual([0, 0.002])
    expect(read('0,0.5\n2,0.6\n', { timeUnitS: 1e-6 }).timesS).toEqual([0, 2e-6])
  })

  test('is the one in which steps are those of a sample rate', () => {
    const of = (rate: string, step: number): number | undefined =>
      read(`; Samplerate: ${rate}\nTime,A0\n0,1\n${step},2\n${3 * step},4\n`).timesS[1]
    expect(of('200 Hz', 5000)).toBeCloseTo(5e-3, 12)
    expect(of('8 kHz', 125)).toBeCloseTo(125e-6, 12)
    expect(of('2 MHz', 500)).toBeCloseTo(500e-9, 15)
    expect(of('200 Hz', 0.005)).toBeCloseTo(5e-3, 12)
  })
})

describe('times that no column tells', () => {
  it.each([
    ['Sample Rate: 160 Hz.', 160],
    ['; Sample rate: 1 MHz', 1e6],
    ['"Sampling Frequency (Hz)=",44100,', 44_100],
    ['Samplerate: 8 kHz', 8000],
    ['Sample Interval,Analog:6.25E-03,', 160],
    ['Sample Interval,2.000000e-06,,', 500_000],
    ['Time interval :,0.20uS', 5e6],
    ['CH1(V),t0 = -1.0s, tInc = 1.0e-03s,', 1000],
    ['Delta_X\t0.005', 200],
    ['# dt=0.005', 200],
    ['Sample Rate (kHz),0.2', 200],
    ['Sample period (ms): 5', 200],
    ['Sampling interval: 5 ms', 200],
  ])('%s', (line, rateHz) => {
    const { timesS } = read(`${line}\n0.5\n0.25\n0.125\n`)
    expect((timesS[2] ?? 0) - (timesS[0] ?? 0)).toBeCloseTo(2 / rateHz, 12)
  })

  test('begin when the file says', () => {
    expect(read('t0 = -2.5s, tInc = 1ms\n0.5\n0.25\n').timesS).toEqual([-2.5, -2.499])
  })

  test('are in a column without a name, unless it counts the rows', () => {
    expect(read(',light\n0,0.5\n5,0.25\n', { timeUnitS: 1e-3 }).timesS).toEqual([0, 0.005])
    expect(() => read(',light\n0,0.5\n1,0.25\n')).toThrow('neither times nor a sample rate')
  })

  test('are of a rate that is given, also instead of a column', () => {
    expect(read('A0:1\nA0:2\nA0:3\n', { sampleRateHz: 4 }).timesS).toEqual([0, 0.25, 0.5])
    const { timesS, channels } = read('time_s,level\n0,0.5\n9,0.6\n', { sampleRateHz: 4 })
    expect(timesS).toEqual([0, 0.25])
    expect(channels).toHaveLength(1)
  })

  test('are asked for', () => {
    expect(() => read('A0:1\nA0:2\n')).toThrow(
      new RecordingError(
        'rate',
        'the file tells neither times nor a sample rate: give the sample rate',
      ),
    )
  })
})

describe('clock times and dates', () => {
  test('alone are no capture', () => {
    expect(() => read('12:00:01\n12:00:02\n')).toThrow(
      new RecordingError('empty', 'the file has nothing but times: give a level beside each'),
    )
  })

  test('of a day go on after midnight', () => {
    const { timesS, values } = read('23:59:59.5 -> 1\n23:59:59.75 -> 2\n00:00:00.25 -> 3\n')
    expect(timesS).toEqual([86_399.5, 86_399.75, 86_400.25])
    expect(values).toEqual([[1, 2, 3]])
  })

  test('of ISO 8601 hold nanoseconds', () => {
    const { timesS } = read(
      'Time [s],Channel 0\n2026-11-29T23:59:59.123456789+01:00,1\n2026-11-29 23:00:00.123456789Z,2\n',
    )
    expect(timesS[0]).toBeCloseTo(0.123456789, 12)
    expect(timesS[1]).toBeCloseTo(1.123456789, 12)
  })
})

describe('the form of a table', () => {
  const plain = read(`time_s,level\n${rows(20)}`)

  test.each([
    ['semicolons', `time_s;level\n${rows(20, ';')}`],
    ['tabs', `time_s\tlevel\n${rows(20, '\t')}`],
    ['spaces', `# time_s level\n${rows(20, '   ')}`],
    ['decimal commas', `time_s;level\n${rows(20, ';').replaceAll('.', ',')}`],
    ['carriage returns', `time_s,level\n${rows(20)}`.replaceAll('\n', '\r')],
    ['both', `time_s,level\n${rows(20)}`.replaceAll('\n', '\r\n')],
    ['quotes', `"time_s","level"\n${rows(20).replace(/[^,\n]+/g, '"$&"')}`],
    ['commas at line ends', `time_s,level,\n${rows(20, ',', ',\n')}`],
    ['a greeting', `Hello\n\ntime_s,level\n${rows(20)}`],
    [
      'comments',
      `# one, 2\ntime_s,level\n${rows(9)}; in the middle\n${rows(20).split('\n').slice(9).join('\n')}% 3`,
    ],
    [
      'a header again',
      `time_s,level\n${rows(9)}time_s,level\n${rows(20).split('\n').slice(9).join('\n')}`,
    ],
    ['a last line without an end', `time_s,level\n${rows(20)}`.slice(0, -1)],
  ])('%s', (_, text) => {
    expect(read(text)).toEqual(plain)
  })

  test('is the same in any encoding', () => {
    const text = `Licht µ,Zeit (µs)\n${rows(20)}`
      .replace(/Licht µ,Zeit/, 'Zeit,Licht µ')
      .replace('Zeit,Licht µ (µs)', 'Zeit (µs),Licht µ')
    const utf8 = read(text)
    expect(utf8.channels).toMatchObject([{ name: 'Licht µ' }])
    const utf16 = Buffer.from(`\uFEFF${text}`, 'utf16le')
    for (const bytes of [
      Buffer.from(`\uFEFF${text}`),
      utf16,
      Buffer.from(utf16).swap16(),
      Buffer.from(text, 'latin1'), // as Windows-1252, of these letters
      Buffer.concat([Buffer.from(text), Buffer.alloc(100_000)]),
    ]) {
      expect(read(bytes)).toEqual(utf8)
    }
  })

  test('of a short file is that of its longest run, and what stands in its rows is no name', () => {
    const { channels, timesS, error } = readPieces([
      Buffer.from('time_s,level\n0.001,0.5\n0.002,word\n0.003,5\n0.004,0.5,8\n0.005,1\n'),
    ])
    expect(channels).toMatchObject([{ name: 'level' }])
    expect(timesS).toEqual([0.001, 0.002, 0.003])
    expect(error).toMatchObject({ message: expect.stringMatching(/^line 5: give 2 cells/) })
  })

  test('may begin with many times that are equal', () => {
    const { timesS } = read(`time_ms,level\n${'5,0.5\n'.repeat(20)}6,0.5\n`)
    expect([timesS.at(-2), timesS.at(-1)]).toEqual([0.005, 0.006])
  })

  test('of one column is of values, whatever their name', () => {
    const { timesS, values } = read('time_s\n1\n2\n3\n', { sampleRateHz: 4 })
    expect(timesS).toEqual([0, 0.25, 0.5])
    expect(values).toEqual([[1, 2, 3]])
  })

  test('a time column may be anywhere, and more than one', () => {
    const { timesS, values, channels } = read('Trigger [s],Time [s],Ch0\n5,0,1\n6,0.5,2\n')
    expect(timesS).toEqual([0, 0.5])
    expect(values).toEqual([[1, 2]])
    expect(channels).toMatchObject([{ name: 'Ch0' }])
    expect(read('level,time_ms\n7,0\n8,1\n')).toMatchObject({
      timesS: [0, 0.001],
      values: [[7, 8]],
    })
  })
})

describe('cells that are no plain numbers', () => {
  const cells = (level: string): number[] | undefined =>
    read(`time_s,level\n0,0.5\n0.1,${level}\n0.2,0.5\n`).values[0]

  it.each(['nan', 'NaN', '-nan', '', 'null', 'N/A', '--', '1.#IND', 'x', '0xg', '0.1.2', '.'])(
    '%j is none',
    (text) => {
      expect(cells(text)).toEqual([0.5, Number.NaN, 0.5])
    },
  )

  it.each([
    ['0x1fF', 511],
    ['true', 1],
    ['OFF', 0],
    ['31 %', 31],
    ['250mV', 0.25],
    ['"1,234.5"', 1234.5],
    ['"1,234,567"', 1_234_567],
    ['1’234', 1234],
    ['light: 0.2 V', 0.2],
    ['−0.2', -0.2],
  ])('%s is a number', (text, value) => {
    expect(cells(text)).toEqual([0.5, value, 0.5])
  })

  test('a three behind a decimal mark is a fraction', () => {
    const { timesS, values } = read('time_s;light\n1,000;1.234,5\n1,500;0,5\n')
    expect(timesS).toEqual([1, 1.5])
    expect(values).toEqual([[1234.5, 0.5]])
  })

  it.each([
    ['∞', Infinity],
    ['-∞', -Infinity],
    ['inf', Infinity],
    ['-Infinity', -Infinity],
    ['+INF', Infinity],
  ])('%s is beyond the range', (text, value) => {
    expect(cells(text)).toEqual([0.5, value, 0.5])
  })

  test('a row without a time is left out', () => {
    expect(read('time_s,level\n0,0.5\nx,0.6\n0.2,0.7\n')).toMatchObject({
      timesS: [0, 0.2],
      values: [[0.5, 0.7]],
    })
  })
})

it('leaves out rows whose times go back, until others begin', () => {
  const { timesS, values } = read('time_s,level\n0,1\n0.1,2\n0.05,3\n0.1,4\n0.2,5\n')
  expect(timesS).toEqual([0, 0.1, 0.1, 0.2])
  expect(values).toEqual([[1, 2, 4, 5]])
  const twice = readPieces([Buffer.from(`time_s,level\n${rows(50)}${rows(50)}`)])
  expect(twice.timesS).toHaveLength(50)
  expect(twice.error).toMatchObject({
    code: 'order',
    message: expect.stringMatching(/^line 67: the times of 16 rows are earlier/),
  })
})

test('what csvLines writes is read back to its last digit', () => {
  fc.assert(
    fc.property(samplesArbitrary, (samples: SampleBlock) => {
      const { timesS, values } = read(CSV_HEADER + csvLines(samples))
      expect(timesS).toEqual(Array.from(samples.timesS, (timeS) => Number(timeS.toFixed(6))))
      expect(values).toEqual([Array.from(samples.levels, (level) => Number(level.toFixed(5)))])
    }),
  )
})

describe('a broken file is told with its line', () => {
  it.each([
    ['', 'empty', 'there are no samples'],
    ['\n \n', 'empty', 'there are no samples'],
    ['time_s,level\n', 'format', 'there are no lines of numbers in a.csv'],
    ['Hello, world', 'format', 'there are no lines of numbers in a.csv'],
    ['\u0001\u0002abc', 'encoding', 'a.csv is no text'],
    [`${rows(10)}1\n`, 'format', 'line 11: give 2 cells, as in the lines before it, not 1'],
    [`${rows(10)}1,2,3\n`, 'format', 'line 11: give 2 cells, as in the lines before it, not 3'],
    [`t,l\r\n\r\n${rows(10)}\r\n1`, 'format', 'line 14: give 2 cells'],
    [`t,l\r\r${rows(10, ',', '\r')}1`, 'format', 'line 13: give 2 cells'],
    [`${rows(10)}1e999,0.5\n`, 'range', 'line 11: the time is farther than 10^10 s'],
    [
      `time_s,level\n1764000000000000000,0.5\n`,
      'range',
      'line 2: the time is farther than 10^10 s',
    ],
    [`${rows(10)}${'text\n'.repeat(1001)}`, 'format', 'line 1011: it and a thousand lines'],
    [`${'text\n'.repeat(3000)}`, 'format', 'there are no lines of numbers'],
  ])('%j', (text, code, message) => {
    const { error } = readPieces([Buffer.from(text)])
    expect(error).toBeInstanceOf(RecordingError)
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) })
  })

  test('after the rows before it', () => {
    const { timesS, error } = readPieces([Buffer.from(`time_s,level\n${rows(5000)}9\n`)])
    expect(timesS).toHaveLength(5000)
    expect(error).toMatchObject({ message: expect.stringMatching(/^line 5002: /) })
  })
})

// As long as a line may be.
it.each([
  ['digits', `0,${'1'.repeat(65_000)}x`],
  ['spaces', `0,1${' '.repeat(65_000)}x`],
  ['digits and spaces', `0,${'1'.repeat(32_000)}${' '.repeat(32_000)}x`],
  ['brackets', `0,${'('.repeat(65_000)}`],
  ['letters and colons', `0,${'a:'.repeat(32_000)}`],
  ['words', `${'ab '.repeat(21_000)},0`],
  ['beginnings of settings', 'samp'.repeat(16_000)],
])('a line of %s is read as soon as any', (_, text) => {
  for (const place of [`${text}\n${rows(10)}`, `${rows(10)}${text}\n`]) {
    const { timesS } = readPieces([Buffer.from(place)])
    expect(timesS.length).toBeGreaterThan(0)
  }
})

describe('a line of more than 64 KiB', () => {
  const long = `0,0.5\n0.1,0.${'5'.repeat(65_530)}`

  test('is refused, whole or without an end', () => {
    expect(read(long).timesS).toHaveLength(2)
    for (const text of [`${long}5\n2,0.5\n`, `${long}5`, `${long}5\r\n`]) {
      expect(() => read(text)).toThrow('line 2: it is longer than 64 KiB')
      expect(() => read(rows(20) + text)).toThrow('line 22: it is longer than 64 KiB')
    }
  })

  test('is not waited for, nor kept', () => {
    const reader = new TableReader('a.csv', {})
    const zeros = new Uint8Array(1 << 14).fill(0x30)
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
  const exponent = fc.constantFrom('', '', 'e-3', 'E+5', 'e0', 'e-300', 'e22', 'e23', 'e0001')
  const value = fc.tuple(fc.constantFrom('', '+', '-'), digits(20), decimals, exponent)
  fc.assert(
    fc.property(
      value,
      fc.constantFrom('\n', ' \n', '"\n', ',\n'),
      ([sign, before, ...after], end) => {
        const text = [sign, before || '0', ...after].join('')
        const { values } = read(`${rows(10)}0.1,${text}${end}`)
        expect(values[0]?.[10]).toBe(Number(text))
      },
    ),
    { numRuns: 5000 },
  )
})

describe('what is read does not depend on how the file is cut', () => {
  const cells = fc.constantFrom(
    '0',
    '1',
    '.',
    ',',
    ';',
    '-',
    'e',
    '\n',
    '\r',
    '\r\n',
    ' ',
    'µs',
    '\uFEFF',
  )
  const good = samplesArbitrary.map((samples) => Buffer.from(CSV_HEADER + csvLines(samples)))
  const damaged = fc
    .tuple(good, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 3 }))
    .map(([bytes, place, wrong]) => {
      bytes.set(wrong, place % (bytes.length - 2))
      return bytes
    })
  const windows = samplesArbitrary.map((samples) =>
    Buffer.from(`\uFEFFt [µs], "µ"\n${csvLines(samples)}`.replaceAll('\n', '\r\n'), 'utf16le'),
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
        if (one.error !== null) expect(one.error).toBeInstanceOf(RecordingError)
        else expect(one.timesS.length).toBeGreaterThan(0)
      }),
      { numRuns: 300 },
    )
  })

  test('with blocks of thousands of samples and a fault after them', () => {
    const bytes = Buffer.from(`${rows(10_000)}x;0,9,9`)
    const whole = readPieces([bytes])
    expect(whole.timesS).toHaveLength(10_000)
    expect(whole.error).toMatchObject({ message: expect.stringMatching(/^line 10001: give 2/) })
    expect(readPieces(pieces(bytes, [1, 20_000, 50_000]))).toEqual(whole)
  })
})
