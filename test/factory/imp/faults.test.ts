import { expect } from 'vitest'
import { seededRandom } from '../../../src/channel/index.js'
import type { DeviceHost } from '../../../src/factory/api/host.js'
import { Cloud } from '../../../src/factory/cloud/cloud.js'
import type { ImpOptions } from '../../../src/factory/imp/imp.js'
import { memoryFile } from '../../../src/factory/imp/stored-settings.js'
import { machineTimebase } from '../../../src/rig/timebase.js'
import { test } from '../../helpers/folder.js'
import { DUT_ID, running, TestImp, tokenOf, WIFI } from './line.js'

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

test(`a server that is killed at ${MOMENTS} random moments, and is there again: each device is blessed and cleared`, async ({
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

test(`a device that loses its power at ${MOMENTS} random moments, and gets it again: it is what the server has it for`, async ({
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

test(`a network that is slow, each answer by up to a second: nothing is different`, async () => {
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
