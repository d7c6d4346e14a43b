import { afterEach, expect, test } from 'vitest'
import type { DeviceApi } from '../../../src/factory/api/device-api.js'
import type { DeviceFirmware } from '../../../src/factory/api/firmware.js'
import { runDevice } from '../../../src/factory/api/run-device.js'
import { Cloud } from '../../../src/factory/cloud/cloud.js'
import { FactoryBlinkUp } from '../../../src/factory/fixture/factory-blink-up.js'
import { identityOf } from '../../../src/factory/imp/identity.js'
import type { Program } from '../../../src/factory/imp/life.js'
import { photodiodeLight } from '../../../src/factory/imp/watch-light.js'
import { openEmulatedRig } from '../../../src/rig/emulated/open.js'
import { SampleFanOut } from '../../../src/rig/fan-out.js'
import type { Photodiode } from '../../../src/rig/rig.js'
import { DUT_ID, FIXTURE_ID, TestImp, WIFI } from './line.js'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]()
})
const using = <T extends AsyncDisposable>(one: T): T => {
  open.push(one)
  return one
}

/** One program for both, as until 2019: what it is, it finds out by itself. */
const factory: DeviceFirmware = ({ imp, server, hardware, ...constants }: DeviceApi) => {
  imp.onidle(() => {
    const isFixture = imp.configparams.factory_imp_device_id === hardware.getdeviceid()
    if (isFixture) {
      const button = hardware.pinC
      button.configure(constants.DIGITAL_IN, () => {
        if (button.read() === 1) {
          const flags = constants.BLINKUP_FAST | constants.BLINKUP_ACTIVEHIGH
          server.factoryblinkup(WIFI.ssid, WIFI.password, hardware.pinM, flags)
        }
      })
    } else {
      server.bless(true, (isBlessed) => {
        if (isBlessed) imp.clearconfiguration(constants.CONFIG_ALL)
      })
    }
  })
}
const program: Program = (host) => runDevice(factory, host)

test('the published flow once round: button, real light of an emulated rig, token, blessing, hand-over', async () => {
  const cloud = using(await Cloud.open())
  await cloud.assignFixture(FIXTURE_ID)
  const rig = using(await openEmulatedRig({ brightness: 1, greyRatio: 0.52, sampleRateHz: 1000 }))
  const seen = using(new SampleFanOut(rig.photodiode as Photodiode))
  const fixture = new TestImp({
    identity: identityOf({ deviceId: FIXTURE_ID, impType: 'imp005' }),
    cloudUrl: cloud.url,
    network: { medium: 'ethernet' },
    factoryLight: new FactoryBlinkUp(rig),
    programs: { fixture: program, dut: program },
  })
  using(fixture.imp)
  const dut = new TestImp({
    identity: identityOf({ deviceId: DUT_ID }),
    cloudUrl: cloud.url,
    light: photodiodeLight(seen),
    programs: { fixture: program, dut: program },
  })
  using(dut.imp)
  fixture.imp.powerOn()
  dut.imp.powerOn()
  await fixture.tells('running', { role: 'fixture' })
  await dut.tells('led', { led: 'no-settings' })
  // Pressed again and again, as an operator does who sees nothing happen: it takes what comes first, and no more in the lockout.
  let level: 0 | 1 = 0
  const pressing = setInterval(() => {
    level = level === 0 ? 1 : 0
    fixture.imp.pins.drive('pinC', level)
  }, 100)
  using({ [Symbol.asyncDispose]: async () => clearInterval(pressing) })
  await dut.tells('connected', { role: 'dut' })
  await dut.tells('handed-over')
  const states = dut.events.flatMap((event) => (event.event === 'led' ? [event.led] : []))
  expect(states.slice(0, 3)).toEqual(['no-settings', 'receiving', 'received'])
  expect(states.at(-1)).toBe('blessed')
  expect(dut.imp.settings).toEqual({})
  const device = cloud.world.devices.get(DUT_ID)
  expect(device && cloud.world.groupOf(device)?.type).toBe('production_devicegroup')
  const claimed = Array.from(cloud.world.tokens.values()).filter(({ claimedBy }) => claimedBy)
  expect(claimed.map(({ claimedBy }) => claimedBy)).toEqual([DUT_ID])
  expect(dut.events.filter(({ event }) => event === 'not-received')).toEqual([])
})
