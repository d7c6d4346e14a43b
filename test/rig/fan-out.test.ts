import { describe, expect, test, vi } from 'vitest'
import { measureAmbientLight, measureLightLevels } from '../../src/bench/light-levels.js'
import { loopback } from '../../src/bench/loopback.js'
import type { SampleBlock } from '../../src/light/samples.js'
import { modulate } from '../../src/modulation/index.js'
import { encodePacket } from '../../src/packet/index.js'
import { openEmulatedRig } from '../../src/rig/emulated/open.js'
import { BENCH_OPTICS } from '../../src/rig/emulated/optics.js'
import { RigError } from '../../src/rig/errors.js'
import { SampleFanOut } from '../../src/rig/fan-out.js'
import type { Photodiode } from '../../src/rig/rig.js'
import { machineClock } from '../../src/rig/timebase.js'

const OPTIONS = { brightness: 1, greyRatio: 0.52, sampleRateHz: 1000 }
const PACKET = encodePacket({ ssid: 'net', password: 'long enough' })
const NEVER = new AbortController().signal

/** A photodiode whose blocks of one sample are given by hand; the sample's level is its number. */
class HandFed implements Photodiode {
  readonly clock = machineClock
  readonly sampleRateHz = 1000
  #give: (block: SampleBlock | null) => void = () => {}
  #fail: (error: Error) => void = () => {}
  streams = 0
  count = 0

