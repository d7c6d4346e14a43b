import { once } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import { Interrupted } from '../../src/cli/errors.js'
import { interruptible } from '../../src/cli/interrupt.js'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const before = SIGNALS.map((name) => [name, process.listeners(name)] as const)
afterEach(() => {
  vi.restoreAllMocks()
  for (const [name, listeners] of before) {
    process.removeAllListeners(name)
    for (const listener of listeners) process.on(name, listener)
  }
})

/** Work that has been interrupted, when it has said so; and how to send its signal once more, so long after the first one. */
async function interruptedBy(name: NodeJS.Signals) {
  let nowMs = 0
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
  const work = interruptible(
    (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
  )
  process.kill(process.pid, name)
  await expect(work).rejects.toThrow(new Interrupted(name))
  return async (again: NodeJS.Signals, afterMs: number): Promise<void> => {
    nowMs = afterMs
    const heard = once(process, again)
    process.kill(process.pid, again)
    await heard
  }
}

test.each([
  ['SIGINT', 'SIGINT'],
  ['SIGTERM', 'SIGTERM'],
  ['SIGHUP', 'SIGTERM'],
] as const)(
  'what was interrupted by %s is not ended by %s within a quarter of a second, and has to say so',
  async (first, second) => {
    const exit = vi.spyOn(process, 'exit')
    await (await interruptedBy(first))(second, 250)
    expect(exit).not.toHaveBeenCalled()
    // Without a listener the next one would end this process.
    for (const [name, listeners] of before) {
      expect(process.listenerCount(name)).toBe(listeners.length + 1)
    }
  },
)

test('who sends a second signal later than that ends it at once', async () => {
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never)
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  await (await interruptedBy('SIGINT'))('SIGINT', 251)
  expect(exit).toHaveBeenCalledExactlyOnceWith(130)
  expect(said.mock.calls.join()).toContain('interrupted by SIGINT; the LED may be lit')
})

test('after work that has ended by itself, signals do what they did before', async () => {
  await interruptible(async () => {})
  for (const [name, listeners] of before) expect(process.listeners(name)).toEqual(listeners)
})
