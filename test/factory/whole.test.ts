import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import dutAgent from '../../examples/factory/dut-agent.js'
import fixtureAgent from '../../examples/factory/fixture-agent.js'
import oneProgram from '../../examples/factory/one-program.js'
import { makeMessage } from '../../src/bench/message.js'
import type { DeviceHost } from '../../src/factory/api/host.js'
import { runDevice } from '../../src/factory/api/run-device.js'
import { Cloud } from '../../src/factory/cloud/cloud.js'
import { EnrollmentClient } from '../../src/factory/enrollment/client.js'
import { FactoryBlinkUp } from '../../src/factory/fixture/factory-blink-up.js'
import type { ImpEvent } from '../../src/factory/imp/events.js'
import type { AgentFirmware, DeviceFirmware } from '../../src/factory/index.js'
import type { Settings } from '../../src/packet/index.js'
import { canonical, deviceConfigArbitrary } from '../helpers/arbitraries.js'
import { Desk, deviceIdOf, FIXTURE_ID, isReady } from '../helpers/desk.js'
import { scaledTime } from '../helpers/scaled-time.js'
import { deferred } from './imp/line.js'

const TIME = scaledTime(25)

let cloud: Cloud
let desk: Desk
beforeEach(async () => {
  cloud = await Cloud.open({ agents: { fixture: fixtureAgent, dut: dutAgent } })
  await cloud.assignFixture(FIXTURE_ID)
  desk = new Desk(cloud.url, TIME)
})
afterEach(() => cloud[Symbol.asyncDispose]())

test('what a fixture is told is what the device has stored after the light, field by field', async () => {
  const timebase = scaledTime(100)
  const quick = new Desk(cloud.url, timebase)
  const blinkUp = new FactoryBlinkUp(quick.light, { lockoutS: 0, timebase })
  const settings = deviceConfigArbitrary.filter(({ clear }) => !clear)
  const { signal } = new AbortController()
  await fc.assert(
    fc.asyncProperty(settings, async (config) => {
      const told = config as Settings
      const { imp, happenings } = quick.device(1)
      imp.powerOn()
      const options = { fast: true, activeHigh: true, pin: 'pinM', signal }
      await blinkUp.play(async () => told, options)
      await happenings.until(({ event }) => event === 'received', 10)
      await imp.powerOff()
      expect(imp.settings).toEqual(canonical(told))
    }),
    { numRuns: 40 },
  )
})

describe('a production token', () => {
  test.each(['v1', 'v5'] as const)('by %s, sent by light, enrolls the device', async (api) => {
    const { enrollmentKey: key } = cloud.account
    const client = new EnrollmentClient({ url: cloud.url, key, api, timebase: TIME })
    const enrollment = await client.createToken()
    const { imp, happenings } = desk.device(1)
    imp.powerOn()
    const { sequence } = makeMessage(
      { ssid: 'home', password: 'long enough', ...enrollment },
      { symbolRateHz: 60 },
    )
    await desk.light.emitter.play(sequence, { symbolRateHz: 60 })
    const connected = await happenings.until(({ event }) => event === 'connected', 10)
    expect(connected).toMatchObject({ role: 'none' }) // nobody has put it into a group
    if (api === 'v1') {
      expect(await client.awaitDevice(enrollment.token)).toMatchObject({
        deviceId: deviceIdOf(1),
        planId: enrollment.planId,
      })
    }
    await imp.powerOff()
  })

  test('that no device takes is a time-out of its own', async () => {
    const { enrollmentKey: key } = cloud.account
    const client = new EnrollmentClient({ url: cloud.url, key, timebase: TIME })
    const { token } = await client.createToken()
    await expect(client.awaitDevice(token, { timeoutS: 3 })).rejects.toMatchObject({
      code: 'no-device',
    })
  })
})

