import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import type { SampleBlock, SampleGap } from '../../../src/light/samples.js'
import type { Bridge } from '../../../src/rig/bridge/bridge.js'
import { readImage } from '../../../src/rig/bridge/image.js'
import { openBridge } from '../../../src/rig/bridge/open.js'
import { emulatedBinding } from '../../../src/rig/emulated/binding.js'
import { Emulation } from '../../../src/rig/emulated/emulation.js'
import type { Edge } from '../../../src/rig/rig.js'
import { FaultyCable } from './faulty-binding.js'
import { HostileBench } from './hostile/bench.js'

const OPTIONS = { brightness: 1, greyRatio: 0.52, sampleRateHz: 1000 }
const AT_60_HZ = { symbolRateHz: 60 }

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function openBench(
  emulation = new Emulation(),
): Promise<{ bridge: Bridge; emulation: Emulation }> {
  cleanUps.push(() => emulation.stop())
  const bridge = await openBridge('emulated', OPTIONS, emulatedBinding(emulation), emulation)
  cleanUps.push(() => bridge[Symbol.asyncDispose]().catch(() => {})) // one whose cable is cut may be lit
  return { bridge, emulation }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>((resolved) => {
    resolve = resolved
  })
  return { promise, resolve }
}

async function drained(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

const sequence = (digits: string) => ({ levels: Uint8Array.from(digits, Number) })

async function collect(samples: AsyncIterable<SampleBlock>): Promise<number[][]> {
  const seen: number[][] = []
  for await (const { timesS, levels } of samples) {
    timesS.forEach((timeS, i) => void seen.push([timeS, levels[i] as number]))
  }
  return seen
}

describe('opening', () => {
  test('identifies the board and leaves it dark', async () => {
    const { bridge, emulation } = await openBench()
    const { clock } = bridge.emitter
    const board = {
      name: 'emulated',
      serialNumber: null,
      firmwareVersion: '1.3.1',
      clock: clock.id,
    }
    expect(bridge.info).toEqual({
      kind: 'bridge',
      ...board,
      packageVersion: expect.stringMatching(/^\d+\.\d+\.\d+/),
      symbolRatesHz: [10, 2000],
      maxSymbols: 4800,
      photodiode: { ...board, sampleRateHz: 1000 },
    })
    expect(emulation.board.lit).toBe(false)
  })

  test.each([
    ['another program', 'blinkup-bridge', 'blonkup-bridge'],
    ['another protocol', 'protocol=1', 'protocol=9'],
  ])('%s is refused with what to flash', async (_, ours, other) => {
    const image = Buffer.from(readImage())
    for (let at = image.indexOf(ours); at >= 0; at = image.indexOf(ours)) image.write(other, at)
    await expect(openBench(new Emulation({ image }))).rejects.toMatchObject({
      code: 'foreign',
      message: expect.stringMatching(/: flash its firmware$/),
      remedy: 'flash',
    })
  })

  test('a board without a program does not answer, which is told within 6 s', async () => {
    const emulation = new Emulation({ image: new Uint8Array(2) })
    await expect(openBench(emulation)).rejects.toMatchObject({ code: 'no-answer' })
    expect(emulation.nowMs()).toBeLessThan(6000)
  })

  test('a port that is not there', async () => {
    await expect(openBridge('/dev/no-such-port', OPTIONS)).rejects.toMatchObject({
      code: 'missing',
      message: expect.stringContaining('/dev/no-such-port'),
    })
  })

  test('can be given up', async () => {
    const emulation = new Emulation({ image: new Uint8Array(2) })
    cleanUps.push(() => emulation.stop())
    const options = { ...OPTIONS, signal: AbortSignal.abort(new Error('given up')) }
    await expect(
      openBridge('emulated', options, emulatedBinding(emulation), emulation),
    ).rejects.toThrow('given up')
  })
})

test('a name that is given to the board stays', async () => {
  const { bridge, emulation } = await openBench()
  await bridge.setSerialNumber('line-1')
  await bridge[Symbol.asyncDispose]()
  expect((await openBench(emulation)).bridge.info.serialNumber).toBe('line-1')
})

describe('playing', () => {
  test('reports what was made, and how far it is', async () => {
    const { bridge, emulation } = await openBench()
    const progress: number[] = []
    const report = await bridge.emitter.play(sequence('01'.repeat(60)), {
      ...AT_60_HZ,
      onProgress: (played) => progress.push(played),
    })
    expect(report).toEqual({
      symbols: 120,
      symbolRateHz: 16e6 / 266_664,
      greyRatio: 128 / 246,
      startS: expect.any(Number),
      clock: bridge.info.clock,
    })
    expect(progress.at(-1)).toBe(120)
    expect(progress).toEqual([...progress].sort((a, b) => a - b))
    expect(progress.length).toBeGreaterThan(5)
    expect(emulation.board.lit).toBe(false)
  })

  test('again and again', async () => {
    const { bridge } = await openBench()
    for (const digits of ['02', '010201', '0'.repeat(97)]) {
      expect((await bridge.emitter.play(sequence(digits), AT_60_HZ)).symbols).toBe(digits.length)
    }
  })

  test('loads only what differs from the message before, and that as if it had loaded all', async () => {
    const { bridge, emulation } = await openBench()
    const loads: string[] = []
    const { receive } = emulation.board
    emulation.board.receive = (bytes, baudRate) => {
      loads.push(
        ...(Buffer.from(bytes)
          .toString('latin1')
          .match(/load \d+ \d+/g) ?? []),
      )
      receive.call(emulation.board, bytes, baudRate)
    }
    const play = async (digits: string): Promise<string[]> => {
      loads.length = 0
      const report = await bridge.emitter.play(sequence(digits), { symbolRateHz: 2000 })
      expect(report.symbols).toBe(digits.length)
      return loads.map((line) => line.split(' ', 2).join(' '))
    }
    const [begin, end] = ['01'.repeat(96), '02'.repeat(40)]
    expect(await play(begin + end)).toEqual(['load 0', 'load 96', 'load 192'])
    expect(await play(begin + end)).toEqual([])
    expect(await play(`${begin}${'12'.repeat(40)}`)).toEqual(['load 192'])
    // A shorter one that the longer one begins with: the board drops the rest only with a line that is loaded.
    expect(await play(begin)).toEqual(['load 96'])
    // The board has forgotten, as after a line that was typed by hand.
    emulation.board.receive(Buffer.from('load 0 012\n'), 115_200)
    expect(await play(begin)).toEqual(['load 0', 'load 96'])
  })

  test('stops at once when it is aborted, and can play again', async () => {
    const { bridge, emulation } = await openBench()
    const abort = new AbortController()
    const reason = new Error('enough')
    const played = bridge.emitter.play(sequence('2'.repeat(600)), {
      ...AT_60_HZ,
      signal: abort.signal,
      onProgress: (symbols) => symbols > 100 && abort.abort(reason),
    })
    await expect(played).rejects.toBe(reason)
    expect(emulation.board.lit).toBe(false)
    expect((await bridge.emitter.play(sequence('02'), AT_60_HZ)).symbols).toBe(2)
  })

  test('a second start is refused and leaves the first one alone', async () => {
    const { bridge } = await openBench()
    const first = bridge.emitter.play(sequence('02'.repeat(60)), AT_60_HZ)
    await expect(bridge.emitter.play(sequence('01'), AT_60_HZ)).rejects.toMatchObject({
      code: 'refused',
    })
    expect((await first).symbols).toBe(120)
    expect((await bridge.emitter.play(sequence('01'), AT_60_HZ)).symbols).toBe(2)
  })

  test('an aborted signal never begins', async () => {
    const { bridge, emulation } = await openBench()
    const signal = AbortSignal.abort(new Error('too late'))
    await expect(bridge.emitter.play(sequence('2222'), { ...AT_60_HZ, signal })).rejects.toThrow(
      'too late',
    )
    expect(emulation.board.lit).toBe(false)
  })

  test('a sequence that does not fit is refused with the limit', async () => {
    const { bridge } = await openBench()
    await expect(bridge.emitter.play(sequence('0'.repeat(4801)), AT_60_HZ)).rejects.toMatchObject({
      code: 'too-long',
      message: expect.stringMatching(/4800 .* 4801/),
    })
  })

  test.each([
    ['02', 5, /10 to 2000 Hz/],
    ['02', Number.NaN, /10 to 2000 Hz/],
    ['', 60, /nothing to play/],
  ])('"%s" at %d Hz is refused', async (digits, symbolRateHz, message) => {
    const { bridge } = await openBench()
    const played = bridge.emitter.play(sequence(digits), { symbolRateHz })
    await expect(played).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(message),
    })
  })
})

