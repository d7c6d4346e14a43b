import { afterEach, describe, expect } from 'vitest'
import type { DeviceHost } from '../../../src/factory/api/host.js'
import { Cloud } from '../../../src/factory/cloud/cloud.js'
import { identityOf } from '../../../src/factory/imp/identity.js'
import type { ImpOptions } from '../../../src/factory/imp/imp.js'
import { memoryFile, memoryOnly } from '../../../src/factory/imp/stored-settings.js'
import { test } from '../../helpers/folder.js'
import { login } from '../cloud/cloud-test.js'
import { DUT_ID, deferred, FIXTURE_ID, running, TestImp, tokenOf, WIFI } from './line.js'

// The device against the real stand-in of the server, over HTTP.

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

async function served(options: Parameters<typeof Cloud.open>[0] = {}): Promise<Cloud> {
  const cloud = await Cloud.open(options)
  open.push(cloud)
  return cloud
}

function made(options: ImpOptions): TestImp {
  const made = new TestImp(options)
  open.push(made.imp)
  return made
}

const TOKEN = { planId: '0123456789abcdef', token: 'fedcba9876543210' }

/** The program of published DUT firmware: it passes, is blessed, clears, and is handed over. */
const passes = (host: DeviceHost, isPassed = true): Promise<void> =>
  host.server.bless(isPassed).then((answer) => {
    host.showBlessing(answer.blessed)
    if (!answer.blessed) return
    host.settings.clear('all')
    host.handOver(answer)
  })

/** A DUT that has a token by light, in its group. */
async function lit(cloud: Cloud, options: ImpOptions = {}): Promise<TestImp> {
  const dut = made({ cloudUrl: cloud.url, ...options })
  dut.imp.powerOn()
  await dut.air.shine({ ...WIFI, ...(await tokenOf(cloud)) })
  return dut
}

