import { describe, expect, it } from 'vitest'
import { type Pulse, Slicer } from '../../src/receiver/slicer.js'

/** One sample a millisecond: lines of `[milliseconds, level]`. */
function slice(slicer: Slicer, ...stretches: [number, number][]): Pulse[] {
  let index = 0
  return stretches.flatMap(([length, level]) =>
    Array.from({ length }, () => slicer.push(index++ / 1000, level)).filter(
      (pulse) => pulse !== null,
    ),
  )
}

const close = (value: number) => expect.closeTo(value, 9)

it('gives each pulse with the black before it, its edges half-way between two samples', () => {
  expect(slice(new Slicer(), [20, 0.1], [10, 0.5], [10, 0.1], [10, 0.9], [10, 0.2])).toEqual([
    { riseS: close(0.0195), fallS: close(0.0295), level: close(0.5), black: close(0.1) },
    {
      riseS: close(0.0395),
      fallS: expect.closeTo(0.0496, 4),
      level: close(0.9),
      black: close(0.1),
    },
  ])
})

it('times an edge where it crosses half of the swing of its own pulse', () => {
  const ramp = (height: number): [number, number][] => [
    [20, 0],
    [1, 0.25 * height],
    [1, 0.75 * height],
    [10, height],
    [20, 0],
  ]
  for (const height of [1, 0.5]) {
    expect(slice(new Slicer(), ...ramp(height))[0]?.riseS).toBeCloseTo(0.0205, 9)
  }
})

it('sees no light in a change below 0.02 of full scale', () => {
  expect(slice(new Slicer(), [20, 0.5], [10, 0.519], [20, 0.5])).toEqual([])
  expect(slice(new Slicer(), [20, 0.5], [10, 0.521], [20, 0.5])).toHaveLength(1)
})

it('does not see pulses below half of the range of the last quarter second', () => {
  const bright: [number, number][] = [
    [20, 0],
    [10, 1],
    [20, 0],
  ]
  const dim: [number, number][] = [
    [10, 0.4],
    [10, 0],
  ]
  expect(slice(new Slicer(), ...bright, ...dim)).toHaveLength(1)
  expect(slice(new Slicer(), ...bright, [250, 0], ...dim)).toHaveLength(2)
})

it('forgets light that lasted longer than any symbol', () => {
  const pulses = slice(new Slicer(), [20, 0], [140, 1], [20, 0], [10, 0.4], [10, 0])
  expect(pulses.map(({ level }) => level)).toEqual([close(1), close(0.4)])
})

it('ends a pulse when light drops to three tenths, not before', () => {
  expect(slice(new Slicer(), [20, 0], [5, 1], [5, 0.35], [5, 1], [5, 0])).toHaveLength(1)
  expect(slice(new Slicer(), [20, 0], [5, 1], [5, 0.25], [5, 1], [5, 0])).toHaveLength(2)
})

it('ends an open pulse with the samples', () => {
  const slicer = new Slicer()
  slice(slicer, [20, 0], [10, 1])
  expect(slicer.end()).toEqual({
    riseS: close(0.0195),
    fallS: close(0.029),
    level: close(1),
    black: 0,
  })
  expect(slicer.end()).toBeNull()
})

describe('with a known signal', () => {
  const known = () => {
    const slicer = new Slicer()
    slicer.follow({ black: 0.1, grey: 0.2, shortestPulseS: 0.005 })
    return slicer
  }

  it('slices at half of grey, whatever the range of the samples', () => {
    expect(slice(known(), [20, 0.1], [10, 0.9], [10, 0.1], [10, 0.21], [10, 0.1])).toHaveLength(2)
    expect(slice(known(), [20, 0.1], [10, 0.9], [10, 0.1], [10, 0.19], [10, 0.1])).toHaveLength(1)
  })

  it('drops glitches, and does not count them as black', () => {
    const [pulse, ...others] = slice(known(), [20, 0.1], [4, 1], [10, 0.1], [10, 0.3], [10, 0.1])
    expect(pulse).toMatchObject({ level: close(0.3), black: close(0.1) })
    expect(others).toEqual([])
  })
})

it('works with pulses and darkness longer than the samples it keeps', () => {
  const pulses = slice(new Slicer(), [30_000, 0], [200, 1], [30_000, 0], [100, 1], [100, 0])
  expect(pulses).toMatchObject([
    { level: 1, black: 0 },
    { level: 1, black: 0, riseS: close(60.1995) },
  ])
})
