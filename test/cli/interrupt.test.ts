import { expect, onTestFinished, test } from 'vitest'
import { Interrupted } from '../../src/cli/errors.js'
import { interruptible } from '../../src/cli/interrupt.js'

test('what was interrupted is not ended by the same signal once more, before it has said so', async () => {
  const before = process.listeners('SIGTERM')
  onTestFinished(() => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.removeAllListeners(name)
    for (const listener of before) process.on('SIGTERM', listener)
  })
  const work = interruptible(
    (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
  )
  process.kill(process.pid, 'SIGTERM')
  await expect(work).rejects.toThrow(new Interrupted('SIGTERM'))
  process.kill(process.pid, 'SIGTERM') // without a listener it would end this process
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(process.listenerCount('SIGTERM')).toBe(before.length + 1)
})

test('after work that has ended by itself, signals do what they did before', async () => {
  const before = process.listenerCount('SIGINT')
  await interruptible(async () => {})
  expect(process.listenerCount('SIGINT')).toBe(before)
})
