import { expect, test, vi } from 'vitest'
import { throttle } from '../../../src/web/station/throttle.js'

test('calls soon when it is asked, not too often, and never too seldom', () => {
  vi.useFakeTimers()
  try {
    const calledMs: number[] = []
    const startMs = performance.now()
    const calls = throttle(() => calledMs.push(performance.now() - startMs), {
      leastMs: 100,
      mostMs: 4000,
    })
    vi.advanceTimersByTime(50)
    for (let n = 0; n < 10; n++) calls.ask()
    vi.advanceTimersByTime(10) // at 60: called at 50
    for (let n = 0; n < 10; n++) calls.ask()
    vi.advanceTimersByTime(240) // at 300: called at 150
    calls.ask()
    vi.advanceTimersByTime(9000) // at 9300: called at 300, 4300, 8300
    expect(calledMs).toEqual([50, 150, 300, 4300, 8300])
    calls.ask()
    calls[Symbol.dispose]()
    vi.advanceTimersByTime(9000)
    expect(calledMs).toHaveLength(5)
  } finally {
    vi.useRealTimers()
  }
})
