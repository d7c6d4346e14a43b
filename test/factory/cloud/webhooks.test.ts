import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect } from 'vitest'
import { impIdOf } from '../../../src/factory/cloud/ids.js'
import { test as base, fixtureOf, litBy, login } from './cloud-test.js'
import { DUT_ID } from './link-client.js'

interface Received {
  readonly method: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

const test = base.extend<{ receiver: { url: string; status: number; received: Received[] } }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
  receiver: async ({}, use) => {
    const receiver = { url: '', status: 200, received: [] as Received[] }
    const server = createServer(async (request, response) => {
      const { method, headers } = request
      receiver.received.push({ method, headers, body: await text(request) })
      response.writeHead(receiver.status, { location: '/elsewhere' }).end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?key=secret`
    await use(receiver)
    server.close()
    server.closeAllConnections()
  },
})

const FIELDS = { device_id: DUT_ID, imp_id: impIdOf(DUT_ID.slice(4)) }

describe('the webhook of a blessing', () => {
  test('posts exactly the published fields, as JSON, once', async ({ serve, receiver }) => {
    const { cloud, tells } = await serve()
    await cloud.setWebhook('blessing', receiver.url)
    const dut = await litBy(await fixtureOf(cloud), DUT_ID)
    await dut.bless(true)
    const told = await tells('webhook', /: 200$/)
    await dut.bless(true)
    expect(receiver.received).toHaveLength(1)
    expect(receiver.received[0]).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    })
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toEqual(FIELDS)
    expect(FIELDS.imp_id).toMatch(/^[\da-f]{16}$/)
    expect(told.text).not.toContain('secret')
  })

  test('posts a form where one is wanted', async ({ serve, receiver }) => {
    const { cloud, tells } = await serve()
    const { id, type } = cloud.group('production') ?? {}
    const contentType = 'application/x-www-form-urlencoded'
    await fetch(`${cloud.url}/v5/webhooks`, {
      method: 'POST',
      headers: await login(cloud),
      body: JSON.stringify({
        data: {
          attributes: { url: receiver.url, event: 'blessing', content_type: contentType },
          relationships: { devicegroup: { type, id } },
        },
      }),
    })
    await (await litBy(await fixtureOf(cloud), DUT_ID)).bless(true)
    await tells('webhook')
    const [received] = receiver.received
    expect(received?.headers['content-type']).toBe(contentType)
    expect(Object.fromEntries(new URLSearchParams(received?.body))).toEqual(FIELDS)
  })

  test.for([404, 500, 302])(
    'that is answered with %i is told of, and changes nothing',
    async (status, { serve, receiver }) => {
      const { cloud, tells } = await serve()
      receiver.status = status
      await cloud.setWebhook('blessing', receiver.url)
      const dut = await litBy(await fixtureOf(cloud), DUT_ID)
      expect((await dut.bless(true)).blessed).toBe(true)
      await tells('webhook', new RegExp(`: ${status}, not delivered`))
      expect(receiver.received).toHaveLength(1)
      expect((await dut.connect()).role).toBe('application')
    },
  )

  test('to nobody is told of, and changes nothing', async ({ serve, receiver }) => {
    const { cloud, tells } = await serve()
    for (const [url, isDown] of [
      ['http://127.0.0.1:1/', false],
      [receiver.url, true],
    ] as const) {
      cloud.faults.isWebhookReceiverDown = isDown
      await cloud.setWebhook('blessing', url)
      const id = isDown ? DUT_ID : DUT_ID.replace(/.$/, '0')
      expect((await (await litBy(await fixtureOf(cloud), id)).bless(true)).blessed).toBe(true)
      await tells('webhook', new RegExp(`${new URL(url).host}: not delivered`))
    }
    expect(receiver.received).toEqual([])
  })

  test('is not for a failed device', async ({ serve, receiver }) => {
    const { cloud, events } = await serve()
    await cloud.setWebhook('blessing', receiver.url)
    const dut = await litBy(await fixtureOf(cloud), DUT_ID)
    await dut.bless(false)
    await dut.connect()
    expect(events.filter(({ kind }) => kind === 'webhook')).toEqual([])
  })
})

test('the webhook of BlinkUp tells the plan and the token', async ({ serve, receiver }) => {
  const { cloud, tells } = await serve()
  await cloud.setWebhook('blinkup', receiver.url)
  await (await litBy(await fixtureOf(cloud), DUT_ID)).bless(true)
  const response = await fetch(`${cloud.url}/v1/setup_tokens`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(cloud.account.enrollmentKey)}` },
  })
  const { id, plan_id } = (await response.json()) as { id: string; plan_id: string }
  await fetch(`${cloud.url}/link/connect`, {
    method: 'POST',
    body: JSON.stringify({
      deviceId: DUT_ID,
      macAddress: DUT_ID.slice(4),
      impType: 'imp006',
      swVersion: '42.0',
      enrollment: { planId: plan_id, token: id },
    }),
  })
  const told = await tells('webhook')
  const body = JSON.parse(receiver.received[0]?.body ?? '')
  expect(body).toEqual({ device_id: DUT_ID, plan_id, token: id })
  expect(told.text).not.toContain(id)
})
