import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { AgentRequest } from '../../../src/factory/api/firmware.js'
import type { AgentHost, Said } from '../../../src/factory/api/host.js'
import { runAgent } from '../../../src/factory/api/run-agent.js'
import type { AgentApi, AgentFirmware, HttpResponse } from '../../../src/factory/index.js'
import { machineTimebase, type Timebase } from '../../../src/rig/timebase.js'
import { Deferred } from '../../helpers/device-host.js'
import { VirtualTime } from '../../rig/bridge/hostile/clocks.js'

const AGENT_URL = 'http://localhost:1/agent/abc'
const PARAMS = { deviceid: '3000d8c46a000001', factoryfirmware: true }
const REQUEST: AgentRequest = {
  method: 'POST',
  path: '/testresult.json',
  query: { a: '1' },
  headers: { 'content-type': 'application/json' },
  body: '{"success":true}',
}

const stopping: (() => void)[] = []
afterEach(() => {
  for (const stop of stopping.splice(0)) stop()
})

/** An agent of this firmware, and all that it did. */
function agent(firmware: AgentFirmware, timebase: Timebase = machineTimebase) {
  const events: unknown[][] = []
  const host: AgentHost = {
    agentUrl: AGENT_URL,
    configparams: PARAMS,
    timebase,
    isDeviceConnected: true,
    say: ({ kind, text }: Said) => void events.push([kind, text]),
    send: async (name, data) => {
      events.push(['sent', name, data])
      return name !== 'lost'
    },
    restart: (reason) => void events.push(['restart', reason]),
  }
  const running = runAgent(firmware, host)
  stopping.push(() => running.stop())
  const all = (kind: string) => events.flatMap(([what, value]) => (what === kind ? [value] : []))
  return { running, events, all }
}

/** What one call of a firmware has come to. */
async function outcome(call: (api: AgentApi) => unknown): Promise<unknown> {
  const result = new Deferred<unknown>()
  agent(async (api) => {
    try {
      result.resolve(await call(api))
    } catch (error) {
      result.resolve(error)
    }
  })
  return result.promise
}

describe('a request to the agent', () => {
  test('is called back with, and answered', async () => {
    const { running } = agent(({ http }) =>
      http.onrequest((request, response) => {
        response.header('X-Served-By', 'agent')
        response.send(201, JSON.stringify(request))
      }),
    )
    expect(await running.request(REQUEST)).toEqual({
      statusCode: 201,
      headers: { 'x-served-by': 'agent' },
      body: JSON.stringify(REQUEST),
    })
  })

  test('may be answered later', async () => {
    const { running } = agent(({ http, imp }) =>
      http.onrequest((_, response) => void imp.wakeup(0.01, () => response.send(200, 'OK'))),
    )
    expect(await running.request(REQUEST)).toMatchObject({ statusCode: 200, body: 'OK' })
  })

  test('that nobody handles is 404, and told', async () => {
    const { running, all } = agent(() => {})
    expect(await running.request(REQUEST)).toMatchObject({ statusCode: 404 })
    expect(all('hint')).toEqual([expect.stringContaining('no handler for POST /testresult.json')])
  })

  test('that ends in an exception is 503, and restarts the agent', async () => {
    const { running, all } = agent(({ http }) =>
      http.onrequest(({ body }) => {
        throw new Error(body)
      }),
    )
    const [first, second] = [running.request(REQUEST), running.request(REQUEST)]
    expect(await first).toMatchObject({ statusCode: 503 })
    expect(await second).toMatchObject({ statusCode: 503 })
    expect(all('restart')).toEqual([expect.stringContaining(REQUEST.body)])
    expect(all('error')).toHaveLength(1)
    expect(await running.request(REQUEST)).toMatchObject({ statusCode: 503 })
  })

  test('that is not answered in time is 504', async () => {
    const time = new VirtualTime()
    stopping.push(() => time.stop())
    const { running } = agent(({ http }) => http.onrequest(() => {}), time)
    expect(await running.request(REQUEST)).toMatchObject({ statusCode: 504 })
    expect(time.nowMs()).toBe(60_000)
  })

  test('is answered once', async () => {
    const { running, all } = agent(({ http }) =>
      http.onrequest((_, response) => {
        response.send(200, 'first')
        response.send(500, 'second')
      }),
    )
    expect(await running.request(REQUEST)).toMatchObject({ body: 'first' })
    expect(all('hint')).toEqual([expect.stringContaining('sent already')])
  })

  test.each([0, 99, 199, 600, 200.5])('is not answered with status %d', async (statuscode) => {
    const { running, all } = agent(({ http }) =>
      http.onrequest((_, response) => response.send(statuscode, '')),
    )
    expect(await running.request(REQUEST)).toMatchObject({ statusCode: 503 })
    expect(all('error')).toEqual([expect.stringContaining('status code')])
  })
})

