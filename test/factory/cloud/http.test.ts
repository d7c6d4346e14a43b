import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { test as base, describe, expect } from 'vitest'
import type { Answer, Exchange, TextStream } from '../../../src/factory/cloud/exchange.js'
import { checkHost, isLoopback, MOST_BODY_BYTES, serve } from '../../../src/factory/cloud/http.js'
import { Refused } from '../../../src/factory/cloud/refused.js'

interface Served {
  readonly port: number
  /** What was asked, and done. */
  readonly asked: Exchange[]
  readonly failures: unknown[]
  readonly streams: TextStream[]
}

/** A minute, as a small machine is no slow client. */
const test = base.extend<{ timeoutMs: number; served: Served }>({
  timeoutMs: 60_000,
  served: async ({ timeoutMs }, use) => {
    const asked: Exchange[] = []
    const failures: unknown[] = []
    const streams: TextStream[] = []
    const server: Server = await serve({
      host: '127.0.0.1',
      port: 0,
      headersTimeoutMs: timeoutMs,
      requestTimeoutMs: timeoutMs,
      handle: async (exchange): Promise<Answer> => {
        asked.push(exchange)
        if (exchange.path === '/throw') throw new Error('a bug')
        if (exchange.path === '/stream') {
          return { contentType: 'text/plain', stream: (stream) => streams.push(stream) }
        }
        return { status: 200, body: { length: exchange.body.length } }
      },
      refusal: ({ status, code, headers }) => ({ status, headers, body: code }),
      onFailure: (error) => failures.push(error),
    })
    await use({ port: (server.address() as AddressInfo).port, asked, failures, streams })
    server.close()
    server.closeAllConnections()
  },
})

const HOST = 'Host: localhost\r\n'

async function open({ port }: Served): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

/** Says this to the server, and hears all that it answers until it closes. */
async function say(served: Served, bytes: string): Promise<string> {
  const socket = await open(served)
  socket.write(bytes)
  return text(socket)
}

describe('a client that is slow', () => {
  test.extend({ timeoutMs: 200 }).for([
    ['says nothing', ''],
    ['never ends its head', `POST /a HTTP/1.1\r\n${HOST}`],
    ['never ends its body', `POST /a HTTP/1.1\r\n${HOST}Content-Length: 10\r\n\r\nshort`],
    [
      'never ends its chunks',
      `POST /a HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n5\r\nshort`,
    ],
  ])('and %s is answered 408, and nothing is done', async ([, bytes = ''], { served }) => {
    expect(await say(served, bytes)).toMatch(/^HTTP\/1.1 408 /)
    expect(served.asked).toEqual([])
  })

  test('and goes before its request is whole is forgotten', async ({ served }) => {
    const socket = await open(served)
    socket.write(`POST /a HTTP/1.1\r\n${HOST}Content-Length: 10\r\n\r\nshort`)
    socket.destroy()
    await once(socket, 'close')
    expect(await (await fetch(`http://127.0.0.1:${served.port}/b`)).json()).toEqual({ length: 0 })
    expect(served.asked.map(({ path }) => path)).toEqual(['/b'])
    expect(served.failures).toEqual([])
  })

  test('to read a stream loses it, and costs no memory', async ({ served }) => {
    const socket = await open(served)
    socket.write(`GET /stream HTTP/1.1\r\n${HOST}\r\n`)
    await once(socket, 'data')
    socket.pause()
    const [stream] = served.streams
    let isEnded = false
    const ended = stream?.ended.then(() => {
      isEnded = true
    })
    for (let i = 0; i < 100; i++) {
      stream?.write('x'.repeat(2 ** 20))
      await new Promise((resolve) => setImmediate(resolve))
      if (isEnded) break
    }
    await ended
    socket.destroy()
  })
})

describe('what is no request', () => {
  test.for([
    ['nonsense\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\n${HOST}X: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    [`POST / HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\n`, 400],
  ] as const)('is answered by its number of HTTP', async ([bytes, status], { served }) => {
    expect(await say(served, bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(served.asked).toEqual([])
  })

  test('is a body that is too large, with its length told or not; the next one is taken', async ({
    served,
  }) => {
    const url = `http://127.0.0.1:${served.port}/`
    const whole = 'x'.repeat(MOST_BODY_BYTES)
    for (const body of [`${whole}x`, whole.repeat(20)]) {
      const response = await fetch(url, { method: 'POST', body })
      expect([response.status, await response.text()]).toEqual([413, 'too-large'])
    }
    const chunks = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 2; i++) controller.enqueue(Buffer.from(whole))
        controller.close()
      },
    })
    const init = { method: 'POST', body: chunks, duplex: 'half' }
    expect((await fetch(url, init as RequestInit)).status).toBe(413)
    expect(served.asked).toEqual([])
    const taken = await fetch(url, { method: 'POST', body: whole })
    expect(await taken.json()).toEqual({ length: MOST_BODY_BYTES })
  })

  test('is one to another host, as a page gets here by a name of its own', async ({ served }) => {
    const request = (host: string) => `GET / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`
    expect(await say(served, request('Host: evil.example\r\n'))).toMatch(/^HTTP\/1.1 403 /)
    expect(await say(served, request('Host: localhost:1\r\n'))).toMatch(/^HTTP\/1.1 200 /)
    expect(served.asked).toHaveLength(1)
  })
})

test('a bug is told of, and not to the client', async ({ served }) => {
  const response = await fetch(`http://127.0.0.1:${served.port}/throw`)
  expect([response.status, await response.text()]).toEqual([500, 'failing'])
  expect(served.failures).toMatchObject([{ message: 'a bug' }])
})

test.for([
  ['127.0.0.1', true],
  ['127.0.0.1:80', true],
  ['[::1]:80', true],
  ['192.168.1.5:8080', true],
  ['localhost', true],
  ['LOCALHOST:1', true],
  ['localhost.evil.example', false],
  ['127.0.0.1.evil.example', false],
  ['evil.example:80', false],
  ['', false],
  [undefined, false],
] as const)('the host %s is ours: %s', ([host, isOurs]) => {
  if (isOurs) expect(() => checkHost(host)).not.toThrow()
  else expect(() => checkHost(host)).toThrow(Refused)
})

test.each([
  ['127.0.0.1', true],
  ['127.8.0.1', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['127.example', false],
  ['localhost.example', false],
])('%s is this computer alone: %s', (host, isAlone) => {
  expect(isLoopback(host)).toBe(isAlone)
})
