import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DeviceApi } from '../../../src/factory/index.js'
import { Deferred, FakeHost } from '../../helpers/device-host.js'

function offline(connects = true): FakeHost {
  const host = new FakeHost()
  host.isConnected = false
  host.connects = connects
  return host
}

const whatHappened = (host: FakeHost) =>
  host.events.filter(([what]) => ['connect', 'to server', 'sent'].includes(String(what)))

describe('what a device sends', () => {
  test('goes out at once, in its order', async () => {
    const host = new FakeHost().run(async ({ agent, server }) => {
      server.log('a')
      agent.send('b', { c: [1, null] })
      server.error('d')
      server.log(await agent.send('e'))
    })
    await host.after(1)
    expect(whatHappened(host)).toEqual([
      ['to server', { kind: 'log', text: 'a' }],
      ['sent', 'b', { c: [1, null] }],
      ['to server', { kind: 'error', text: 'd' }],
      ['sent', 'e', null],
      ['to server', { kind: 'log', text: '0' }],
    ])
  })

  test('waits for the connection, in its order, and the firmware with it', async () => {
    const host = offline(false)
    host.run(({ agent, server, imp }) => {
      server.log('a')
      agent.send('b')
      imp.wakeup(0.1, () => void server.log('c'))
    })
    await host.after(5)
    expect(host.all('log')).toEqual(['a'])
    host.connects = true
    await host.after(5)
    expect(whatHappened(host).filter(([what]) => what !== 'connect')).toEqual([
      ['to server', { kind: 'log', text: 'a' }],
      ['sent', 'b', null],
      ['to server', { kind: 'log', text: 'c' }],
    ])
  })

  test('is an error at once where the firmware does not want to wait', async () => {
    const host = offline()
    host.run(
      async ({ agent, server, RETURN_ON_ERROR, WAIT_TIL_SENT, SEND_ERROR_NOT_CONNECTED }) => {
        server.setsendtimeoutpolicy(RETURN_ON_ERROR, WAIT_TIL_SENT, 10)
        const errors = [await server.log('a'), await agent.send('b')]
        server.log(errors.every((error) => error === SEND_ERROR_NOT_CONNECTED))
      },
    )
    await host.after(1)
    expect(whatHappened(host)).toEqual([])
    expect(host.all('log')).toEqual(['a', 'true'])
  })

  test('that is lost on its way is an error', async () => {
    const host = new FakeHost()
    host.server.send = async () => false
    host.run(async ({ agent, server, SEND_ERROR_NOT_CONNECTED }) => {
      server.log((await agent.send('b')) === SEND_ERROR_NOT_CONNECTED)
    })
    await host.after(1)
    expect(host.all('log')).toEqual(['true'])
  })

  test('stops with the firmware', async () => {
    const host = offline(false)
    host.run(({ server }) => void server.log('a'))
    await host.after(5)
    host.stop()
    const attempts = host.all('connect').length
    host.connects = true
    await host.after(10)
    expect(host.all('to server')).toEqual([])
    expect(host.all('connect').length).toBeLessThanOrEqual(attempts + 1)
  })

  test('is anything that JSON can say, as a copy', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.jsonValue(), async (name, data) => {
        const host = new FakeHost().run(({ agent }) => void agent.send(name, data))
        await host.after(1)
        host.timebase.stop()
        const expected = JSON.parse(JSON.stringify(data))
        expect(host.events).toEqual([['sent', name, expected]])
      }),
    )
  })

  test.each<[string, (api: DeviceApi) => unknown]>([
    ['a function', ({ agent }) => agent.send('a', () => {})],
    [
      'a circle',
      ({ agent }) => {
        const circle: unknown[] = []
        circle.push(circle)
        return agent.send('a', circle)
      },
    ],
    ['a name that is none', ({ agent }) => agent.send(1 as never)],
    ['no function', ({ agent }) => agent.on('a', 1 as never)],
    [
      'a policy that is none',
      (api) => api.server.setsendtimeoutpolicy(api.WAIT_TIL_SENT as never, api.WAIT_TIL_SENT, 1),
    ],
    [
      'a time that is none',
      (api) => api.server.setsendtimeoutpolicy(api.RETURN_ON_ERROR, api.WAIT_TIL_SENT, -1),
    ],
    ['no time to connect', ({ server }) => server.connect(null, -1)],
    ['no function to connect', ({ server }) => server.connect(1 as never)],
  ])('is not %s', async (_, call) => {
    const host = new FakeHost().run(async (api) => {
      await call(api)
    })
    await host.after(1)
    expect(host.all('restart')).toEqual([expect.stringMatching(/^(agent|server)\.\w+: give /)])
  })
})

describe('what an agent sends', () => {
  test('is called back with, one after another', async () => {
    const host = new FakeHost().run(({ agent, server }) => {
      agent.on<{ n: number }>('a', ({ n }) => void server.log(n))
      agent.on('b', () => void server.log('replaced'))
      agent.on('b', (data) => void server.log(data))
    })
    await host.after(1)
    host.server.onMessage('a', { n: 1 })
    host.server.onMessage('b', 'two')
    await host.after(1)
    expect(host.all('log')).toEqual(['1', 'two'])
  })

  test('that nobody handles is told', async () => {
    const host = new FakeHost().run(({ agent }) => agent.on('clear.test.resluts', () => {}))
    await host.after(1)
    host.server.onMessage('clear.test.results', null)
    await host.after(1)
    expect(host.all('hint')).toEqual([
      expect.stringContaining('no handler for "clear.test.results"'),
    ])
  })

  test('before the firmware has begun waits for it', async () => {
    const host = new FakeHost().run(({ agent, server }) =>
      agent.on('a', () => void server.log('here')),
    )
    host.server.onMessage('a', null)
    await host.after(1)
    expect(host.all('log')).toEqual(['here'])
  })
})

describe('the connection', () => {
  test.each([
    [true, 'SERVER_CONNECTED'],
    [false, 'NO_SERVER'],
  ] as const)('is made, or not: %s', async (connects, result) => {
    const host = offline(connects).run(async (api) => {
      const { server } = api
      host.events.push(['result', (await server.connect()) === api[result]])
      server.connect((how) => void host.events.push(['result', how === api[result]]), 5)
      host.events.push(['is', server.isconnected()])
    })
    await host.after(1)
    expect(host.all('result')).toEqual([true, true])
    expect(host.all('is')).toEqual([connects])
  })

  test('is ended', async () => {
    const host = new FakeHost().run(async ({ server }) => {
      await server.disconnect()
      host.events.push(['is', server.isconnected()])
    })
    await host.after(1)
    expect(host.all('is')).toEqual([false])
  })

  test('that is waited for holds up all callbacks', async () => {
    const host = offline()
    const connected = new Deferred<boolean>()
    host.server.connect = () => connected.promise
    host.run(async ({ server, imp }) => {
      imp.wakeup(1, () => void host.events.push(['callback']))
      await server.connect()
      host.events.push(['goes on'])
    })
    await host.after(5)
    expect(host.events).toEqual([])
    connected.resolve(true)
    await host.after(1)
    expect(host.events).toEqual([['goes on'], ['callback']])
  })
})
