import { afterEach, expect, test } from 'vitest'
import fixture from '../../../examples/factory/fixture.js'
import type { AgentFirmware, DeviceFirmware } from '../../../src/factory/api/firmware.js'
import { runDevice } from '../../../src/factory/api/run-device.js'
import { Cloud } from '../../../src/factory/cloud/cloud.js'
import { identityOf } from '../../../src/factory/imp/identity.js'
import { memoryOnly } from '../../../src/factory/imp/stored-settings.js'
import { scaledTime } from '../../helpers/scaled-time.js'
import { FIXTURE_ID, TestImp, tokenOf, WIFI } from './line.js'

// Mistakes of published firmware, which an imp makes no word of: each is told.

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

/** A DUT with a token that runs this from a warm start on, and its server. */
async function running(firmware: DeviceFirmware, agent?: AgentFirmware): Promise<TestImp> {
  const cloud = await Cloud.open({ ...(agent && { agents: { dut: agent } }) })
  open.push(cloud)
  const dut = new TestImp({
    cloudUrl: cloud.url,
    memory: memoryOnly({ settings: { ...WIFI, ...(await tokenOf(cloud)) }, role: 'dut' }),
    programs: {
      dut: (host) => runDevice(firmware, host),
      application: () => ({ stop: () => {} }),
    },
  })
  open.push(dut.imp)
  dut.imp.powerOn({ isCold: false })
  return dut
}

/** Resolves when such a hint is told. */
async function hints(dut: TestImp, sentence: RegExp): Promise<void> {
  const isTold = () =>
    dut.events.some(({ event, ...more }) => event === 'said' && sentence.test(JSON.stringify(more)))
  await expect.poll(isTold).toBe(true)
}

test('configparams that are read before the connection are empty', async () => {
  const seen: string[][] = []
  const dut = await running(({ imp }) => {
    seen.push(Object.keys(imp.configparams))
    imp.onidle(() => void seen.push(Object.keys(imp.configparams)))
  })
  await hints(dut, /"hint".*configparams read before connection/)
  await expect.poll(() => seen.length).toBe(2)
  expect(seen[0]).toEqual([])
  expect(seen[1]).toContain('factory_imp_device_id')
})

test('the example of a fixture gets ready, though its network is slower than imp.onidle waits', async () => {
  const cloud = await Cloud.open()
  open.push(cloud)
  await cloud.assignFixture(FIXTURE_ID)
  const slow = new TestImp({
    identity: identityOf({ deviceId: FIXTURE_ID }),
    timebase: scaledTime(200),
    cloudUrl: cloud.url,
    // Squirrel starts after 10 s, and is idle after 60 s more.
    network: { medium: 'ethernet', stageS: 100 },
    memory: memoryOnly({ settings: {}, role: 'fixture' }),
    programs: { fixture: (host) => runDevice(fixture, host) },
  })
  open.push(slow.imp)
  slow.imp.powerOn()
  await slow.tells('said', { text: 'ready for the first device' })
  expect(slow.kinds().indexOf('running')).toBeLessThan(slow.kinds().indexOf('connected'))
})

test('clearing before the blessing is answered', async () => {
  const dut = await running(({ imp, server }) => {
    imp.onidle(() => {
      server.bless(true, () => {})
      imp.clearconfiguration()
    })
  })
  await hints(dut, /"hint".*cleared before it is blessed/)
  await dut.tells('blessed', { success: true })
})

test('a message that nobody handles', async () => {
  const dut = await running(
    ({ imp, agent }) => {
      agent.on('right', () => {})
      imp.onidle(() => void agent.send('start'))
    },
    ({ device }) => {
      device.on('start', () => void device.send('rihgt', 1))
    },
  )
  await hints(dut, /"hint".*no handler for ..rihgt/)
})

test('work that goes on when the device is handed over', async () => {
  let worked = 0
  const dut = await running(({ imp, server }) => {
    const work = (): void => {
      worked++
      imp.wakeup(0.5, work)
    }
    imp.onidle(() => server.bless(true, () => work()))
  })
  await dut.tells('running', { role: 'application' })
  await hints(dut, /"hint".*cut off/)
  const until = worked
  expect(until).toBeGreaterThan(1)
  await new Promise((resolve) => setTimeout(resolve, 200)) // 4 s of the device
  expect(worked).toBe(until)
})

test('an exception restarts the program, again and again, and the device stays connected', async () => {
  let starts = 0
  const dut = await running(({ imp }) => {
    starts++
    imp.onidle(() => {
      throw new Error('oops')
    })
  })
  await expect.poll(() => starts).toBeGreaterThan(3)
  await hints(dut, /"error".*oops/)
  expect(dut.kinds().filter((kind) => kind === 'connected')).toHaveLength(1)
})
