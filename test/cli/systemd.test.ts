import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, vi } from 'vitest'
import { ServiceManager } from '../../src/cli/systemd.js'
import { test } from '../helpers/folder.js'
import { needs } from '../helpers/requirements.js'
import { heard, listen } from '../helpers/service-manager.js'

describe.skipIf(needs('python3'))('a service manager', () => {
  test.for(['a path', 'an abstract name'])(
    'that listens at %s is told all of a life',
    async (kind, { folder }) => {
      const name = kind === 'a path' ? folder.at('notify') : `@${folder.at('notify')}`
      const run = await listen(name)
      const beforeUs = process.hrtime.bigint() / 1000n
      {
        using manager = await ServiceManager.find({ NOTIFY_SOCKET: name })
        manager.status('opens the rig\nleft')
        manager.ready('waits for units: größer')
        manager.reloading()
        manager.ready('waits')
        manager.stopping('ends')
      }
      await run.says('stdout', /STOPPING/)
      const reloading = expect.stringMatching(/^RELOADING=1\nMONOTONIC_USEC=\d+$/)
      expect(heard(run)).toEqual([
        'STATUS=opens the rig left',
        'READY=1\nSTATUS=waits for units: größer',
        reloading,
        'READY=1\nSTATUS=waits',
        'STOPPING=1\nSTATUS=ends',
      ])
      const atUs = BigInt(/\d+$/.exec(heard(run)[2] as string)?.[0] ?? 0)
      expect(atUs).toBeGreaterThanOrEqual(beforeUs)
      expect(atUs).toBeLessThanOrEqual(process.hrtime.bigint() / 1000n)
      run.process.kill()
      await run.ended
    },
  )

  test('that has ended is told no more, and that is no fault', async ({ folder }) => {
    const run = await listen(folder.at('notify'))
    using manager = await ServiceManager.find({ NOTIFY_SOCKET: folder.at('notify') })
    run.process.kill('SIGKILL')
    await run.ended
    manager.ready('waits')
    expect(heard(run)).toEqual([])
  })

  describe('with a watchdog', () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
    afterEach(() => void vi.useRealTimers())
    const WATCHDOG_USEC = '30000000'

    test('hears twice in its time that the program does not hang, until that ends', async ({
      folder,
    }) => {
      const name = folder.at('notify')
      const run = await listen(name)
      const manager = await ServiceManager.find({
        NOTIFY_SOCKET: name,
        WATCHDOG_USEC,
        WATCHDOG_PID: String(process.pid),
      })
      vi.advanceTimersByTime(14_999)
      manager.status('one')
      vi.advanceTimersByTime(15_001)
      manager.status('two')
      manager[Symbol.dispose]()
      expect(vi.getTimerCount()).toBe(0)
      await run.says('stdout', /two/)
      const alive = 'WATCHDOG=1'
      expect(heard(run)).toEqual([alive, 'STATUS=one', alive, alive, 'STATUS=two'])
    })

    test.for([
      {},
      { WATCHDOG_USEC, WATCHDOG_PID: '1' }, // of the program that has started us
    ])('for another process, or none, hears nothing of it: %j', async (watchdog, { folder }) => {
      const run = await listen(folder.at('notify'))
      using manager = await ServiceManager.find({
        NOTIFY_SOCKET: folder.at('notify'),
        ...watchdog,
      })
      expect(vi.getTimerCount()).toBe(0)
      manager.status('one')
      await run.says('stdout', /one/)
      expect(heard(run)).toEqual(['STATUS=one'])
    })
  })
})

test('without a service manager nothing is told, and no watchdog kept', async () => {
  using manager = await ServiceManager.find({ WATCHDOG_USEC: '1000' })
  manager.ready('waits')
  manager.stopping('ends')
})

test.for(['vsock:2:1234', 'relative', `/${'long'.repeat(30)}`])(
  'an address that is none is refused: %s',
  async (NOTIFY_SOCKET) => {
    await expect(ServiceManager.find({ NOTIFY_SOCKET })).rejects.toMatchObject({ exitCode: 64 })
  },
)

test('what is told keeps no program alive', async ({ folder }) => {
  const module = fileURLToPath(new URL('../../src/cli/systemd.ts', import.meta.url))
  const program = `
    import { ServiceManager } from ${JSON.stringify(module)}
    await ServiceManager.find({ NOTIFY_SOCKET: '${folder.at('nobody')}', WATCHDOG_USEC: '60000000' })`
  const args = ['--import', 'tsx', '--input-type=module', '--eval', program]
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})
