import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, vi } from 'vitest'
import { EnrollmentClient } from '../../../src/factory/enrollment/client.js'
import type { EnrollmentConfig } from '../../../src/factory/enrollment/config.js'
import { EnrollmentError } from '../../../src/factory/enrollment/errors.js'
import type { Timebase } from '../../../src/rig/timebase.js'
import { certificates } from '../../helpers/certificates.js'
import {
  AGENT_URL,
  answering,
  CLAIMED_AT,
  DEVICE_ID,
  EnrollmentServer,
  type Fault,
  KEY,
  PLAN_ID,
} from '../../helpers/enrollment-server.js'
import { test as inFolder } from '../../helpers/folder.js'
import { needs } from '../../helpers/requirements.js'

const test = inFolder.extend<{ server: EnrollmentServer }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
  server: async ({}, use) => {
    await using server = await EnrollmentServer.open()
    await use(server)
  },
})

/** A time that passes only by waiting. */
class WaitedTime implements Timebase {
  readonly sleptMs: number[] = []

  nowMs(): number {
    return this.sleptMs.reduce((sum, ms) => sum + ms, 0)
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    this.sleptMs.push(ms)
  }
}

const clientOf = ({ url }: EnrollmentServer, config: Partial<EnrollmentConfig> = {}) =>
  new EnrollmentClient({ key: KEY, url, ...config })

/** What a promise rejects with, which tells neither the key nor a token. */
async function errorOf(work: Promise<unknown>): Promise<EnrollmentError> {
  const error = await work.then(
    () => undefined,
    (error) => error,
  )
  expect(error).toBeInstanceOf(EnrollmentError)
  expect(error.message).not.toMatch(/key-of-the-maker|a1b2c3d4/)
  expect(error.message).not.toContain(Buffer.from(KEY).toString('base64').slice(0, 20))
  return error
}

describe('a configuration', () => {
  const key = KEY

  test.for([
    ['key-missing', { key: '' }],
    ['bad-key', { key: 'two words' }],
    ['bad-key', { key: 'line\n' }],
    ['bad-key', { key: 'schlüssel' }],
    ['misconfigured', { key, url: '' }],
    ['misconfigured', { key, url: 'api.electricimp.com' }],
    ['misconfigured', { key, url: 'ftp://api.electricimp.com' }],
    ['misconfigured', { key, url: 'http://api.electricimp.com' }],
    ['misconfigured', { key, url: 'http://127.0.0.1.example.com' }],
    ['misconfigured', { key, url: 'https://user:secret@cloud.example' }],
    ['misconfigured', { key, url: 'https://cloud.example/?key=1' }],
    ['misconfigured', { key, url: 'https://cloud.example', ca: 'no certificate' }],
    ['misconfigured', { key, url: 'http://127.0.0.1:80', ca: 'no certificate' }],
  ] as const)('is refused with %s: %j', ([code, config]) => {
    expect(() => new EnrollmentClient(config)).toThrow(
      expect.objectContaining({ name: 'EnrollmentError', code }),
    )
  })

  test.for(['https://cloud.example', 'http://localhost:8080/', 'http://[::1]:1', undefined])(
    'may have the URL %s',
    (url) => {
      expect(new EnrollmentClient({ key, url }).host).toMatch(/cloud|local|::1|api.electricimp.com/)
    },
  )

  test('may have a URL with a path', async ({ server }) => {
    server.faults.push(answering(404))
    await errorOf(new EnrollmentClient({ key, url: `${server.url}/imp` }).createToken())
    expect(server.paths).toEqual(['POST /imp/v1/setup_tokens'])
  })
})

describe('a token', () => {
  test('of v1 for a new end user is asked for without a body', async ({ server }) => {
    const token = await clientOf(server).createToken()
    expect(token).toEqual({ planId: PLAN_ID, token: server.tokens[0] })
    expect(server.paths).toEqual(['POST /v1/setup_tokens'])
    expect(server.asked[0]).toMatchObject({ body: '', headers: { 'content-length': '0' } })
  })

  test('of v1 for a known one has their plan ID', async ({ server }) => {
    const planId = '0011223344556677'
    expect(await clientOf(server).createToken({ planId })).toMatchObject({ planId })
    expect(JSON.parse(server.asked[0]?.body ?? '')).toEqual({ plan_id: planId })
  })

  test.for([
    [undefined, { type: 'production_token' }],
    ['0011223344556677', { type: 'production_token', plan_id: '0011223344556677' }],
  ] as const)(
    'of v5 is asked for with its type, plan ID %s',
    async ([planId, body], { server }) => {
      server.form = KEY
      const token = await clientOf(server, { api: 'v5' }).createToken({ planId })
      expect(token).toEqual({ planId: planId ?? PLAN_ID, token: server.tokens[0] })
      expect(server.paths).toEqual(['POST /v5/enroll'])
      expect(JSON.parse(server.asked[0]?.body ?? '')).toEqual(body)
    },
  )

  test('is not asked for with a plan ID that is none', async ({ server }) => {
    const error = await errorOf(clientOf(server).createToken({ planId: 'x' }))
    expect(error.code).toBe('misconfigured')
    expect(server.asked).toEqual([])
  })
})