describe('sampling', () => {
  test('gives every sample with its exact time until it is aborted, for longer than the keep-alive', async () => {
    const { bridge, emulation } = await openBench()
    const abort = new AbortController()
    const collected = collect(bridge.photodiode.samples({ signal: abort.signal }))
    await emulation.sleep(3000)
    abort.abort()
    const samples = await collected
    expect(samples.length).toBeGreaterThan(2900)
    const startS = samples[0]?.[0] as number
    expect(samples.map(([timeS]) => timeS)).toEqual(samples.map((_, i) => startS + i * 0.001))
    for (const [, level] of samples) expect(level).toBeLessThan(0.1)
  })

  test('ends normally when it is aborted before or while it begins', async () => {
    const { bridge } = await openBench()
    expect(await collect(bridge.photodiode.samples({ signal: AbortSignal.abort() }))).toEqual([])
    const abort = new AbortController()
    const collected = collect(bridge.photodiode.samples({ signal: abort.signal }))
    abort.abort()
    expect((await collected).length).toBeLessThan(100)
  })

  test('can be left, and begun again', async () => {
    const { bridge } = await openBench()
    for (let time = 0; time < 3; time++) {
      const { signal } = new AbortController()
      for await (const { timesS } of bridge.photodiode.samples({ signal })) {
        expect(timesS.length).toBe(32)
        break
      }
    }
  })

  test('can begin again while the one before it, for which nobody waits, still ends', async () => {
    const { bridge } = await openBench()
    const both: Promise<number[][]>[] = []
    for (let time = 0; time < 3; time++) {
      const abort = new AbortController()
      const seen: number[][] = []
      const { promise, resolve } = withResolvers()
      const collecting = (async () => {
        for await (const { timesS } of bridge.photodiode.samples(abort)) {
          seen.push([...timesS])
          if (seen.length === 20) resolve()
        }
        return seen
      })()
      both.push(collecting)
      await promise
      abort.abort()
      // One that is left before it could begin.
      const left = bridge.photodiode.samples(new AbortController())[Symbol.asyncIterator]()
      await left.return?.()
    }
    const spans = (await Promise.all(both)).map((blocks) => blocks.flat())
    for (const timesS of spans) {
      for (const [i, timeS] of timesS.slice(1).entries()) {
        expect(timeS - (timesS[i] as number)).toBeCloseTo(0.001, 4)
      }
    }
    expect(spans[0]?.at(-1)).toBeLessThan(spans[1]?.[0] as number)
    expect(spans[1]?.at(-1)).toBeLessThan(spans[2]?.[0] as number)
  })

  test('tells when the light began on the clock of the samples', async () => {
    const { bridge, emulation } = await openBench()
    const abort = new AbortController()
    const collected = collect(bridge.photodiode.samples({ signal: abort.signal }))
    const { startS } = await bridge.emitter.play(sequence('0022'), AT_60_HZ)
    await emulation.sleep(100)
    abort.abort()
    const bright = (await collected).filter(([, level]) => (level as number) > 0.4)
    const firstBrightS = bright[0]?.[0] as number
    expect(firstBrightS - (startS + 2 / 60)).toBeGreaterThan(0)
    expect(firstBrightS - (startS + 2 / 60)).toBeLessThan(0.002)
  })

  test('repeats bit by bit with the same seed', async () => {
    const run = async (): Promise<number[][]> => {
      const { bridge, emulation } = await openBench()
      const abort = new AbortController()
      const collected = collect(bridge.photodiode.samples({ signal: abort.signal }))
      await bridge.emitter.play(sequence('0102'.repeat(20)), AT_60_HZ)
      await emulation.sleep(100)
      abort.abort()
      return collected
    }
    const first = await run()
    const second = await run()
    const length = Math.min(first.length, second.length)
    expect(length).toBeGreaterThan(1000)
    expect(second.slice(0, length)).toEqual(first.slice(0, length))
  })
})

