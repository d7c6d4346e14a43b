import { describe, expect } from 'vitest'
import type { Cloud } from '../../../src/factory/cloud/cloud.js'
import { MOST_BODY_BYTES } from '../../../src/factory/cloud/http.js'
import { basic, fixtureOf, litBy, test } from './cloud-test.js'
import { DUT_ID, TestDevice } from './link-client.js'

const PLAN_ID = 'fedcba9876543210'

async function ask(cloud: Cloud, method: string, path: string, init: RequestInit = {}) {
  const response = await fetch(`${cloud.url}${path}`, { method, ...init })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? null : JSON.parse(text),
  }
}

const authorized = ({ account }: Cloud) => ({
  headers: { authorization: basic(account.enrollmentKey) },
})

describe('v1', () => {
  test('gives a token and a new plan, tells when a device has come, and where its agent is', async ({
    serve,
  }) => {
    const { cloud } = await serve()
    const { account } = cloud
    // Both published forms of Basic authentication.
    for (const key of [account.enrollmentKey, `${account.enrollmentKey}:`]) {
      const headers = { authorization: basic(key) }
      const given = await ask(cloud, 'POST', '/v1/setup_tokens', { headers })
      expect(given).toMatchObject({
        status: 201,
        body: {
          id: expect.stringMatching(/^[\da-f]{16}$/),
          plan_id: expect.stringMatching(/^[\da-f]{16}$/),
        },
      })
      const { id: token, plan_id: planId } = given.body
      const path = `/v1/setup_tokens/${token}`
      const unclaimed = await ask(cloud, 'GET', path, { headers })
      expect(unclaimed.body).toMatchObject({ id: token, plan_id: planId, impee_id: '' })
      const { agentUrl, role } = await new TestDevice(cloud.url, DUT_ID, {
        planId,
        token,
      }).connect()
      expect(role).toBe('none')
      expect((await ask(cloud, 'GET', path, { headers })).body).toEqual({
        id: token,
        plan_id: planId,
        impee_id: DUT_ID,
        agent_url: agentUrl,
        claimed_at: expect.stringMatching(/^\d{4}-/),
      })
    }
  })

  test('keeps the agent of a plan that is given, in JSON and as a form', async ({ serve }) => {
    const { cloud } = await serve()
    const urls: string[] = []
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    for (const [body, headers] of [
      [JSON.stringify({ plan_id: PLAN_ID.toUpperCase() }), {}],
      [`plan_id=${PLAN_ID}`, form],
      ['', {}],
      ['{"plan_id":""}', {}],
    ] as const) {
      const init = { body, headers: { ...authorized(cloud).headers, ...headers } }
      const { id, plan_id } = (await ask(cloud, 'POST', '/v1/setup_tokens', init)).body
      const enrollment = { planId: plan_id, token: id }
      urls.push((await new TestDevice(cloud.url, DUT_ID, enrollment).connect()).agentUrl)
    }
    expect(urls[0]).toBe(urls[1])
    expect(new Set(urls).size).toBe(3)
  })

  test('tells nothing of a factory token, which never leaves the line', async ({ serve }) => {
    const { cloud } = await serve()
    const { token } = await (await fixtureOf(cloud)).factoryToken()
    const { status } = await ask(cloud, 'GET', `/v1/setup_tokens/${token}`, authorized(cloud))
    expect(status).toBe(404)
  })
})

test('v5 gives a production token', async ({ serve }) => {
  const { cloud } = await serve()
  const body = JSON.stringify({ type: 'production_token', plan_id: PLAN_ID })
  const given = await ask(cloud, 'POST', '/v5/enroll', { body, ...authorized(cloud) })
  expect(given).toMatchObject({ status: 201, body: { plan_id: PLAN_ID } })
  const token = given.body.id
  await new TestDevice(cloud.url, DUT_ID, { planId: PLAN_ID, token }).connect()
  const { body: state } = await ask(cloud, 'GET', `/v1/setup_tokens/${token}`, authorized(cloud))
  expect(state).toMatchObject({ impee_id: DUT_ID, plan_id: PLAN_ID })
})

test("the developer's way of 2015 works with the key in the body, too", async ({ serve }) => {
  const { cloud } = await serve()
  const body = JSON.stringify({ api_key: cloud.account.enrollmentKey })
  const given = (await ask(cloud, 'POST', '/enrol', { body })).body
  expect(given).toMatchObject({ valid_token: true })
  const enrollment = { planId: given.siteids[0], token: given.token }
  expect((await new TestDevice(cloud.url, DUT_ID, enrollment).connect()).role).toBe('none')
  const other = await ask(cloud, 'GET', '/v2/setup_tokens/developer', authorized(cloud))
  expect(other.body.result).toMatch(/^[\da-f]{16}$/)
})