describe('the key', () => {
  test.for([
    ['v1', `${KEY}:`],
    ['v5', KEY],
  ] as const)('of %s has the form that is documented for it', async ([api, form], { server }) => {
    server.form = form
    await clientOf(server, { api }).createToken()
    expect(server.asked).toHaveLength(1)
  })

  test.for([
    ['v1', KEY],
    ['v5', `${KEY}:`],
  ] as const)('of %s is tried in its other form, once', async ([api, form], { server }) => {
    server.form = form
    const client = clientOf(server, { api })
    await client.createToken()
    expect(server.asked).toHaveLength(2)
    await client.createToken()
    expect(server.asked).toHaveLength(3)
    expect(server.tokens).toHaveLength(2)
  })

  test('that is wrong is refused in both forms', async ({ server }) => {
    const error = await errorOf(clientOf(server, { key: 'another' }).createToken())
    expect(error).toMatchObject({ code: 'bad-key', message: expect.stringContaining('HTTP 401') })
    expect(server.asked).toHaveLength(2)
  })
})

/** What says a text to whoever connects. */
async function saying(text: string): Promise<Disposable & { url: string }> {
  const server = createServer((socket) => socket.on('error', () => {}).end(text))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return { url: `http://127.0.0.1:${port}`, [Symbol.dispose]: () => server.close() }
}

describe('a server that answers otherwise', () => {
  const ok = { id: '0123456789abcdef', plan_id: PLAN_ID }
  const reset: Fault = (response) => response.socket?.destroy()
  const cut: Fault = (response) => {
    response.writeHead(200, { 'content-length': 100 }).write('{"id": "a1b2')
    setImmediate(() => response.socket?.destroy())
  }
  const never: Fault = () => {}
  const slow: Fault = (response) => {
    response.writeHead(200).write('{')
  }
  const FAULTS: readonly (readonly [string, string, Fault])[] = [
    ['400', 'bad-request', answering(400)],
    ['422', 'bad-request', answering(422)],
    ['403', 'forbidden', answering(403)],
    ['404', 'not-understood', answering(404)],
    ['418', 'not-understood', answering(418)],
    ['500', 'server-error', answering(500, '<html>')],
    ['503', 'server-error', answering(503)],
    ['429', 'rate-limited', answering(429)],
    ['204', 'not-understood', answering(204)],
    ['an empty body', 'not-understood', answering(200)],
    ['HTML', 'not-understood', answering(200, '<!doctype html><title>Sign in</title>')],
    ['cut JSON', 'not-understood', answering(200, JSON.stringify(ok).slice(0, -1))],
    [
      'too much',
      'not-understood',
      answering(200, JSON.stringify({ ...ok, x: 'x'.repeat(70_000) })),
    ],
    ['no UTF-8', 'not-understood', (r) => r.writeHead(200).end(Buffer.from([0xff, 0xfe]))],
    ['a connection that is reset', 'unreachable', reset],
    ['half an answer', 'unreachable', cut],
    ['nothing', 'unreachable', never],
    ['half an answer, and nothing more', 'unreachable', slow],
  ]

  test.for(FAULTS)('%s is told as %s, and asked once', async ([, code, fault], { server }) => {
    server.faults.push(fault)
    const work = clientOf(server, { requestTimeoutS: 0.3 }).createToken()
    const error = await errorOf(work)
    expect(error.code, error.message).toBe(code)
    expect(error.message).toMatch(/^[^\n]+$/)
    expect(server.asked).toHaveLength(1)
  })

  test.for([301, 302, 307, 308])('%i is not followed', async (status, { server }) => {
    await using elsewhere = await EnrollmentServer.open()
    const location = `${elsewhere.url}/v1/setup_tokens`
    server.faults.push(answering(status, '', { location }))
    expect((await errorOf(clientOf(server).createToken())).code).toBe('not-understood')
    expect(elsewhere.asked).toEqual([])
  })

  test.for([
    ['17', 17],
    ['0', 0],
    ['soon', null],
    ['-1', null],
    ['', null],
  ] as const)('Retry-After: %s is told', async ([header, retryAfterS], { server }) => {
    server.faults.push(answering(429, '', { 'retry-after': header }))
    const error = await errorOf(clientOf(server).createToken())
    expect(error.retryAfterS).toBe(retryAfterS)
    expect(error.message).toContain(retryAfterS === null ? 'again later' : `in ${retryAfterS} s`)
  })

  test('Retry-After may be a date', async ({ server }) => {
    const at = (ms: number) => new Date(Date.now() + ms).toUTCString()
    server.faults.push(answering(429, '', { 'retry-after': at(3_600_000) }))
    server.faults.push(answering(503, '', { 'retry-after': at(-3_600_000) }))
    const client = clientOf(server)
    const { retryAfterS } = await errorOf(client.createToken())
    expect(retryAfterS).toBeGreaterThan(3000)
    expect(retryAfterS).toBeLessThanOrEqual(3600)
    expect((await errorOf(client.createToken())).retryAfterS).toBe(0)
  })

  test.for([
    ['SSH-2.0-OpenSSH_9.2\r\n', 'not-understood'],
    ['', 'unreachable'],
  ] as const)('in no HTTP, but %j: %s', async ([text, code]) => {
    using other = await saying(text)
    const error = await errorOf(new EnrollmentClient({ key: KEY, url: other.url }).createToken())
    expect(error.code).toBe(code)
  })
})

