import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'vitest'
import { seededRandom } from '../../../src/channel/index.js'
import type { DeviceHost } from '../../../src/factory/api/host.js'
import { runDevice } from '../../../src/factory/api/run-device.js'
import { Cloud } from '../../../src/factory/cloud/cloud.js'
import { FactoryBlinkUp } from '../../../src/factory/fixture/factory-blink-up.js'
import { identityOf } from '../../../src/factory/imp/identity.js'
import type { ImpOptions } from '../../../src/factory/imp/imp.js'
import { memoryFile } from '../../../src/factory/imp/stored-settings.js'
import { photodiodeLight } from '../../../src/factory/imp/watch-light.js'
import { machineTimebase } from '../../../src/rig/timebase.js'
import { test } from '../../helpers/folder.js'
import { scaledTime } from '../../helpers/scaled-time.js'
import { DUT_ID, FIXTURE_ID, running, TestImp, tokenOf, WIFI } from './line.js'
import { SimulatedRig } from './simulated-rig.js'

const MOMENTS = 50
/** A cycle takes about so long, at twenty times the speed. */
const CYCLE_MS = 400

/** The program of published DUT firmware, as far as the server is asked. */
const dut = running(async (host: DeviceHost) => {
  const answer = await host.server.bless(true)
  host.showBlessing(answer.blessed)
  if (!answer.blessed) return
  host.settings.clear('all')
  host.handOver(answer)
})
const application = running(() => {})

/** What is true of a device that is done, whatever has happened on the way: both sides agree, and one token was used, once. */
function expectDone(device: TestImp, cloud: Cloud): void {
  const known = cloud.world.devices.get(DUT_ID)
  expect(known && cloud.world.groupOf(known)?.type).toBe('production_devicegroup')
  const claimed = Array.from(cloud.world.tokens.values()).filter(({ claimedBy }) => claimedBy)
  expect(claimed.map(({ claimedBy }) => claimedBy)).toEqual([DUT_ID])
  expect(
    device.events.filter((event) => event.event === 'stuck' && /claimed/.test(event.reason)),
  ).toEqual([])
}

test.concurrent(`a server that is killed at ${MOMENTS} random moments, and is there again: each device is blessed and cleared`, async ({
  folder,
}) => {
  const random = seededRandom(1)
  for (let moment = 0; moment < MOMENTS; moment++) {
    const stateFile = folder.at(`state-${moment}`)
    const first = await Cloud.open({ stateFile })
    const device = new TestImp({ cloudUrl: first.url, programs: { dut, application } })
    device.imp.powerOn()
    await device.air.shine({ ...WIFI, ...(await tokenOf(first)) })
    await machineTimebase.sleep(CYCLE_MS * random())
    await first[Symbol.asyncDispose]()
    const second = await Cloud.open({ stateFile, port: Number(new URL(first.url).port) })
    await device.tells('running', { role: 'application' })
    expectDone(device, second)
    expect(device.imp.settings).toEqual({})
    expect(device.imp.led).toBe('blessed')
    await device.imp.powerOff()
    await second[Symbol.asyncDispose]()
  }
})

test.concurrent(`a device that loses its power at ${MOMENTS} random moments, and gets it again: it is what the server has it for`, async ({
  folder,
}) => {
  const random = seededRandom(2)
  const cut = { before: 0, unclear: 0, after: 0 }
  for (let moment = 0; moment < MOMENTS; moment++) {
    const cloud = await Cloud.open()
    const memory = memoryFile(folder.at(`imp-${moment}.json`))
    const options: ImpOptions = { cloudUrl: cloud.url, memory, programs: { dut, application } }
    const first = new TestImp(options)
    const token = await tokenOf(cloud)
    first.imp.powerOn()
    await first.air.shine({ ...WIFI, ...token })
    await machineTimebase.sleep(CYCLE_MS * random())
    await first.imp.powerOff()
    const isBlessed = first.events.some(({ event }) => event === 'blessed')

    const again = new TestImp(options)
    again.imp.powerOn()
    if (isBlessed) {
      // It has nothing stored any more, and waits for its end user, green no longer.
      await again.tells('led', { led: 'no-settings' })
      expect(again.imp.settings).toEqual({})
      cut.after++
    } else {
      expect(again.imp.settings).toEqual({ ...WIFI, ...token })
      const { role } = await again.tells('connected')
      // The answer to a blessing may have been lost, but not the blessing.
      if (role === 'application') cut.unclear++
      else cut.before++
      await again.tells('running', { role: 'application' })
    }
    expectDone(again, cloud)
    await again.imp.powerOff()
    await cloud[Symbol.asyncDispose]()
  }
  expect(cut.before).toBeGreaterThan(0)
  expect(cut.after).toBeGreaterThan(0)
})

