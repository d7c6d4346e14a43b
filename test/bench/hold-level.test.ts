import { afterEach, beforeEach, expect, test } from 'vitest'
import { holdLevel } from '../../src/bench/hold-level.js'
import { BLACK, GREY, type SymbolLevel, WHITE } from '../../src/modulation/index.js'
import type { SampleBlock } from '../../src/receiver/index.js'
import { openEmulatedRig } from '../../src/rig/emulated/open.js'
import { BENCH_OPTICS } from '../../src/rig/emulated/optics.js'
import { RigError } from '../../src/rig/errors.js'
import type { Rig } from '../../src/rig/rig.js'

const { black, swing } = BENCH_OPTICS
const never = new AbortController().signal

let rig: Rig
beforeEach(async () => {
  rig = await openEmulatedRig({ brightness: 1, greyRatio: 0.52, sampleRateHz: 1000 })
})
afterEach(() => rig[Symbol.asyncDispose]())

/** Holds a level until it was seen for so long; gives the least and the most that was seen. */
async function seen(level: SymbolLevel, seconds: number): Promise<[number, number]> {
  const enough = new AbortController()
  let [startS, least, most] = [Number.NaN, 1, 0]
  const onSamples = ({ timesS, levels }: SampleBlock): void => {
    if (Number.isNaN(startS)) startS = timesS[0] ?? Number.NaN
    least = Math.min(least, ...levels)
    most = Math.max(most, ...levels)
    if ((timesS.at(-1) ?? 0) - startS >= seconds) enough.abort()
  }
  await holdLevel(rig, level, { signal: never, enough: enough.signal, onSamples })
  return [least, most]
}

test('samples are those of the held level only, also when its light is begun anew after a minute', async () => {
  const expected = [
    [BLACK, 1, 0],
    [GREY, 1, 0.52],
    [WHITE, 70, 1],
    [BLACK, 1, 0],
  ] as const
  for (const [level, seconds, part] of expected) {
    const [least, most] = await seen(level, seconds)
    const middle = black + part * swing
    expect(least).toBeGreaterThan(middle - 0.05)
    expect(most).toBeLessThan(middle + 0.05)
  }
})

test.each<SymbolLevel>([BLACK, WHITE])(
  'the signal ends level %i with its reason, and the LED is dark',
  async (level) => {
    const interrupt = new AbortController()
    const reason = new Error('interrupted')
    const holding = holdLevel(rig, level, {
      signal: interrupt.signal,
      enough: never,
      onSamples: () => interrupt.abort(reason),
    })
    await expect(holding).rejects.toBe(reason)
    const [, most] = await seen(BLACK, 0.5)
    expect(most).toBeLessThan(black + 0.05)
  },
)

test('tells when the level is there, and that it is so no more than once a minute', async () => {
  for (const level of [BLACK, WHITE] as const) {
    const told: string[] = []
    const enough = new AbortController()
    await holdLevel(rig, level, {
      signal: never,
      enough: enough.signal,
      onHeld: () => told.push('held'),
      onSamples: () => {
        if (told.push('seen') > 100) enough.abort()
      },
    })
    expect(told.filter((each) => each === 'held')).toHaveLength(1)
    expect(told[0]).toBe('held')
  }
})

test('it may end before it has begun', async () => {
  const hold = (level: SymbolLevel) =>
    holdLevel(rig, level, { signal: never, enough: AbortSignal.abort(), onSamples: () => {} })
  await hold(WHITE)
  await hold(BLACK)
  const [, most] = await seen(BLACK, 0.5)
  expect(most).toBeLessThan(black + 0.05)
})

test('a rig without a photodiode holds the level until it is enough', async () => {
  const enough = new AbortController()
  const blind = { emitter: rig.emitter }
  const holding = holdLevel(blind, WHITE, {
    signal: never,
    enough: enough.signal,
    onSamples: () => {},
  })
  let most = 0
  for await (const { levels } of rig.photodiode?.samples({ signal: enough.signal }) ?? []) {
    most = Math.max(most, ...levels)
    if (most > black + swing / 2) enough.abort()
  }
  await holding
  expect(most).toBeGreaterThan(black + swing / 2)
})

test('a light that fails is told, not held on', async () => {
  const fault = new RigError('unplugged', 'the board is gone')
  const broken = { ...rig, emitter: { ...rig.emitter, play: () => Promise.reject(fault) } }
  const options = { signal: never, enough: never, onSamples: () => {} }
  await expect(holdLevel(broken, WHITE, options)).rejects.toBe(fault)
})

test('what the reader of the samples throws ends the light', async () => {
  const fault = new Error('no room')
  const onSamples = (): void => {
    throw fault
  }
  await expect(holdLevel(rig, WHITE, { signal: never, enough: never, onSamples })).rejects.toBe(
    fault,
  )
  const [, most] = await seen(BLACK, 0.5)
  expect(most).toBeLessThan(black + 0.05)
})
