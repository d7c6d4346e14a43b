import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { simulateChannel } from '../../../src/channel/index.js'
import type { DeviceHost } from '../../../src/factory/api/host.js'
import type { ImpEvent } from '../../../src/factory/imp/events.js'
import { identityOf } from '../../../src/factory/imp/identity.js'
import { Imp, type ImpOptions } from '../../../src/factory/imp/imp.js'
import { type Memory, memoryOnly, type Stored } from '../../../src/factory/imp/stored-settings.js'
import { type LightSource, photodiodeLight } from '../../../src/factory/imp/watch-light.js'
import type { SampleBlock } from '../../../src/light/samples.js'
import { modulate } from '../../../src/modulation/index.js'
import { encodePacket, type Settings } from '../../../src/packet/index.js'
import { RigError } from '../../../src/rig/errors.js'
import type { Photodiode } from '../../../src/rig/rig.js'
import { machineClock } from '../../../src/rig/timebase.js'
import { canonical, deviceConfigArbitrary } from '../../helpers/arbitraries.js'
import { VirtualTime } from '../../rig/bridge/hostile/clocks.js'
import { Air } from './line.js'

// Without a server, in virtual time: all that is said to take some time takes exactly that.

const WIFI = { ssid: 'net', password: 'long enough' }
const TOKEN = { planId: '0123456789abcdef', token: 'fedcba9876543210' }

const ending: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of ending.splice(0)) await end()
})

/** An imp in virtual time, and what happens to it. */
function made(options: Partial<ImpOptions> = {}) {
  const time = new VirtualTime()
  const events: (ImpEvent & { readonly atS: number })[] = []
  const imp = new Imp({
    ...options,
    timebase: time,
    onEvent: (event, timeS) => void events.push({ ...event, atS: Math.round(1e6 * timeS) / 1e6 }),
  })
  ending.push(async () => {
    await imp.powerOff()
    time.stop()
  })
  /** What has happened of one kind, in short. */
  const told = <E extends ImpEvent['event']>(kind: E) =>
    events.filter(
      (event): event is Extract<ImpEvent, { event: E }> & { atS: number } => event.event === kind,
    )
  const ledStates = () => told('led').map(({ led, atS }) => `${led} at ${atS}`)
  const windows = () =>
    told('blinkup').map(({ isOpen, atS }) => `${isOpen ? 'on' : 'off'} at ${atS}`)
  return { imp, time, events, told, ledStates, windows }
}

const storing = (settings: Stored['settings'], role: Stored['role'] = null): Memory =>
  memoryOnly({ settings, role })

const impOs = (release: number) => identityOf({ impOs: release })

/** A photodiode that sees a message, so long after it is first asked, in the same time as the device. */
function seesMessage(
  time: VirtualTime,
  message: Settings | { clear: true },
  { afterS = 1, cutAtS = Infinity }: { afterS?: number; cutAtS?: number } = {},
): Photodiode {
  const { levels } = modulate(encodePacket(message))
  const path = { symbolRateHz: 142, beforeS: afterS, afterS: 1.5 }
  const light = simulateChannel(levels, path)
  return {
    clock: machineClock,
    sampleRateHz: 1000,
    async *samples({ signal }): AsyncIterable<SampleBlock> {
      for (let at = 0; at < light.timesS.length && !signal.aborted; at += 100) {
        await time.sleep(100)
        const timesS = light.timesS.slice(at, at + 100)
        const seen = light.levels.slice(at, at + 100)
        yield {
          timesS,
          levels: seen.map((level, n) => ((timesS[n] as number) > cutAtS ? 0.1 : level)),
        }
      }
      while (!signal.aborted) await time.sleep(1000, signal).catch(() => {})
    },
  }
}

/** What a light source is, made when the time is known. */
const late =
  (make: () => Photodiode): LightSource =>
  (signal, watcher) =>
    photodiodeLight(make())(signal, watcher)

