import { describe, expect, test } from 'vitest'
import type { FactoryLight } from '../../../src/factory/api/host.js'
import { type DeviceApi, FactoryError } from '../../../src/factory/index.js'
import type { BlessAnswer, Role } from '../../../src/factory/link/messages.js'
import { RigError } from '../../../src/rig/errors.js'
import { BLESSED, Deferred, FakeHost, HeldLight, TOKEN } from '../../helpers/device-host.js'

const REFUSED: BlessAnswer = { blessed: false, loadCodeAfterBlessing: true }

function hostOf(role: Role, light: FactoryLight | null = null): FakeHost {
  const host = new FakeHost()
  host.role = role
  host.factoryLight = light
  return host
}

/** What a firmware gets thrown that makes one call. */
async function thrownIn(host: FakeHost, call: (api: DeviceApi) => unknown): Promise<unknown> {
  let thrown: unknown
  host.run((api) => {
    try {
      call(api)
    } catch (error) {
      thrown = error
    }
  })
  await host.after(1)
  return thrown
}

const blinkUp = ({ server, hardware }: DeviceApi) =>
  server.factoryblinkup('net', 'secret word', hardware.pinM, 0)

describe('server.factoryblinkup', () => {
  test('returns at once, and suspends the firmware from the token until the light has ended', async () => {
    const light = new HeldLight()
    const host = hostOf('fixture', light)
    const token = new Deferred<typeof TOKEN>()
    host.token = () => token.promise
    host.run((api) => {
      blinkUp(api)
      api.server.log('returned')
      api.imp.wakeup(1, () => void api.server.log('before the light'))
      api.imp.wakeup(3, () => void api.server.log('after the light'))
      api.imp.onidle(() => void api.server.log('idle'))
    })
    await host.after(2)
    expect(host.all('log')).toEqual(['returned', 'idle', 'before the light'])
    token.resolve(TOKEN)
    await host.after(10)
    expect(host.all('log')).toHaveLength(3)
    light.end.resolve()
    await host.after(0)
    expect(host.all('log').slice(3)).toEqual(['after the light'])
  })

  test('holds back what waits for a promise, too, until the light has ended', async () => {
    const light = new HeldLight()
    const host = hostOf('fixture', light).run(async (api) => {
      blinkUp(api)
      await api.imp.sleep(1)
      api.server.log('goes on')
    })
    await host.after(5)
    expect(host.all('log')).toEqual([])
    light.end.resolve()
    await host.after(0)
    expect(host.all('log')).toEqual(['goes on'])
  })

  test.each([
    ['neither', 0, false, false],
    ['BLINKUP_FAST', 1, true, false],
    ['BLINKUP_ACTIVEHIGH', 2, false, true],
    ['both', 3, true, true],
  ])('with %s of its flags', async (_, bits, fast, activeHigh) => {
    const light = new HeldLight()
    const host = hostOf('fixture', light).run((api) => {
      const flags = (bits & 1 ? api.BLINKUP_FAST : 0) | (bits & 2 ? api.BLINKUP_ACTIVEHIGH : 0)
      api.server.factoryblinkup('net', 'secret word', api.hardware.pinM, flags)
    })
    await host.after(1)
    const settings = { ssid: 'net', password: 'secret word', ...TOKEN }
    expect(light.played).toMatchObject([{ ...settings, fast, activeHigh, pin: 'pinM' }])
  })

  test.each([
    ['', '', {}],
    ['dummy', '', { ssid: 'dummy', password: '' }],
    ['net', '', { ssid: 'net', password: '' }],
  ])('sends the network %j with the password %j as it is', async (ssid, password, wifi) => {
    const light = new HeldLight()
    const host = hostOf('fixture', light).run(({ server, hardware }) =>
      server.factoryblinkup(ssid, password, hardware.pinM, 0),
    )
    await host.after(1)
    const [played] = light.played
    expect({ ssid: played?.ssid, password: played?.password }).toEqual({
      ssid: undefined,
      password: undefined,
      ...wifi,
    })
    expect(host.all('hint')).toEqual([])
  })

  test('that is refused is the published line in both logs, without an exception or a light', async () => {
    const light = new HeldLight()
    const host = hostOf('fixture', light)
    host.token = () => Promise.reject(new FactoryError('not-a-fixture', 'no'))
    host.run((api) => {
      blinkUp(api)
      api.imp.wakeup(1, () => void api.server.log('goes on'))
    })
    await host.after(2)
    const text = 'Factory BlinkUp request failed. This is not a factory imp.'
    expect(host.all('log')).toEqual([text, 'goes on'])
    expect(host.all('to server')).toContainEqual({ kind: 'log', text })
    expect(light.played).toEqual([])
    expect(host.all('restart')).toEqual([])
  })

  test.each([
    ['hint', new FactoryError('unreachable', 'nobody answers'), 'nobody answers'],
    ['error', new FactoryError('refused', 'the server is failing'), 'the server is failing'],
    ['error', new RigError('broken-off', 'the board is gone'), 'the board is gone'],
  ])('that fails is told as %s, and the firmware goes on', async (kind, error, sentence) => {
    const light = new HeldLight()
    const host = hostOf('fixture', light)
    if (error instanceof RigError) light.end.reject(error)
    else host.token = () => Promise.reject(error)
    host.run((api) => {
      blinkUp(api)
      api.imp.wakeup(1, () => void api.server.log('goes on'))
    })
    await host.after(2)
    expect(host.all(kind)).toEqual([expect.stringContaining(sentence)])
    expect(host.all('log')).toEqual(['goes on'])
  })

  test('has no effect in the firmware of a device under test', async () => {
    const light = new HeldLight()
    const host = hostOf('dut', light).run(blinkUp)
    await host.after(1)
    expect(host.all('hint')).toEqual([expect.stringContaining('no effect')])
    expect(host.events).toHaveLength(1)
    expect(light.played).toEqual([])
  })

  test('in application firmware is an exception, and restarts the device', async () => {
    const host = hostOf('application', new HeldLight())
    expect(await thrownIn(host, blinkUp)).toMatchObject({ code: 'wrong-role' })
    const second = hostOf('application', new HeldLight()).run(blinkUp)
    await second.after(1)
    expect(second.all('restart')).toHaveLength(1)
    expect(second.all('token asked')).toEqual([])
  })

  test('always fails on an imp001', async () => {
    const light = new HeldLight()
    const host = hostOf('fixture', light)
    host.identity = { ...host.identity, impType: 'imp001' }
    host.run(blinkUp)
    await host.after(1)
    expect(host.events).toEqual([['hint', expect.stringContaining('imp001')]])
  })

  test('without a rig takes no token, and tells so', async () => {
    const host = hostOf('fixture').run(blinkUp)
    await host.after(1)
    expect(host.events).toEqual([['hint', expect.stringContaining('no rig')]])
  })

  test('that comes too early is ignored, and told', async () => {
    const host = hostOf('fixture', { play: async () => false }).run(blinkUp)
    await host.after(1)
    expect(host.events).toEqual([['hint', expect.stringContaining('ignored')]])
  })

  test('tells that a password without an SSID is not sent', async () => {
    const light = new HeldLight()
    const host = hostOf('fixture', light).run(({ server, hardware }) =>
      server.factoryblinkup('', 'secret word', hardware.pinM, 0),
    )
    await host.after(1)
    expect(host.all('hint')).toEqual([expect.stringContaining('without an SSID')])
    expect(light.played[0]).not.toHaveProperty('password')
  })

  test('tells that an APN is not sent, and of a long password', async () => {
    const light = new HeldLight()
    const host = hostOf('fixture', light).run(({ server, hardware }) =>
      server.factoryblinkup('net', 'x'.repeat(33), hardware.pinM, 0, 'internet'),
    )
    await host.after(1)
    expect(host.all('hint')).toEqual([
      expect.stringContaining('APN'),
      expect.stringContaining('32 characters'),
    ])
    expect(JSON.stringify(host.events)).not.toContain('xxx')
    expect(light.played).toHaveLength(1)
  })

  test.each<[string, (api: DeviceApi) => void]>([
    [
      'flags',
      ({ server, hardware, CONFIG_WIFI }) =>
        server.factoryblinkup('a', '', hardware.pinM, CONFIG_WIFI as never),
    ],
    [
      'flags',
      ({ server, hardware }) => server.factoryblinkup('a', '', hardware.pinM, undefined as never),
    ],
    ['pin', ({ server }) => server.factoryblinkup('a', '', 'pinM' as never, 0)],
    ['pin', ({ server, hardware }) => server.factoryblinkup('a', '', hardware.uart0 as never, 0)],
    ['SSID', ({ server, hardware }) => server.factoryblinkup(7 as never, '', hardware.pinM, 0)],
    [
      'password',
      ({ server, hardware }) => server.factoryblinkup('a', null as never, hardware.pinM, 0),
    ],
    ['ssid', ({ server, hardware }) => server.factoryblinkup('\ud800', '', hardware.pinM, 0)],
    ['APN', ({ server, hardware }) => server.factoryblinkup('a', '', hardware.pinM, 0, 5 as never)],
  ])('refuses wrong %s', async (what, call) => {
    const host = hostOf('fixture', new HeldLight())
    const thrown = await thrownIn(host, call)
    expect(thrown).toMatchObject({
      code: 'wrong-argument',
      message: expect.stringMatching(new RegExp(`^server\\.factoryblinkup: .*${what}`)),
    })
    expect(host.all('token asked')).toEqual([])
  })

  test('ends dark when the firmware is stopped', async () => {
    const light = new HeldLight()
    const host = hostOf('fixture', light).run(blinkUp)
    await host.after(1)
    const [{ signal } = { signal: undefined }] = light.played
    expect(signal?.aborted).toBe(false)
    host.stop()
    expect(signal?.aborted).toBe(true)
    light.end.reject(signal?.reason)
    await host.after(1)
    expect(host.all('error')).toEqual([])
  })
})