describe('a device under test', () => {
  test('enrolls with the token that came by light, is blessed, clears, and is handed over 2 s later', async () => {
    const cloud = await served()
    const seen: unknown[] = []
    const dut = await lit(cloud, {
      programs: {
        dut: running((host) => {
          const { role, isWarmStart, wakeReason, server } = host
          seen.push({ role, isWarmStart, wakeReason, ...server.configparams })
          return passes(host)
        }),
        application: running(({ role, isWarmStart, wakeReason, server }) =>
          seen.push({ role, isWarmStart, wakeReason, ...server.configparams }),
        ),
      },
    })
    await dut.tells('running', { role: 'application' })
    expect(seen).toEqual([
      {
        role: 'dut',
        isWarmStart: false,
        wakeReason: 'power-on',
        factory_imp_device_id: FIXTURE_ID,
        factoryfirmware: true,
        factory_imp: FIXTURE_ID.slice(4),
      },
      { role: 'application', isWarmStart: true, wakeReason: 'new-firmware' },
    ])
    const kinds = dut.kinds()
    const order = ['received', 'connected', 'running', 'blessed', 'handed-over']
    expect(order.map((kind) => kinds.indexOf(kind))).toEqual(
      order.map((kind) => kinds.indexOf(kind)).toSorted((a, b) => a - b),
    )
    expect(dut.imp.settings).toEqual({})
    expect(dut.imp.led).toBe('blessed')
    const [group] = Array.from(cloud.world.devices.values()).filter(({ id }) => id === DUT_ID)
    expect(cloud.world.groupOf(group as never)?.type).toBe('production_devicegroup')
    const said = dut.events.filter(({ event }) => event === 'said')
    expect(said).toMatchObject([
      { kind: 'hint', text: expect.stringContaining('2 s after the callback') },
    ])
    // The next power is another life.
    await dut.imp.powerOff()
    expect(dut.imp.led).toBe('dark')
    dut.forget()
    dut.imp.powerOn()
    await dut.tells('led', { led: 'no-settings' })
  })

  test('that fails its test is red until its power goes, and stays a DUT', async () => {
    const cloud = await served()
    const dut = await lit(cloud, { programs: { dut: running((host) => passes(host, false)) } })
    expect(await dut.tells('blessed')).toMatchObject({ success: false })
    await dut.tells('led', { led: 'failed' })
    expect(dut.imp.settings).toMatchObject(WIFI)
    expect(dut.kinds()).not.toContain('handed-over')
  })

  test('without a program of its role says so', async () => {
    const dut = await lit(await served())
    await dut.tells('said', {
      kind: 'hint',
      text: 'the device has no program for role dut: give it a firmware',
    })
  })

  test('is updated on its first joining: green, a restart, and only then connected', async () => {
    const dut = await lit(await served(), { network: { updateS: 30 } })
    await dut.tells('connected')
    const { events } = dut
    const updating = events.find(({ event }) => event === 'updating')
    const restarted = events.find(({ event }) => event === 'restarted')
    expect(updating).toMatchObject({ seconds: 30 })
    expect(restarted).toMatchObject({ reason: 'impOS was updated' })
    expect((restarted?.atS ?? 0) - (updating?.atS ?? 0)).toBeGreaterThanOrEqual(29.9)
    expect(events.filter(({ event }) => event === 'updating')).toHaveLength(1)
    expect(events.filter((e) => e.event === 'started').map((e) => e.isCold)).toEqual([true, false])
  })

  test('with a wrong password by light joins after the right one came', async () => {
    const cloud = await served()
    const dut = made({ cloudUrl: cloud.url, network: { networks: [WIFI] } })
    dut.imp.powerOn()
    const token = await tokenOf(cloud)
    await dut.air.shine({ ...WIFI, password: 'wrong enough', ...token })
    expect(await dut.tells('stuck')).toMatchObject({
      stage: 'joining',
      reason: 'the password is not that of "net"',
    })
    await dut.air.shine({ ...WIFI, ...token })
    await dut.tells('connected', { role: 'dut' })
  })

  test('whose token another one has stays out until it gets one of its own', async () => {
    const cloud = await served()
    const token = await tokenOf(cloud)
    const first = made({ cloudUrl: cloud.url, identity: identityOf() })
    const second = made({ cloudUrl: cloud.url })
    for (const { imp } of [first, second]) imp.powerOn()
    await first.air.shine({ ...WIFI, ...token })
    await first.tells('connected')
    await second.air.shine({ ...WIFI, ...token })
    expect(await second.tells('stuck')).toMatchObject({
      stage: 'reaching-server',
      reason: 'another device has claimed the enrollment token',
    })
    await second.air.shine({ ...WIFI, ...(await tokenOf(cloud)) })
    await second.tells('connected', { role: 'dut' })
  })

  test('whose server restarts connects again, as who it was', async ({ folder }) => {
    const stateFile = folder.at('state')
    const cloud = await served({ stateFile })
    const dut = await lit(cloud)
    const { deviceGroupId } = await dut.tells('connected')
    dut.forget()
    const port = Number(new URL(cloud.url).port)
    await cloud[Symbol.asyncDispose]()
    await dut.tells('disconnected')
    expect((await dut.tells('stuck')).reason).toMatch(
      /^nothing answers at http:.*: start the server/,
    )
    await served({ stateFile, port })
    expect(await dut.tells('connected')).toMatchObject({ role: 'dut', deviceGroupId })
  })

  test('whose session is over, as another one has begun, connects again', async () => {
    const cloud = await served()
    const host = deferred<DeviceHost>()
    const dut = await lit(cloud, { programs: { dut: running(host.resolve) } })
    const { server } = await host.promise
    dut.forget()
    const { planId, token } = dut.imp.settings
    // Somebody connects as this device: the server ends its session.
    const response = await fetch(`${cloud.url}/link/connect`, {
      method: 'POST',
      body: JSON.stringify({
        deviceId: DUT_ID,
        macAddress: DUT_ID.slice(4),
        impType: 'imp004m',
        swVersion: '42.0',
        enrollment: { planId, token },
      }),
    })
    expect(response.status).toBe(200)
    await response.text()
    await server.send('late', null)
    await dut.tells('disconnected')
    await dut.tells('connected', { role: 'dut' })
  })

  test.for([
    ['before the question arrives', false],
    ['before the answer is sent', true],
  ] as const)(
    'whose server goes %s is blessed when it is there again, once',
    async ([, isSlow], { folder }) => {
      const stateFile = folder.at('state')
      const cloud = await served({ stateFile })
      const host = deferred<DeviceHost>()
      const dut = await lit(cloud, {
        programs: {
          dut: running(host.resolve),
          application: running(() => {}),
        },
      })
      const dutHost = await host.promise
      const { token } = dut.imp.settings
      const port = Number(new URL(cloud.url).port)
      if (isSlow) cloud.faults.slowMs = 600_000
      else await cloud[Symbol.asyncDispose]()
      const passed = passes(dutHost)
      if (isSlow) {
        const isBlessed = () =>
          Array.from(cloud.world.devices.values()).some(
            (device) => cloud.world.groupOf(device)?.type === 'production_devicegroup',
          )
        await expect.poll(isBlessed).toBe(true)
        await cloud[Symbol.asyncDispose]()
      }
      await dut.tells('disconnected')
      const again = await served({ stateFile, port })
      await passed
      // What the server calls it meanwhile does not end the program before its callback.
      await dut.tells('running', { role: 'application' })
      const kinds = dut.kinds()
      expect(kinds.filter((kind) => kind === 'blessed')).toHaveLength(1)
      expect(kinds.indexOf('blessed')).toBeLessThan(kinds.indexOf('handed-over'))
      expect(dut.imp.settings).toEqual({})
      expect(dut.imp.led).toBe('blessed')
      expect(again.world.tokens.get(token ?? '')?.claimedBy).toBe(DUT_ID)
    },
  )

  test.each([500, 401, 403, 429])('asks again for its blessing after HTTP %i', async (status) => {
    const cloud = await served()
    const host = deferred<DeviceHost>()
    const dut = await lit(cloud, { programs: { dut: running(host.resolve) } })
    const dutHost = await host.promise
    cloud.faults.fail('link', status, 2)
    await passes(dutHost)
    expect(dut.events.filter(({ event }) => event === 'blessed')).toMatchObject([{ success: true }])
  })

  test('that loses its power in mid-blessing is in the end what the server says', async ({
    folder,
  }) => {
    const cloud = await served()
    const memory = memoryFile(folder.at('imp.json'))
    const host = deferred<DeviceHost>()
    const dut = await lit(cloud, { memory, programs: { dut: running(host.resolve) } })
    const dutHost = await host.promise
    cloud.faults.slowMs = 200
    const passed = passes(dutHost)
    passed.catch(() => {})
    await dut.imp.powerOff()
    cloud.faults.slowMs = 0
    // Not cleared, as there was no answer: it connects, and is what the server has it for.
    const again = made({ cloudUrl: cloud.url, memory })
    again.imp.powerOn()
    const { role } = await again.tells('connected')
    const isBlessed = Array.from(cloud.world.devices.values()).some(
      (device) => cloud.world.groupOf(device)?.type === 'production_devicegroup',
    )
    expect(role).toBe(isBlessed ? 'application' : 'dut')
    expect(again.kinds()).not.toContain('stuck')
  })

  test('whose program fails in the callback of a good blessing starts as the application', async () => {
    const cloud = await served()
    const dut = await lit(cloud, {
      programs: {
        dut: running(async (host) => {
          await host.server.bless(true)
          host.restart('Error: oops')
        }),
        application: running(() => {}),
      },
    })
    await dut.tells('running', { role: 'application' })
    expect(dut.kinds()).not.toContain('handed-over')
    // Not cleared: that is what its program has failed to do.
    expect(dut.imp.settings).toMatchObject(WIFI)
  })

  test('of a group whose code comes with the first BlinkUp goes on, and has no code the next time', async () => {
    const cloud = await served()
    const response = await fetch(`${cloud.url}/v5/devicegroups/${cloud.group('production')?.id}`, {
      method: 'PATCH',
      headers: { ...(await login(cloud)), 'content-type': 'application/vnd.api+json' },
      body: JSON.stringify({
        data: {
          type: 'production_devicegroup',
          id: cloud.group('production')?.id,
          attributes: { load_code_after_blessing: false },
        },
      }),
    })
    expect(response.status).toBe(200)
    const memory = memoryOnly()
    const dut = await lit(cloud, { memory, programs: { dut: running((host) => passes(host)) } })
    await dut.tells('said', {
      text: 'blessed; the application firmware comes with the first BlinkUp of the end user',
    })
    await dut.tells('led', { led: 'blessed' })
    expect(dut.kinds()).not.toContain('handed-over')
    expect(memory.read()).toEqual({ settings: {}, role: null })
  })

  test('is another one when the server has moved it: it restarts, connected anew', async () => {
    const cloud = await served()
    const dut = await lit(cloud, {
      programs: { dut: running(() => {}), fixture: running(() => {}) },
    })
    await dut.tells('running', { role: 'dut' })
    await cloud.assignFixture(DUT_ID)
    await dut.tells('running', { role: 'fixture' })
    expect(await dut.tells('restarted')).toMatchObject({ reason: 'the server wants it to' })
  })

  test('sends its log in order, also what it said before it was connected', async () => {
    const lines: string[] = []
    const cloud = await served({
      onEvent: ({ kind, text }) => void (kind === 'device-log' && lines.push(text)),
    })
    const said = Array.from({ length: 20 }, (_, n) => `line ${n}`)
    const dut = made({
      cloudUrl: cloud.url,
      memory: memoryOnly({ settings: { ...WIFI, ...(await tokenOf(cloud)) }, role: 'dut' }),
      programs: {
        dut: running((host) => {
          for (const text of said) host.server.log({ kind: 'log', text })
        }),
      },
    })
    dut.imp.powerOn({ isCold: false })
    await expect.poll(() => lines.length).toBe(20)
    expect(lines).toEqual(said)
  })

  test('on a warm start knows its configparams only when it has connected', async () => {
    const cloud = await served()
    const seen: unknown[] = []
    const dut = made({
      cloudUrl: cloud.url,
      memory: memoryOnly({ settings: { ...WIFI, ...(await tokenOf(cloud)) }, role: 'dut' }),
      programs: {
        dut: running(async ({ server }) => {
          seen.push([server.isConnected, Object.keys(server.configparams)])
          seen.push(await server.connect(60))
          seen.push([server.isConnected, Object.keys(server.configparams)])
        }),
      },
    })
    dut.imp.powerOn({ isCold: false })
    await dut.tells('connected')
    await expect.poll(() => seen.length).toBe(3)
    const keys = ['factory_imp_device_id', 'factoryfirmware', 'factory_imp']
    expect(seen).toEqual([[false, []], true, [true, keys]])
  })

  test('connects again at once where it has not waited for the end of its disconnecting', async () => {
    const cloud = await served()
    const host = deferred<DeviceHost>()
    await lit(cloud, { programs: { dut: running(host.resolve) } })
    const { server } = await host.promise
    const gone = server.disconnect()
    expect(await server.connect(10)).toBe(true)
    await gone
    expect(server.isConnected).toBe(true)
  })

  test('whose program restarts knows its configparams only a moment later', async () => {
    const cloud = await served()
    const seen: unknown[] = []
    const isKnown = ({ server }: DeviceHost) => Object.keys(server.configparams).length > 0
    await lit(cloud, {
      programs: {
        dut: running(async (host) => {
          seen.push([host.isWarmStart, isKnown(host)])
          if (seen.length === 1) return host.restart('new code')
          await host.server.connect(60)
          seen.push(isKnown(host))
        }),
      },
    })
    await expect.poll(() => seen.length).toBe(3)
    expect(seen).toEqual([[false, true], [true, false], true])
  })

  test.for([
    ['sleeps', (host: DeviceHost) => host.deepSleepFor(1)],
    [
      'loses its power',
      async (_: DeviceHost, { imp }: TestImp) => {
        await imp.powerOff()
        imp.powerOn()
      },
    ],
  ] as const)(
    'cleared of its Wi-Fi keeps connection and enrollment; the connection until it %s',
    async ([, lose]) => {
      const cloud = await served()
      const host = deferred<DeviceHost>()
      const memory = memoryOnly()
      const programs = { dut: running(host.resolve) }
      const dut = await lit(cloud, { memory, programs })
      const { settings, server } = await host.promise
      const { planId, token } = dut.imp.settings
      settings.clear('wifi')
      expect(await server.send('still', 'here')).toBe(true)
      expect(dut.imp.settings).toEqual({ planId, token })
      dut.forget()
      await lose(await host.promise, dut)
      await dut.tells('led', { led: 'no-settings' })
      expect(dut.kinds()).not.toContain('connected')
    },
  )

  test('tells that a message is too large for the server, and stays connected', async () => {
    const cloud = await served()
    const host = deferred<DeviceHost>()
    const dut = await lit(cloud, { programs: { dut: running(host.resolve) } })
    const { server } = await host.promise
    expect(await server.send('large', 'x'.repeat(300_000))).toBe(false)
    const { text } = await dut.tells('said', { kind: 'error' })
    expect(text).toBe('a body has at most 262144 bytes')
    expect(server.isConnected).toBe(true)
  })

  test('tells what its program logs, though the server fails meanwhile', async () => {
    const lines: string[] = []
    const cloud = await served({
      onEvent: ({ kind, text }) => void (kind === 'device-log' && lines.push(text)),
    })
    const host = deferred<DeviceHost>()
    await lit(cloud, { programs: { dut: running(host.resolve) } })
    const { server } = await host.promise
    cloud.faults.fail('link', 500)
    server.log({ kind: 'log', text: 'after all' })
    await expect.poll(() => lines).toEqual(['after all'])
  })

  test('disconnects, and the server knows; cleared, it cannot come back', async () => {
    const cloud = await served()
    const host = deferred<DeviceHost>()
    const dut = await lit(cloud, { programs: { dut: running(host.resolve) } })
    const { server, settings } = await host.promise
    expect(server.isConnected).toBe(true)
    settings.clear('all')
    expect(server.isConnected).toBe(true)
    await server.disconnect()
    expect(server.isConnected).toBe(false)
    expect(await server.connect(60)).toBe(false)
    await dut.tells('led', { led: 'no-settings' })
  })
})

