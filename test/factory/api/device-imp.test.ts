import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DeviceApi } from '../../../src/factory/index.js'
import type { Role } from '../../../src/factory/link/messages.js'
import { type Settings, validateConfig } from '../../../src/packet/index.js'
import { deviceConfigArbitrary } from '../../helpers/arbitraries.js'
import { FakeHost } from '../../helpers/device-host.js'

const PARAMS = { factory_imp_device_id: '3000d8c46a000009', factoryfirmware: true }

/** What a firmware got from one call, or was thrown. */
async function outcome(host: FakeHost, call: (api: DeviceApi) => unknown): Promise<unknown> {
  let result: unknown
  host.run((api) => {
    try {
      result = call(api)
    } catch (error) {
      result = error
    }
  })
  await host.after(1)
  return result
}

const ofRole = (role: Role): FakeHost => {
  const host = new FakeHost()
  host.role = role
  return host
}

/** On a warm start, before it has connected. */
function warmHost(): FakeHost {
  const host = new FakeHost()
  host.isWarmStart = true
  host.isConnected = false
  const { connect } = host.server
  host.server.connect = async () => {
    host.params = PARAMS
    return connect()
  }
  return host
}

describe('imp.configparams', () => {
  test('is what the server has given, read with "in"', async () => {
    const host = new FakeHost()
    host.params = PARAMS
    const read = await outcome(host, ({ imp }) => [
      'factoryfirmware' in imp.configparams,
      'factory_imp' in imp.configparams,
      imp.configparams,
    ])
    expect(read).toEqual([true, false, PARAMS])
    expect(host.events).toEqual([])
  })

  test('cannot be changed', async () => {
    const host = new FakeHost()
    host.params = { ...PARAMS }
    const thrown = await outcome(host, ({ imp }) => {
      ;(imp.configparams as { factoryfirmware: boolean }).factoryfirmware = false
    })
    expect(thrown).toBeInstanceOf(TypeError)
    expect(host.params).toEqual(PARAMS)
  })

  test('is empty before the connection of a warm start, and a hint tells so once', async () => {
    const host = warmHost()
    expect(await outcome(host, ({ imp }) => [imp.configparams, imp.configparams])).toEqual([{}, {}])
    expect(host.all('hint')).toEqual([
      expect.stringContaining('configparams read before connection'),
    ])
  })

  test('is filled in imp.onidle, which waits for the connection', async () => {
    const host = warmHost().run(({ imp, server }) => {
      imp.onidle(() => void server.log('factoryfirmware' in imp.configparams))
    })
    await host.after(1)
    expect(host.all('log')).toEqual(['true'])
    expect(host.all('hint')).toEqual([])
  })

  test('is filled after a log line that was waited for', async () => {
    const host = warmHost().run(async ({ imp, server }) => {
      await server.log('connect')
      server.log('factoryfirmware' in imp.configparams)
    })
    await host.after(1)
    expect(host.all('log')).toEqual(['connect', 'true'])
    expect(host.all('hint')).toEqual([])
  })
})

describe('imp.onidle', () => {
  test('comes after all else, once', async () => {
    const host = new FakeHost().run(({ imp, server }) => {
      imp.onidle(() => void server.log('idle'))
      imp.wakeup(0, () => void server.log('woken'))
      host.server.onMessage('nobody', null)
      server.log('first')
    })
    await host.after(5)
    expect(host.all('log')).toEqual(['first', 'idle', 'woken'])
  })

  test('can be taken back, and a later one replaces it', async () => {
    const host = new FakeHost().run(({ imp, server }) => {
      imp.onidle(() => void server.log('first'))
      imp.onidle(() => void server.log('second'))
      imp.wakeup(1, () => {
        imp.onidle(() => void server.log('third'))
        imp.onidle(null)
      })
    })
    await host.after(5)
    expect(host.all('log')).toEqual(['second'])
    expect(host.all('hint')).toEqual([expect.stringContaining('imp.onidle: replaces')])
  })

  test('that asks for itself again holds up nothing', async () => {
    let times = 0
    const host = new FakeHost().run(({ imp, server }) => {
      const again = () => {
        times++
        imp.onidle(again)
      }
      imp.onidle(again)
      imp.wakeup(1, () => void server.log('woken'))
    })
    await host.after(2)
    host.stop()
    expect(times).toBeGreaterThan(1)
    expect(host.all('log')).toEqual(['woken'])
  })
})