describe('the windows of BlinkUp, without a connection', () => {
  const OUT_OF_REACH = { networks: [] }

  test.each([
    [42, true, 'on at 0, off at 120'],
    [40, true, 'on at 0, off at 120'],
    [42, false, 'on at 0.1, off at 60.1'],
  ])('impOS %i, cold start %s: %s', async (release, isCold, expected) => {
    const { imp, time, windows } = made({
      identity: impOs(release),
      memory: storing({ ...WIFI, ...TOKEN }),
      network: OUT_OF_REACH,
    })
    imp.powerOn({ isCold })
    await time.sleep(300_000)
    expect(windows().join(', ')).toBe(expected)
  })

  test.each([
    // The program starts 10 s after a cold start, and calls at once.
    [40, true, false, 'on at 0, off at 60'],
    [42, true, false, 'on at 0, off at 10'],
    [40, true, true, 'on at 0'],
    [42, true, true, 'on at 0'],
    // On a warm start it runs before the first attempt, so that its call counts almost at once.
    [40, false, false, ''],
    [42, false, false, ''],
    [40, false, true, 'on at 0.1'],
    [42, false, true, 'on at 0'],
  ])(
    'impOS %i, cold start %s, enableblinkup(%s): %s',
    async (release, isCold, isEnabled, expected) => {
      const { imp, time, windows } = made({
        identity: impOs(release),
        memory: storing({ ...WIFI, ...TOKEN }, 'dut'),
        network: OUT_OF_REACH,
        programs: {
          dut: (host) => {
            host.enableBlinkUp(isEnabled)
            return { stop: () => {} }
          },
        },
      })
      imp.powerOn({ isCold })
      await time.sleep(300_000)
      expect(windows().join(', ')).toBe(expected)
    },
  )

  test('a device without credentials keeps BlinkUp and its LED, whatever its program says', async () => {
    const { imp, time, windows, ledStates, told } = made({
      memory: storing({ ssid: 'net' }, 'dut'),
      programs: {
        dut: (host) => {
          host.enableBlinkUp(false)
          return { stop: () => {} }
        },
      },
    })
    imp.powerOn()
    await time.sleep(1_000_000)
    expect(windows()).toEqual(['on at 0'])
    expect(ledStates()).toEqual(['no-settings at 0'])
    expect(told('running').map(({ atS }) => atS)).toEqual([10])
  })

  test('one without code starts none', async () => {
    const { imp, time, told } = made({
      memory: storing({ ...WIFI, ...TOKEN }),
      network: OUT_OF_REACH,
    })
    imp.powerOn()
    await time.sleep(300_000)
    expect(told('running')).toEqual([])
  })

  test('it tries to join for 60 s, tells why not once, and the LED is dark then', async () => {
    const { imp, time, told, ledStates } = made({
      memory: storing({ ...WIFI, ...TOKEN }),
      network: { ...OUT_OF_REACH, stageS: 0.5 },
    })
    imp.powerOn()
    await time.sleep(300_000)
    expect(told('stuck')).toEqual([
      { event: 'stuck', atS: 0.5, stage: 'searching', reason: 'no network is called "net" here' },
    ])
    expect(ledStates()).toEqual(['searching at 0', 'dark at 58'])
  })
})

