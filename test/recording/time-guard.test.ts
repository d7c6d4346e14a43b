import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { TimeGuard } from '../../src/recording/time-guard.js'

/** What a guard says of times that come in blocks of a size, and how many times came before that. */
function guarded(
  times: readonly number[],
  size = times.length,
): [fault: string | null, at: number] {
  const guard = new TimeGuard()
  let taken = 0
  for (let at = 0; at < times.length && !guard.fault; at += size) {
    taken += guard.take(Float64Array.from(times.slice(at, at + size)))
  }
  if (!guard.fault) guard.end()
  return [guard.fault?.message ?? null, taken]
}

const every = (stepS: number, count: number, startS = 0): number[] =>
  Array.from({ length: count }, (_, n) => startS + n * stepS)

describe('times in which no message could be', () => {
  it.each<[string, number[], RegExp]>([
    [
      'milliseconds for seconds',
      every(6.25, 380),
      /^no message could be in these times, as the samples are 6\.25 s apart, 0\.16 a second over 1,600 s: give the unit of the times, or the sample rate$/,
    ],
    ['a few numbers of samples for seconds', every(1, 10), /1 s apart, 1 a second over 9 s/],
    [
      'seconds for milliseconds',
      every(6.25e-6, 380, 9),
      /all samples are within 0\.00237 s, 160,000 a second/,
    ],
    ['times that stand still', new Array(20).fill(5), /all samples are within 0 s/],
  ])('are refused: %s', (_, times, fault) => {
    const whole = guarded(times)
    expect(whole[0]).toMatch(fault)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), (size) => {
        expect(guarded(times, size)).toEqual(whole)
      }),
      { numRuns: 20 },
    )
  })
})

test.each<[string, number[]]>([
  ['the slowest symbols that are read', every(0.08, 500)],
  ['a pause between the first samples', [...every(0.005, 10), ...every(0.005, 300, 600)]],
  ['a clock of seconds', every(1 / 160, 500).map(Math.floor)],
  ['pauses later on', [...every(0.005, 300), ...every(1, 5000, 2)]],
  ['two samples', [0, 1]],
  ['none', []],
])('times are good with %s', (_, times) => {
  expect(guarded(times)).toEqual([null, times.length])
})
