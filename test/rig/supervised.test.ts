import { afterEach, describe, expect, test } from 'vitest'
import { openBridge } from '../../src/rig/bridge/open.js'
import { Emulation } from '../../src/rig/emulated/emulation.js'
import { RigError } from '../../src/rig/errors.js'
import { openRig } from '../../src/rig/open.js'
import type { Rig } from '../../src/rig/rig.js'
import { type RigState, SupervisedRig } from '../../src/rig/supervised.js'
import { FaultyCable } from './bridge/faulty-binding.js'

const OPTIONS = { brightness: 1, greyRatio: 0.52, sampleRateHz: 1000 }
const WHITE = { levels: new Uint8Array(600).fill(2) }

const emulations: Emulation[] = []
afterEach(async () => {
  for (const emulation of emulations.splice(0)) await emulation.stop()
})

/** A supervised rig on an emulated board whose cable can be pulled, and what is told of it. */
function supervise(open?: (signal: AbortSignal) => Promise<Rig>) {
  const emulation = new Emulation()
  emulations.push(emulation)
  const bench = { emulation, cable: new FaultyCable(emulation), states: [] as RigState[] }
  const openCable = async (signal: AbortSignal) => {
    bench.cable = new FaultyCable(emulation)
    return openBridge('emulated', { ...OPTIONS, signal }, bench.cable.binding, emulation)
  }
  const rig = new SupervisedRig({
    open: open ?? openCable,
    onState: (state) => bench.states.push(state),
  })
  const names = () => bench.states.map(({ state }) => state)
  const until = (state: RigState['state']) => expect.poll(() => rig.state.state).toBe(state)
  return { rig, bench, names, until }
}

test('is opened, lent out for work, and closed dark', async () => {
  const { rig, bench, names, until } = supervise()
  await expect(rig.use(async () => 1)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('being opened'),
  })
  await until('ready')
  const symbols = await rig.use(async ({ emitter }) => {
    await expect(rig.use(async () => 1)).rejects.toThrow('the rig is busy')
    return (await emitter.play({ levels: Uint8Array.of(0, 2) }, { symbolRateHz: 60 })).symbols
  })
  expect(symbols).toBe(2)
  await expect(rig.use(() => Promise.reject(new Error('work')))).rejects.toThrow('work')
  await rig[Symbol.asyncDispose]()
  await rig[Symbol.asyncDispose]()
  expect(names()).toEqual(['opening', 'ready', 'busy', 'ready', 'busy', 'ready', 'closed'])
  await expect(rig.use(async () => 1)).rejects.toThrow('the rig is closed')
  expect(bench.emulation.board.lit).toBe(false)
})

test('disposing ends the work at hand, with the LED dark', async () => {
  const { rig, bench, until } = supervise()
  await until('ready')
  let signalled = false
  let isLit: () => void = () => {}
  const lit = new Promise<void>((resolve) => {
    isLit = resolve
  })
  const work = rig.use(({ emitter }, signal) => {
    signal.addEventListener('abort', () => {
      signalled = true
    })
    return emitter.play(WHITE, { symbolRateHz: 60, onProgress: (n) => n > 50 && isLit() })
  })
  work.catch(() => {})
  await lit
  await rig[Symbol.asyncDispose]()
  await expect(work).rejects.toBeInstanceOf(RigError)
  expect(signalled).toBe(true)
  expect(bench.emulation.board.lit).toBe(false)
})

describe('a rig that is lost is opened again', () => {
  test.each([
    [
      'unplugged',
      ({ cable }: ReturnType<typeof supervise>['bench']) => cable.unplug(),
      'unplugged',
      true,
    ],
    ['reset', ({ emulation }) => emulation.board.reset('external'), 'reset', false],
    [
      'silent',
      ({ cable }) => {
        cable.toHost = () => []
      },
      'no-answer',
      true,
    ],
  ] as [string, (bench: ReturnType<typeof supervise>['bench']) => void, string, boolean][])(
    'while idle: %s',
    async (_, strike, code, mayBeLit) => {
      const { rig, bench, names, until } = supervise()
      await until('ready')
      strike(bench)
      await until('lost')
      await until('ready')
      expect(names().filter((name, n, all) => name !== all[n - 1])).toEqual([
        'opening',
        'ready',
        'lost',
        'opening',
        'ready',
      ])
      const lost = bench.states.filter((state) => state.state === 'lost')
      for (const { reason } of lost) expect(reason.code).toBe(code)
      expect(lost.at(-1)?.mayBeLit).toBe(mayBeLit)
      await rig.use(({ emitter }) =>
        emitter.play({ levels: Uint8Array.of(0, 2) }, { symbolRateHz: 60 }),
      )
      await rig[Symbol.asyncDispose]()
    },
  )

  test('in the middle of work, which fails with the reason', async () => {
    const { rig, bench, until } = supervise()
    await until('ready')
    const work = rig.use(({ emitter }) =>
      emitter.play(WHITE, { symbolRateHz: 60, onProgress: (n) => n > 50 && bench.cable.unplug() }),
    )
    await expect(work).rejects.toMatchObject({ code: 'unplugged' })
    await until('ready')
    await rig[Symbol.asyncDispose]()
  })
})

