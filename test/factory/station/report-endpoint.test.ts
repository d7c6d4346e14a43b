import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test as base, describe, expect } from 'vitest'
import type { DeviceReport } from '../../../src/factory/records/cycle-record.js'
import type { Blessing } from '../../../src/factory/station/device-report.js'
import {
  ReportEndpoint,
  type ReportEndpointOptions,
} from '../../../src/factory/station/report-endpoint.js'
import { newUrlToken } from '../../../src/factory/url-token.js'
import { FORM, ID, JSON_TYPE, PUBLISHED_BODIES } from './published-bodies.js'

interface Served {
  readonly endpoint: ReportEndpoint
  readonly kept: DeviceReport[]
  readonly blessed: Blessing[]
  readonly failures: unknown[]
  post(body: string, type?: string, place?: string): Promise<[status: number, text: string]>
  /** A connection, with this sent already. */
  sends(text: string): Promise<Socket>
}

type Serve = (options?: Partial<ReportEndpointOptions>) => Promise<Served>

const test = base.extend<{ serve: Serve }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
  serve: async ({}, use) => {
    const open: ReportEndpoint[] = []
    await use(async (options) => {
      const kept: DeviceReport[] = []
      const blessed: Blessing[] = []
      const failures: unknown[] = []
      const endpoint = await ReportEndpoint.open({
        token: newUrlToken(),
        keep: (report) => void kept.push(report),
        bless: (blessing) => void blessed.push(blessing),
        onFailure: (error) => failures.push(error),
        ...options,
      })
      open.push(endpoint)
      return {
        endpoint,
        kept,
        blessed,
        failures,
        post: async (body, type = JSON_TYPE, place = '') => {
          const headers = { 'content-type': type }
          const answer = await fetch(`${endpoint.url}${place}`, { method: 'POST', headers, body })
          return [answer.status, await answer.text()]
        },
        sends: async (text) => {
          const socket = connect(Number(new URL(endpoint.url).port), '127.0.0.1')
          socket.on('error', () => {}) // it may be ended in the middle of a line
          await once(socket, 'connect')
          socket.write(text)
          return socket
        },
      }
    })
    for (const endpoint of open) await endpoint[Symbol.asyncDispose]()
  },
})

const head = ({ endpoint }: Served, length: number): string =>
  `POST ${new URL(endpoint.url).pathname} HTTP/1.1\r\nHost: station\r\nContent-Length: ${length}\r\n\r\n`
const GOOD = JSON.stringify({ device_id: ID, success: true })
const idOf = (n: number): string => `600a0c2a69${n.toString(16).padStart(6, '0')}`

/** All that a connection has got when it has ended, however that is. */
/** Until it is closed, be it while something is still sent. */
async function heard(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  socket.on('error', () => {})
  await new Promise((resolve) => socket.once('close', resolve))
  return text
}