describe('what is stored', () => {
  test('any Wi-Fi, static addresses, proxy and enrollment, as they were given', async () => {
    await fc.assert(
      fc.asyncProperty(
        deviceConfigArbitrary.filter((config) => !config.clear),
        async (config) => {
          const { ssid, password, planId, token, staticAddress, proxy } = config as Settings
          const host = new FakeHost()
          await outcome(host, ({ imp, PROXY_TYPE_HTTP }) => {
            if (ssid !== undefined) imp.setwificonfiguration(ssid, password ?? '')
            if (planId && token) imp.setenroltokens(planId, token)
            if (staticAddress) {
              const { ip, netmask, gateway, dns1, dns2 } = staticAddress
              imp.setstaticnetworkconfiguration(ip, netmask, gateway, dns2 ? [dns1, dns2] : [dns1])
            }
            if (proxy) {
              imp.setproxy(
                PROXY_TYPE_HTTP,
                proxy.server,
                proxy.port,
                proxy.username,
                proxy.password,
              )
            }
          })
          host.timebase.stop()
          expect(host.stored).toEqual(validateConfig(config).config)
        },
      ),
    )
  })

  test('never a secret in what is told', async () => {
    const host = new FakeHost()
    await outcome(host, ({ imp }) => imp.setwificonfiguration('net', 'short'))
    expect(host.all('hint')).toHaveLength(1) // it looks like a WEP key
    expect(JSON.stringify(host.events)).not.toContain('short')
  })

  test.each<[string, (api: DeviceApi) => void]>([
    ['imp.setwificonfiguration', ({ imp }) => imp.setwificonfiguration('', 'long enough')],
    ['imp.setwificonfiguration', ({ imp }) => imp.setwificonfiguration('net', 5 as never)],
    ['imp.setenroltokens', ({ imp }) => imp.setenroltokens('short', '0123456789abcdef')],
    ['imp.setenroltokens', ({ imp }) => imp.setenroltokens('0123456789abcdef', undefined as never)],
    [
      'imp.setstaticnetworkconfiguration',
      ({ imp }) =>
        imp.setstaticnetworkconfiguration('10.0.0.7', '255.0.255.0', '10.0.0.1', ['10.0.0.1']),
    ],
    [
      'imp.setstaticnetworkconfiguration',
      ({ imp }) =>
        imp.setstaticnetworkconfiguration('10.0.0.7', '255.0.0.0', '10.0.0.1', [] as never),
    ],
    [
      'imp.setstaticnetworkconfiguration',
      ({ imp }) =>
        imp.setstaticnetworkconfiguration('10.0.0.7', '255.0.0.0', '10.0.0.1', '10.0.0.1' as never),
    ],
    ['imp.setproxy', ({ imp }) => imp.setproxy(1 as never, 'proxy', 80)],
    ['imp.setproxy', ({ imp, PROXY_TYPE_HTTP }) => imp.setproxy(PROXY_TYPE_HTTP, 'proxy', 65536)],
    [
      'imp.setproxy',
      ({ imp, PROXY_TYPE_HTTP }) => imp.setproxy(PROXY_TYPE_HTTP, 'p'.repeat(65), 80),
    ],
    [
      'imp.setproxy',
      ({ imp, PROXY_TYPE_HTTP }) => imp.setproxy(PROXY_TYPE_HTTP, 'proxy', 80, 'u'.repeat(33)),
    ],
    [
      'imp.setproxy',
      ({ imp, PROXY_TYPE_HTTP }) =>
        imp.setproxy(PROXY_TYPE_HTTP, 'proxy', 80, 'user', 'w'.repeat(33)),
    ],
    ['imp.setcountry', ({ imp }) => imp.setcountry('US' as never)],
  ])('%s refuses what it cannot store', async (call, make) => {
    const host = new FakeHost()
    expect(await outcome(host, make)).toMatchObject({
      code: 'wrong-argument',
      message: expect.stringMatching(new RegExp(`^${call}: `)),
    })
    expect(host.stored).toEqual({})
  })
})

describe('calls that are for some firmware only', () => {
  test('imp.setcountry for that of a factory', async () => {
    const thrown = await outcome(ofRole('application'), ({ imp }) => imp.setcountry(0x5355))
    expect(thrown).toMatchObject({ code: 'wrong-role' })
  })

  test('imp.setnvramimage for nobody outside', async () => {
    expect(await outcome(ofRole('dut'), ({ imp }) => imp.setnvramimage())).toMatchObject({
      code: 'not-public',
    })
  })

  const RESCUE: Record<string, (api: DeviceApi) => void> = {
    'imp.setrescuepin': ({ imp, hardware }) => imp.setrescuepin(hardware.pinA, 1),
    'imp.enablerescuepin': ({ imp }) => imp.enablerescuepin(true),
  }
  test.each([
    ['imp.setrescuepin', 'dut', 'imp003', 36, 'hint'],
    ['imp.setrescuepin', 'dut', 'imp003', 35, 'wrong-role'],
    ['imp.setrescuepin', 'dut', 'imp006a', 42, 'wrong-role'],
    ['imp.setrescuepin', 'fixture', 'imp003', 36, 'wrong-role'],
    ['imp.enablerescuepin', 'dut', 'imp006a', 42, 'hint'],
    ['imp.enablerescuepin', 'dut', 'imp006', 41, 'wrong-role'],
    ['imp.enablerescuepin', 'dut', 'imp005', 42, 'wrong-role'],
    ['imp.enablerescuepin', 'application', 'imp006', 42, 'wrong-role'],
  ] as const)(
    '%s of a %s on %s with impOS %i: %s',
    async (name, role, impType, impOs, expected) => {
      const host = ofRole(role)
      host.identity = { ...host.identity, impType, impOs }
      const thrown = await outcome(host, RESCUE[name] as (api: DeviceApi) => void)
      if (expected === 'hint') expect(host.all('hint')).toHaveLength(1)
      else expect(thrown).toMatchObject({ code: expected })
    },
  )
})