describe('a fixture', () => {
  test('is connected over its cable, without a token; what is none gets no token', async () => {
    const cloud = await served()
    expect(await tokenOf(cloud)).toEqual({
      planId: expect.stringMatching(/^[\da-f]{16}$/),
      token: expect.stringMatching(/^[\da-f]{16}$/),
    })
    const host = deferred<DeviceHost>()
    await lit(cloud, { programs: { dut: running(host.resolve) } })
    await expect((await host.promise).server.factoryToken()).rejects.toMatchObject({
      code: 'not-a-fixture',
    })
  })

  test('that nobody has assigned waits until somebody has', async () => {
    const cloud = await served()
    const fixture = made({
      identity: identityOf({ deviceId: FIXTURE_ID }),
      cloudUrl: cloud.url,
      network: { medium: 'ethernet' },
      programs: { fixture: running(() => {}) },
    })
    fixture.imp.powerOn()
    expect(await fixture.tells('stuck')).toMatchObject({
      reason: 'the device has no token, and nobody has assigned it',
    })
    await cloud.assignFixture(FIXTURE_ID)
    await fixture.tells('running', { role: 'fixture' })
  })
})

test('without a server nothing is asked of one', async () => {
  const host = deferred<DeviceHost>()
  const dut = made({
    memory: memoryOnly({ settings: { ...WIFI, ...TOKEN }, role: 'dut' }),
    programs: { dut: running(host.resolve) },
  })
  dut.imp.powerOn()
  expect(await dut.tells('stuck')).toMatchObject({ reason: 'there is no server' })
  const { server } = await host.promise
  await expect(server.bless(true)).rejects.toMatchObject({ code: 'unreachable' })
  await expect(server.factoryToken()).rejects.toMatchObject({ code: 'unreachable' })
  expect(await server.send('name', 1)).toBe(false)
})
