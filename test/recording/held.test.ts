import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { HeldMeans } from '../../src/recording/held.js'
import type { ValueBlock } from '../../src/recording/recording.js'

type Row = readonly [timeS: number, ...values: number[]]

/** The means of rows that come so many at once. */
function meansOf(rows: readonly Row[], rowsAtOnce = rows.length) {
  const channelCount = (rows[0]?.length ?? 2) - 1
  const means = new HeldMeans(channelCount)
  const blocks: ValueBlock[] = []
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    const part = rows.slice(at, at + rowsAtOnce)
    const columns = Array.from({ length: channelCount }, (_, i) =>
      part.map((row) => row[i + 1] ?? 0),
    )
    blocks.push(
      ...means.push(
        part.map(([timeS]) => timeS),
        columns,
      ),
    )
  }
  blocks.push(...means.end())
  expect(blocks.every(({ firstChannel }) => firstChannel === 0)).toBe(true)
  return {
    timesS: blocks.flatMap(({ timesS }) => [...timesS]),
    values: Array.from({ length: channelCount }, (_, i) =>
      blocks.flatMap(({ values }) => [...(values[i] ?? [])]),
    ),
  }
}

const rounded = (values: readonly number[] = []) => values.map((value) => Number(value.toFixed(9)))

it('has a step of an eighth of the shortest stretch, and each mean at its middle', () => {
  const { timesS, values } = meansOf([
    [10, 0],
    [10.008, 1],
    [10.018, 5],
    [10.02, 5],
  ])
  expect(rounded(timesS.slice(0, 2))).toEqual([10.0005, 10.0015])
  expect(rounded(values[0])).toEqual([...Array(8).fill(0), ...Array(10).fill(1), 5, 5])
})

it('has the mean of a line with PWM', () => {
  const periodS = 20e-6
  const rows = Array.from({ length: 20_000 }, (_, i): Row => {
    const isOn = i % 2
    return [Math.floor(i / 2) * periodS + (isOn ? 0.75 * periodS : 0), 1 - isOn]
  })
  const { timesS, values } = meansOf(rows)
  expect((timesS[1] as number) - (timesS[0] as number)).toBeCloseTo(50e-6, 12)
  const inside = (values[0] ?? []).filter((_, i) => (timesS[i] as number) < 0.199)
  expect(inside.length).toBeGreaterThan(3900)
  for (const value of inside) expect(Math.abs(value - 0.75)).toBeLessThan(0.11)
  expect(inside.reduce((sum, value) => sum + value, 0) / inside.length).toBeCloseTo(0.75, 3)
})

describe('the step is', () => {
  it.each([
    ['no shorter than 50 µs', 1e-9, 50e-6],
    ['no longer than 10 ms', 0.5, 10e-3],
  ])('%s', (_, stretchS, stepS) => {
    const { timesS } = meansOf([
      [0, 0],
      [stretchS, 1],
    ])
    expect((timesS[1] as number) - (timesS[0] as number)).toBeCloseTo(stepS, 12)
  })
})

it('fills the first and the last second of a stretch of more than 2 s', () => {
  const { timesS, values } = meansOf([
    [0, 1],
    [2, 2],
    [6, 3],
    [6.5, 3],
  ])
  const within = (from: number, to: number) =>
    timesS.flatMap((timeS, i) => (timeS > from && timeS < to ? [values[0]?.[i]] : []))
  expect(within(0, 2)).toEqual(Array(200).fill(1))
  expect(within(2, 3)).toEqual(Array(100).fill(2))
  expect(within(3, 5)).toEqual([])
  expect(within(5, 6)).toEqual(Array(100).fill(2))
  expect(within(6, 7)).toEqual(Array(50).fill(3))
})

it('holds a last change for 1 s', () => {
  expect(meansOf([[3, 7]])).toEqual({ timesS: expect.any(Array), values: [Array(100).fill(7)] })
})

it('leaves out what is no number, as long as there is something else in a step', () => {
  const { values } = meansOf([
    [0, 1, Number.NaN],
    [0.0804, Number.NaN, 2],
    [0.16, 3, Number.POSITIVE_INFINITY],
    [0.3, 3, Number.POSITIVE_INFINITY],
  ])
  expect(values[0]?.slice(0, 18)).toEqual([...Array(9).fill(1), ...Array(7).fill(Number.NaN), 3, 3])
  expect(rounded(values[1]?.slice(0, 18))).toEqual([
    ...Array(8).fill(Number.NaN),
    ...Array(8).fill(2),
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ])
})

it.each([
  ['farther apart than in any message', 3, 'they are 3 s apart'],
  ['over sooner than any message', 1e-6, 'all of them are within 0.000019 s'],
])('refuses changes that are %s', (_, stepS, found) => {
  const means = new HeldMeans(1)
  const timesS = Array.from({ length: 20 }, (_, i) => i * stepS)
  const read = () => [...means.push(timesS, [timesS.map((_, i) => i % 2)]), ...means.end()]
  expect(read).toThrow(
    `the file has changes only, and ${found}: no message is so; give the unit of its times`,
  )
})

it('refuses changes that stand for far too many values', () => {
  const channelCount = 4
  const means = new HeldMeans(channelCount, 2 ** 20)
  const read = (): void => {
    for (let i = 0; i < 200; i++) {
      // Most of the values are in the later stretches, of which 40,000 steps each are filled.
      const timeS = i < 120 ? i * 1e-6 : 3 * i
      for (const _ of means.push([timeS], Array(channelCount).fill([i])));
    }
    for (const _ of means.end());
  }
  expect(read).toThrow('the recording holds more than 1 Mi values')
})

const rowsArbitrary = fc
  .tuple(
    fc.constantFrom(1e-5, 1e-3),
    fc.array(fc.tuple(fc.nat({ max: 50 }), fc.nat({ max: 3 }), fc.nat({ max: 3 })), {
      minLength: 1,
      maxLength: 20,
    }),
  )
  .map(([unitS, steps]) => {
    let units = 0
    return steps.map(([step, a, b]): Row => {
      units += step
      return [5 + units * unitS, a, b]
    })
  })

test('the means are those of the held values, at times that increase, however the rows come', () => {
  fc.assert(
    fc.property(rowsArbitrary, fc.integer({ min: 1, max: 9 }), (rows, rowsAtOnce) => {
      const { timesS, values } = meansOf(rows)
      expect(meansOf(rows, rowsAtOnce)).toEqual({ timesS, values })
      expect(timesS.every((timeS, i) => i === 0 || timeS > (timesS[i - 1] as number))).toBe(true)
      const stepS = 2 * ((timesS[0] ?? 0) - (rows[0]?.[0] ?? 0))
      // The value at the end is the same for a second at most, so that few of its steps tell as much as all.
      for (const [i, timeS] of timesS.slice(0, 300).entries()) {
        const fromS = timeS - stepS / 2
        let sum = 0
        for (const [r, [startS, value = 0]] of rows.entries()) {
          const endS = rows[r + 1]?.[0] ?? Number.POSITIVE_INFINITY
          const heldS = Math.min(endS, fromS + stepS) - Math.max(startS, fromS)
          if (heldS > 0) sum += value * heldS
        }
        expect(values[0]?.[i]).toBeCloseTo(sum / stepS, 5)
      }
    }),
    { numRuns: 100 },
  )
})
