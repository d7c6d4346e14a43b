import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { RecordingError } from '../../../src/recording/errors.js'
import { JSON_NUMBERS } from '../../../src/recording/json/reader.js'
import type { Channel, ReadOptions } from '../../../src/recording/recording.js'

interface Read {
  readonly channels: readonly Channel[]
  readonly timesS: number[]
  /** Of each channel. */
  readonly values: number[][]
  /** What ended it before its end. */
  readonly fault: RecordingError | null
}

/** Reads a file in pieces that end at the given bytes; any other error is thrown. */
function read(text: string | Uint8Array, options: ReadOptions = {}, cuts: number[] = []): Read {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  const reader = JSON_NUMBERS.open('a.json', options)
  const timesS: number[] = []
  const values: number[][] = []
  const ends = [...cuts.sort((a, b) => a - b), bytes.length]
  const result = (fault: RecordingError | null): Read => ({
    channels: reader.channels,
    timesS,
    values,
    fault,
  })
  try {
    for (const part of [
      ...ends.map((end, i) => () => reader.push(bytes.subarray(ends[i - 1] ?? 0, end))),
      () => reader.end(),
    ]) {
      for (const block of part()) {
        if ('kind' in block) throw new Error('symbols')
        expect(block.firstChannel).toBe(0)
        timesS.push(...block.timesS)
        for (const [n, ofChannel] of block.values.entries()) {
          values[n] = [...(values[n] ?? []), ...ofChannel]
        }
      }
    }
    return result(null)
  } catch (error) {
    if (error instanceof RecordingError) return result(error)
    throw error
  }
}

const channel = (name: string, more: Partial<Channel> = {}): Channel => ({
  name,
  unit: null,
  kind: 'analog',
  fullScale: null,
  ...more,
})

describe('rows', () => {
  it.each<[what: string, text: string, read: Partial<Read>]>([
    [
      'pairs of µs and 16 bits',
      ' [ [0, 0], [1000,65535],\n[2000 , 13107] ]\n',
      {
        channels: [channel('channel 1', { fullScale: [0, 65535] })],
        timesS: [0, 0.001, 0.002],
        values: [[0, 65535, 13107]],
      },
    ],
    [
      'pairs of parts',
      '[[0,0.5],[1000,1]]',
      { channels: [channel('channel 1')], timesS: [0, 0.001], values: [[0.5, 1]] },
    ],
    [
      'pairs of volts, two channels of them',
      '[[0,0.33,-1.5],[1000,2.3,1e-3]]',
      {
        channels: [channel('channel 1'), channel('channel 2')],
        values: [
          [0.33, 2.3],
          [-1.5, 0.001],
        ],
      },
    ],
    [
      'pairs below their names',
      '[["time_ms","photo (V)"],[1,0.5],[2,0.6]]',
      { channels: [channel('photo', { unit: 'V' })], timesS: [0.001, 0.002], values: [[0.5, 0.6]] },
    ],
    [
      'objects, in seconds',
      '[{"t":0.5,"v":0.25},{"t":1,"v":0.5}]',
      { channels: [channel('v')], timesS: [0.5, 1], values: [[0.25, 0.5]] },
    ],
    [
      'objects with keys in any order, and some missing',
      '[{"id":"a","level_mV":5,"timeMs":1,"b":7},{"timeMs":2,"more":{"t":9},"level_mV":6},{"b":8,"timeMs":3}]',
      {
        channels: [channel('level', { unit: 'mV' }), channel('b')],
        timesS: [0.001, 0.002, 0.003],
        values: [
          [5, 6, Number.NaN],
          [7, Number.NaN, 8],
        ],
      },
    ],
    [
      'objects one after another',
      '{"t":0,"v":1.5}\n{"t":1,"v":2.5}\n',
      { timesS: [0, 1], values: [[1.5, 2.5]] },
    ],
    [
      'objects within an object',
      '{"board":"imp004m","samples":[{"t":0,"v":1.5},{"t":1,"v":2.5}],"ends":[1,2]}',
      { channels: [channel('v')], timesS: [0, 1], values: [[1.5, 2.5]] },
    ],
    [
      'objects with dates',
      '[{"time":"2026-11-30T09:00:00.250Z","v":1.5},{"time":"2026-11-30T09:00:01.5Z","v":2.5}]',
      { timesS: [0.25, 1.5], values: [[1.5, 2.5]] },
    ],
    [
      'gaps, and what is beyond the range',
      '[[0,1.5],[1000,null],[2000,NaN],[3000,"n/a"],[4000,Infinity],[5000,-Infinity]]',
      {
        timesS: [0, 0.001, 0.002, 0.003, 0.004, 0.005],
        values: [[1.5, Number.NaN, Number.NaN, Number.NaN, Infinity, -Infinity]],
      },
    ],
    [
      'one that is earlier, which is left out',
      '[[0,2],[2000,3],[1000,4],[2000,5],[3000,6]]',
      { timesS: [0, 0.002, 0.002, 0.003], values: [[2, 3, 5, 6]] },
    ],
    [
      'names with escapes and other letters',
      '[{"t\\u0069me_\\u00b5s":1,"h\u00f6he \\"a\\"":2.5}]',
      { channels: [channel('h\u00f6he "a"')], timesS: [1e-6] },
    ],
  ])('%s', (_, text, expected) => {
    expect(read(text)).toMatchObject({ fault: null, ...expected })
  })

  it('takes a unit of time that is given', () => {
    expect(read('[[0,0.5],[1,0.5]]', { timeUnitS: 1 }).timesS).toEqual([0, 1])
  })

  it('takes a rate that is given instead of times', () => {
    expect(read('[[7],[8]]', { sampleRateHz: 10 })).toMatchObject({
      timesS: [0, 0.1],
      values: [[7, 8]],
    })
    expect(read('[[0,7],[0,8]]', { sampleRateHz: 10 })).toMatchObject({
      timesS: [0, 0.1],
      values: [[7, 8]],
    })
  })

  it.each(['utf-16le', 'utf-16be'] as const)('are read in %s with a mark', (encoding) => {
    const bytes = Buffer.from('\ufeff[{"t":0,"v":1.5},{"t":1,"v":2.5}]', 'utf16le')
    if (encoding === 'utf-16be') bytes.swap16()
    expect(JSON_NUMBERS.fits(bytes.toString('latin1'), true)).toBe(true)
    expect(read(bytes)).toMatchObject({ fault: null, timesS: [0, 1], values: [[1.5, 2.5]] })
  })
})