describe('the endpoint', () => {
  test('takes every published body, and stores it before it says so', async ({ serve }) => {
    const { post, kept, failures } = await serve()
    for (const [n, { body, report }] of PUBLISHED_BODIES.entries()) {
      expect(await post(JSON.stringify(body))).toEqual([200, 'OK'])
      expect(kept).toHaveLength(n + 1)
      expect(kept.at(-1)).toEqual(report)
    }
    expect(failures).toEqual([])
  })

  test('answers only when what stores has ended', async ({ serve }) => {
    let store = () => {}
    const stored = new Promise<void>((resolve) => {
      store = resolve
    })
    const { post } = await serve({ keep: () => stored })
    const answer = post(GOOD)
    const early = await Promise.race([answer, new Promise((done) => setTimeout(done, 50, 'none'))])
    expect(early).toBe('none')
    store()
    expect(await answer).toEqual([200, 'OK'])
  })

  test('says so where it cannot store, tells why, and goes on', async ({ serve }) => {
    const failure = new Error('the disk is full')
    let isFull = true
    const { post, failures, endpoint } = await serve({
      keep: async () => {
        if (isFull) throw failure
      },
      bless: () => {
        throw failure
      },
    })
    const answer = [500, 'Transmission failed - please try again']
    expect(await post(GOOD)).toEqual(answer)
    expect(await post(JSON.stringify({ device_id: ID }), JSON_TYPE, '/blessing')).toEqual(answer)
    expect(failures).toEqual([failure, failure])
    isFull = false
    expect(await post(GOOD)).toEqual([200, 'OK'])
    expect(Object.fromEntries(endpoint.answers)).toEqual({ 500: 2, 200: 1 })
  })

  test('takes the webhook of a blessing, as JSON and as a form', async ({ serve }) => {
    const { post, blessed, kept } = await serve()
    const impId = '0123456789abcdef'
    const told = { device_id: ID, imp_id: impId }
    expect(await post(JSON.stringify(told), JSON_TYPE, '/blessing')).toEqual([200, 'OK'])
    expect(await post(String(new URLSearchParams(told)), FORM, '/blessing')).toEqual([200, 'OK'])
    expect(blessed).toEqual([
      { deviceId: ID, impId },
      { deviceId: ID, impId },
    ])
    expect(await post('{}', JSON_TYPE, '/blessing')).toMatchObject([400, /device_id/])
    expect(kept).toEqual([])
  })

  test('takes a form, and a slash or a query after the token', async ({ serve }) => {
    const { post, kept } = await serve()
    expect(await post(`device_id=${ID}&success=true`, FORM, '/')).toEqual([200, 'OK'])
    expect(await post(GOOD, JSON_TYPE, '?from=agent')).toEqual([200, 'OK'])
    expect(kept.map(({ success }) => success)).toEqual([true, true])
  })

  test('refuses bad JSON, other methods and other addresses', async ({ serve }) => {
    const { post, endpoint, kept, failures } = await serve()
    expect(await post('{')).toEqual([400, 'Could not process JSON'])
    for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS']) {
      const answer = await fetch(endpoint.url, { method })
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
    }
    expect(await post(GOOD, JSON_TYPE, '/other')).toEqual([404, 'Not Found'])
    expect(await post(GOOD, JSON_TYPE, 'x')).toEqual([404, 'Not Found'])
    const { origin, pathname } = new URL(endpoint.url)
    for (const path of [
      '/',
      '',
      '//',
      pathname.slice(0, -1),
      `/x${pathname}`,
      '/%00',
      '/blessing',
    ]) {
      const answer = await fetch(origin + path, { method: 'POST', body: GOOD })
      expect([path, answer.status, await answer.text()]).toEqual([path, 404, 'Not Found'])
    }
    expect([kept, failures]).toEqual([[], []])
  })

  test.for([{ 'content-length': true }, { 'content-length': false }])(
    'refuses what is too long, %j',
    async (has, { serve }) => {
      const { endpoint, post, kept } = await serve()
      const long = 'x'.repeat(2 ** 20)
      const body = has['content-length'] ? long : new Blob([long]).stream()
      const answer = await fetch(endpoint.url, {
        method: 'POST',
        body,
        duplex: 'half',
      } as RequestInit)
      expect(answer.status).toBe(413)
      expect(await post(GOOD)).toEqual([200, 'OK'])
      expect(kept).toHaveLength(1)
    },
  )

  test('ends one who sends slowly for ever, and one who has sent nothing', async ({ serve }) => {
    const served = await serve({ requestTimeoutMs: 200 })
    const slow = await served.sends(head(served, 1000))
    const silent = await served.sends('POST /')
    const drip = setInterval(() => slow.write('x'), 20)
    await Promise.all([heard(slow), heard(silent)])
    clearInterval(drip)
    expect(await served.post(GOOD)).toEqual([200, 'OK'])
    expect([served.kept.length, served.failures]).toEqual([1, []])
  })

  test('ends one who sends for ever what is too long', async ({ serve }) => {
    const served = await serve({ requestTimeoutMs: 200 })
    const endless = await served.sends(head(served, 2 ** 40))
    const block = 'x'.repeat(2 ** 14)
    const flood = setInterval(() => endless.write(block), 5)
    expect(await heard(endless)).toMatch(/^HTTP\/1\.1 413/)
    clearInterval(flood)
    expect(await served.post(GOOD)).toEqual([200, 'OK'])
  })

  test('outlives those who go away, and what is no HTTP', async ({ serve }) => {
    const served = await serve()
    for (const sent of [
      head(served, 1000),
      `${head(served, 1000)}{`,
      head(served, GOOD.length) + GOOD,
    ]) {
      const socket = await served.sends(sent)
      socket.resetAndDestroy()
    }
    const noise = await served.sends('\x16\x03\x01\x00 what is this?\r\n\r\n')
    expect(await heard(noise)).toMatch(/^HTTP\/1\.1 400/)
    expect(await served.post(GOOD)).toEqual([200, 'OK'])
    expect(served.failures).toEqual([])
  })

  test('takes good reports among a thousand requests of junk', async ({ serve }) => {
    const { endpoint, post, kept } = await serve()
    const { origin } = new URL(endpoint.url)
    const junk = async (n: number): Promise<number> => {
      if (n % 2 === 0) return (await post(`junk ${n}`))[0]
      return (await fetch(`${origin}/${newUrlToken()}`, { method: 'POST', body: GOOD })).status
    }
    const statuses: number[] = []
    for (let round = 0; round < 20; round++) {
      const all = Array.from({ length: 50 }, (_, n) => junk(n))
      const good = post(JSON.stringify({ device_id: idOf(round), success: true }))
      statuses.push(...(await Promise.all(all)))
      expect(await good).toEqual([200, 'OK'])
    }
    expect(kept.map(({ deviceId }) => deviceId)).toEqual(
      Array.from({ length: 20 }, (_, n) => idOf(n)),
    )
    expect([...new Set(statuses)].toSorted()).toEqual([400, 404])
    expect(Object.fromEntries(endpoint.answers)).toEqual({ 200: 20, 400: 500, 404: 500 })
  })

  test('leaves room for the others where one device tells too much', async ({ serve }) => {
    const { post, kept } = await serve()
    const answers = await Promise.all(Array.from({ length: 200 }, () => post(GOOD)))
    const taken = answers.filter(([status]) => status === 200)
    const refused = answers.filter(([status]) => status !== 200)
    expect(taken.length).toBeGreaterThanOrEqual(10)
    expect(refused.length).toBeGreaterThan(0)
    expect(new Set(refused.map(String))).toEqual(
      new Set(['429,Too many reports - please try again']),
    )
    for (let n = 2; n < 10; n++) {
      expect(await post(JSON.stringify({ device_id: idOf(n), passed: 1 }))).toEqual([200, 'OK'])
    }
    expect(kept.length).toBe(taken.length + 8)
  })

  test('has room for one more when all connections are slow', async ({ serve }) => {
    const served = await serve()
    const slow = await Promise.all(
      Array.from({ length: 1200 }, () => served.sends(head(served, 1000))),
    )
    expect(await served.post(GOOD)).toEqual([200, 'OK'])
    for (const socket of slow) socket.destroy()
  })

  test('tells that its port is taken, or its token no secret', async ({ serve }) => {
    const { endpoint } = await serve()
    const port = Number(new URL(endpoint.url).port)
    await expect(serve({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await expect(serve({ token: 'short' })).rejects.toThrow(/^a token in a URL has 22 or more/)
    await expect(serve({ token: `${'x'.repeat(30)}/` })).rejects.toThrow(RangeError)
  })
})
