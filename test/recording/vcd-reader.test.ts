import { strToU8 } from 'fflate'
import { describe, expect, it, test } from 'vitest'
import { checkAnyDamage, readFile, readPieces } from './read-file.js'

const HEAD = `$date today $end
$version some simulator $end
$timescale 1 ms $end
$scope module top $end
$var wire 1 ! clk $end
$var reg 8 "# count [7:0] $end
$scope module inner $end
$var real 64 r light $end
$var wire 1 % clk $end
$var wire 1 ! alias $end
$upscope $end
$upscope $end
$enddefinitions $end
`
const read = (text: string, options = {}) => readFile(strToU8(text), options)
/** Values that are held, without repetitions. */
const changes = (values: readonly number[] = []) =>
  values.filter((value, i) => i === 0 || !Object.is(value, values[i - 1]))

it('reads scalars, vectors and reals, each as the variable is named', () => {
  const { channels, values, timesS } = read(`${HEAD}#0
$dumpvars
0! bx "# r0.25 r z%
$end
#80 1! b101 "#
#160 $comment 0! is no value $end 0! b0 "#  R-1.5e1 r
1%
#240
`)
  expect(channels).toEqual([
    { name: 'top.clk', unit: null, kind: 'logic', fullScale: null },
    { name: 'count[7:0]', unit: null, kind: 'analog', fullScale: null },
    { name: 'light', unit: null, kind: 'analog', fullScale: null },
    { name: 'top.inner.clk', unit: null, kind: 'logic', fullScale: null },
  ])
  expect(values.map(changes)).toEqual([
    [0, 1, 0],
    [Number.NaN, 5, 0],
    [0.25, -15],
    [Number.NaN, 1],
  ])
  expect(timesS[0]?.length).toBe(24)
  expect(timesS[0]?.[0]).toBeCloseTo(0.005, 12)
})

it('reads symbols of two bits', () => {
  const { channels, values } = read(`$timescale 1 us $end
$scope module blinkup $end
$var wire 2 s symbol $end
$upscope $end
$enddefinitions $end
#0\nb0 s\n#16000\nb10 s\n#32000\nb1 s\n#48000\nb0 s\n#64000\n`)
  expect(channels).toEqual([{ name: 'symbol', unit: null, kind: 'analog', fullScale: null }])
  expect(changes(values[0])).toEqual([0, 2, 1, 0])
})

describe('a timescale', () => {
  const dump = (timescale: string) =>
    `${timescale}
$var wire 1 ! a $end $enddefinitions $end #0 0! #80000 1! #160000 \n`

  it.each([
    ['$timescale 1 us $end', {}, 0.16],
    ['$timescale\n 100ns\n$end', {}, 0.016],
    ['$timescale 10us $end', { timeUnitS: 1e-6 }, 0.16],
    ['', { timeUnitS: 1e-6 }, 0.16],
  ])('%s', (timescale, options, endS) => {
    const { timesS } = read(`$comment $end ${dump(timescale)}`, options)
    expect(timesS[0]?.at(-1)).toBeCloseTo(endS, 1)
    expect((timesS[0]?.at(-1) as number) < endS).toBe(true)
  })

  it('is wanted', () => {
    expect(() => read(`$comment $end${dump('')}`)).toThrow('line 2: the dump tells no timescale')
    expect(() => read(dump('$timescale 2 us $end'))).toThrow('line 1: the timescale is not 1, 10')
  })
})

it('holds the last value until the last time, or for 1 s where none follows it', () => {
  const head = '$timescale 1 ms $end $var wire 1 ! a $end $enddefinitions $end\n'
  expect(read(`${head}#0 0!\n#80 1!\n#800\n`).values[0]?.length).toBe(80)
  expect(read(`${head}#0 0!\n#80 1!\n`).values[0]?.length).toBe(108)
  // Which may be 800 that is cut off, or an earlier one.
  expect(read(`${head}#0 0!\n#80 1!\n#8`).values[0]?.length).toBe(108)
})

describe('a broken dump is told with the line', () => {
  it.each<[string, string, string, string]>([
    [
      'no end of the definitions',
      '$timescale 1 ms $end\n',
      'format',
      'line 2: the dump ends within',
    ],
    [
      'no variable',
      '$timescale 1 ms $end\n$enddefinitions $end\n',
      'empty',
      'line 2: there are no var',
    ],
    ['half a variable', '$var wire 1 ! $end\n', 'format', 'line 1: a variable is not a type'],
    ['no definitions', '$date $end\n#0\n', 'format', 'line 2: give the definitions'],
    ['no values', HEAD, 'empty', 'line 14: there are no samples'],
    ['another identifier', `${HEAD}#0\n1&\n`, 'format', 'line 15: no variable has this identifier'],
    ['a time that is none', `${HEAD}#1e3\n`, 'format', 'line 14: the time is not a whole number'],
    [
      'a time that is far away',
      `${HEAD}#${'9'.repeat(30)}\n`,
      'range',
      'line 14: the time is farther',
    ],
    ['an earlier time', `${HEAD}#8\n#7\n`, 'order', 'line 15: the time is earlier'],
    ['a value that is none', `${HEAD}#8\nr1,5 r\n`, 'format', 'line 15: give a time, or a value'],
    ['a vector without bits', `${HEAD}#8\nb "#\n`, 'format', 'line 15: give a time, or a value'],
    ['a long word', `${HEAD}#8\nb${'1'.repeat(20_000)}`, 'format', 'line 15: a word is longer'],
    [
      'many variables',
      Array.from({ length: 257 }, (_, i) => `$var wire 1 i${i} v${i} $end\n`).join(''),
      'format',
      'line 257: there are more than 256 variables',
    ],
  ])('%s', (_, text, code, message) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code }))
    expect(() => read(text)).toThrow(message)
  })
})

it('leaves out the analog values that sigrok-cli prints between changes', () => {
  const { values } = read(
    `${HEAD}#0 0!\nA0: 0.02 V DC\nA0: 0.03 V DC\n#80 1!\nA1: 0.02 V DC\n#160\n`,
  )
  expect(changes(values[0])).toEqual([0, 1])
})

it('tells what came before a fault', () => {
  const { values, error } = readPieces([
    strToU8(`${HEAD}#0\n0!\n#80 1!\n#160 0!\n#170 ?\n#180 1!\n`),
  ])
  expect(changes(values[0])).toEqual([0, 1, 0])
  expect(error?.message).toBe('line 18: give a time, or a value and the identifier of a variable')
})

test('any damage to a dump ends in values or a RecordingError, however it is cut', () => {
  checkAnyDamage(
    strToU8(`${HEAD}#0 0! bx "# r0.25 r\n#80 1! b101 "#\n#5000 0! R-1.5e1 r\n#5080 1!\n`),
  )
})
