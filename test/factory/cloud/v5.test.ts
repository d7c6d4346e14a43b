import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect } from 'vitest'
import type { Cloud } from '../../../src/factory/cloud/cloud.js'
import { fixtureOf, litBy, login, test } from './cloud-test.js'
import { DUT_ID, FIXTURE_ID, TestDevice } from './link-client.js'

/** A client that has logged in, and sends what the genuine one does: `null` where there is nothing to say. */
async function clientOf(cloud: Cloud) {
  const access = await login(cloud)
  return async (method: string, path: string, body: unknown = null, headers = {}) => {
    const response = await fetch(`${cloud.url}/v5${path}`, {
      method,
      headers: { ...access, 'content-type': 'application/vnd.api+json', ...headers },
      ...(method !== 'GET' && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : JSON.parse(text) }
  }
}

describe('logging in', () => {
  const post = async (cloud: Cloud, path: string, body: unknown) => {
    const init = { method: 'POST', body: JSON.stringify(body) }
    const response = await fetch(`${cloud.url}/v5${path}`, init)
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const devices = (cloud: Cloud, token: unknown) =>
    fetch(`${cloud.url}/v5/devices`, { headers: { authorization: `Bearer ${token}` } })

  test('by password, refresh token and login key gives an access token for an hour', async ({
    serve,
  }) => {
    let nowMs = Date.UTC(2026, 0, 1)
    const { cloud } = await serve({ nowMs: () => nowMs })
    const { login: id, password, loginKey } = cloud.account
    const first = await post(cloud, '/auth', { id, password })
    expect(first.body).toMatchObject({ expires_in: 3600, expires_at: '2026-01-01T01:00:00.000Z' })
    for (const { body } of [
      first,
      await post(cloud, '/auth/token', { token: first.body['refresh_token'] }),
      await post(cloud, '/auth/token', { key: loginKey }),
    ]) {
      expect((await devices(cloud, body['access_token'])).status).toBe(200)
    }
    nowMs += 3600_000
    expect((await devices(cloud, first.body['access_token'])).status).toBe(401)
  })

  test('with what is wrong is refused', async ({ serve }) => {
    const { cloud } = await serve()
    const { login: id, password } = cloud.account
    const { body } = await post(cloud, '/auth', { id, password })
    for (const [path, wrong] of [
      ['/auth', { id, password: 'wrong' }],
      ['/auth', { id: 'other', password }],
      ['/auth', { login_token: 'x' }],
      ['/auth/token', { key: 'x' }],
      ['/auth/token', { token: body['access_token'] }],
      ['/auth/token', { token: '' }],
    ] as const) {
      expect(await post(cloud, path, wrong)).toMatchObject({
        status: 401,
        body: { errors: [{ title: 'Unauthorized', detail: expect.any(String) }] },
      })
    }
    expect((await post(cloud, '/auth', { id })).status).toBe(400)
    for (const token of [body['refresh_token'], 'x', '']) {
      expect((await devices(cloud, token)).status).toBe(401)
    }
  })
})

describe('devices', () => {
  test('are listed in pages, with the published attributes and filters', async ({ serve }) => {
    const { cloud } = await serve()
    const ask = await clientOf(cloud)
    const fixture = await fixtureOf(cloud)
    await litBy(fixture, DUT_ID)
    const { body } = await ask('GET', '/devices?filter[devicegroup.type]=dut_devicegroup')
    const dut = cloud.group('dut')
    expect(body.data).toEqual([
      {
        type: 'device',
        id: DUT_ID,
        attributes: expect.objectContaining({
          mac_address: '0c:2a:69:0a:1b:2c',
          agent_url: expect.stringContaining(cloud.url),
          device_online: false,
          plan_id: expect.any(String),
          imp_type: 'imp006',
          swversion: '42.0',
        }),
        relationships: expect.objectContaining({
          devicegroup: { type: 'dut_devicegroup', id: dut?.id },
        }),
      },
    ])
    const page = await ask('GET', '/devices?page[number]=2&page[size]=1')
    expect(page.body.data).toHaveLength(1)
    expect(page.body.links.prev).toContain('page%5Bnumber%5D=1')
    expect(page.body.links.next).toBeUndefined()
    for (const [filter, count] of [
      ['filter[devicegroup.owner.id]=null', 0],
      [`filter[devicegroup.id]=${dut?.id}`, 1],
      [`filter[product.id]=${dut?.productId}`, 2],
      [`filter[owner.id]=${cloud.account.id}`, 2],
      ['filter[owner.id]=another', 0],
    ] as const) {
      expect((await ask('GET', `/devices?${filter}`)).body.data).toHaveLength(count)
    }
  })

  test('are found by device ID, MAC address and agent ID, and named', async ({ serve }) => {
    const { cloud } = await serve()
    const ask = await clientOf(cloud)
    await fixtureOf(cloud)
    const { agentId } = cloud.world.devices.get(FIXTURE_ID) ?? {}
    for (const name of [FIXTURE_ID, 'd8:c4:aa:bb:cc:dd', 'D8C4AABBCCDD', agentId]) {
      expect((await ask('GET', `/devices/${name}`)).body.data.id).toBe(FIXTURE_ID)
    }
    const data = { type: 'device', id: FIXTURE_ID, attributes: { name: 'Line 1' } }
    const named = await ask('PATCH', `/devices/${FIXTURE_ID}`, { data })
    expect(named.body.data.attributes.name).toBe('Line 1')
    expect((await ask('GET', '/devices/0123456789abcdef')).status).toBe(404)
  })

  test('are told with all published attributes, of which none says whether one is blessed', async ({
    serve,
  }) => {
    const { cloud } = await serve()
    const ask = await clientOf(cloud)
    await (await litBy(await fixtureOf(cloud), DUT_ID)).bless(true)
    const { data } = (await ask('GET', `/devices/${DUT_ID}`)).body
    expect(Object.keys(data.attributes).toSorted()).toEqual([
      ...['agent_id', 'agent_running', 'agent_state_changed_at', 'agent_url', 'device_online'],
      ...['device_state_changed_at', 'free_memory', 'imp_type', 'ip_address', 'last_enrolled_at'],
      ...['mac_address', 'name', 'plan_id', 'rssi', 'swversion'],
    ])
    expect(data.relationships.devicegroup.type).toBe('production_devicegroup')
  })

  test('come twenty a page, where nothing else is asked for', async ({ serve }) => {
    const { cloud } = await serve()
    const ask = await clientOf(cloud)
    for (let n = 10; n < 31; n++) await cloud.assignFixture(`30000200000000${n}`)
    expect((await ask('GET', '/devices')).body.data).toHaveLength(20)
    expect((await ask('GET', '/devices?page[number]=2')).body.data).toHaveLength(1)
  })

  test('are told, too, to a client that sends null where there is nothing to say', async ({
    serve,
  }) => {
    const { cloud } = await serve()
    await fixtureOf(cloud)
    const headers = { ...(await login(cloud)), 'content-length': 4 }
    const asked = request(`${cloud.url}/v5/devices`, { headers }).end('null')
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(200)
    expect(JSON.parse(await text(response)).data).toHaveLength(1)
  })

  test('restart when they are told to, alone or as a group', async ({ serve }) => {
    const { cloud, tells } = await serve()
    const ask = await clientOf(cloud)
    const fixture = await fixtureOf(cloud)
    for (const path of [
      `/devices/${FIXTURE_ID}/restart`,
      `/devices/${FIXTURE_ID}/conditional_restart`,
      `/devicegroups/${cloud.group('factoryfixture')?.id}/restart`,
      `/devicegroups/${cloud.group('factoryfixture')?.id}/conditional_restart`,
    ]) {
      await fixture.goOnline()
      await tells('online')
      expect((await ask('POST', path)).status).toBe(204)
      await fixture.hears('restart')
      fixture.events.length = 0
    }
  })

  test('have logs, newest first', async ({ serve }) => {
    const { cloud } = await serve()
    const ask = await clientOf(cloud)
    const fixture = await fixtureOf(cloud)
    for (const text of ['one', 'two']) await fixture.post('log', { kind: 'log', text })
    const { body } = await ask('GET', `/devices/${FIXTURE_ID}/logs?page[size]=2`)
    expect(body.data).toMatchObject([
      { type: 'server.log', msg: 'two', device_id: FIXTURE_ID },
      { type: 'server.log', msg: 'one' },
    ])
  })

  test('are forgotten with their tokens, but not while they are in a group', async ({ serve }) => {
    const { cloud } = await serve()
    const ask = await clientOf(cloud)
    const dut = await litBy(await fixtureOf(cloud), DUT_ID)
    expect((await ask('DELETE', `/devices/${DUT_ID}`)).status).toBe(409)
    const data = [{ type: 'device', id: DUT_ID }]
    const path = `/devicegroups/${cloud.group('dut')?.id}/relationships/devices`
    expect((await ask('DELETE', path, { data })).status).toBe(204)
    expect((await dut.connect()).role).toBe('none')
    expect((await ask('DELETE', `/devices/${DUT_ID}`)).status).toBe(204)
    await expect(dut.connect()).rejects.toMatchObject({ code: 'token-unknown' })
  })
})

describe('device groups', () => {
  test('of fixtures are made with both their targets', async ({ serve }) => {
    const { cloud } = await serve()
    const ask = await clientOf(cloud)
    const product = (await ask('POST', '/products', { data: { attributes: { name: 'New' } } })).body
    const relationships = { product: { type: 'product', id: product.data.id } }
    const make = (type: string, more = {}, attributes = {}) =>
      ask('POST', '/devicegroups', {
        data: {
          type,
          attributes: { name: type, ...attributes },
          relationships: { ...relationships, ...more },
        },
      })
    const production = await make('pre_production_devicegroup', {}, { region: 'eu' })
    const dut = await make('pre_dut_devicegroup')
    expect(production).toMatchObject({
      status: 201,
      body: { data: { attributes: { region: 'eu', load_code_after_blessing: true } } },
    })
    const targets = {
      production_target: { type: 'pre_production_devicegroup', id: production.body.data.id },
      dut_target: { type: 'pre_dut_devicegroup', id: dut.body.data.id },
    }
    const fixtures = await make('pre_factoryfixture_devicegroup', targets)
    expect(fixtures.status).toBe(201)
    expect(fixtures.body.data.relationships).toMatchObject(targets)
    expect((await make('pre_dut_devicegroup')).status).toBe(409)
    const renamed = { data: { attributes: { name: 'pre_dut_devicegroup' } } }
    const path = `/devicegroups/${production.body.data.id}`
    expect((await ask('PATCH', path, renamed)).status).toBe(409)
    expect((await make('dut_devicegroup', {}, { region: 'eu' })).status).toBe(400)
    for (const [type, wrong] of [
      ['factoryfixture_devicegroup', {}],
      ['factoryfixture_devicegroup', { dut_target: targets.dut_target }],
      ['factoryfixture_devicegroup', { ...targets, dut_target: targets.production_target }],
      ['dut_devicegroup', targets],
      ['another_devicegroup', {}],
    ] as const) {
      expect((await make(type, wrong)).status).toBe(400)
    }
    expect(
      (await ask('GET', `/devicegroups?filter[product.id]=${product.data.id}`)).body.data,
    ).toHaveLength(3)
    expect((await ask('DELETE', `/devicegroups/${dut.body.data.id}`)).status).toBe(409)
    expect((await ask('DELETE', `/products/${product.data.id}`)).status).toBe(409)
    expect((await ask('DELETE', `/devicegroups/${fixtures.body.data.id}`)).status).toBe(204)
    expect((await ask('DELETE', `/devicegroups/${dut.body.data.id}`)).status).toBe(204)
  })

  test('that load no code after blessing have none until the end user comes', async ({ serve }) => {
    const { cloud } = await serve()
    const ask = await clientOf(cloud)
    const path = `/devicegroups/${cloud.group('production')?.id}`
    const type = 'production_devicegroup'
    const data = { type, attributes: { load_code_after_blessing: false } }
    const changed = await ask('PATCH', path, { data })
    expect(changed.body.data.attributes.load_code_after_blessing).toBe(false)
    const dut = await litBy(await fixtureOf(cloud), DUT_ID)
    expect(await dut.bless(true)).toEqual({ blessed: true, loadCodeAfterBlessing: false })
    expect((await dut.connect()).role).toBe('none')
    const response = await fetch(`${cloud.url}/v1/setup_tokens`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(cloud.account.enrollmentKey)}` },
    })
    const { id: token, plan_id: planId } = (await response.json()) as Record<string, string>
    const user = new TestDevice(cloud.url, DUT_ID, { planId: `${planId}`, token: `${token}` })
    expect((await user.connect()).role).toBe('application')
    const dutPath = `/devicegroups/${cloud.group('dut')?.id}`
    expect((await ask('PATCH', dutPath, { data })).status).toBe(400)
  })

  test('take devices as is published: fixtures by hand, DUTs by light, production by blessing', async ({
    serve,
  }) => {
    const { cloud } = await serve()
    const ask = await clientOf(cloud)
    const put = (purpose: 'dut' | 'production' | 'factoryfixture', method = 'POST', headers = {}) =>
      ask(
        method,
        `/devicegroups/${cloud.group(purpose)?.id}/relationships/devices`,
        { data: [{ type: 'device', id: DUT_ID }] },
        headers,
      )
    expect((await put('dut')).status).toBe(403)
    expect((await put('production')).status).toBe(403)
    expect(cloud.world.devices.size).toBe(0)
    const dut = await litBy(await fixtureOf(cloud), DUT_ID)
    await dut.bless(true)
    expect((await put('factoryfixture')).status).toBe(403)
    expect((await put('production', 'DELETE')).status).toBe(403)
    expect((await put('production', 'DELETE', { 'x-electricimp-key': 'wrong' })).status).toBe(403)
    expect((await dut.connect()).role).toBe('application')
    const key = { 'x-electricimp-key': cloud.account.unblessingKey }
    expect((await put('production', 'DELETE', key)).status).toBe(204)
    expect((await dut.connect()).role).toBe('none')
    await dut.goOnline()
    expect((await put('factoryfixture')).status).toBe(204)
    await dut.hears('restart')
    expect((await dut.connect()).role).toBe('fixture')
  })
})

test('test groups are as their twins: their fixtures light DUTs, which are blessed, and then moved by hand', async ({
  serve,
}) => {
  const { cloud } = await serve()
  const ask = await clientOf(cloud)
  const product = { type: 'product', id: cloud.group('dut')?.productId }
  const make = async (purpose: string, targets: object = {}): Promise<string> => {
    const type = `${purpose}_devicegroup`
    const relationships = { product, ...targets }
    const made = await ask('POST', '/devicegroups', {
      data: { type, attributes: { name: type }, relationships },
    })
    expect(made.status).toBe(201)
    return made.body.data.id
  }
  const put = (group: string, id: string) =>
    ask('POST', `/devicegroups/${group}/relationships/devices`, { data: [{ type: 'device', id }] })
  const dutGroup = await make('pre_dut')
  const production = await make('pre_production')
  const fixtures = await make('pre_factoryfixture', {
    dut_target: { type: 'pre_dut_devicegroup', id: dutGroup },
    production_target: { type: 'pre_production_devicegroup', id: production },
  })
  expect((await put(fixtures, FIXTURE_ID)).status).toBe(204)
  const fixture = new TestDevice(cloud.url, FIXTURE_ID)
  expect((await fixture.connect()).role).toBe('fixture')
  expect((await put(dutGroup, DUT_ID)).status).toBe(403)
  const dut = await litBy(fixture, DUT_ID)
  expect(dut.answer).toMatchObject({ role: 'dut', deviceGroupId: dutGroup })
  expect((await dut.bless(true)).blessed).toBe(true)
  expect(await dut.connect()).toMatchObject({ role: 'application', deviceGroupId: production })
  const other = await make('production')
  expect((await put(other, DUT_ID)).status).toBe(204)
  expect((await dut.connect()).deviceGroupId).toBe(other)
})

test('a device in a development group runs its application, and is in no factory', async ({
  serve,
}) => {
  const { cloud } = await serve()
  const ask = await clientOf(cloud)
  const type = 'development_devicegroup'
  const product = { type: 'product', id: cloud.group('dut')?.productId }
  const { body } = await ask('POST', '/devicegroups', {
    data: { type, attributes: { name: 'desk' }, relationships: { product } },
  })
  const data = [{ type: 'device', id: DUT_ID }]
  await ask('POST', `/devicegroups/${body.data.id}/relationships/devices`, { data })
  const device = new TestDevice(cloud.url, DUT_ID)
  expect(await device.connect()).toMatchObject({ role: 'application', configparams: {} })
})

describe('webhooks', () => {
  test('are of production groups, and go with them', async ({ serve }) => {
    const { cloud } = await serve()
    const ask = await clientOf(cloud)
    const make = (purpose: 'dut' | 'production', attributes: object) =>
      ask('POST', '/webhooks', {
        data: {
          type: 'webhook',
          attributes,
          relationships: {
            devicegroup: { type: cloud.group(purpose)?.type, id: cloud.group(purpose)?.id },
          },
        },
      })
    const good = { url: 'https://a.example/b', event: 'blessing', content_type: 'application/json' }
    expect((await make('dut', good)).status).toBe(400)
    expect((await make('production', { ...good, url: 'file:///etc/passwd' })).status).toBe(400)
    expect((await make('production', { ...good, event: 'other' })).status).toBe(400)
    const { status, body } = await make('production', good)
    expect(status).toBe(201)
    expect(body.data.attributes).toEqual(good)
    const path = `/webhooks/${body.data.id}`
    const form = { content_type: 'application/x-www-form-urlencoded' }
    const changed = await ask('PATCH', path, { data: { attributes: form } })
    expect(changed.body.data.attributes).toEqual({ ...good, ...form })
    expect((await ask('GET', '/webhooks')).body.data).toHaveLength(1)
    expect((await ask('DELETE', path)).status).toBe(204)
    expect((await ask('GET', path)).status).toBe(404)
  })
})

test('the account is there, as "me" too; what is nowhere is not found', async ({ serve }) => {
  const { cloud } = await serve()
  const ask = await clientOf(cloud)
  const { id } = cloud.account
  for (const path of ['/accounts/me', `/accounts/${id}`]) {
    expect((await ask('GET', path)).body.data).toMatchObject({ type: 'account', id })
  }
  expect((await ask('GET', '/accounts')).body.data).toHaveLength(1)
  for (const path of ['/accounts/other', '/products/x', '/devicegroups/x', '/nothing', '/']) {
    expect(await ask('GET', path)).toMatchObject({
      status: 404,
      body: { errors: [{ title: 'Not Found', detail: expect.any(String) }] },
    })
  }
  for (const query of ['page[size]=0', 'page[size]=101', 'page[number]=x', 'filter[x]=1']) {
    expect((await ask('GET', `/devices?${query}`)).status).toBe(400)
  }
})

test('nothing of impCentral is told or done without a login', async ({ serve }) => {
  const { cloud } = await serve()
  await fixtureOf(cloud)
  const before = Array.from(cloud.world.records())
  for (const [method, path] of [
    ['GET', 'devices'],
    ['GET', 'accounts/me'],
    ['DELETE', `devices/${FIXTURE_ID}`],
    ['POST', `devices/${FIXTURE_ID}/restart`],
    ['POST', 'logstream'],
    ['POST', 'products'],
  ] as const) {
    expect((await fetch(`${cloud.url}/v5/${path}`, { method })).status).toBe(401)
  }
  expect(Array.from(cloud.world.records())).toEqual(before)
})