describe('its device', () => {
  test('is heard and answered', async () => {
    const { running, events, all } = agent(({ device, server }) => {
      device.on<{ success: boolean }>('result', async ({ success }) => {
        server.log(await device.send('thanks', { success }))
        server.log(await device.send('lost'))
      })
      device.onconnect(() => server.log('comes'))
      device.ondisconnect(() => server.log('goes'))
      server.log(device.isconnected())
    })
    running.setDeviceConnected(true)
    running.deliver('result', { success: true })
    running.setDeviceConnected(false)
    await expect.poll(() => all('log')).toEqual(['true', 'comes', '0', '1', 'goes'])
    expect(events).toContainEqual(['sent', 'thanks', { success: true }])
  })

  test('that sends what nobody handles is told of', async () => {
    const { running, all } = agent(({ device }) => device.on('clear.test.resluts', () => {}))
    running.deliver('clear.test.results', null)
    await expect
      .poll(() => all('hint'))
      .toEqual([expect.stringContaining('no handler for "clear.test.results"')])
  })
})

describe('what the agent knows', () => {
  test('from the start', async () => {
    const read = await outcome(({ imp, http, ENVIRONMENT_AGENT, date, time }) => [
      imp.configparams,
      'factory_fixture_url' in imp.configparams,
      imp.environment() === ENVIRONMENT_AGENT,
      http.agenturl(),
      date().time - time() < 2,
    ])
    expect(read).toEqual([PARAMS, false, true, AGENT_URL, true])
  })

  test('JSON and forms, there and back', async () => {
    const { http } = (await outcome((api) => ({ http: api.http }))) as Pick<AgentApi, 'http'>
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        expect(http.jsondecode(http.jsonencode(data))).toEqual(JSON.parse(JSON.stringify(data)))
      }),
    )
    const key = fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed())
    fc.assert(
      fc.property(fc.array(fc.tuple(key, key)), (entries) => {
        const table = Object.fromEntries(entries)
        expect(http.urldecode(http.urlencode(table))).toEqual(table)
      }),
    )
    expect(http.urlencode({ a: 1, b: true, c: 'd e&' })).toBe('a=1&b=true&c=d+e%26')
  })

  test.each(['', '{', '{"a":}', 'undefined'])('not what %j would be as JSON', async (text) => {
    expect(await outcome(({ http }) => http.jsondecode(text))).toBeInstanceOf(SyntaxError)
  })
})