describe('columns', () => {
  it.each<[what: string, text: string, read: Partial<Read>]>([
    [
      'times first',
      '{"time_s":[0,0.5,1],"level":[0.1,0.2,0.3]}',
      { channels: [channel('level')], timesS: [0, 0.5, 1], values: [[0.1, 0.2, 0.3]] },
    ],
    [
      'times last, and deeper',
      '{"channels":{"A (%)":[10,20],"led":[3,4]},"ms":[5,6]}',
      {
        channels: [channel('A', { unit: '%', fullScale: [0, 100] }), channel('led')],
        timesS: [0.005, 0.006],
        values: [
          [10, 20],
          [3, 4],
        ],
      },
    ],
    [
      'a rate',
      '{"settings":{"sampleRateHz":100},"level":[0.1,0.2]}',
      { timesS: [0, 0.01], values: [[0.1, 0.2]] },
    ],
    [
      'one that is shorter',
      '{"t":[0,1,2],"a":[1.5,2.5,3.5],"b":[4]}',
      {
        values: [
          [1.5, 2.5, 3.5],
          [4, Number.NaN, Number.NaN],
        ],
      },
    ],
  ])('%s', (_, text, expected) => {
    expect(read(text)).toMatchObject({ fault: null, ...expected })
  })

  it('are read without names where the rate is given', () => {
    expect(read('[0.1,0.2]', { sampleRateHz: 2 })).toMatchObject({
      channels: [channel('channel 1')],
      timesS: [0, 0.5],
      values: [[0.1, 0.2]],
    })
  })

  it('are as many as memory holds', () => {
    const reader = JSON_NUMBERS.open('a.json', {})
    const zeros = new TextEncoder().encode('0,'.repeat(2 ** 20))
    const push = (bytes: Uint8Array): void => {
      for (const _ of reader.push(bytes)) expect.unreachable()
    }
    push(new TextEncoder().encode('{"t":['))
    for (let i = 0; i < 16; i++) push(zeros)
    expect(() => push(zeros)).toThrow('there are more than 16777216 numbers in columns')
  })
})

it('takes a column of samples for values, and leaves out what stands beside the rows', () => {
  expect(read('{"sample_rate":200,"samples":[5,6]}')).toMatchObject({
    timesS: [0, 0.005],
    values: [[5, 6]],
    channels: [channel('samples')],
  })
  const row = (second: number) => `["2026-01-02T03:04:0${second}Z",${second}]`
  expect(read(`{"results":[{"id":0,"series":[{"values":[${row(1)},${row(2)}]}]}]}`)).toMatchObject({
    timesS: [0, 1],
    values: [[1, 2]],
    fault: null,
  })
})

