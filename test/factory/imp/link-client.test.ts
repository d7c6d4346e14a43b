import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createSocketServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { FactoryError } from '../../../src/factory/errors.js'
import { LinkClient, RefusedError, type Session } from '../../../src/factory/imp/link-client.js'
import type { ConnectAnswer, ConnectRequest } from '../../../src/factory/link/messages.js'
import { scaledTime } from '../../helpers/scaled-time.js'

const REQUEST: ConnectRequest = {
  deviceId: '600a0c2a690a1b2c',
  macAddress: '0c2a690a1b2c',
  impType: 'imp004m',
  swVersion: '42',
  enrollment: null,
}
const ANSWER: ConnectAnswer = {
  session: 'secret',
  role: 'dut',
  deviceGroupId: 'group',
  agentUrl: 'http://127.0.0.1/agent',
  configparams: {},
}
const NEVER = new AbortController().signal

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

type Serve = (request: IncomingMessage, response: ServerResponse) => void

/** A server that answers so, and all that was asked of it. */
async function served(serve: Serve): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text) => {
      body += text
    })
    request.on('end', () => {
      const { method, url, headers } = request
      asked.push([method, url, headers.authorization, body].filter(Boolean).join(' '))
      serve(request, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const answering =
  (body: unknown, status = 200): Serve =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }

/** Answers the first request as a server does, and the others so. */
const afterConnect = (serve: Serve): Serve => {
  let isConnected = false
  return (request, response) => {
    const answer = isConnected ? serve : answering(ANSWER)
    isConnected = true
    answer(request, response)
  }
}

async function connected(
  serve: Serve,
  timeFactor = 1,
): Promise<{ session: Session; asked: string[] }> {
  const { url, asked } = await served(afterConnect(serve))
  const session = await new LinkClient(url, scaledTime(timeFactor)).connect(REQUEST, NEVER)
  return { session, asked }
}

const errorOf = (work: Promise<unknown>): Promise<FactoryError> =>
  work.then(
    () => expect.fail('it did not fail'),
    (error) => error,
  )

const FOREIGN =
  /^what answers at http:\/\/127.0.0.1:\d+ is not the server of these devices: check its address$/
const NOBODY = /^nothing answers at http:\/\/127.0.0.1:\d+: start the server, or check its address$/

describe('the address of the server', () => {
  test.each(['', 'localhost', '127.0.0.1:80', 'ftp://x', 'http://', 'file:///x'])(
    '%j is none',
    (url) => {
      expect(() => new LinkClient(url)).toThrow(
        expect.objectContaining({
          code: 'wrong-argument',
          message: expect.stringMatching(/^give /),
        }),
      )
    },
  )

  test.each(['', '/', '/base', '/base/'])('may end with %j', async (path) => {
    const { url, asked } = await served(answering(ANSWER))
    await new LinkClient(url + path).connect(REQUEST, NEVER)
    const base = path.replace(/\/$/, '')
    expect(asked).toEqual([`POST ${base}/link/connect ${JSON.stringify(REQUEST)}`])
  })
})

describe('calls', () => {
  test('are made as the contract has them, with the session', async () => {
    const { session, asked } = await connected((request, response) => {
      const answers: Record<string, unknown> = {
        '/link/bless': { blessed: true, loadCodeAfterBlessing: false },
        '/link/factory-token': { planId: 'a'.repeat(16), token: 'b'.repeat(16) },
      }
      answering(answers[request.url ?? ''] ?? {})(request, response)
    })
    await session.log({ kind: 'error', text: 'oops' }, NEVER)
    await session.message({ name: 'result', data: [1, null] }, NEVER)
    expect(await session.bless(true, NEVER)).toEqual({
      blessed: true,
      loadCodeAfterBlessing: false,
    })
    expect(await session.factoryToken(NEVER)).toMatchObject({ token: 'b'.repeat(16) })
    await session.close()
    expect(asked.slice(1)).toEqual([
      'POST /link/log Bearer secret {"kind":"error","text":"oops"}',
      'POST /link/message Bearer secret {"name":"result","data":[1,null]}',
      'POST /link/bless Bearer secret {"success":true}',
      'POST /link/factory-token Bearer secret {}',
      'DELETE /link/session Bearer secret',
    ])
  })

  test.each([
    [401, 'token-unknown'],
    [403, 'not-a-fixture'],
    [500, 'failing'],
  ] as const)('that are refused with %i tell why: %s', async (status, code) => {
    const { url } = await served(answering({ error: { code, message: 'no, as I say' } }, status))
    const error = await errorOf(new LinkClient(url).connect(REQUEST, NEVER))
    expect(error).toBeInstanceOf(RefusedError)
    expect(error).toMatchObject({ code: 'refused', refusal: code, message: 'no, as I say' })
  })

  test.each<[string, Serve]>([
    ['a page', answering('<html>hello</html>')],
    ['nothing', answering('')],
    ['other JSON', answering({ hello: 'world' })],
    ['a member too many', answering({ ...ANSWER, more: 1 })],
    ['a role that is none', answering({ ...ANSWER, role: 'boss' })],
    ['a page that is not found', answering('Not Found', 404)],
    ['a refusal that is none', answering({ error: 'no' }, 500)],
    ['a refusal of no known kind', answering({ error: { code: 'because', message: 'no' } }, 400)],
    ['more than can be', answering(JSON.stringify('x'.repeat(2 ** 21)))],
    [
      'a redirection',
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    ],
  ])('that are answered with %s have found something else', async (_, serve) => {
    const { url } = await served(serve)
    const error = await errorOf(new LinkClient(url).connect(REQUEST, NEVER))
    expect(error).toBeInstanceOf(FactoryError)
    expect(error.code).toBe('unreachable')
    expect(error.message).toMatch(FOREIGN)
  })

  test('have found nothing where nobody listens, hangs up, or speaks no HTTP', async () => {
    const { url } = await served((request) => request.socket.destroy())
    const shouting = createSocketServer((socket) => socket.end('220 hello\r\n'))
    await new Promise<void>((resolve) => shouting.listen(0, '127.0.0.1', resolve))
    closing.push(() => shouting.close())
    const { port } = shouting.address() as AddressInfo
    for (const address of [url, `http://127.0.0.1:${port}`, 'http://127.0.0.1:1']) {
      const error = await errorOf(new LinkClient(address).connect(REQUEST, NEVER))
      expect(error).toMatchObject({ code: 'unreachable', message: expect.stringMatching(NOBODY) })
    }
  })

  test('have found nothing where no answer comes in 10 s', async () => {
    const { url } = await served(() => {})
    const time = scaledTime(100)
    const fromMs = time.nowMs()
    const error = await errorOf(new LinkClient(url, time).connect(REQUEST, NEVER))
    expect(error).toMatchObject({ code: 'unreachable', message: expect.stringMatching(NOBODY) })
    expect(time.nowMs() - fromMs).toBeGreaterThanOrEqual(9999)
  })

  test('end with the reason of the signal', async () => {
    const { url } = await served(() => {})
    const end = new AbortController()
    const reason = new Error('enough')
    const connecting = new LinkClient(url).connect(REQUEST, end.signal)
    end.abort(reason)
    expect(await errorOf(connecting)).toBe(reason)
  })
})

describe('events', () => {
  /** All events, and the error at their end. */
  async function eventsOf(serve: Serve, signal = NEVER, timeFactor = 1) {
    const { session } = await connected(serve, timeFactor)
    const events: unknown[] = []
    const error = await errorOf(
      (async () => {
        for await (const event of session.events(signal, () => events.push('online'))) {
          events.push(event)
        }
      })(),
    )
    return { events, error }
  }

  test('come as lines, however they are cut', async () => {
    const text =
      '{"event":"ping"}\n{"event":"message","name":"é","data":{"a":[1]}}\n{"event":"restart"}\n'
    const bytes = Buffer.from(text)
    for (const length of [1, 7, bytes.length]) {
      const { events, error } = await eventsOf((_, response) => {
        for (let at = 0; at < bytes.length; at += length) {
          response.write(bytes.subarray(at, at + length))
        }
        response.end()
      })
      expect(events).toEqual([
        'online',
        { event: 'ping' },
        { event: 'message', name: 'é', data: { a: [1] } },
        { event: 'restart' },
      ])
      expect(error).toMatchObject({
        code: 'unreachable',
        message: 'the server has ended the connection',
      })
    }
  })

  test.each([
    ['another event', '{"event":"ping"}\n{"event":"run","code":"rm"}\n'],
    ['no JSON', 'data: hello\n'],
    ['a line without an end', 'x'.repeat(2 ** 20 + 1)],
  ])('are over with %s', async (_, text) => {
    const { error } = await eventsOf((_, response) => void response.write(text))
    expect(error).toMatchObject({ code: 'unreachable', message: expect.stringMatching(FOREIGN) })
  })

  test('are over when the session is', async () => {
    const refusal = { error: { code: 'session-over', message: 'connect again' } }
    const { events, error } = await eventsOf(answering(refusal, 401))
    expect(events).toEqual([])
    expect(error).toMatchObject({ code: 'refused', refusal: 'session-over' })
  })

  test('are over after 15 s of silence', async () => {
    const time = scaledTime(100)
    const fromMs = time.nowMs()
    const { events, error } = await eventsOf(
      (_, response) => void response.write('{"event":"ping"}\n'),
      NEVER,
      100,
    )
    expect(events).toEqual(['online', { event: 'ping' }])
    expect(error).toMatchObject({ code: 'unreachable', message: expect.stringMatching(NOBODY) })
    expect(time.nowMs() - fromMs).toBeGreaterThanOrEqual(14_999)
  })

  test('are over when the connection breaks, and with the reason of the signal', async () => {
    const broken = await eventsOf((request, response) => {
      response.write('{"event":"ping"}\n')
      setTimeout(() => request.socket.destroy(), 50)
    })
    expect(broken.events).toEqual(['online', { event: 'ping' }])
    expect(broken.error.code).toBe('unreachable')
    const end = new AbortController()
    const reason = new Error('enough')
    const ended = eventsOf((_, response) => {
      response.write('{"event":"ping"}\n')
      setTimeout(() => end.abort(reason), 50)
    }, end.signal)
    expect((await ended).error).toBe(reason)
  })
})
