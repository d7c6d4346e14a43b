import { expect } from 'vitest'
import { fixtureOf, litBy, login, test } from './cloud-test.js'
import { DUT_ID, FIXTURE_ID, TestDevice } from './link-client.js'

test('a server that is started again knows all that it knew; only sessions are over', async ({
  serve,
  folder,
}) => {
  const stateFile = folder.at('state')
  const { cloud } = await serve({ stateFile })
  const fixture = await fixtureOf(cloud)
  const dut = await litBy(fixture, DUT_ID)
  const unclaimed = await fixture.factoryToken()
  await cloud.setWebhook('blessing', 'http://127.0.0.1:1/')
  const access = await login(cloud)
  const records = Array.from(cloud.world.records())
  await cloud[Symbol.asyncDispose]()
  await cloud[Symbol.asyncDispose]()

  const { cloud: again } = await serve({ stateFile, port: Number(new URL(cloud.url).port) })
  expect(again.url).toBe(cloud.url)
  expect(Array.from(again.world.records())).toEqual(records)
  expect((await fetch(`${again.url}/v5/devices`, { headers: access })).status).toBe(200)
  await expect(dut.bless(true)).rejects.toMatchObject({ status: 401, code: 'session-over' })
  const { agentUrl } = dut.answer ?? {}
  expect(await dut.connect()).toMatchObject({ role: 'dut', agentUrl })
  expect((await dut.bless(true)).blessed).toBe(true)
  const other = new TestDevice(again.url, '600a0c2a690a1b2d', unclaimed)
  expect((await other.connect()).configparams['factory_imp_device_id']).toBe(FIXTURE_ID)
})

test('tokens that have been too old for a day are forgotten at the start, claimed ones never', async ({
  serve,
  folder,
}) => {
  const stateFile = folder.at('state')
  let nowMs = Date.UTC(2026, 0, 1)
  const { cloud } = await serve({ stateFile, nowMs: () => nowMs, tokenLifetimeS: 60 })
  const fixture = await fixtureOf(cloud)
  const { enrollment } = await litBy(fixture, DUT_ID)
  await fixture.factoryToken()
  await cloud[Symbol.asyncDispose]()
  nowMs += 24 * 3600_000
  const { cloud: soon } = await serve({ stateFile, nowMs: () => nowMs })
  expect(soon.world.tokens.size).toBe(2)
  await soon[Symbol.asyncDispose]()
  nowMs += 60_000
  const { cloud: late } = await serve({ stateFile, nowMs: () => nowMs })
  expect(Array.from(late.world.tokens.keys())).toEqual([enrollment?.token])
})

test('an enrollment key that is given takes the place of the older one', async ({
  serve,
  folder,
}) => {
  const stateFile = folder.at('state')
  const { cloud } = await serve({ stateFile })
  const { enrollmentKey, ...others } = cloud.account
  await cloud[Symbol.asyncDispose]()
  const { cloud: changed } = await serve({ stateFile, enrollmentKey: 'given' })
  expect(changed.account).toEqual({ ...others, enrollmentKey: 'given' })
  await changed[Symbol.asyncDispose]()
  expect((await serve({ stateFile })).cloud.account.enrollmentKey).toBe('given')
  expect(enrollmentKey).not.toBe('given')
})

test('a port that is taken leaves the state to others', async ({ serve, folder }) => {
  const { cloud } = await serve()
  const stateFile = folder.at('state')
  const port = Number(new URL(cloud.url).port)
  await expect(serve({ stateFile, port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await serve({ stateFile })
})