describe('a fault is told with line and column, after what came before it', () => {
  it.each<[text: string, message: string, values: number[][]]>([
    ['[]', 'there are no samples', []],
    ['{}', 'there are no samples', []],
    ['[{"t":1}]', 'there are no samples', []],
    ['[[0,5],\n [1,x]]', 'line 2, column 5: it is no JSON: a value must', [[5]]],
    ['[[0,5],\n[1,6]', 'line 2, column 6: the file ends early', [[5, 6]]],
    ['[[0,5],\n[1,', 'line 2, column 4: the file ends early', [[5]]],
    ['[[0,5],]', 'line 1, column 8: it is no JSON: a value must', [[5]]],
    ['[[0,5] [1,6]]', 'line 1, column 8: it is no JSON: a comma or the end must', [[5]]],
    ['[[0,5}]', 'line 1, column 6: it is no JSON: a comma or the end', []],
    ['[[0,5],[1,1e9e]]', 'line 1, column 11: it is no JSON', [[5]]],
    ['[[0,5]] x ', 'line 1, column 9: it is no JSON', [[5]]],
    ['[[0,5]] 7 ', 'line 1, column 10: give numbers in an array', [[5]]],
    ['[[0,5],["a]]', 'line 1, column 9: the text has no end', [[5]]],
    ['[["\\x"]]', 'line 1, column 3: it is no JSON: the text is broken', []],
    ['[{"t" 1}]', 'line 1, column 7: it is no JSON: a colon must', []],
    [
      '[{"t":0,"v":5},{v:1}]',
      'line 1, column 17: it is no JSON: a name in quotes or } must',
      [[5]],
    ],
    ['[{"t":0,"v":5,}]', 'line 1, column 15: it is no JSON: a name in quotes must', []],
    ['[[0,5],{"t":1}]', 'line 1, column 15: a row is no array or object like the first', [[5]]],
    ['[[0,5],[1e17,6]]', 'line 1, column 16: the time is farther', [[5]]],
    ['[{"a":1,"b":2}]', 'the file tells neither times nor a sample rate', []],
    ['{"level":[1,2]}', 'the file tells neither times nor a sample rate', []],
    ['{"t":[0,1],"v":[5,6', 'line 1, column 19: the file ends early', [[5, Number.NaN]]],
    ['[[0,5],[1,nul]]', 'line 1, column 11: it is no JSON', [[5]]],
    [`[[9,5],${'[1,6],'.repeat(20)}]`, 'the times of 16 rows are earlier', [[5]]],
    [`[[${'1,'.repeat(300)}1]]`, 'a row has more than 256 numbers', []],
    ['['.repeat(100), 'line 1, column 65: it is nested deeper', []],
    [`["${'a'.repeat(70_000)}"]`, 'line 1, column 2: the text has no end', []],
    [`[[0,${'1'.repeat(70_000)}]]`, 'line 1, column 5: it is no JSON', []],
  ])('%#: %s', (text, message, values) => {
    const { fault, ...before } = read(text)
    expect(fault?.message).toContain(message)
    expect(before.values).toEqual(values)
  })
})

describe('a file is told as JSON', () => {
  it.each<[head: string, isWhole: boolean, fits: boolean | null]>([
    ['', false, null],
    ['', true, false],
    ['\xef\xbb', false, null],
    ['\xef\xbb\xbf [[0,1]', true, true],
    [' \n[', false, null],
    ['[[0,1],[2,3]', true, true],
    ['[1.5e3 ,2]', true, true],
    ['[1.5e3 ,2]', false, null],
    ['[1,2]\n[3,4]\n', true, false],
    [`[${'1,'.repeat(99)}1]`, false, null],
    ['[{"t"', true, true],
    ['{"t":', true, true],
    ['[', true, true],
    ['[12:34:56.789] 512', true, false],
    ['[2026-11-30 09:00] 512', true, false],
    ['[s],[V]', true, false],
    ['{s}', true, false],
    ['time_s,level', false, false],
    ['012', false, false],
  ])('%j, whole: %s', (head, isWhole, fits) => {
    expect(JSON_NUMBERS.fits(head, isWhole)).toBe(fits)
  })
})

const rowsArbitrary = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 1e9 }), fc.double(), fc.double({ noNaN: true })),
  { minLength: 1, maxLength: 50 },
)

test('what JSON.stringify writes of any numbers is read back, in each form, however it is cut', () => {
  fc.assert(
    fc.property(rowsArbitrary, fc.array(fc.nat(3000)), (rows, cuts) => {
      rows.sort(([a], [b]) => a - b)
      const [t, a, b] = [0, 1, 2].map((n) => rows.map((row) => row[n] as number))
      const written = JSON.parse(JSON.stringify([t, a, b]), (_, value) => value ?? Number.NaN)
      const expected = { fault: null, timesS: written[0].map((time: number) => time * 1e-6) }
      for (const form of [
        rows,
        rows.map(([t_us, a, b]) => ({ t_us, a, b })),
        { t_us: t, a, b },
        { b, more: { a, t_us: t } },
      ]) {
        const { values, ...others } = read(JSON.stringify(form, null, cuts.length % 3), {}, cuts)
        expect(others).toMatchObject(expected)
        const isTurned = 'b' in form && 'more' in form
        expect(isTurned ? values.toReversed() : values).toEqual(written.slice(1))
      }
    }),
  )
})

test('any text is samples or a RecordingError, the same however it is cut', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc
      .array(
        fc.constantFrom(...'[]{},:"\\017.-eutN\n ', '"t":', '"v":', '[0,1],', 'null', '\ufeff'),
      )
      .map((all) => all.join('')),
  )
  fc.assert(
    fc.property(
      fc.constantFrom('', '[', '{', '[[1,2],', '[{"t":0,"v":1},'),
      text,
      fc.array(fc.nat(60)),
      (start, rest, cuts) => {
        const whole = read(start + rest)
        expect(read(start + rest, {}, cuts)).toEqual(whole)
        if (!whole.fault) expect(whole.timesS.length).toBeGreaterThan(0)
      },
    ),
    { numRuns: 3000 },
  )
})