describe('light', () => {
  test('is stored and tried at once: dark while it comes in, green for 3 s, then what joining shows', async () => {
    const { imp, time, told, ledStates } = made({
      light: late(() => seesMessage(time, { ...WIFI, ...TOKEN })),
      network: { stageS: 2 },
    })
    imp.powerOn()
    await time.sleep(30_000)
    expect(imp.settings).toEqual({ ...WIFI, ...TOKEN })
    const [received] = told('received')
    const atS = received?.atS ?? 0
    const states = ledStates()
    expect(states[0]).toBe('no-settings at 0')
    expect(states[1]).toMatch(/^receiving at [12]/)
    expect(states.slice(2)).toEqual([
      `received at ${atS}`,
      `joining at ${atS + 3}`,
      `getting-address at ${atS + 4}`,
      `reaching-server at ${atS + 6}`,
      `dark at ${atS + 6}`,
    ])
    expect(told('settings')).toEqual([
      expect.objectContaining({
        settings: { ...WIFI, ...TOKEN, password: '********', token: '********' },
      }),
    ])
    expect(told('stuck').map(({ reason }) => reason)).toEqual(['there is no server'])
  })

  test('that is cut in the middle is an error, with the reason, and changes nothing', async () => {
    const { imp, time, told, ledStates } = made({
      light: late(() => seesMessage(time, { ...WIFI, ...TOKEN }, { cutAtS: 3 })),
    })
    imp.powerOn()
    await time.sleep(30_000)
    expect(told('not-received')).toEqual([
      expect.objectContaining({ reason: 'lost-symbol', advice: expect.stringContaining('.') }),
    ])
    const atS = told('not-received')[0]?.atS ?? 0
    expect(ledStates().slice(-2)).toEqual([
      `reception-error at ${atS}`,
      `no-settings at ${atS + 2}`,
    ])
    expect(told('settings')).toEqual([])
    expect(imp.settings).toEqual({})
  })

  test('any settings that are sent are stored, field by field', async () => {
    await fc.assert(
      fc.asyncProperty(deviceConfigArbitrary, async (config) => {
        fc.pre(!config.clear)
        const air = new Air()
        const { imp } = made({ light: air.light })
        imp.powerOn()
        await air.shine(config as Settings)
        await imp.powerOff()
        expect(imp.settings).toEqual(canonical(config))
      }),
      { numRuns: 50 },
    )
  })

  test('the order to clear takes the Wi-Fi settings, and the device wants BlinkUp again', async () => {
    const { imp, time, ledStates } = made({
      memory: storing({ ...WIFI, ...TOKEN }),
      network: { networks: [] },
      light: late(() => seesMessage(time, { clear: true })),
    })
    imp.powerOn()
    await time.sleep(300_000)
    expect(imp.settings).toEqual(TOKEN)
    expect(ledStates().at(-1)).toMatch(/^no-settings/)
  })

  test.each([
    ['before it ends', 118, true],
    ['after it has ended', 121, false],
  ])('whole %s the window, or not at all: from %i s on', async (_, afterS, isThere) => {
    const message = { ssid: 'n' }
    const { imp, time, told } = made({
      memory: storing({ ...WIFI, ...TOKEN }),
      network: { networks: [] },
      light: late(() => seesMessage(time, message, { afterS: afterS - 1.7 })),
    })
    imp.powerOn()
    await time.sleep(300_000)
    expect(told('received')).toHaveLength(isThere ? 1 : 0)
    expect(imp.settings.ssid).toBe(isThere ? 'n' : 'net')
  })

  test('that comes in when BlinkUp goes off is lost, which is told', async () => {
    const { imp, time, told, ledStates } = made({
      memory: storing({ ...WIFI, ...TOKEN }),
      network: { networks: [] },
      light: late(() => seesMessage(time, { ...WIFI, ssid: 'other' }, { afterS: 118 })),
    })
    imp.powerOn()
    await time.sleep(300_000)
    expect(told('received')).toEqual([])
    expect(told('said').map(({ text }) => text)).toEqual([
      'BlinkUp went off while a message was coming in, which is lost',
    ])
    expect(ledStates().at(-1)).toBe('dark at 120')
    expect(imp.settings.ssid).toBe('net')
  })

  test('whose photodiode fails ends the device with its error', async () => {
    const error = new RigError('unplugged', 'it is gone: plug it in again')
    const { imp, events } = made({
      light: async () => {
        throw error
      },
    })
    imp.powerOn()
    await expect.poll(() => imp.lost.aborted).toBe(true)
    expect(imp.lost.reason).toBe(error)
    expect(events.at(-1)).toMatchObject({ event: 'off' })
  })
})

test('a memory that cannot be written ends the device with its error, and nothing is taken as stored', async () => {
  const memory = {
    ...storing({}),
    write: () => {
      throw new Error('the disk is full')
    },
  }
  const { imp, time, told } = made({
    memory,
    light: late(() => seesMessage(time, { ...WIFI, ...TOKEN })),
  })
  imp.powerOn()
  await expect.poll(() => imp.lost.aborted).toBe(true)
  expect(imp.lost.reason).toEqual(new Error('the disk is full'))
  expect(imp.settings).toEqual({})
  expect(told('settings')).toEqual([])
})