test.concurrent(`a network that is slow, each answer by up to a second: nothing is different`, async () => {
  const random = seededRandom(3)
  for (let moment = 0; moment < 10; moment++) {
    const cloud = await Cloud.open()
    const token = await tokenOf(cloud)
    const device = new TestImp({ cloudUrl: cloud.url, programs: { dut, application } })
    device.imp.powerOn()
    cloud.faults.slowMs = 1000 * random()
    await device.air.shine({ ...WIFI, ...token })
    await device.tells('running', { role: 'application' })
    expectDone(device, cloud)
    expect(device.imp.settings).toEqual({})
    await device.imp.powerOff()
    await cloud[Symbol.asyncDispose]()
  }
})

/** The program of published fixture firmware: it fires when its button is pressed. */
const fixture = (host: DeviceHost) =>
  runDevice(({ server, hardware, DIGITAL_IN, BLINKUP_FAST }) => {
    const { pinC, pinM } = hardware
    pinC.configure(DIGITAL_IN, () => {
      if (pinC.read() === 1) {
        server.factoryblinkup(WIFI.ssid, WIFI.password, pinM, BLINKUP_FAST)
      }
    })
  }, host)

interface Line {
  readonly rig: SimulatedRig
  readonly fixture: TestImp
  readonly device: TestImp
}

/** A line of one fixture and one device, with a light that takes its time between them. */
async function onLine(
  { url }: Cloud,
  work: (line: Line, press: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const timebase = scaledTime(20)
  const rig = new SimulatedRig(timebase)
  const sender = new TestImp({
    identity: identityOf({ deviceId: FIXTURE_ID, impType: 'imp005' }),
    timebase,
    cloudUrl: url,
    network: { medium: 'ethernet' },
    factoryLight: new FactoryBlinkUp(rig, { lockoutS: 0, timebase }),
    programs: { fixture },
  })
  const device = new TestImp({
    timebase,
    cloudUrl: url,
    light: photodiodeLight(rig.photodiode),
    programs: { dut, application },
  })
  const press = async (): Promise<void> => {
    await sender.tells('running', { role: 'fixture' })
    await turn() // its program has begun
    sender.imp.pins.drive('pinC', 1)
    await turn()
    sender.imp.pins.drive('pinC', 0)
  }
  sender.imp.powerOn()
  device.imp.powerOn()
  await work({ rig, fixture: sender, device }, press)
  await sender.imp.powerOff()
  await device.imp.powerOff()
}

/** Of the light: a message of these settings at 142 Hz, twenty times as fast. */
const LIGHT_MS = 250

test.concurrent(`a fixture that is killed at ${MOMENTS} random moments, and fires again: one token is used`, async () => {
  const random = seededRandom(4)
  const seen = { cut: 0, whole: 0 }
  for (let moment = 0; moment < MOMENTS; moment++) {
    const cloud = await Cloud.open()
    await cloud.assignFixture(FIXTURE_ID)
    await onLine(cloud, async ({ device, fixture }, press) => {
      await press()
      await machineTimebase.sleep(1.2 * LIGHT_MS * random())
      await fixture.imp.powerOff()
      const isWhole = device.events.some(({ event }) => event === 'received')
      if (isWhole) seen.whole++
      else {
        seen.cut++
        fixture.forget()
        fixture.imp.powerOn()
        while (!device.events.some(({ event }) => event === 'received')) {
          await press()
          await machineTimebase.sleep(LIGHT_MS)
        }
      }
      await device.tells('running', { role: 'application' })
      expectDone(device, cloud)
      expect(device.imp.led).toBe('blessed')
    })
    await cloud[Symbol.asyncDispose]()
  }
  expect(seen.cut).toBeGreaterThan(0)
})

test.concurrent(`light that is blocked at ${MOMENTS} random moments for a while: nothing wrong is stored, and the next one is taken`, async () => {
  const random = seededRandom(5)
  for (let moment = 0; moment < MOMENTS; moment++) {
    const cloud = await Cloud.open()
    await cloud.assignFixture(FIXTURE_ID)
    await onLine(cloud, async ({ rig, device }, press) => {
      const isReceived = () => device.events.some(({ event }) => event === 'received')
      await press()
      await machineTimebase.sleep(LIGHT_MS * random())
      rig.isBlocked = true
      await machineTimebase.sleep(LIGHT_MS * random())
      rig.isBlocked = false
      while (!isReceived()) {
        await press()
        await machineTimebase.sleep(LIGHT_MS)
      }
      await device.tells('running', { role: 'application' })
      expectDone(device, cloud)
      const stored = device.events.flatMap((event) =>
        event.event === 'settings' && event.settings.ssid !== undefined
          ? [event.settings.ssid]
          : [],
      )
      expect(new Set(stored)).toEqual(new Set([WIFI.ssid]))
    })
    await cloud[Symbol.asyncDispose]()
  }
})
