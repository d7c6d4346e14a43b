import { once } from 'node:events'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { hostname } from 'node:os'
import { describe, expect } from 'vitest'
import { EventFeed } from '../../src/web/event-feed.js'
import { PageServer, Refusal } from '../../src/web/page-server.js'
import { test as base } from '../helpers/folder.js'

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** A server with one route of each kind, and what its action was asked for. */
interface Served {
  readonly server: PageServer
  readonly acted: unknown[]
  readonly failures: unknown[]
  readonly feed: EventFeed
  ask(path: string, asked?: Asked): Promise<Answered>
  /** With all that a page of the server sends. */
  post(path: string, asked?: Asked): Promise<Answered>
}

const test = base.extend<{ served: Served }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
  served: async ({}, use) => {
    const acted: unknown[] = []
    const failures: unknown[] = []
    const feed = new EventFeed(() => [{ name: 'greeting', data: 'hello' }])
    const server = await PageServer.open({
      routes: {
        '': { kind: 'content', type: 'text/html', read: () => '<p>page' },
        'file.csv': {
          kind: 'content',
          type: 'text/csv',
          fileName: 'file.csv',
          read: (query) => [`${query.get('n')}\n`, 'end\n'],
        },
        broken: {
          kind: 'content',
          type: 'text/plain',
          read: () => {
            throw new Error('of ours')
          },
        },
        events: { kind: 'events', feed },
        do: {
          kind: 'action',
          act: (input) => {
            if (input === 'no') throw new Refusal(409, 'not now')
            acted.push(input)
          },
        },
      },
      onFailure: (error) => failures.push(error),
    })
    const base = new URL(server.url)
    const ask: Served['ask'] = (path, { method = 'GET', headers = {}, body } = {}) =>
      new Promise((resolve, reject) => {
        const options = { host: base.hostname, port: base.port, path, method, headers }
        const asking = request(options, (response) => {
          let text = ''
          response.setEncoding('utf8').on('data', (chunk) => {
            text += chunk
          })
          response.on('end', () => {
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text })
          })
        })
        asking.on('error', reject)
        asking.end(body)
      })
    const post: Served['post'] = (path, { headers = {}, ...asked } = {}) =>
      ask(path, {
        method: 'POST',
        headers: { origin: base.origin, 'content-type': 'application/json', ...headers },
        body: '{"do":"it"}',
        ...asked,
      })
    await use({ server, acted, failures, feed, ask, post })
    await server[Symbol.asyncDispose]()
  },
})

const pathOf = ({ server }: Served, name = ''): string => new URL(name, server.url).pathname

describe('whoever knows the URL', () => {
  test('gets the page, which may load nothing from elsewhere', async ({ served }) => {
    const { status, headers, body } = await served.ask(pathOf(served))
    expect([status, body]).toEqual([200, '<p>page'])
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; .*frame-ancestors 'none'$/,
    )
    expect(headers).not.toHaveProperty('access-control-allow-origin')
  })

  test('gets a file in pieces, to be saved', async ({ served }) => {
    const { headers, body } = await served.ask(`${pathOf(served, 'file.csv')}?n=7`)
    expect(body).toBe('7\nend\n')
    expect(headers['content-disposition']).toBe('attachment; filename="file.csv"')
  })

  test('may act, and is told what was refused', async ({ served }) => {
    expect((await served.post(pathOf(served, 'do'))).status).toBe(200)
    expect(served.acted).toEqual([{ do: 'it' }])
    const refused = await served.post(pathOf(served, 'do'), { body: '"no"' })
    expect([refused.status, JSON.parse(refused.body)]).toEqual([409, { error: 'not now' }])
  })

  test('may call it localhost', async ({ served }) => {
    const host = `localhost:${new URL(served.server.url).port}`
    expect((await served.ask(pathOf(served), { headers: { host } })).status).toBe(200)
    const headers = { host, origin: `http://${host}` }
    expect((await served.post(pathOf(served, 'do'), { headers })).status).toBe(200)
  })

  test("may call it by this computer's name", async ({ served }) => {
    for (const name of [hostname(), `${hostname().toUpperCase()}.local`]) {
      expect((await served.ask(pathOf(served), { headers: { host: `${name}:80` } })).status).toBe(
        200,
      )
    }
  })

  test('learns nothing of a fault of ours, which is told to its owner', async ({ served }) => {
    const { status, body } = await served.ask(pathOf(served, 'broken'))
    expect([status, body]).toEqual([500, '{"error":"the server cannot do that: see what it says"}'])
    expect(served.failures).toMatchObject([{ message: 'of ours' }])
  })
})