test('edges on D8 are on the clock of the light', async () => {
  const { bridge, emulation } = await openBench()
  const { board } = emulation
  const abort = new AbortController()
  const edges: Edge[] = []
  const collected = (async () => {
    for await (const edge of bridge.edgeInput.edges({ signal: abort.signal })) edges.push(edge)
  })()
  await emulation.sleep(50)
  const cycle = board.cycle + 16_000
  for (let i = 0; i < 6; i++) board.setInput(i % 2 === 0, cycle + i * 8000)
  const { startS } = await bridge.emitter.play(sequence('00'), AT_60_HZ)
  abort.abort()
  await collected
  expect(edges.map(({ high, afterLoss }) => [high, afterLoss])).toEqual(
    [true, false, true, false, true, false].map((high) => [high, false]),
  )
  for (const [i, { timeS }] of edges.entries()) {
    expect(timeS - (edges[0]?.timeS ?? 0)).toBeCloseTo((i * 8000) / 16e6, 9)
  }
  expect(startS).toBeGreaterThan(edges.at(-1)?.timeS ?? 0)
})

test('an edge whose line is damaged is not closed up', async () => {
  const emulation = new Emulation()
  cleanUps.push(() => emulation.stop())
  const cable = new FaultyCable(emulation)
  const bridge = await openBridge('emulated', OPTIONS, cable.binding, emulation)
  const abort = new AbortController()
  const edges: Edge[] = []
  const collected = (async () => {
    for await (const edge of bridge.edgeInput.edges({ signal: abort.signal })) edges.push(edge)
  })()
  await emulation.sleep(50)
  const { board } = emulation
  let lineEnds = 0
  cable.toHost = (byte) => {
    if (byte === 0x0a) lineEnds++
    return lineEnds === 3 && byte === 0x65 ? [0x66] : [byte] // the 'e' of the fourth edge
  }
  for (let i = 0; i < 8; i++) board.setInput(i % 2 === 0, board.cycle + 16_000 + i * 160_000)
  await emulation.sleep(150)
  abort.abort()
  await collected
  expect(edges.map(({ afterLoss }) => afterLoss)).toContain(true)
  expect(edges.length).toBe(7)
})