test('factory activation: blessed, a device stores a token of the server, and comes with it after the next power', async () => {
  const { enrollmentKey: key } = cloud.account
  const takesToken: AgentFirmware = ({ device, http }) => {
    device.on('blessed', () => {
      const headers = { authorization: `Basic ${btoa(`${key}:`)}` }
      const answer = http.post(`${activating.url}/v1/setup_tokens`, headers, '')
      answer.sendasync(({ body }) => void device.send('token', http.jsondecode(body)))
    })
  }
  const stored = deferred<string>()
  const storesToken: DeviceFirmware = ({ imp, server, agent }) => {
    agent.on('token', ({ id, plan_id }: { id: string; plan_id: string }) => {
      imp.setenroltokens(plan_id, id)
      stored.resolve(id)
    })
    imp.onidle(() => server.bless(true, () => void agent.send('blessed')))
  }
  const activating = await Cloud.open({ enrollmentKey: key, agents: { dut: takesToken } })
  try {
    await activating.assignFixture(FIXTURE_ID)
    // The time of the machine: what the agent does must be done in the 2 s before the hand-over.
    const line = new Desk(activating.url, scaledTime(1))
    const fixture = line.fixture()
    fixture.imp.powerOn()
    expect(await fixture.happenings.until(isReady, 10)).toBeDefined()
    const programs = { dut: (host: DeviceHost) => runDevice(storesToken, host) }
    const { imp, happenings } = line.device(1, { programs })
    imp.powerOn()
    await line.lightUp(fixture)
    const token = await stored.promise
    expect(await happenings.until(({ event }) => event === 'handed-over', 10)).toBeDefined()
    await imp.powerOff()
    expect(activating.world.tokens.get(token)?.claimedBy).toBeNull()
    imp.powerOn()
    const client = new EnrollmentClient({ url: activating.url, key })
    expect(await client.awaitDevice(token)).toMatchObject({ deviceId: deviceIdOf(1) })
    await Promise.all([imp.powerOff(), fixture.imp.powerOff()])
  } finally {
    await activating[Symbol.asyncDispose]()
  }
})

test('the lamps of the fixture tell how the last device has done: E is green, F is red', async () => {
  const fixture = desk.fixture()
  const isLit = (lamp: string) => (event: ImpEvent) =>
    event.event === 'pin' && event.pin === lamp && event.level === 1
  fixture.imp.powerOn()
  expect(await fixture.happenings.until(isReady, 10)).toBeDefined()
  for (const [number, passes, lamp, other] of [
    [1, true, 'pinE', 'pinF'],
    [2, false, 'pinF', 'pinE'],
  ] as const) {
    const device = desk.device(number)
    device.imp.pins.drive('pin1', passes ? 1 : 0)
    device.imp.powerOn()
    await desk.lightUp(fixture)
    expect(await fixture.happenings.until(isLit(lamp), 20)).toBeDefined()
    const levels = new Map(
      fixture.happenings.all.flatMap((event) =>
        event.event === 'pin' ? [[event.pin, event.level]] : [],
      ),
    )
    expect([levels.get(lamp), levels.get(other) ?? 0]).toEqual([1, 0])
    await device.happenings.until(({ event }) => event === 'blessed', 20)
    await device.imp.powerOff()
  }
  await fixture.imp.powerOff()
})

test('a device whose result nobody takes is not blessed', async () => {
  const deaf = await Cloud.open({ agents: { dut: dutAgent } })
  try {
    await deaf.assignFixture(FIXTURE_ID)
    const line = new Desk(deaf.url, TIME)
    const fixture = line.fixture()
    fixture.imp.powerOn()
    expect(await fixture.happenings.until(isReady, 10)).toBeDefined()
    const { imp, happenings } = line.device(1)
    imp.powerOn()
    await line.lightUp(fixture)
    const judged = await happenings.until(({ event }) => event === 'blessed', 20)
    expect(judged).toMatchObject({ success: false })
    await Promise.all([imp.powerOff(), fixture.imp.powerOff()])
  } finally {
    await deaf[Symbol.asyncDispose]()
  }
})

test('the agent of the fixture answers 200, and 404 or 400 to what is no result', async () => {
  const fixture = desk.fixture()
  fixture.imp.powerOn()
  expect(await fixture.happenings.until(isReady, 10)).toBeDefined()
  const connected = fixture.happenings.find(({ event }) => event === 'connected')
  const url = (connected as ImpEvent & { agentUrl: string }).agentUrl
  const result = JSON.stringify({ deviceInfo: { deviceId: deviceIdOf(1) }, ts: 1, success: true })
  const post = async (body: string) => {
    const response = await fetch(url, { method: 'POST', body })
    return [response.status, await response.text()]
  }
  expect(await post(result)).toEqual([200, 'OK'])
  expect((await post('{'))[0]).toBe(400)
  expect((await fetch(url)).status).toBe(404)
  await fixture.imp.powerOff()
})

test('one program is fixture and device under test', async () => {
  const programs = {
    fixture: (host: Parameters<typeof runDevice>[1]) => runDevice(oneProgram, host),
    dut: (host: Parameters<typeof runDevice>[1]) => runDevice(oneProgram, host),
  }
  const fixture = desk.fixture({ programs })
  fixture.imp.powerOn()
  expect(await fixture.happenings.until(isReady, 10)).toBeDefined()
  const device = desk.device(1, { programs })
  device.imp.powerOn()
  await desk.lightUp(fixture)
  expect(await device.happenings.until(({ event }) => event === 'handed-over', 20)).toBeDefined()
  await Promise.all([device.imp.powerOff(), fixture.imp.powerOff()])
})
