import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { MOST_BODY_BYTES } from '../../../src/factory/cloud/http.js'
import { fixtureOf, litBy, test } from './cloud-test.js'
import { DUT_ID, FIXTURE_ID, TestDevice } from './link-client.js'

const OTHER_ID = '600a0c2a690a1b2d'

describe('a device that connects', () => {
  test('without a token, and assigned by nobody, is refused', async ({ serve }) => {
    const { cloud, tells } = await serve()
    const device = new TestDevice(cloud.url, DUT_ID)
    await expect(device.connect()).rejects.toMatchObject({ status: 401, code: 'not-enrolled' })
    expect((await tells('refused')).deviceId).toBe(DUT_ID)
    expect(cloud.world.devices.size).toBe(0)
  })

  test('as an assigned fixture needs no token, and knows that it is one', async ({ serve }) => {
    const { cloud } = await serve()
    const { answer } = await fixtureOf(cloud)
    expect(answer).toMatchObject({
      role: 'fixture',
      deviceGroupId: cloud.group('factoryfixture')?.id,
      agentUrl: expect.stringMatching(`^${cloud.url}/agent/[\\w-]{12}$`),
      configparams: {
        factory_imp_device_id: FIXTURE_ID,
        factoryfirmware: true,
        factory_imp: FIXTURE_ID.slice(4),
        is_factory_fixture: true,
      },
    })
  })

  test('with the token of a fixture is a device under test of that one', async ({ serve }) => {
    const { cloud } = await serve()
    const { answer } = await litBy(await fixtureOf(cloud), DUT_ID)
    expect(answer).toMatchObject({ role: 'dut', deviceGroupId: cloud.group('dut')?.id })
    expect(answer?.configparams).toEqual({
      factory_imp_device_id: FIXTURE_ID,
      factoryfirmware: true,
      factory_imp: FIXTURE_ID.slice(4),
    })
  })

  test('may come again with its token, and another device may not come with it', async ({
    serve,
  }) => {
    const { cloud } = await serve()
    const { enrollment, answer } = await litBy(await fixtureOf(cloud), DUT_ID)
    const again = await new TestDevice(cloud.url, DUT_ID, enrollment).connect()
    expect(again).toMatchObject({ role: 'dut', agentUrl: answer?.agentUrl })
    await expect(new TestDevice(cloud.url, OTHER_ID, enrollment).connect()).rejects.toMatchObject({
      status: 401,
      code: 'token-claimed',
    })
    expect(cloud.world.devices.has(OTHER_ID)).toBe(false)
  })

  test('at the same time as others with one token is alone with it', async ({ serve }) => {
    const { cloud } = await serve()
    const token = await (await fixtureOf(cloud)).factoryToken()
    const ended = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) =>
        new TestDevice(cloud.url, `${i}${DUT_ID.slice(1)}`, token).connect(),
      ),
    )
    const refused = ended.filter(({ status }) => status === 'rejected')
    expect(refused).toHaveLength(9)
    for (const { reason } of refused as PromiseRejectedResult[]) {
      expect(reason.code).toBe('token-claimed')
    }
    expect(cloud.world.devices.size).toBe(2)
  })

  test('with a token that is unknown, or of another plan, is refused', async ({ serve }) => {
    const { cloud } = await serve()
    const { planId, token } = await (await fixtureOf(cloud)).factoryToken()
    for (const enrollment of [
      { planId, token: '0'.repeat(16) },
      { planId: '0'.repeat(16), token },
    ]) {
      await expect(new TestDevice(cloud.url, DUT_ID, enrollment).connect()).rejects.toMatchObject({
        status: 401,
        code: 'token-unknown',
      })
    }
    expect((await new TestDevice(cloud.url, DUT_ID, { planId, token }).connect()).role).toBe('dut')
  })

  test('comes too late with a token that has expired, but not with one of its own', async ({
    serve,
  }) => {
    let nowMs = Date.UTC(2026, 0, 1)
    const { cloud } = await serve({ nowMs: () => nowMs, tokenLifetimeS: 60 })
    const fixture = await fixtureOf(cloud)
    const [early, late] = [await fixture.factoryToken(), await fixture.factoryToken()]
    nowMs += 60_000
    await new TestDevice(cloud.url, DUT_ID, early).connect()
    nowMs += 1
    await expect(new TestDevice(cloud.url, OTHER_ID, late).connect()).rejects.toMatchObject({
      status: 401,
      code: 'token-expired',
    })
    expect((await new TestDevice(cloud.url, DUT_ID, early).connect()).role).toBe('dut')
  })
})

describe('a factory token', () => {
  test('is for fixtures only', async ({ serve }) => {
    const { cloud } = await serve()
    const dut = await litBy(await fixtureOf(cloud), DUT_ID)
    await expect(dut.factoryToken()).rejects.toMatchObject({ status: 403, code: 'not-a-fixture' })
  })

  test('does not make another fixture a device under test', async ({ serve }) => {
    const { cloud, tells } = await serve()
    const fixture = await fixtureOf(cloud)
    await cloud.assignFixture(OTHER_ID)
    expect((await litBy(fixture, OTHER_ID)).answer?.role).toBe('fixture')
    await tells('hint', /stays one/)
  })
})

