import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { CycleEnd } from '../../../src/factory/records/cycle-record.js'
import { LAMPS, type Lamp, LampPanel, lampsOf } from '../../../src/factory/station/lamps.js'
import type { RigActivity, RigSnapshot } from '../../../src/factory/station/snapshot.js'

const ENDED_AT_MS = 1e12
const PASS: CycleEnd = { outcome: 'pass', reason: null, detail: null }
const FAIL: CycleEnd = { outcome: 'fail', reason: 'test-failed', detail: 'it has failed its test' }
const TIMEOUT: CycleEnd = { outcome: 'timeout', reason: 'no-device', detail: 'it has not come' }
const WAITING: RigActivity = { state: 'waiting' }
const CYCLE: RigActivity = { state: 'light', cycleId: 'a', number: 2 }
const LOST: RigActivity = { state: 'lost', why: 'unplugged' }

const snapshot = (activity: RigActivity, end?: CycleEnd): RigSnapshot => ({
  rig: 'left',
  activity,
  sinceMs: ENDED_AT_MS,
  instruction: 'Put in the next unit.',
  last: end ? { cycleId: 'a', number: 1, endedAtMs: ENDED_AT_MS, deviceId: null, end } : null,
  counts: { pass: 0, fail: 0, error: 0, timeout: 0, aborted: 0, ignoredTriggers: 0 },
  recent: [],
  labels: null,
})

const onAt = (shown: RigSnapshot, afterMs: number) => [...lampsOf(shown, ENDED_AT_MS + afterMs).on]

describe('lamps of a rig', () => {
  test.each<[string, RigSnapshot, Lamp[]]>([
    ['waiting before the first unit', snapshot(WAITING), []],
    ['waiting after a unit that passed', snapshot(WAITING, PASS), ['pass']],
    ['waiting after a unit that failed', snapshot(WAITING, FAIL), ['fail']],
    ['waiting after a unit that never came', snapshot(WAITING, TIMEOUT), ['fail']],
    ['in its lockout', snapshot({ state: 'lockout' }, PASS), ['pass']],
    ['in a cycle, whatever was before', snapshot(CYCLE, FAIL), ['busy']],
    ['lost', snapshot(LOST, PASS), ['pass', 'busy']],
    ['opening', snapshot({ state: 'opening', why: null }), ['busy']],
  ])('%s', (_, shown, lamps) => {
    expect(onAt(shown, 60_000)).toEqual(lamps)
  })

  test.each<[string, number, boolean, CycleEnd]>([
    ['passes', 0, true, PASS],
    ['passes', 119, true, PASS],
    ['passes', 120, false, PASS],
    ['fails', 120, true, FAIL],
    ['fails', 999, true, FAIL],
    ['fails', 1000, false, FAIL],
    ['passes, by a clock that was set back', -1000, false, PASS],
  ])('the buzzer when a unit %s, after %i ms: %s', (_, afterMs, sounds, end) => {
    expect(onAt(snapshot(WAITING, end), afterMs).includes('buzzer')).toBe(sounds)
  })

  test('the next trigger ends the buzzer', () => {
    expect(onAt(snapshot(CYCLE, FAIL), 10)).toEqual(['busy'])
  })

  test('what changes by itself says when; nothing else does', () => {
    const changes = (shown: RigSnapshot, afterMs: number) =>
      lampsOf(shown, ENDED_AT_MS + afterMs).changesInMs
    expect(changes(snapshot(WAITING, PASS), 50)).toBe(70)
    expect(changes(snapshot(WAITING, PASS), 120)).toBe(undefined)
    expect(changes(snapshot(CYCLE, PASS), 50)).toBe(undefined)
    expect(changes(snapshot(LOST), 1050)).toBe(150)
    expect(changes(snapshot(LOST), 300)).toBe(700)
    expect(changes(snapshot(LOST, FAIL), 950)).toBe(50)
  })
})

describe('a panel', () => {
  beforeEach(() => void vi.useFakeTimers({ now: ENDED_AT_MS }))
  afterEach(() => void vi.useRealTimers())

  /** Outputs that remember what is on. */
  function outputs() {
    const on = new Set<Lamp>()
    const set = (lamp: Lamp) => ({
      set: (isOn: boolean) => void (isOn ? on.add(lamp) : on.delete(lamp)),
    })
    return { on, outputs: { pass: set('pass'), fail: set('fail'), buzzer: set('buzzer') } }
  }
  const noFailure = (error: unknown) => {
    throw error
  }

  test('plays to the end without a newer snapshot, and is off when it is disposed', () => {
    const { on, outputs: lamps } = outputs()
    const panel = new LampPanel(lamps, noFailure)
    panel.show(snapshot(WAITING, FAIL))
    expect([...on]).toEqual(['fail', 'buzzer'])
    vi.advanceTimersByTime(999)
    expect([...on]).toEqual(['fail', 'buzzer'])
    vi.advanceTimersByTime(1)
    expect([...on]).toEqual(['fail'])
    expect(vi.getTimerCount()).toBe(0)
    panel.show(snapshot(LOST, FAIL))
    expect(vi.getTimerCount()).toBe(1)
    panel[Symbol.dispose]()
    expect([...on]).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('shows what is newest', () => {
    const { on, outputs: lamps } = outputs()
    using panel = new LampPanel(lamps, noFailure)
    panel.show(snapshot(WAITING, FAIL))
    panel.show(snapshot(CYCLE, FAIL))
    expect([...on]).toEqual([])
    vi.advanceTimersByTime(2000)
    expect([...on]).toEqual([])
  })

  test('goes on with the others when an output cannot be set', () => {
    const { on, outputs: lamps } = outputs()
    const failures: unknown[] = []
    const broken = {
      set() {
        throw new Error('EIO')
      },
    }
    const panel = new LampPanel({ ...lamps, pass: broken }, (error) => failures.push(error))
    panel.show(snapshot(WAITING, FAIL))
    expect([...on]).toEqual(['fail', 'buzzer'])
    panel[Symbol.dispose]()
    expect(failures).toEqual([new Error('EIO')])
    expect(LAMPS.filter((lamp) => on.has(lamp))).toEqual([])
  })
})