test('a production token tells the webhook of its group when its device comes, and blessed units keep their group', async ({
  serve,
}) => {
  const { cloud, tells } = await serve()
  const dut = await litBy(await fixtureOf(cloud), DUT_ID)
  await dut.bless(true)
  await cloud.setWebhook('blinkup', 'http://127.0.0.1:1/')
  const { id, plan_id } = (await ask(cloud, 'POST', '/v1/setup_tokens', authorized(cloud))).body
  const user = new TestDevice(cloud.url, DUT_ID, { planId: plan_id, token: id })
  expect((await user.connect()).role).toBe('application')
  await tells('webhook', /blinkup .*not delivered/)
})

describe('what is refused', () => {
  test.for([
    ['POST', '/v1/setup_tokens', undefined, 401],
    ['POST', '/v1/setup_tokens', 'Basic', 401],
    ['POST', '/v1/setup_tokens', basic('another key'), 401],
    ['POST', '/v5/enroll', basic(''), 401],
    ['GET', '/v1/setup_tokens/0123456789abcdef', basic('another key'), 401],
    ['GET', '/v2/setup_tokens/developer', undefined, 401],
  ] as const)('%s %s with the authorization %s', async ([method, path, key, status], { serve }) => {
    const { cloud } = await serve()
    const headers = key === undefined ? {} : { authorization: key }
    const refused = await ask(cloud, method, path, { headers })
    expect(refused.status).toBe(status)
    expect(refused.headers.get('access-control-allow-origin')).toBe('*')
    expect(cloud.world.tokens.size).toBe(0)
  })

  test.for([
    ['POST', '/v1/setup_tokens', '{', 400],
    ['POST', '/v1/setup_tokens', '[]', 400],
    ['POST', '/v1/setup_tokens', '{"plan_id":"short"}', 400],
    ['POST', '/v1/setup_tokens', '\xff', 400],
    ['POST', '/v5/enroll', 'null', 400],
    ['POST', '/v5/enroll', '{"type":"factory_token"}', 400],
    ['POST', '/enrol', '{"api_key":1}', 400],
    ['POST', '/enrol', '{"api_key":"another"}', 401],
    ['POST', '/v1/setup_tokens', ' '.repeat(MOST_BODY_BYTES + 1), 413],
    ['DELETE', '/v1/setup_tokens', '', 405],
    ['GET', '/v1/setup_tokens/0123456789abcdef', undefined, 404],
  ] as const)('%s %s with %s', async ([method, path, body, status], { serve }) => {
    const { cloud } = await serve()
    const init = { ...authorized(cloud), ...(body !== undefined && { body }) }
    expect((await ask(cloud, method, path, init)).status).toBe(status)
    expect(cloud.world.tokens.size).toBe(0)
  })

  test('is what a fault says, and only so often', async ({ serve }) => {
    const { cloud } = await serve()
    for (const status of [401, 403, 429, 500]) cloud.faults.fail('enrollment', status)
    const statuses: number[] = []
    for (let i = 0; i < 5; i++) {
      const { status, headers } = await ask(cloud, 'POST', '/v1/setup_tokens', authorized(cloud))
      statuses.push(status)
      expect(headers.get('retry-after')).toBe(status === 429 ? '1' : null)
    }
    expect(statuses).toEqual([401, 403, 429, 500, 201])
    expect(cloud.world.tokens.size).toBe(1)
  })

  test('is a token that a fault has claimed, once', async ({ serve }) => {
    const { cloud } = await serve()
    const fixture = await fixtureOf(cloud)
    cloud.faults.tokensClaimed = 1
    const dut = new TestDevice(cloud.url, DUT_ID, await fixture.factoryToken())
    await expect(dut.connect()).rejects.toMatchObject({ code: 'token-claimed' })
    expect((await dut.connect()).role).toBe('dut')
  })
})

test('a page of another origin may ask, with the key; devices and impCentral are not for pages', async ({
  serve,
}) => {
  const { cloud } = await serve()
  cloud.faults.fail('enrollment', 500)
  const preflight = await ask(cloud, 'OPTIONS', '/v1/setup_tokens', {
    headers: {
      origin: 'https://maker.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization',
    },
  })
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
  expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization')
  const headers = { origin: 'https://maker.example' }
  const link = await ask(cloud, 'POST', '/link/connect', { headers, body: '{}' })
  expect(link).toMatchObject({ status: 403, body: { error: { code: 'bad-request' } } })
  const v5 = await ask(cloud, 'GET', '/v5/devices', { headers })
  expect(v5.headers.get('access-control-allow-origin')).toBeNull()
})