test('the URL has a secret of 192 bits, another one each time', async ({ served }) => {
  const other = await PageServer.open({ routes: {}, onFailure: () => {} })
  const tokens = [served.server.url, other.url].map((url) => new URL(url).pathname)
  await other[Symbol.asyncDispose]()
  expect(tokens[0]).toMatch(/^\/[\w-]{32}\/$/)
  expect(tokens[0]).not.toBe(tokens[1])
  expect(new URL(served.server.url).hostname).toBe('127.0.0.1')
})

test('a URL stays where its secret is given, which must be one', async () => {
  const open = (token: string) => PageServer.open({ routes: {}, token, onFailure: () => {} })
  const token = 'abcdefghijklmnopqrstuvwxyz'
  const server = await open(token)
  expect(new URL(server.url).pathname).toBe(`/${token}/`)
  await server[Symbol.asyncDispose]()
  await expect(open('short')).rejects.toThrow(RangeError)
})

describe('nothing is done for', () => {
  const without = (served: Served): string => {
    const path = pathOf(served, 'do')
    return `${path.slice(0, 5)}${path[5] === 'x' ? 'y' : 'x'}${path.slice(6)}`
  }
  const CASES: readonly (readonly [string, number, (served: Served) => Promise<Answered>])[] = [
    ['no token', 403, (served) => served.post('/do')],
    ['an empty one', 403, (served) => served.post('//do')],
    ['a token that is wrong in one letter', 403, (served) => served.post(without(served))],
    ['a token that is a part', 403, (served) => served.post(`${pathOf(served).slice(0, 9)}/do`)],
    [
      "a name of another's that leads here",
      421,
      (served) => served.post(pathOf(served, 'do'), { headers: { host: 'evil.example' } }),
    ],
    [
      'the same, and of the same origin',
      421,
      (served) => {
        const headers = { host: 'evil.example:80', origin: 'http://evil.example:80' }
        return served.post(pathOf(served, 'do'), { headers })
      },
    ],
    [
      "a name that begins like this computer's",
      421,
      (served) =>
        served.post(pathOf(served, 'do'), { headers: { host: 'localhost.evil.example' } }),
    ],
    [
      'a page of another site',
      403,
      (served) => served.post(pathOf(served, 'do'), { headers: { origin: 'http://evil.example' } }),
    ],
    [
      'a page of another port of this computer',
      403,
      (served) => served.post(pathOf(served, 'do'), { headers: { origin: 'http://127.0.0.1:1' } }),
    ],
    [
      'a page without an origin',
      403,
      (served) => served.post(pathOf(served, 'do'), { headers: { origin: 'null' } }),
    ],
    [
      'a request that says nothing of its origin',
      403,
      (served) => {
        const headers = { 'content-type': 'application/json' }
        return served.ask(pathOf(served, 'do'), { method: 'POST', headers, body: '{}' })
      },
    ],
    [
      'what a browser says comes from elsewhere',
      403,
      (served) =>
        served.post(pathOf(served, 'do'), { headers: { 'sec-fetch-site': 'cross-site' } }),
    ],
    ['a link that is opened as a picture', 405, (served) => served.ask(pathOf(served, 'do'))],
    [
      'a form',
      415,
      (served) => {
        const headers = { 'content-type': 'application/x-www-form-urlencoded' }
        return served.post(pathOf(served, 'do'), { headers, body: 'do=it' })
      },
    ],
    ['what is not JSON', 400, (served) => served.post(pathOf(served, 'do'), { body: '{' })],
    [
      'a body without end',
      413,
      (served) => served.post(pathOf(served, 'do'), { body: `"${'x'.repeat(2 ** 15)}"` }),
    ],
    ['what is not there', 404, (served) => served.post(pathOf(served, 'toString'))],
  ]
  test.for(CASES)('%s: %i', async ([, status, ask], { served }) => {
    const answered = await ask(served)
    expect(answered.status).toBe(status)
    expect(JSON.parse(answered.body).error).toMatch(/\w/)
    expect(answered.headers).not.toHaveProperty('access-control-allow-origin')
    expect(served.acted).toEqual([])
    expect(served.failures).toEqual([])
  })

  test('a page of another site that reads', async ({ served }) => {
    for (const headers of [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      for (const name of ['', 'events', 'file.csv']) {
        expect((await served.ask(pathOf(served, name), { headers })).status).toBe(403)
      }
    }
  })
})

test('disposing ends every connection, also one that never ends by itself, and frees the port', async ({
  served,
}) => {
  const { url } = served.server
  const asking = request(`${url}events`).end()
  const [response] = await once(asking, 'response')
  const [greeting] = await once(response, 'data')
  const ended = once(response, 'close')
  await served.server[Symbol.asyncDispose]()
  await ended
  expect(String(greeting)).toBe('event: greeting\ndata: "hello"\n\n')
  const again = createServer().listen(Number(new URL(url).port), '127.0.0.1')
  await once(again, 'listening')
  again.close()
})
