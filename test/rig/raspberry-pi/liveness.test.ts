import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { Liveness } from '../../../src/rig/raspberry-pi/liveness.js'
import { needs } from '../../helpers/requirements.js'

const started: ChildProcess[] = []
const start = (script: string): ChildProcess => {
  const child = spawn('sh', ['-c', script], { stdio: 'ignore' })
  started.push(child)
  return child
}
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

describe.skipIf(needs('/proc'))('a process', () => {
  test.each([
    ['that waits', 'exec sleep 600', 'SIGCONT'],
    ['that is stopped', 'while :; do :; done', 'SIGSTOP'],
  ] as const)('%s shows no sign of life, look after look', async (_, script, signal) => {
    const child = start(script)
    child.kill(signal)
    const life = new Liveness(child.pid)
    await expect.poll(() => life.look()).toBe(5)
    expect(life.look()).toBe(6)
  })

  test('that works does, however long it takes', async () => {
    const life = new Liveness(start('while :; do :; done').pid)
    for (let n = 0; n < 5; n++) await expect.poll(() => life.look()).toBe(0)
  })

  test('that is no more is not blamed for it', async () => {
    const child = start('true')
    await once(child, 'exit')
    const life = new Liveness(child.pid)
    for (let n = 0; n < 5; n++) expect(life.look()).toBe(0)
  })
})