test('a rig that cannot be opened is tried again, and says why meanwhile', async () => {
  const missing = new RigError('missing', 'no board is plugged in')
  let attempts = 0
  const { rig, until } = supervise(async () => {
    attempts++
    throw missing
  })
  await until('lost')
  await expect(rig.use(async () => 1)).rejects.toBe(missing)
  await expect.poll(() => attempts).toBeGreaterThan(2)
  await rig[Symbol.asyncDispose]()
})

test('what no other attempt mends ends it', async () => {
  const wrong = new RangeError('give whiteLine')
  const { rig, until } = supervise(() => Promise.reject(wrong))
  await until('closed')
  await expect(rig.use(async () => 1)).rejects.toBe(wrong)
  await expect(rig[Symbol.asyncDispose]()).rejects.toBe(wrong)
})

test('a wrong configuration is not tried again', async () => {
  const { rig, until } = supervise((signal) => openRig({ kind: 'pwm', pin: 17 } as never, signal))
  await until('closed')
  await expect(rig.use(async () => 1)).rejects.toMatchObject({ code: 'misconfigured' })
  await expect(rig[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'misconfigured' })
})

describe('whoever waits until it is ready', () => {
  test('does so over losses, and at once where it is', async () => {
    const { rig, bench, until } = supervise()
    await rig.ready()
    expect(rig.state.state).toBe('ready')
    await rig.ready()
    bench.cable.unplug()
    await until('lost')
    await rig.ready()
    expect(rig.state.state).toBe('ready')
    await rig[Symbol.asyncDispose]().catch(() => {})
  })

  test('is told when it is closed, and hears a signal', async () => {
    const missing = new RigError('missing', 'no board is plugged in')
    const { rig } = supervise(() => Promise.reject(missing))
    const reason = new Error('enough')
    const abort = new AbortController()
    const waiting = rig.ready(abort.signal)
    abort.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(rig.ready(AbortSignal.abort(reason))).rejects.toBe(reason)
    const closing = rig.ready()
    closing.catch(() => {})
    await rig[Symbol.asyncDispose]()
    await expect(closing).rejects.toThrow('the rig is closed')
    await expect(rig.ready()).rejects.toThrow('the rig is closed')
  })
})

describe('light that may be on', () => {
  test('is told until a board has been opened again', async () => {
    const { rig, bench, until } = supervise()
    await until('ready')
    bench.cable.unplug()
    await until('lost')
    expect(rig.state).toMatchObject({ reason: { code: 'unplugged' }, mayBeLit: true })
    await rig.ready()
    await rig[Symbol.asyncDispose]()
  })

  test('is what closing rejects with, however often no board could be opened since', async () => {
    const missing = new RigError('missing', 'no board is plugged in')
    const emulation = new Emulation()
    emulations.push(emulation)
    const cable = new FaultyCable(emulation)
    let attempts = 0
    const { rig, bench, until } = supervise(async (signal) => {
      attempts++
      if (attempts > 1) throw missing
      return openBridge('emulated', { ...OPTIONS, signal }, cable.binding, emulation)
    })
    await until('ready')
    cable.unplug()
    await expect.poll(() => attempts).toBeGreaterThan(2)
    await expect.poll(() => rig.state).toMatchObject({ reason: missing, mayBeLit: true })
    await expect(rig[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'may-be-lit' })
    expect(bench.states.filter((state) => 'mayBeLit' in state && !state.mayBeLit)).toEqual([])
  })
})

test('one that is being closed lends nothing out', async () => {
  const { rig, until } = supervise()
  await until('ready')
  const closing = rig[Symbol.asyncDispose]()
  await expect(rig.use(async () => 1)).rejects.toThrow('the rig is closed')
  await closing
})

test('whoever is told, and throws, ends it with the rig closed', async () => {
  const fault = new Error('of the page')
  let opened: Rig | undefined
  const rig = new SupervisedRig({
    open: async (signal) => {
      opened = await openRig({ kind: 'emulated' }, signal)
      return opened
    },
    onState: () => {
      if (rig.state.state === 'ready') throw fault
    },
  })
  await expect.poll(() => rig.state.state).toBe('closed')
  await expect(rig[Symbol.asyncDispose]()).rejects.toBe(fault)
  await expect(opened?.emitter.off()).rejects.toThrow('the rig is closed')
})

test('closing in the middle of opening gives that up', async () => {
  const { rig, bench, names } = supervise()
  await expect.poll(() => bench.states.length).toBe(1)
  await rig[Symbol.asyncDispose]()
  expect(names()).toEqual(['opening', 'closed'])
})

test('several are kept open at once in one program', async () => {
  const stations = Array.from({ length: 4 }, () => supervise())
  for (const { until } of stations) await until('ready')
  const clocks = new Set(stations.map(({ rig }) => 'info' in rig.state && rig.state.info.clock))
  expect(clocks.size).toBe(4)
  stations[1]?.bench.cable.unplug()
  await stations[1]?.until('lost')
  for (const n of [0, 2, 3]) expect(stations[n]?.rig.state.state).toBe('ready')
  for (const { rig } of stations) await rig[Symbol.asyncDispose]().catch(() => {})
})