test('an answer that is cut anywhere gives no token', async () => {
  const body = JSON.stringify({ id: '0123456789abcdef', plan_id: PLAN_ID })
  const whole = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  for (let length = 0; length <= whole.length; length++) {
    using server = await saying(whole.slice(0, length))
    const work = new EnrollmentClient({ key: KEY, url: server.url }).createToken()
    if (length < whole.length) expect((await errorOf(work)).code).toBe('unreachable')
    else expect(await work).toEqual({ planId: PLAN_ID, token: '0123456789abcdef' })
  }
})

test('nobody there is told with the reason', async ({ server }) => {
  const { url } = server
  await server[Symbol.asyncDispose]()
  const refused = await errorOf(new EnrollmentClient({ key: KEY, url }).createToken())
  expect(refused).toMatchObject({
    code: 'unreachable',
    message: `the enrollment server ${new URL(url).host} was not reached (connection refused): check the URL and this computer's network`,
    cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
  })
  const unknown = { key: KEY, url: 'https://cloud.invalid' }
  expect((await errorOf(new EnrollmentClient(unknown).createToken())).code).toBe('unreachable')
})

test('an abort ends a request with its reason', async ({ server }) => {
  const abort = new AbortController()
  server.faults.push(() => abort.abort(new Error('enough')))
  await expect(clientOf(server).createToken({ signal: abort.signal })).rejects.toThrow('enough')
  const asked = clientOf(server).createToken({ signal: abort.signal })
  await expect(asked).rejects.toThrow('enough')
  expect(server.asked).toHaveLength(1)
})

