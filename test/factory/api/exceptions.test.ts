import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { DeviceFirmware } from '../../../src/factory/index.js'
import { Run } from '../../helpers/blinkup.js'
import { FakeHost } from '../../helpers/device-host.js'

const fail = (): never => {
  throw new Error('gone wrong')
}

describe('an exception is told in both logs with its line, and restarts', () => {
  test.each<[string, DeviceFirmware]>([
    ['at once', fail],
    [
      'in an async function',
      async ({ server }) => {
        await server.log('begun')
        fail()
      },
    ],
    ['in a timer', ({ imp }) => void imp.wakeup(1, fail)],
    ['in an async timer', ({ imp }) => void imp.wakeup(1, async () => fail())],
    [
      'in what an agent sends',
      ({ agent }) => {
        agent.on('a', fail)
        queueMicrotask(() => host.server.onMessage('a', null))
      },
    ],
    ['when idle', ({ imp }) => imp.onidle(fail)],
    [
      'after a sleep',
      async ({ imp }) => {
        await imp.sleep(1)
        fail()
      },
    ],
  ])('%s', async (_, firmware) => {
    host = new FakeHost().run((api) => {
      api.imp.wakeup(10, () => void api.server.log('never'))
      return firmware(api)
    })
    await host.after(20)
    const told = expect.stringMatching(/^gone wrong \(exceptions\.test\.ts:\d+\)$/)
    expect(host.all('error')).toEqual([told])
    expect(host.all('to server')).toContainEqual({ kind: 'error', text: told })
    expect(host.all('restart')).toEqual([told])
    expect(host.all('log')).not.toContain('never')
  })
  let host: FakeHost

  test('of a call of ours has the line of the firmware that called it', async () => {
    const host = new FakeHost().run(({ imp }) => imp.setenroltokens('a', 'b'))
    await host.after(1)
    expect(host.all('restart')).toEqual([
      expect.stringMatching(/^imp\.setenroltokens: Give .* \(exceptions\.test\.ts:\d+\)$/),
    ])
  })

  test.each<[unknown, string | RegExp]>([
    ['text', 'text'],
    [null, 'null'],
    [new TypeError('two\nlines'), /^TypeError: two \(exceptions\.test\.ts:\d+\)$/],
  ])('of any kind: %s', async (thrown, told) => {
    const host = new FakeHost().run(() => {
      throw thrown
    })
    await host.after(1)
    expect(host.all('restart')).toEqual([expect.stringMatching(told)])
  })
})

test('after its end a firmware can do nothing, and nothing is told of it', async () => {
  const host = new FakeHost()
  let go: () => void = () => {}
  let hasGoneOn = false
  host.run(async ({ imp, server, hardware, agent, DIGITAL_OUT }) => {
    await new Promise<void>((resolve) => {
      go = resolve
    })
    hasGoneOn = true
    const calls = [
      () => server.log('late'),
      () => imp.clearconfiguration(),
      () => imp.configparams,
      () => hardware.pinA.configure(DIGITAL_OUT, 1),
      () => agent.send('late'),
      () => imp.wakeup(0, () => void server.log('late')),
    ]
    for (const call of calls) {
      try {
        call()
      } catch {}
    }
    throw new Error('late')
  })
  await host.after(1)
  host.stop()
  go()
  await host.after(10)
  expect(hasGoneOn).toBe(true)
  expect(host.events).toEqual([])
})

test('what nobody waits for is an exception, too; and one of others is as it was', async () => {
  const script = fileURLToPath(new URL('floating.ts', import.meta.url))
  const { exitCode, stdout, stderr } = await new Run(
    process.execPath,
    ['--import', 'tsx', script],
    {},
  ).ended
  expect(stdout).toBe('device: floating (floating.ts:9)\nagent: floating (floating.ts:9)\n')
  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('not of a firmware'),
  })
})
