import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import dutAgent from '../../examples/factory/dut-agent.js'
import fixtureAgent from '../../examples/factory/fixture-agent.js'
import oneProgram from '../../examples/factory/one-program.js'
import { makeMessage } from '../../src/bench/message.js'
import { runDevice } from '../../src/factory/api/run-device.js'
import { Cloud } from '../../src/factory/cloud/cloud.js'
import { EnrollmentClient } from '../../src/factory/enrollment/client.js'
import { FactoryBlinkUp } from '../../src/factory/fixture/factory-blink-up.js'
import type { Settings } from '../../src/packet/index.js'
import { canonical, deviceConfigArbitrary } from '../helpers/arbitraries.js'
import { Desk, deviceIdOf, FIXTURE_ID, isReady, press, timesAsFast } from '../helpers/desk.js'

const TIME = timesAsFast(25)

let cloud: Cloud
let desk: Desk
beforeEach(async () => {
  cloud = await Cloud.open({ agents: { fixture: fixtureAgent, dut: dutAgent } })
  await cloud.assignFixture(FIXTURE_ID)
  desk = new Desk(cloud.url, TIME)
})
afterEach(() => cloud[Symbol.asyncDispose]())

test('what a fixture is told is what the device has stored after the light, field by field', async () => {
  const timebase = timesAsFast(100)
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
  press(fixture)
  expect(await device.happenings.until(({ event }) => event === 'handed-over', 20)).toBeDefined()
  await Promise.all([device.imp.powerOff(), fixture.imp.powerOff()])
})