describe('a device', () => {
  test('is asked for each second until it comes', async ({ server }) => {
    const timebase = new WaitedTime()
    const client = clientOf(server, { timebase })
    const { token } = await client.createToken()
    server.pollsBefore = 3
    const waited: number[] = []
    const device = await client.awaitDevice(token, { onPoll: (p) => waited.push(p.waitedS) })
    expect(device).toEqual({
      deviceId: DEVICE_ID,
      planId: PLAN_ID,
      agentUrl: AGENT_URL,
      claimedAt: CLAIMED_AT,
    })
    expect(waited).toEqual([0, 1, 2])
    expect(timebase.sleptMs).toEqual([1000, 1000, 1000])
    expect(server.paths.slice(1)).toEqual(Array(4).fill(`GET /v1/setup_tokens/${token}`))
  })

  test.for([
    [undefined, 60, 61],
    [2.5, 2.5, 4],
  ] as const)('that does not come in %s s is told', async ([timeoutS, s, polls], { server }) => {
    const timebase = new WaitedTime()
    const client = clientOf(server, { timebase })
    const { token } = await client.createToken()
    server.pollsBefore = 1000
    const error = await errorOf(client.awaitDevice(token, { timeoutS }))
    expect(error.code).toBe('no-device')
    expect(error.message).toContain(`in ${s} s`)
    expect(timebase.nowMs()).toBe(1000 * s)
    expect(server.asked).toHaveLength(1 + polls)
  })

  test('that comes while the server has troubles is found', async ({ server }) => {
    const timebase = new WaitedTime()
    const client = clientOf(server, { timebase })
    const { token } = await client.createToken()
    server.faults.push(
      answering(500),
      (response) => response.socket?.destroy(),
      answering(429, '', { 'retry-after': '7' }),
    )
    const troubles: (string | undefined)[] = []
    const onPoll = ({ trouble }: { trouble: EnrollmentError | null }) =>
      troubles.push(trouble?.code)
    expect(await client.awaitDevice(token, { onPoll })).toMatchObject({ deviceId: DEVICE_ID })
    expect(troubles).toEqual(['server-error', 'unreachable', 'rate-limited'])
    expect(timebase.sleptMs).toEqual([1000, 1000, 7000])
  })

  test('is not taken for one that did not come where the server is not reached', async ({
    server,
  }) => {
    const client = clientOf(server, { timebase: new WaitedTime() })
    const { token } = await client.createToken()
    server.pollsBefore = 1000
    const onPoll = ({ waitedS }: { waitedS: number }) => {
      if (waitedS === 30) for (let n = 0; n < 30; n++) server.faults.push(answering(503))
    }
    const error = await errorOf(client.awaitDevice(token, { onPoll }))
    expect(error.code).toBe('server-error')
    expect(server.faults).toHaveLength(0)
  })

  test('is not waited for longer than the server wants to be left alone', async ({ server }) => {
    const timebase = new WaitedTime()
    const client = clientOf(server, { timebase })
    const { token } = await client.createToken()
    server.faults.push(answering(429, '', { 'retry-after': '100' }))
    const error = await errorOf(client.awaitDevice(token))
    expect(error).toMatchObject({ code: 'rate-limited', retryAfterS: 100 })
    expect(timebase.sleptMs).toEqual([])
  })

  test.for([
    ['token-unknown', answering(404)],
    ['token-unknown', answering(410)],
    ['bad-key', answering(401)],
    ['forbidden', answering(403)],
    ['bad-request', answering(400)],
    ['not-understood', answering(200, '{}')],
    ['not-understood', answering(302, '', { location: '/' })],
  ] as const)('is not waited for after %s', async ([code, fault], { server }) => {
    const client = clientOf(server, { timebase: new WaitedTime() })
    const { token } = await client.createToken()
    server.faults.push(fault, fault)
    expect((await errorOf(client.awaitDevice(token))).code).toBe(code)
  })

  test('of v5 cannot be asked for', async ({ server }) => {
    const error = await errorOf(clientOf(server, { api: 'v5' }).awaitDevice('0123456789abcdef'))
    expect(error).toMatchObject({
      code: 'not-public',
      message: expect.stringContaining('not public'),
    })
    expect(server.asked).toEqual([])
  })

  test('is no longer waited for after an abort', async ({ server }) => {
    const abort = new AbortController()
    const client = clientOf(server)
    const { token } = await client.createToken()
    server.pollsBefore = 1000
    const { signal } = abort
    const onPoll = () => abort.abort(new Error('enough'))
    await expect(client.awaitDevice(token, { signal, onPoll })).rejects.toThrow('enough')
    expect(server.asked).toHaveLength(2)
  })
})

describe.skipIf(needs('openssl'))('a private cloud', () => {
  test('is trusted by its CA only', async ({ folder }) => {
    const { ca, other, server: tls } = await certificates(folder)
    await using server = await EnrollmentServer.open(tls)
    const client = clientOf(server, { ca, timebase: new WaitedTime() })
    const { token } = await client.createToken()
    expect(await client.awaitDevice(token)).toMatchObject({ deviceId: DEVICE_ID })
    for (const ca of [undefined, other]) {
      const error = await errorOf(clientOf(server, { ca }).createToken())
      expect(error).toMatchObject({ code: 'untrusted', message: expect.stringContaining('CA') })
    }
    expect(server.tokens).toHaveLength(1)
  })

  test('is not trusted because a variable of the environment says so', async ({ folder }) => {
    const { server: tls } = await certificates(folder)
    await using server = await EnrollmentServer.open(tls)
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const error = await errorOf(clientOf(server).createToken()).finally(() => vi.unstubAllEnvs())
    expect(error.code).toBe('untrusted')
    expect(server.asked).toEqual([])
  })

  test('must have the name in its certificate', async ({ folder }) => {
    const { ca, stranger } = await certificates(folder)
    await using server = await EnrollmentServer.open(stranger)
    expect((await errorOf(clientOf(server, { ca }).createToken())).code).toBe('untrusted')
    expect(server.asked).toEqual([])
  })

  test('that does not speak TLS is not reached', async ({ folder, server }) => {
    const { ca } = await certificates(folder)
    const url = server.url.replace('http:', 'https:')
    const error = await errorOf(new EnrollmentClient({ key: KEY, url, ca }).createToken())
    expect(error.code).toBe('unreachable')
  })
})