describe('a request of the agent', () => {
  let server: Server | undefined
  afterEach(() => {
    server?.closeAllConnections()
    server?.close()
  })

  /** A server that answers 418 with what it was asked, or never. */
  async function listening(answers = true): Promise<string> {
    server = createServer(async (request: IncomingMessage, response) => {
      const { method, url, headers } = request
      const body = await text(request)
      if (!answers) return
      response.writeHead(418, { 'x-tea': 'pot' })
      response.end(JSON.stringify({ method, url, key: headers['x-key'], body }))
    })
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  const HEADERS = { 'X-Key': 'k' }

  test.each<[string, string | undefined, (api: AgentApi, url: string) => Promise<HttpResponse>]>([
    ['GET', '', ({ http }, url) => http.get(url, HEADERS).sendsync()],
    ['PUT', 'b', ({ http }, url) => http.put(url, HEADERS, 'b').sendsync()],
    ['POST', 'b', ({ http }, url) => http.post(url, HEADERS, 'b').sendsync()],
    ['PATCH', 'b', ({ http }, url) => http.request('PATCH', url, HEADERS, 'b').sendsync()],
    [
      'POST',
      'b',
      ({ http }, url) => new Promise((resolve) => http.post(url, HEADERS, 'b').sendasync(resolve)),
    ],
  ])('%s comes back with status, headers and body', async (method, body, call) => {
    const url = await listening()
    expect(await outcome((api) => call(api, `${url}/path?q=1`))).toMatchObject({
      statuscode: 418,
      headers: { 'x-tea': 'pot' },
      body: JSON.stringify({ method, url: '/path?q=1', key: 'k', body }),
    })
  })

  test('that is waited for holds up all callbacks, and what waits goes on first', async () => {
    const url = await listening()
    const { running, all } = agent(async ({ http, server, device }) => {
      device.on('a', () => server.log('callback'))
      server.log('asks')
      const { statuscode } = await http.get(url).sendsync()
      server.log(statuscode)
    })
    running.deliver('a', null)
    await expect.poll(() => all('log')).toEqual(['asks', '418', 'callback'])
  })

  test('to nobody has a status below 100, and the reason', async () => {
    const url = await listening()
    server?.close()
    expect(await outcome(({ http }) => http.get(url).sendsync())).toMatchObject({
      statuscode: 7,
      body: expect.stringContaining('ECONNREFUSED'),
    })
  })

  test('that nobody answers in time has a status below 100', async () => {
    const url = await listening(false)
    const time: Timebase = { ...machineTimebase, sleep: async () => {} }
    const { all } = agent(async ({ http, server }) => {
      server.log((await http.get(url).sendsync()).statuscode)
    }, time)
    await expect.poll(() => all('log')).toEqual(['28'])
  })

  test('ends with the agent, and is not called back', async () => {
    const url = await listening(false)
    const gone = new Promise<void>((resolve) =>
      server?.once('request', (request) => {
        request.once('close', resolve)
        running.stop()
      }),
    )
    const { running, events } = agent(({ http, server }) =>
      http.get(url).sendasync(() => server.log('late')),
    )
    await gone
    expect(events).toEqual([])
  })

  test.each<[string, (api: AgentApi) => unknown]>([
    ['no URL', ({ http }) => http.get('localhost/x')],
    ['a URL of another kind', ({ http }) => http.get('file:///etc/hosts')],
    ['a body that is no text', ({ http }) => http.post('http://localhost', {}, {} as never)],
    ['no function', ({ http }) => http.get('http://localhost').sendasync(1 as never)],
    ['no handler', ({ http }) => http.onrequest(1 as never)],
    ['what JSON cannot say', ({ http }) => http.jsonencode(undefined)],
    ['no name', ({ device }) => device.on(1 as never, () => {})],
    ['no callback', ({ device }) => device.onconnect(1 as never)],
    ['a time that is none', ({ imp }) => imp.wakeup(-1, () => {})],
    ['a timer that is none', ({ imp }) => imp.cancelwakeup(1 as never)],
  ])('is not made of %s', async (_, call) => {
    expect(await outcome(call)).toMatchObject({ code: 'wrong-argument' })
  })
})

test('an agent that has ended does nothing any more', async () => {
  const time = new VirtualTime()
  stopping.push(() => time.stop())
  const { running, events } = agent(({ imp, server }) => {
    imp.wakeup(1, () => server.log('late'))
  }, time)
  await time.sleep(500)
  running.stop()
  running.deliver('a', null)
  running.setDeviceConnected(true)
  await time.sleep(1000)
  expect(events).toEqual([])
})