  async *samples({ signal }: { signal: AbortSignal }): AsyncIterable<SampleBlock> {
    this.streams++
    signal.addEventListener('abort', () => this.#give(null))
    for (;;) {
      const block = await new Promise<SampleBlock | null>((resolve, reject) => {
        this.#give = resolve
        this.#fail = reject
      })
      if (!block) return
      yield block
    }
  }

  async give(gap?: SampleBlock['gap']): Promise<void> {
    const timeS = this.count++ / 1000
    const one = { timesS: Float64Array.of(timeS), levels: Float64Array.of(timeS) }
    this.#give({ ...one, ...(gap && { gap }) })
    await turns()
  }

  async fail(error: Error): Promise<void> {
    this.#fail(error)
    await turns()
  }
}

const turns = () => new Promise((resolve) => setImmediate(resolve))

/** Reads in the background: what has been seen, and its end. */
function read(photodiode: Photodiode, signal = NEVER, taken = async () => {}) {
  const blocks: SampleBlock[] = []
  const ended = (async () => {
    for await (const block of photodiode.samples({ signal })) {
      blocks.push(block)
      await taken()
    }
  })()
  ended.catch(() => {})
  return { blocks, ended, times: () => blocks.flatMap(({ timesS }) => [...timesS]) }
}

describe('one stream for several readers', () => {
  test('is open from the start, and each reads what comes from then on', async () => {
    const source = new HandFed()
    await using shared = new SampleFanOut(source)
    await turns()
    expect(source.streams).toBe(1)
    await source.give()
    const first = read(shared)
    await source.give()
    const leaving = new AbortController()
    const second = read(shared, leaving.signal)
    await source.give()
    leaving.abort()
    await second.ended
    await source.give()
    expect(first.times()).toEqual([0.001, 0.002, 0.003])
    expect(second.times()).toEqual([0.002])
    expect(source.streams).toBe(1)
  })

  test('gives each first what came in the last seconds, in whole blocks, and their gaps', async () => {
    const source = new HandFed()
    await using shared = new SampleFanOut(source, 0.0025)
    await turns()
    for (let n = 0; n < 10; n++)
      await source.give(n === 8 ? { startS: 0.0075, samples: 1 } : undefined)
    const late = read(shared)
    await source.give()
    expect(late.times()).toEqual([0.006, 0.007, 0.008, 0.009, 0.01])
    expect(late.blocks.map(({ gap }) => gap?.samples ?? 0)).toEqual([0, 0, 1, 0, 0])
  })

  test('a slow reader is told what it has missed, and slows down nobody', async () => {
    const source = new HandFed()
    await using shared = new SampleFanOut(source)
    await turns()
    let release: () => void = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const slow = read(shared, NEVER, () => held)
    const quick = read(shared)
    await source.give()
    for (let n = 1; n < 3000; n++)
      await source.give(n === 2900 ? { startS: 2.8995, samples: 3 } : undefined)
    expect(quick.times().length).toBe(3000)
    release()
    await turns()
    await source.give()
    const gaps = slow.blocks.flatMap(({ gap }) => (gap ? [gap] : []))
    const [gap] = gaps
    expect(gaps.length).toBe(1)
    // What it has seen, and what it was told to have missed, is everything.
    expect(slow.times().length + (gap?.samples ?? 0)).toBe(3001 + 3)
    expect(gap?.startS).toBeCloseTo((slow.times().at(-2) ?? 0) + 0.001, 9)
    expect(slow.times().at(-1)).toBe(3)
    expect(quick.blocks.filter(({ gap }) => gap).length).toBe(1)
  })

  test('what a slow reader has missed last is told at the end', async () => {
    const source = new HandFed()
    const shared = new SampleFanOut(source)
    await turns()
    let release: () => void = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const slow = read(shared, NEVER, () => held)
    for (let n = 0; n < 3000; n++) await source.give()
    await shared[Symbol.asyncDispose]()
    release()
    await slow.ended
    const last = slow.blocks.at(-1)
    expect(last?.timesS.length).toBe(0)
    expect(slow.times().length + (last?.gap?.samples ?? 0)).toBe(3000)
  })

  test('the error of the photodiode is every reader’s, after what came before, and each later one’s', async () => {
    const source = new HandFed()
    await using shared = new SampleFanOut(source)
    await turns()
    const readers = [read(shared), read(shared)]
    await source.give()
    const fault = new RigError('unplugged', 'it is gone')
    await source.fail(fault)
    for (const reader of [...readers, read(shared)]) await expect(reader.ended).rejects.toBe(fault)
    for (const reader of readers) expect(reader.times()).toEqual([0])
  })

  test('disposing ends them all, and the stream', async () => {
    const source = new HandFed()
    const shared = new SampleFanOut(source)
    await turns()
    const reader = read(shared)
    await shared[Symbol.asyncDispose]()
    await reader.ended
    await read(shared).ended
  })
})

test('between messages and while they play, several look on: the ambient light is known before each', async () => {
  await using rig = await openEmulatedRig(OPTIONS)
  await using photodiode = new SampleFanOut(rig.photodiode as Photodiode)
  const path = { emitter: rig.emitter, photodiode }
  const looking = new AbortController()
  const page = read(photodiode, looking.signal)
  for (let message = 0; message < 2; message++) {
    const { black } = await measureAmbientLight(photodiode, NEVER)
    expect(black).toBeCloseTo(BENCH_OPTICS.black, 2)
    const { verdict } = await loopback(path, PACKET, modulate(PACKET), { symbolRateHz: 142 })
    expect(verdict).toBe('pass')
  }
  // A message that is broken off leaves the stream as it is.
  const enough = new AbortController()
  const broken = loopback(path, PACKET, modulate(PACKET), {
    symbolRateHz: 142,
    signal: enough.signal,
    onProgress: (symbols) => symbols > 50 && enough.abort(new Error('enough')),
  })
  await expect(broken).rejects.toThrow('enough')
  await rig.emitter.off()
  const { black, white, greyRatio } = await measureLightLevels(path, NEVER)
  expect(black).toBeCloseTo(BENCH_OPTICS.black, 2)
  expect(white).toBeCloseTo(BENCH_OPTICS.black + BENCH_OPTICS.swing, 2)
  expect(Math.abs(greyRatio - 0.52)).toBeLessThan(0.025) // samples meet the pulses of grey at any place
  looking.abort()
  await page.ended
  const times = page.times()
  expect(page.blocks.filter(({ gap }) => gap)).toEqual([])
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeCloseTo((times.length - 1) / 1000, 6)
  expect(times.length).toBeGreaterThan(8000)
})

describe('a loopback on a stream that is open already', () => {
  test('ends with a clear error if no sample comes', async () => {
    await using rig = await openEmulatedRig(OPTIONS)
    await using photodiode = new SampleFanOut(new HandFed())
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const run = loopback({ emitter: rig.emitter, photodiode }, PACKET, modulate(PACKET), {
        symbolRateHz: 142,
      })
      run.catch(() => {})
      await vi.advanceTimersByTimeAsync(10_000)
      await expect(run).rejects.toMatchObject({
        code: 'no-answer',
        message: expect.stringContaining('gives no samples'),
      })
    } finally {
      vi.useRealTimers()
    }
  })

  test('ends with an error if the stream ends', async () => {
    await using rig = await openEmulatedRig(OPTIONS)
    const photodiode = new SampleFanOut(rig.photodiode as Photodiode)
    const run = loopback({ emitter: rig.emitter, photodiode }, PACKET, modulate(PACKET), {
      symbolRateHz: 60,
      onProgress: (symbols) => symbols > 50 && void photodiode[Symbol.asyncDispose](),
    })
    await expect(run).rejects.toMatchObject({ code: 'broken-off' })
  })
})
