import { describe, expect, test } from 'vitest'
import { BlinkUpWindows } from '../../../src/factory/imp/windows.js'

type Call = readonly [atS: number, isEnabled: boolean]

/** When BlinkUp goes on and off, to the millisecond, until 200 s after the start. */
function changes(impOs: number, isCold: boolean, attemptS: number, ...calls: readonly Call[]) {
  const windows = new BlinkUpWindows(impOs, isCold, 0)
  const found: string[] = []
  let wasOpen = false
  for (let ms = 0; ms < 250_000; ms++) {
    if (ms === 1000 * attemptS) windows.attempt(ms)
    for (const [atS, isEnabled] of calls) if (ms === 1000 * atS) windows.enable(isEnabled, ms)
    const isOpen = windows.isOpenAt(ms)
    if (isOpen !== wasOpen) found.push(`${isOpen ? 'on' : 'off'} at ${ms / 1000}`)
    wasOpen = isOpen
  }
  return found.join(', ')
}

describe('the windows of BlinkUp', () => {
  test.each([
    // As published: without a call, 120 s after a cold start, 60 s after the first attempt of a warm one.
    [40, true, [], 'on at 0, off at 120'],
    [42, true, [], 'on at 0, off at 120'],
    [40, false, [], 'on at 0.1, off at 60.1'],
    [42, false, [], 'on at 0.1, off at 60.1'],
    // false: until impOS 40 from the next state on, then at once.
    [40, true, [[0, false]], 'on at 0, off at 60'],
    [40, true, [[59.999, false]], 'on at 0, off at 60'],
    [40, true, [[60, false]], 'on at 0, off at 120'],
    [42, true, [[0, false]], ''],
    [42, true, [[30, false]], 'on at 0, off at 30'],
    [42, true, [[75.5, false]], 'on at 0, off at 75.5'],
    [40, false, [[0, false]], ''],
    [40, false, [[0.2, false]], 'on at 0.1, off at 60.1'],
    [42, false, [[0, false]], ''],
    [42, false, [[0.2, false]], 'on at 0.1, off at 0.2'],
    // true: also when idle.
    [40, true, [[5, true]], 'on at 0'],
    [40, true, [[119.999, true]], 'on at 0'],
    [40, true, [[150, true]], 'on at 0, off at 120'],
    [42, true, [[150, true]], 'on at 0, off at 120, on at 150'],
    [40, false, [[0, true]], 'on at 0.1'],
    [42, false, [[0, true]], 'on at 0'],
    // One after the other.
    [
      40,
      true,
      [
        [1, false],
        [2, true],
      ],
      'on at 0',
    ],
    [
      40,
      true,
      [
        [1, true],
        [61, false],
      ],
      'on at 0, off at 120',
    ],
    [
      42,
      true,
      [
        [1, false],
        [2, true],
      ],
      'on at 0, off at 1, on at 2',
    ],
  ] as const)('impOS %i, cold %s, calls %j: %s', (impOs, isCold, calls, expected) => {
    expect(changes(impOs, isCold, 0.1, ...calls)).toBe(expected)
  })

  test('a warm start that never tries to connect has none', () => {
    expect(changes(42, false, Number.NaN)).toBe('')
  })

  test.each([
    [40, 'on at 0, off at 60, on at 150, off at 210'],
    [42, 'on at 0, off at 60, on at 150, off at 210'],
  ])(
    'of a device with impOS %i that has its first credentials late are 60 s long from then on',
    (impOs, expected) => {
      expect(changes(impOs, true, 150)).toBe(expected)
    },
  )

  test('only the first attempt counts', () => {
    const windows = new BlinkUpWindows(42, false, 0)
    windows.attempt(1000)
    windows.attempt(50_000)
    expect(windows.nextChangeMs(50_000)).toBe(61_000)
    expect(windows.isOpenAt(61_000)).toBe(false)
    windows.attempt(62_000)
    expect(windows.isOpenAt(62_000)).toBe(false)
    expect(windows.nextChangeMs(62_000)).toBe(Number.POSITIVE_INFINITY)
  })

  test('it does not matter how seldom the time is told', () => {
    const windows = new BlinkUpWindows(40, true, 5000)
    windows.enable(false, 6000)
    expect(windows.isOpenAt(1_000_000)).toBe(false)
    expect(windows.nextChangeMs(1_000_000)).toBe(Number.POSITIVE_INFINITY)
  })
})