describe('server.bless', () => {
  const bless = (success: boolean | number) => (api: DeviceApi) =>
    api.server.bless(success, (isBlessed) => void api.server.log(`called back ${isBlessed}`))
  const kinds = (host: FakeHost) => host.events.filter(([what]) => what !== 'to server')

  test.each([true, 1])(
    'of %s shows its light with the callback, then hands over',
    async (success) => {
      const host = hostOf('dut')
      const answer = new Deferred<BlessAnswer>()
      host.blessing = () => answer.promise
      host.run(bless(success))
      await host.after(5)
      expect(kinds(host)).toEqual([['bless', true]])
      answer.resolve(BLESSED)
      await host.after(0)
      expect(kinds(host).slice(1)).toEqual([
        ['blessing shown', true],
        ['log', 'called back true'],
        ['hand over', BLESSED],
      ])
    },
  )

  test('that the server denies is red, and hands nothing over', async () => {
    const host = hostOf('dut')
    host.blessing = async () => REFUSED
    host.run(bless(true))
    await host.after(1)
    expect(kinds(host).slice(1)).toEqual([
      ['blessing shown', false],
      ['log', 'called back false'],
    ])
  })

  test.each([false, 0])('of %s is red at once, and still calls back', async (success) => {
    const host = hostOf('dut')
    const answer = new Deferred<BlessAnswer>()
    host.blessing = () => answer.promise
    host.run(bless(success))
    await host.after(5)
    expect(kinds(host)).toEqual([
      ['blessing shown', false],
      ['bless', false],
    ])
    answer.resolve(REFUSED)
    await host.after(0)
    expect(kinds(host).slice(2)).toEqual([['log', 'called back false']])
  })

  test('on an imp001 calls back with false at once, and asks nobody', async () => {
    const host = hostOf('dut')
    host.identity = { ...host.identity, impType: 'imp001' }
    host.run(bless(true))
    await host.after(0)
    expect(kinds(host)).toEqual([
      ['hint', expect.stringContaining('imp001')],
      ['blessing shown', false],
      ['log', 'called back false'],
    ])
  })

  test('that is refused is told, and calls back with false', async () => {
    const host = hostOf('dut')
    host.blessing = () => Promise.reject(new FactoryError('refused', 'this is no DUT'))
    host.run(bless(true))
    await host.after(1)
    expect(host.all('error')).toEqual([expect.stringContaining('this is no DUT')])
    expect(host.all('log')).toEqual(['called back false'])
  })

  test('hands over without waiting for what its callback still does', async () => {
    const host = hostOf('dut').run(({ server, imp }) =>
      server.bless(true, async () => {
        await imp.sleep(100)
      }),
    )
    await host.after(1)
    expect(host.all('hand over')).toEqual([BLESSED])
  })

  test('whose callback fails restarts, and hands nothing over', async () => {
    const host = hostOf('dut').run(({ server }) =>
      server.bless(true, () => {
        throw new Error('in the callback')
      }),
    )
    await host.after(1)
    expect(host.all('hand over')).toEqual([])
    expect(host.all('restart')).toHaveLength(1)
  })

  test.each([
    ['good', (answer: Deferred<BlessAnswer>) => answer.resolve(BLESSED)],
    ['a refusal', (answer: Deferred<BlessAnswer>) => answer.reject(new Error('power is off'))],
  ])('calls nothing back when the power was pulled, though its answer is %s', async (_, come) => {
    const host = hostOf('dut')
    const answer = new Deferred<BlessAnswer>()
    host.blessing = () => answer.promise
    host.run(bless(true))
    await host.after(1)
    host.stop()
    come(answer)
    await host.after(1)
    expect(kinds(host)).toEqual([['bless', true]])
  })

  test.each([
    ['fixture', 'not-public'],
    ['application', 'wrong-role'],
  ] as const)('in the firmware of a %s is an exception', async (role, code) => {
    const host = hostOf(role)
    expect(await thrownIn(host, bless(true))).toMatchObject({ code })
    expect(host.events).toEqual([])
  })

  test('needs a function', async () => {
    const thrown = await thrownIn(hostOf('dut'), ({ server }) => server.bless(true, 1 as never))
    expect(thrown).toMatchObject({ code: 'wrong-argument' })
  })
})