test('imp.wakeup calls back in time, in order, unless it is cancelled', async () => {
  const host = new FakeHost().run(({ imp, server }) => {
    imp.wakeup(2, () => void server.log('two'))
    const timer = imp.wakeup(1, () => void server.log('cancelled'))
    imp.wakeup(1, () => void server.log('one'))
    imp.wakeup(0.5, () => imp.cancelwakeup(timer))
  })
  await host.after(1.5)
  expect(host.all('log')).toEqual(['one'])
  await host.after(1.5)
  expect(host.all('log')).toEqual(['one', 'two'])
})

test('a timer can be cancelled by what comes before it in the same moment', async () => {
  const host = new FakeHost().run(async ({ imp, server }) => {
    imp.wakeup(1, () => imp.cancelwakeup(second))
    const second = imp.wakeup(1, () => void server.log('cancelled'))
    await imp.sleep(2)
  })
  await host.after(3)
  expect(host.all('log')).toEqual([])
})

test('imp.sleep holds up all callbacks', async () => {
  const host = new FakeHost().run(async ({ imp, server }) => {
    imp.wakeup(1, () => void server.log('woken'))
    await imp.sleep(2)
    server.log('slept')
  })
  await host.after(1.5)
  expect(host.all('log')).toEqual([])
  await host.after(1)
  expect(host.all('log')).toEqual(['slept', 'woken'])
})

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1e10])(
  'no time is %d seconds',
  async (seconds) => {
    const calls: ((api: DeviceApi) => unknown)[] = [
      ({ imp }) => imp.wakeup(seconds, () => {}),
      ({ imp }) => imp.sleep(seconds),
      ({ imp }) => imp.deepsleepfor(seconds),
      ({ server }) => server.sleepfor(seconds),
    ]
    for (const call of calls) {
      expect(await outcome(new FakeHost(), call)).toMatchObject({ code: 'wrong-argument' })
    }
  },
)

test.each([
  ['imp.deepsleepfor', ({ imp }: DeviceApi) => imp.deepsleepfor(60)],
  ['server.sleepfor', ({ server }: DeviceApi) => server.sleepfor(60)],
])('%s ends the firmware there and then', async (_, sleep) => {
  const host = new FakeHost().run((api) => {
    api.imp.wakeup(1, () => void api.server.log('later'))
    sleep(api)
    api.server.log('never')
  })
  await host.after(5)
  expect(host.events).toEqual([['deep sleep', 60]])
})

test('who it is, and where it runs', async () => {
  const host = new FakeHost()
  host.stored = { ssid: 'net' }
  const { macAddress } = host.identity
  const read = await outcome(host, (api) => {
    const { imp, hardware } = api
    return [
      imp.info().type,
      imp.environment() === api.ENVIRONMENT_MODULE,
      imp.net.info(),
      imp.getmacaddress(),
      imp.getssid(),
      imp.rssi() < 0,
      hardware.getdeviceid(),
      hardware.getimpeeid(),
      hardware.wakereason() === api.WAKEREASON_POWER_ON,
    ]
  })
  const net = { active: 0, interface: [{ type: 'wifi', macaddress: macAddress }] }
  const { deviceId } = host.identity
  expect(read).toEqual(['imp003', true, net, macAddress, 'net', true, deviceId, deviceId, true])
})

test('an old card, not connected', async () => {
  const host = new FakeHost()
  host.identity = { ...host.identity, impType: 'imp001' }
  host.isConnected = false
  const read = await outcome(host, (api) => [
    api.imp.environment() === api.ENVIRONMENT_CARD,
    'active' in api.imp.net.info(),
    api.imp.rssi(),
    api.imp.getssid(),
  ])
  expect(read).toEqual([true, false, 0, ''])
})

test('imp.enableblinkup is up to the device', async () => {
  const host = new FakeHost()
  await outcome(host, ({ imp }) => imp.enableblinkup(false))
  expect(host.events).toEqual([['enable blinkup', false]])
})

test('time and date are of UTC', async () => {
  const read = (await outcome(new FakeHost(), ({ time, date }) => [
    Math.abs(time() - Date.now() / 1000) < 60,
    date(1_709_208_000.25),
    Math.abs(date().time - Date.now() / 1000) < 60,
  ])) as unknown[]
  // A leap day: 2024-02-29 12:00:00, a Thursday.
  const leapDay = { sec: 0, min: 0, hour: 12, day: 29, month: 1, year: 2024, wday: 4, yday: 59 }
  expect(read).toEqual([true, { ...leapDay, time: 1_709_208_000, usec: 250_000 }, true])
})