describe('programs', () => {
  /** Runs a program in role dut, on a device that is never connected, from a warm start on. */
  function running(act: (host: DeviceHost, time: VirtualTime) => void) {
    let stops = 0
    const world = made({
      memory: storing({ ...WIFI, ...TOKEN }, 'dut'),
      network: { networks: [] },
      programs: {
        dut: (host) => {
          act(host, world.time)
          return { stop: () => void stops++ }
        },
      },
    })
    return { ...world, stops: () => stops }
  }

  test('a warm start runs it at once, before it is connected, with empty configparams', async () => {
    const seen: unknown[] = []
    const { imp, time, told } = running((host) => {
      const { role, isWarmStart, wakeReason, server } = host
      seen.push({
        role,
        isWarmStart,
        wakeReason,
        connected: server.isConnected,
        params: server.configparams,
      })
    })
    imp.powerOn({ isCold: false })
    await time.sleep(60_000)
    expect(seen).toEqual([
      { role: 'dut', isWarmStart: true, wakeReason: 'timer', connected: false, params: {} },
    ])
    expect(told('running').map(({ atS }) => atS)).toEqual([0])
  })

  test('one that sleeps wakes up after so long, with BlinkUp and LED off meanwhile', async () => {
    const seen: unknown[] = []
    const { imp, time, told, ledStates, stops } = running((host) => {
      seen.push(host.wakeReason)
      if (seen.length === 1) host.deepSleepFor(100)
    })
    imp.powerOn()
    await time.sleep(150_000)
    expect(seen).toEqual(['power-on', 'timer'])
    expect(stops()).toBe(1)
    expect(told('asleep')).toEqual([{ event: 'asleep', seconds: 100, atS: 10 }])
    expect(told('started').map(({ isCold, atS }) => [isCold, atS])).toEqual([
      [true, 0],
      [false, 110],
    ])
    expect(told('blinkup').map(({ isOpen, atS }) => [isOpen, atS])).toEqual([
      [true, 0],
      [true, 110.1],
    ])
    expect(ledStates()).toEqual(['searching at 0', 'dark at 10', 'searching at 110.1'])
  })

  test('one that fails restarts, again and again', async () => {
    const { imp, time, told, ledStates } = running((host) => host.restart('Error: oops'))
    imp.powerOn()
    await time.sleep(12_200)
    expect(told('restarted').map(({ reason, atS }) => [reason, atS])).toEqual(
      [10, 10.5, 11, 11.5, 12].map((atS) => ['Error: oops', atS]),
    )
    expect(ledStates().slice(0, 2)).toEqual(['searching at 0', 'crashed at 10'])
  })

  test('what it stores and clears is stored and cleared before the call returns', async () => {
    const seen: unknown[] = []
    const { imp, time } = running(({ settings }) => {
      settings.change({ country: 0x5355 })
      settings.change({ ssid: 'other' })
      seen.push(settings.read())
      settings.clear('wifi')
      seen.push(settings.read())
    })
    imp.powerOn()
    await time.sleep(20_000)
    const { ssid, password, ...token } = { ...WIFI, ...TOKEN, country: 0x5355 }
    expect(seen).toEqual([{ ...WIFI, ...TOKEN, country: 0x5355, ssid: 'other' }, token])
    expect(imp.settings).toEqual(token)
  })

  test('connecting takes no longer than it may, and is no use without credentials', async () => {
    const seen: unknown[] = []
    const { imp, time } = running(async (host, time) => {
      const from = time.nowMs()
      seen.push(await host.server.connect(5), time.nowMs() - from)
      host.settings.clear('all')
      await host.server.disconnect()
      seen.push(await host.server.connect(5), time.nowMs() - from)
    })
    imp.powerOn()
    await time.sleep(60_000)
    expect(seen).toEqual([false, 5000, false, 5000])
  })

  test('its pins are driven from outside, and what it writes is told once', async () => {
    const seen: unknown[] = []
    const { imp, time, told } = running(({ pins }) => {
      seen.push(pins.read('pin1'))
      const unwatch = pins.watch('pin1', () => seen.push(pins.read('pin1')))
      pins.watch('pin1', () => unwatch())
      pins.write('pin2', 1)
      pins.write('pin2', 1)
      pins.write('pin2', 0)
    })
    imp.powerOn()
    await time.sleep(11_000)
    imp.pins.drive('pin1', 1)
    imp.pins.drive('pin1', 1)
    imp.pins.drive('pin1', 0)
    expect(seen).toEqual([undefined, 1])
    expect(told('pin').map(({ pin, level }) => [pin, level])).toEqual([
      ['pin2', 1],
      ['pin2', 0],
    ])
  })

  test('no power ends it, and nothing happens afterwards', async () => {
    const { imp, time, events, stops } = running((host) => host.say({ kind: 'log', text: 'hello' }))
    imp.powerOn()
    await time.sleep(15_000)
    await imp.powerOff()
    await imp.powerOff()
    expect(stops()).toBe(1)
    const count = events.length
    expect(events.slice(-2)).toMatchObject([{ event: 'led', led: 'dark' }, { event: 'off' }])
    await time.sleep(1_000_000)
    expect(events.length).toBe(count)
    imp.powerOn()
    await time.sleep(15_000)
    expect(events[count]).toEqual({ event: 'started', isCold: true, atS: 0 })
    expect(events.at(-1)).toEqual({ event: 'said', kind: 'log', text: 'hello', atS: 10 })
  })
})