describe('imp.clearconfiguration', () => {
  test('clears all by default, or what is named', async () => {
    const host = hostOf('application').run((api) => {
      const { imp } = api
      imp.clearconfiguration()
      imp.clearconfiguration(api.CONFIG_ALL)
      imp.clearconfiguration(api.CONFIG_WIFI)
      imp.clearconfiguration(api.CONFIG_STATIC_NETWORK)
      imp.clearconfiguration(api.CONFIG_PROXY)
    })
    await host.after(1)
    expect(host.events).toEqual(
      ['all', 'all', 'wifi', 'static-network', 'proxy'].map((what) => ['clear', what]),
    )
  })

  test('in the callback of a good blessing has nothing against it', async () => {
    const host = hostOf('dut').run(({ server, imp }) =>
      server.bless(true, (isBlessed) => {
        if (isBlessed) imp.clearconfiguration()
      }),
    )
    await host.after(1)
    expect(host.all('hint')).toEqual([])
    expect(host.all('clear')).toEqual(['all'])
  })

  test.each<[string, string, (api: DeviceApi) => void]>([
    ['without a blessing', 'before it is blessed', ({ imp }) => imp.clearconfiguration()],
    [
      'right after asking for it',
      'before it is blessed',
      ({ server, imp }) => {
        server.bless(true, () => {})
        imp.clearconfiguration()
      },
    ],
    [
      'after a failed test',
      'although it is not blessed',
      ({ server, imp }) => server.bless(false, () => imp.clearconfiguration()),
    ],
  ])('%s is done, and a hint', async (_, sentence, firmware) => {
    const host = hostOf('dut')
    host.blessing = async () => REFUSED
    host.run(firmware)
    await host.after(1)
    expect(host.all('hint')).toEqual([expect.stringContaining(sentence)])
    expect(host.all('clear')).toEqual(['all'])
  })

  test('refuses a constant of another kind', async () => {
    const host = hostOf('dut')
    const thrown = await thrownIn(host, (api) =>
      api.imp.clearconfiguration(api.DIGITAL_IN as never),
    )
    expect(thrown).toMatchObject({ code: 'wrong-argument' })
    expect(host.events).toEqual([])
  })
})