test('a second reader of samples or edges is refused, and the first one goes on', async () => {
  const { bridge, emulation } = await openBench()
  const abort = new AbortController()
  const collected = collect(bridge.photodiode.samples({ signal: abort.signal }))
  expect(() => bridge.photodiode.samples({ signal: abort.signal })).toThrow('is already on')
  await emulation.sleep(300)
  abort.abort()
  expect((await collected).length).toBeGreaterThan(250)
})

describe('streams', () => {
  test.each(['sense', 'edges'] as const)(
    'of %s can begin again after the reply to the first begin was damaged',
    async (command) => {
      const emulation = new Emulation()
      cleanUps.push(() => emulation.stop())
      const cable = new FaultyCable(emulation)
      const bridge = await openBridge('emulated', OPTIONS, cable.binding, emulation)
      cleanUps.push(() => bridge[Symbol.asyncDispose]())
      let said = ''
      let isDamaged = false
      cable.toHost = (byte) => {
        said += String.fromCharCode(byte)
        if (isDamaged || !said.endsWith(`ok ${command} `)) return [byte]
        isDamaged = true
        return [byte ^ 1]
      }
      const begin = async () => {
        const abort = new AbortController()
        const items: AsyncIterable<unknown> =
          command === 'sense' ? bridge.photodiode.samples(abort) : bridge.edgeInput.edges(abort)
        const reading = drained(items)
        await Promise.race([emulation.sleep(50), reading])
        abort.abort()
        await reading
      }
      await expect(begin()).rejects.toMatchObject({ code: 'no-answer' })
      expect(isDamaged).toBe(true)
      await begin()
      await begin()
      expect(bridge.lost.aborted).toBe(false)
    },
  )

  test('that are read when the rig is closed fail with that', async () => {
    const { bridge, emulation } = await openBench()
    const never = { signal: new AbortController().signal }
    const streams: AsyncIterable<unknown>[] = [
      bridge.photodiode.samples(never),
      bridge.edgeInput.edges(never),
    ]
    const reading = streams.map(drained)
    for (const read of reading) read.catch(() => {})
    await emulation.sleep(100)
    await bridge[Symbol.asyncDispose]()
    for (const read of reading) {
      await expect(read).rejects.toThrow('the rig is closed: open it again')
    }
  })

  test('leave nothing at a signal that they have been read with', async () => {
    const { bridge } = await openBench()
    const { signal } = new AbortController()
    for (let time = 0; time < 3; time++) {
      for await (const _ of bridge.photodiode.samples({ signal })) break
    }
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  test('need a signal', async () => {
    const { bridge } = await openBench()
    expect(() => bridge.photodiode.samples({} as never)).toThrow('give a signal')
    await collect(bridge.photodiode.samples({ signal: AbortSignal.abort() }))
  })
})

describe('a life', () => {
  test('a board whose firmware is older is told to be flashed', async () => {
    const image = Buffer.from(readImage())
    image.write('firmware=1.2.9', image.indexOf('firmware='))
    await expect(openBench(new Emulation({ image }))).rejects.toMatchObject({
      code: 'foreign',
      message:
        'the board runs firmware 1.2.9, but this program needs 1.3 or later: flash its firmware',
    })
  })

  test.each(['1.10.0', '2.0.0'])('one with firmware %s is taken', async (version) => {
    const image = Buffer.from(readImage())
    image.write(`firmware=${version}`.slice(0, 14), image.indexOf('firmware='))
    expect((await openBench(new Emulation({ image }))).bridge.lost.aborted).toBe(false)
  })

  test.each<[string, string, (bench: { emulation: Emulation; cable: FaultyCable }) => void]>([
    ['unplugged', 'unplugged', ({ cable }) => cable.unplug()],
    ['reset', 'reset', ({ emulation }) => emulation.board.reset('watchdog')],
    [
      'silent',
      'no-answer',
      ({ cable }) => {
        cable.toBoard = () => []
      },
    ],
  ])(
    'a board that is %s while idle is lost within 2 s, and every later call says why',
    async (_, code, strike) => {
      const emulation = new Emulation()
      cleanUps.push(() => emulation.stop())
      const cable = new FaultyCable(emulation)
      const bridge = await openBridge('emulated', OPTIONS, cable.binding, emulation)
      await emulation.sleep(5000)
      expect(bridge.lost.aborted).toBe(false)
      strike({ emulation, cable })
      await emulation.sleep(2000)
      const { reason } = bridge.lost
      expect(reason).toMatchObject({ name: 'RigError', code })
      const { signal } = new AbortController()
      await expect(bridge.emitter.play(sequence('02'), AT_60_HZ)).rejects.toBe(reason)
      await expect(bridge.emitter.off()).rejects.toBe(reason)
      await expect(collect(bridge.photodiode.samples({ signal }))).rejects.toBe(reason)
      await expect(bridge.emitter.clock.toHost()).rejects.toBe(reason)
      await bridge[Symbol.asyncDispose]().catch(() => {})
    },
  )

  test('closing is dark, once however often, and nothing is lost by it', async () => {
    const { bridge, emulation } = await openBench()
    const played = bridge.emitter.play(sequence('2'.repeat(600)), {
      ...AT_60_HZ,
      onProgress: (symbols) => symbols > 100 && void bridge[Symbol.asyncDispose](),
    })
    await expect(played).rejects.toMatchObject({ code: 'refused' })
    await bridge[Symbol.asyncDispose]()
    expect(emulation.board.lit).toBe(false)
    expect(bridge.lost.aborted).toBe(false)
  })

  test('the board itself is told to be dark: it does not wait for the host’s silence', async () => {
    const { bridge, emulation } = await openBench()
    let darkMs = 0
    const played = bridge.emitter.play(sequence('2'.repeat(600)), {
      ...AT_60_HZ,
      onProgress: (symbols) => {
        if (symbols < 100) return
        emulation.onLed = () => {
          darkMs = emulation.nowMs()
        }
        void bridge[Symbol.asyncDispose]()
      },
    })
    await played.catch(() => {})
    await bridge[Symbol.asyncDispose]()
    const closedMs = emulation.nowMs()
    expect(emulation.board.lit).toBe(false)
    await emulation.sleep(1500)
    expect(darkMs).toBeGreaterThan(0)
    expect(darkMs).toBeLessThanOrEqual(closedMs)
  })

  test('samples and edges go on when the light is turned off, or is broken off', async () => {
    const { bridge, emulation } = await openBench()
    const abort = new AbortController()
    const collected = collect(bridge.photodiode.samples({ signal: abort.signal }))
    const enough = new AbortController()
    const played = bridge.emitter.play(sequence('2'.repeat(600)), {
      ...AT_60_HZ,
      signal: enough.signal,
      onProgress: (symbols) => symbols > 100 && enough.abort(new Error('enough')),
    })
    await expect(played).rejects.toThrow('enough')
    await bridge.emitter.off()
    await emulation.sleep(500)
    abort.abort()
    const samples = await collected
    const startS = samples[0]?.[0] as number
    expect(samples.map(([timeS]) => timeS)).toEqual(samples.map((_, i) => startS + i * 0.001))
    expect(samples.length).toBeGreaterThan(2000)
    expect(samples.at(-1)?.[1]).toBeLessThan(0.1)
  })
})

describe('times', () => {
  test('each says whose it is', async () => {
    const [one, other] = [await openBench(), await openBench()]
    expect(one.bridge.info.clock).not.toBe(other.bridge.info.clock)
    const { clock } = one.bridge.info
    expect((await one.bridge.emitter.play(sequence('02'), AT_60_HZ)).clock).toBe(clock)
    for await (const block of one.bridge.photodiode.samples({
      signal: new AbortController().signal,
    })) {
      expect(block.clock).toBe(clock)
      break
    }
    const map = await other.bridge.emitter.clock.toHost()
    expect(() => map.at(1, clock)).toThrow(/^this is a time of emulated#\d+, not of emulated#\d+$/)
  })

  test('go on over the wrap of the board’s clock', async () => {
    const { time, cable } = new HostileBench([]) // whose clock wraps 3 s after its start
    const bridge = await openBridge('hostile', OPTIONS, cable.binding, time)
    const abort = new AbortController()
    const samples = collect(bridge.photodiode.samples({ signal: abort.signal }))
    const edges: Edge[] = []
    const timed = (async () => {
      for await (const edge of bridge.edgeInput.edges({ signal: abort.signal })) edges.push(edge)
    })()
    const starts: number[] = []
    for (let message = 0; message < 5; message++) {
      starts.push((await bridge.emitter.play(sequence('02'.repeat(30)), AT_60_HZ)).startS)
    }
    abort.abort()
    const sampled = (await samples).map(([timeS]) => timeS as number)
    await timed
    await bridge[Symbol.asyncDispose]()
    time.stop()
    const steps = (times: number[]) =>
      times.slice(1).map((timeS, i) => timeS - (times[i] as number))
    for (const stepS of steps(starts)) expect(Math.abs(stepS - 1.1)).toBeLessThan(0.15)
    for (const stepS of steps(sampled)) expect(stepS).toBeCloseTo(0.001, 6)
    for (const stepS of steps(edges.map(({ timeS }) => timeS))) expect(stepS).toBeCloseTo(0.02, 6)
    expect(starts.at(-1)).toBeGreaterThan(4)
    expect(edges.length).toBeGreaterThan(200)
  })
})

describe('fast samples', () => {
  test('9,000 a second all come, as the line is set to 500,000 baud for them', async () => {
    const emulation = new Emulation()
    cleanUps.push(() => emulation.stop())
    const options = { ...OPTIONS, sampleRateHz: 9000 }
    const bridge = await openBridge('emulated', options, emulatedBinding(emulation), emulation)
    expect(emulation.board.baudRate).toBeCloseTo(500_000, -3)
    const abort = new AbortController()
    let count = 0
    const gaps: SampleGap[] = []
    const collected = (async () => {
      for await (const { timesS, gap } of bridge.photodiode.samples({ signal: abort.signal })) {
        count += timesS.length
        if (gap) gaps.push(gap)
      }
    })()
    await emulation.sleep(1000)
    abort.abort()
    await collected
    expect(gaps).toEqual([])
    expect(count).toBeGreaterThan(8900)
    await bridge[Symbol.asyncDispose]()
    expect(emulation.board.baudRate).toBeLessThan(120_000)
  })
})

describe('what is lost on the way is told', () => {
  /** The bridge of a board of which some lines of samples or edges are damaged on the way. */
  async function withDamage(isDamaged: (line: number) => boolean, first: number) {
    const emulation = new Emulation()
    cleanUps.push(() => emulation.stop())
    const cable = new FaultyCable(emulation)
    const bridge = await openBridge('emulated', OPTIONS, cable.binding, emulation)
    cleanUps.push(() => bridge[Symbol.asyncDispose]())
    let line = -1
    let isStart = true
    cable.toHost = (byte) => {
      if (isStart && byte === first) line++
      const damaged = isStart && byte === first && isDamaged(line)
      isStart = byte === 0x0a
      return [damaged ? byte ^ 0x20 : byte]
    }
    return { bridge, emulation }
  }

  test('samples: where the first one is missing, and how many', async () => {
    const { bridge, emulation } = await withDamage((line) => line === 5 || line === 6, 0x73)
    const abort = new AbortController()
    const blocks: SampleBlock[] = []
    const collected = (async () => {
      for await (const block of bridge.photodiode.samples({ signal: abort.signal }))
        blocks.push(block)
    })()
    await emulation.sleep(500)
    abort.abort()
    await collected
    const startS = blocks[0]?.timesS[0] ?? Number.NaN
    const gaps = blocks.flatMap(({ gap }, block) => (gap ? [{ block, ...gap }] : []))
    expect(gaps).toEqual([{ block: 5, startS: startS + 160 * 0.001, samples: 64 }])
    expect(blocks[5]?.timesS[0]).toBeCloseTo(startS + 224 * 0.001, 9)
  })

  test('samples at the end: by a block of none', async () => {
    const { bridge, emulation } = await withDamage((line) => line >= 10, 0x73)
    const abort = new AbortController()
    const blocks: SampleBlock[] = []
    const collected = (async () => {
      for await (const block of bridge.photodiode.samples({ signal: abort.signal }))
        blocks.push(block)
    })()
    await emulation.sleep(500)
    abort.abort()
    await collected
    const last = blocks.at(-1)
    expect(last?.timesS.length).toBe(0)
    expect(last?.gap?.samples).toBeGreaterThan(150)
  })

  test('edges that came too fast for the board', async () => {
    const { bridge, emulation } = await openBench()
    const abort = new AbortController()
    const edges: Edge[] = []
    const collected = (async () => {
      for await (const edge of bridge.edgeInput.edges({ signal: abort.signal })) edges.push(edge)
    })()
    await emulation.sleep(50)
    const { board } = emulation
    const cycle = board.cycle + 16_000
    for (let i = 0; i < 200; i++) board.setInput(i % 2 === 0, cycle + i * 100)
    board.setInput(true, cycle + 1_600_000)
    await emulation.sleep(300)
    abort.abort()
    await collected
    expect(edges.length).toBeLessThan(201)
    expect(edges.filter(({ afterLoss }) => afterLoss).length).toBeGreaterThan(0)
    expect(edges.at(-1)?.afterLoss).toBe(true)
  })

  test('edges that came too fast, with none after them: the stream fails', async () => {
    const { bridge, emulation } = await openBench()
    const abort = new AbortController()
    const collected = drained(bridge.edgeInput.edges(abort))
    collected.catch(() => {})
    await emulation.sleep(50)
    const { board } = emulation
    const cycle = board.cycle + 16_000
    for (let i = 0; i < 200; i++) board.setInput(i % 2 === 0, cycle + i * 100)
    await emulation.sleep(300)
    abort.abort()
    await expect(collected).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringContaining('the last edges were lost'),
    })
  })

  test('the last edges: the stream fails', async () => {
    const { bridge, emulation } = await withDamage((line) => line >= 4, 0x65)
    const abort = new AbortController()
    const collected = drained(bridge.edgeInput.edges(abort))
    collected.catch(() => {})
    await emulation.sleep(50)
    const { board } = emulation
    for (let i = 0; i < 8; i++) board.setInput(i % 2 === 0, board.cycle + 16_000 + i * 160_000)
    await emulation.sleep(300)
    abort.abort()
    await expect(collected).rejects.toMatchObject({
      code: 'damaged',
      message: expect.stringContaining('the last edges were lost'),
    })
  })
})

describe('faults', () => {
  test('the board restarts in mid-message', async () => {
    const { bridge, emulation } = await openBench()
    const played = bridge.emitter.play(sequence('2'.repeat(600)), {
      ...AT_60_HZ,
      onProgress: (symbols) => symbols > 100 && emulation.board.reset('external'),
    })
    await expect(played).rejects.toMatchObject({ code: 'reset' })
    expect(emulation.board.lit).toBe(false)
  })

  test('nobody talks to the board any more: it goes dark by itself', async () => {
    const { bridge, emulation } = await openBench()
    let deaf = false
    const { board } = emulation
    const receive = board.receive.bind(board)
    board.receive = (bytes, baudRate) => deaf || receive(bytes, baudRate)
    const played = bridge.emitter.play(sequence('2'.repeat(600)), {
      ...AT_60_HZ,
      onProgress: (symbols) => {
        deaf = symbols > 100
      },
    })
    await expect(played).rejects.toMatchObject({ code: 'no-answer' })
    await emulation.sleep(1100)
    expect(board.lit).toBe(false)
  })

  test('samples end with the fault when the board restarts', async () => {
    const { bridge, emulation } = await openBench()
    const collected = collect(bridge.photodiode.samples({ signal: new AbortController().signal }))
    collected.catch(() => {})
    await emulation.sleep(500)
    emulation.board.reset('external')
    await expect(collected).rejects.toMatchObject({ code: 'reset' })
  })
})