describe('blessing', () => {
  test('moves a device to production once, and says the same again', async ({ serve }) => {
    const { cloud, events } = await serve()
    const dut = await litBy(await fixtureOf(cloud), DUT_ID)
    for (let time = 0; time < 2; time++) {
      expect(await dut.bless(true)).toEqual({ blessed: true, loadCodeAfterBlessing: true })
    }
    expect(cloud.world.devices.get(DUT_ID)?.groupId).toBe(cloud.group('production')?.id)
    expect(events.filter(({ kind }) => kind === 'blessed')).toHaveLength(1)
    expect(await dut.connect()).toMatchObject({ role: 'application', configparams: {} })
  })

  test('of a failed device is only told', async ({ serve }) => {
    const { cloud, tells } = await serve()
    const dut = await litBy(await fixtureOf(cloud), DUT_ID)
    expect((await dut.bless(false)).blessed).toBe(false)
    await tells('bless-failed')
    expect(cloud.world.devices.get(DUT_ID)?.groupId).toBe(cloud.group('dut')?.id)
  })

  test('is not for fixtures', async ({ serve }) => {
    const { cloud } = await serve()
    const fixture = await fixtureOf(cloud)
    await expect(fixture.bless(true)).rejects.toMatchObject({ status: 403, code: 'not-a-dut' })
  })

  test('is not undone by another light', async ({ serve }) => {
    const { cloud, tells } = await serve()
    const fixture = await fixtureOf(cloud)
    await (await litBy(fixture, DUT_ID)).bless(true)
    expect((await litBy(fixture, DUT_ID)).answer?.role).toBe('application')
    await tells('hint', /it is blessed/)
  })
})

describe('the stream of events', () => {
  test('ends the one before it, of which a hint tells that there may be two such devices', async ({
    serve,
  }) => {
    const { cloud, tells } = await serve()
    const fixture = await fixtureOf(cloud)
    await fixture.goOnline()
    await tells('online')
    await fixtureOf(cloud)
    await tells('hint', /two programs have the same device ID/)
    await expect(fixture.post('log', { kind: 'log', text: 'late' })).rejects.toMatchObject({
      code: 'session-over',
    })
  })

  test('makes the device online, until it closes', async ({ serve }) => {
    const { cloud, tells } = await serve()
    const dut = await litBy(await fixtureOf(cloud), DUT_ID)
    await dut.goOnline()
    await tells('online')
    dut.vanish()
    await tells('offline')
    await expect(dut.post('log', { kind: 'log', text: 'late' })).rejects.toMatchObject({
      status: 401,
      code: 'session-over',
    })
  })

  test('ends when the device connects anew, and that does not end the new one', async ({
    serve,
  }) => {
    const { cloud, events, tells } = await serve()
    const fixture = await fixtureOf(cloud)
    await fixture.goOnline()
    await tells('online')
    await fixture.connect()
    await fixture.goOnline()
    await fixture.post('log', { kind: 'log', text: 'here' })
    expect(events.map(({ kind }) => kind).filter((kind) => kind.endsWith('line'))).toEqual([
      'online',
      'offline',
      'online',
    ])
  })

  test('pings', async ({ serve }) => {
    let ticks = 0
    const timebase = {
      nowMs: () => 0,
      sleep: async (_: number, signal?: AbortSignal) => {
        ticks++
        await sleep(5)
        signal?.throwIfAborted()
      },
    }
    const { cloud } = await serve({ timebase })
    const fixture = await fixtureOf(cloud)
    await fixture.goOnline()
    await fixture.hears('ping')
    expect(ticks).toBeGreaterThan(0)
  })

  test('is over when the device says so', async ({ serve }) => {
    const { cloud, tells } = await serve()
    const fixture = await fixtureOf(cloud)
    await fixture.goOnline()
    await fixture.ask('DELETE', 'session')
    await tells('offline')
    await expect(fixture.factoryToken()).rejects.toMatchObject({ code: 'session-over' })
  })
})

describe('what is no request of the link', () => {
  test.for([
    ['POST', 'connect', '{', 400, 'bad-request'],
    ['POST', 'connect', '{}', 400, 'bad-request'],
    ['POST', 'connect', 'x'.repeat(MOST_BODY_BYTES + 1), 413, 'too-large'],
    ['POST', 'bless', '{"success":true}', 401, 'session-over'],
    ['GET', 'connect', undefined, 405, 'bad-request'],
    ['POST', 'nowhere', '{}', 404, 'bad-request'],
    ['POST', '%ff', '{}', 400, 'bad-request'],
  ] as const)(
    '%s %s is refused, and changes nothing',
    async ([method, path, body, status, code], { serve }) => {
      const { cloud } = await serve()
      const before = Array.from(cloud.world.records())
      const stranger = new TestDevice(cloud.url, DUT_ID)
      await expect(stranger.ask(method, path, body)).rejects.toMatchObject({ status, code })
      expect(Array.from(cloud.world.records())).toEqual(before)
    },
  )
})
