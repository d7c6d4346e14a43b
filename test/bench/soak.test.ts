import { afterEach, describe, expect, test } from 'vitest'
import { makeMessage } from '../../src/bench/message.js'
import { type SoakOptions, soak } from '../../src/bench/soak.js'
import type { SoakError, SoakMessage } from '../../src/bench/soak-tally.js'
import type { SampleBlock } from '../../src/light/samples.js'
import { openBridge } from '../../src/rig/bridge/open.js'
import { Emulation } from '../../src/rig/emulated/emulation.js'
import { RigError } from '../../src/rig/errors.js'
import type { Photodiode, Rig } from '../../src/rig/rig.js'
import { SupervisedRig } from '../../src/rig/supervised.js'
import { FaultyCable } from '../rig/bridge/faulty-binding.js'

const SYMBOL_RATE_HZ = 142
const MESSAGE = makeMessage({ ssid: 'net' }, { symbolRateHz: SYMBOL_RATE_HZ })
const OPTIONS = { brightness: 1, greyRatio: 0.52, sampleRateHz: 1000 }

const emulations: Emulation[] = []
afterEach(async () => {
  for (const emulation of emulations.splice(0)) await emulation.stop()
})

/** A supervised rig on an emulated board whose cable can be pulled, and all that a soak tells of it. */
function bench(changed: (rig: Rig) => Rig = (rig) => rig) {
  const emulation = new Emulation()
  emulations.push(emulation)
  const it = {
    emulation,
    cable: new FaultyCable(emulation),
    opened: 0,
    messages: [] as SoakMessage[],
    errors: [] as SoakError[],
    /** While there is a cable to plug in again. */
    isThere: true,
  }
  const rig = new SupervisedRig({
    open: async (signal) => {
      if (!it.isThere) throw new RigError('missing', 'no board is plugged in')
      it.opened++
      it.cable = new FaultyCable(emulation)
      const options = { ...OPTIONS, signal }
      return changed(await openBridge('emulated', options, it.cable.binding, emulation))
    },
  })
  const run = async (options: Partial<SoakOptions>) => {
    await rig.ready()
    const result = await soak(rig, MESSAGE, {
      symbolRateHz: SYMBOL_RATE_HZ,
      signal: new AbortController().signal,
      ...options,
      onMessage: async (message, report) => {
        it.messages.push(message)
        await options.onMessage?.(message, report)
      },
      onError: (error) => void it.errors.push(error),
    })
    await rig[Symbol.asyncDispose]().catch((error) => {
      if (it.isThere) throw error // else nothing says that it is dark
    })
    expect(emulation.board.lit).toBe(false)
    return result
  }
  return { it, run }
}