describe('imp.setcountry', () => {
  test.each([
    [0x00005355, 0],
    [0x00004247, 0],
    [0x00115858, 0],
    [0x03b64143, 0],
    [0x037f3045, 0],
    [0x03b8504a, 0],
    [0x12345678, 1],
  ])('of %i is stored with a good blessing, with %i hints', async (code, hints) => {
    const host = hostOf('dut')
    const answer = new Deferred<BlessAnswer>()
    host.blessing = () => answer.promise
    host.run(({ imp, server }) => {
      imp.setcountry(code)
      server.bless(true, () => {})
    })
    await host.after(1)
    expect(host.stored).toEqual({})
    answer.resolve(BLESSED)
    await host.after(0)
    expect(host.stored).toEqual({ country: code })
    expect(host.all('hint')).toHaveLength(hints)
  })

  test('in the callback of a good blessing is not too late', async () => {
    const host = hostOf('dut').run(({ imp, server }) =>
      server.bless(true, () => imp.setcountry(0x4247)),
    )
    await host.after(1)
    expect(host.stored).toEqual({ country: 0x4247 })
  })

  test('is not stored without one', async () => {
    const host = hostOf('dut')
    host.blessing = async () => REFUSED
    host.run(({ imp, server }) => {
      imp.setcountry(0x4247)
      server.bless(true, () => {})
    })
    await host.after(1)
    expect(host.stored).toEqual({})
  })
})