/** A rig with other parts. */
const withParts = (rig: Rig, parts: Partial<Pick<Rig, 'emitter' | 'photodiode'>>): Rig => ({
  info: rig.info,
  lost: rig.lost,
  emitter: rig.emitter,
  photodiode: rig.photodiode as Photodiode,
  ...parts,
  [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
})

/** Changes what is seen of one message, counted from 1. */
function seenOtherwise(which: number, change: (block: SampleBlock) => SampleBlock) {
  let message = 0
  return (rig: Rig): Rig => {
    const photodiode = rig.photodiode as Photodiode
    async function* samples(options: { signal: AbortSignal }): AsyncIterable<SampleBlock> {
      const isIt = ++message === which
      for await (const block of photodiode.samples(options)) yield isIt ? change(block) : block
    }
    const { clock, sampleRateHz } = photodiode
    return withParts(rig, { photodiode: { clock, sampleRateHz, samples } })
  }
}

test('messages go round one after another, on a rig that is opened once', async () => {
  const { it, run } = bench()
  const result = await run({ messages: 3 })
  expect(result).toMatchObject({ messages: 3, passed: 3, rigErrors: 0, stoppedBy: null })
  expect(result.passShare?.[0]).toBeCloseTo(0.025 ** (1 / 3), 9)
  expect(it.opened).toBe(1)
  const times = it.messages.map(({ timeS }) => timeS)
  expect(times[0]).toBe(0)
  const lightS = MESSAGE.durationS
  for (const [n, timeS] of times.slice(1).entries()) {
    expect(timeS - (times[n] as number)).toBeGreaterThan(lightS)
  }
  expect(result.durationS).toBeGreaterThan((times.at(-1) as number) + lightS / 2)
  for (const { trend } of Object.values(result.trends)) expect(trend.all?.count).toBe(3)
  expect(result.trends['grey-ratio'].mean?.value).toBeCloseTo(0.52, 1)
  expect(result.trends['rate-error-ppm'].mean?.value).toBeCloseTo(0, -2)
})

test('a pause is dark, by the clock of the samples', async () => {
  const { it, run } = bench()
  await run({ messages: 2, pauseS: 8 })
  const [first, second] = it.messages.map(({ timeS }) => timeS)
  expect((second as number) - (first as number)).toBeGreaterThan(8)
})

test('a duration begins no message after it', async () => {
  const { it, run } = bench()
  const { messages, durationS } = await run({ durationS: 6 })
  expect(messages).toBeGreaterThan(1)
  expect(durationS).toBeGreaterThanOrEqual(6)
  expect(it.messages.at(-1)?.timeS).toBeLessThan(6)
})

test('one message that fails is counted with its reason, and the others pass', async () => {
  const dark = seenOtherwise(2, (block) => ({ ...block, levels: block.levels.map(() => 0.05) }))
  const { it, run } = bench(dark)
  const result = await run({ messages: 3 })
  expect(result).toMatchObject({ messages: 3, passed: 2, rigErrors: 0, stoppedBy: null })
  expect([...result.reasons]).toEqual([['no-light', 1]])
  expect(result.failures).toEqual([it.messages[1]])
  expect(it.messages[1]).toMatchObject({ number: 2, values: { 'grey-ratio': null } })
})

describe('a rig that is lost', () => {
  test('and comes back is an error of the rig, not of the light', async () => {
    const { it, run } = bench()
    let played = 0
    const onProgress = (): void => {
      if (it.messages.length === 1 && played++ === 3) it.cable.unplug()
    }
    const result = await run({ messages: 3, onProgress })
    expect(result).toMatchObject({ messages: 3, passed: 3, rigErrors: 1, stoppedBy: null })
    expect(it.errors).toEqual([
      { afterMessages: 1, timeS: expect.any(Number), error: expect.any(RigError) },
    ])
    expect(it.errors[0]?.error.code).toBe('unplugged')
    expect(it.opened).toBe(2)
    // The time goes on, though the board's clock may not.
    const times = it.messages.map(({ timeS }) => timeS)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  test('and does not come back ends it, with what there was', async () => {
    const { it, run } = bench()
    const onMessage = (): void => {
      it.isThere = false
      it.cable.unplug()
    }
    const result = await run({ messages: 3, longestOutageS: 0.5, onMessage })
    expect(result).toMatchObject({ messages: 1, passed: 1, rigErrors: 1 })
    expect(result.stoppedBy).toMatchObject({ code: 'missing' })
  })
})

test('a rig that fails again and again ends it', async () => {
  const late = () => Promise.reject(new RigError('broken-off', 'the light was late'))
  const { it, run } = bench((rig) => {
    const { clock } = rig.emitter
    return withParts(rig, { emitter: { clock, off: () => rig.emitter.off(), play: late } })
  })
  const result = await run({ messages: 100 })
  expect(result).toMatchObject({ messages: 0, passed: 0, passShare: null, rigErrors: 3 })
  expect(result.stoppedBy).toMatchObject({ code: 'broken-off' })
  expect(it.opened).toBe(1)
})

test('a signal ends it in the middle of a message, which is not judged', async () => {
  const { it, run } = bench()
  const abort = new AbortController()
  const reason = new Error('enough')
  const onProgress = (): void => {
    if (it.messages.length === 2) abort.abort(reason)
  }
  const result = await run({ messages: 100, signal: abort.signal, onProgress })
  expect(result).toMatchObject({ messages: 2, passed: 2, rigErrors: 0, stoppedBy: reason })
})

test('what a callback throws is no failure of the rig', async () => {
  const { run } = bench()
  const wrong = new Error('no room')
  await expect(run({ messages: 2, onMessage: () => Promise.reject(wrong) })).rejects.toBe(wrong)
})
