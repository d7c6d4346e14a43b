import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rms } from '../../../src/bench/descriptive-statistics.js'
import type { FigureName, Witness } from '../../../src/bench/figures.js'
import { type MeasuredTiming, measureTiming } from '../../../src/bench/timing/measure.js'
import { makePattern } from '../../../src/bench/timing/patterns.js'
import { ClockMap, clockId } from '../../../src/light/clock.js'
import type { SampleBlock } from '../../../src/light/samples.js'
import { BLACK, type SymbolSequence } from '../../../src/light/symbols.js'
import type { Bridge } from '../../../src/rig/bridge/bridge.js'
import { openBridge } from '../../../src/rig/bridge/open.js'
import { emulatedBinding } from '../../../src/rig/emulated/binding.js'
import { CLOCK_HZ } from '../../../src/rig/emulated/board.js'
import { Emulation } from '../../../src/rig/emulated/emulation.js'
import type { Clock, Edge, Emitter, Rig } from '../../../src/rig/rig.js'

type TimedRig = Pick<Rig, 'info' | 'emitter'> & Required<Pick<Rig, 'photodiode' | 'edgeInput'>>

let emulation: Emulation
let bridge: Bridge
let rig: TimedRig
/** When the pin of the LED has changed, in cycles of the emulator. */
let light: number[] = []

beforeAll(async () => {
  emulation = new Emulation()
  emulation.onLed = (_, cycle) => light.push(cycle)
  const options = { brightness: 1, greyRatio: 0.52, sampleRateHz: 8000 }
  bridge = await openBridge('emulated', options, emulatedBinding(emulation), emulation)
  const { info, emitter, photodiode, edgeInput } = bridge
  rig = { info, emitter, photodiode, edgeInput }
})
afterAll(async () => {
  await bridge[Symbol.asyncDispose]()
  await emulation.stop()
})

const CLOCK_PATTERN = makePattern('clock', 101)

function measure(
  path: TimedRig,
  sequence: SymbolSequence = CLOCK_PATTERN,
  symbolRateHz = 250,
): Promise<MeasuredTiming> {
  light = []
  return measureTiming(path, { sequences: [sequence], symbolRateHz })
}

const valueOfFigure = ({ figures }: MeasuredTiming, name: FigureName, witness: Witness) =>
  figures.find((figure) => figure.name === name && figure.witness === witness)?.value ?? Number.NaN

const faultsOf = ({ faults }: MeasuredTiming): string[] => faults.map(({ text }) => text)

/** By how much a witness's times differ from the emulator's, but for the delay that all of them share. */
function differencesS({ witnesses }: MeasuredTiming, witness: Witness): number[] {
  const rows = witnesses.find((other) => other.witness === witness)?.rows ?? []
  const offS = rows.map(({ seenS }, n) => (seenS ?? Number.NaN) - (light[n] ?? 0) / CLOCK_HZ)
  const middleS = offS.reduce((sum, s) => sum + s, 0) / offS.length
  return offS.map((s) => s - middleS)
}

describe('the light of the real firmware, by the cycle counter of the emulator', () => {
  test.each(['clock', 'random'] as const)('%s', async (pattern) => {
    const measured = await measure(rig, makePattern(pattern, 201, 7))
    const byEdges = differencesS(measured, 'edge-input').map(Math.abs)
    const bySamples = differencesS(measured, 'samples')
    expect(byEdges.length).toBe(light.length)
    expect(Math.max(...byEdges)).toBeLessThanOrEqual(0.1e-6)
    expect(rms(bySamples)).toBeLessThanOrEqual(20e-6)
    expect([measured.faults, measured.notes]).toEqual([[], []])
    // What two witnesses disagree about is what the worse of them has wrong.
    const disagreement = valueOfFigure(measured, 'witness-disagreement-rms-us', 'samples')
    expect(disagreement).toBeGreaterThan(0)
    expect(disagreement).toBeLessThanOrEqual(20)
  })

  test('several sequences are timed as one light', async () => {
    light = []
    const sequences = [1, 2].map((seed) => makePattern('random', 60, seed))
    const progress: number[] = []
    const measured = await measureTiming(rig, {
      sequences,
      symbolRateHz: 250,
      onProgress: (symbols) => progress.push(symbols),
    })
    expect(measured.plays.length).toBe(2)
    expect(progress.at(-1)).toBe(120)
    expect(measured.witnesses[0]?.rows.length).toBe(light.length)
    expect(valueOfFigure(measured, 'tie-max-us', 'edge-input')).toBeLessThanOrEqual(0.1)
  })

  test('grey is PWM, which the edge input cannot follow: it is left out, and that is said', async () => {
    const sequence = { levels: Uint8Array.from('0102010201020102010', Number) }
    const measured = await measure(rig, sequence, 142)
    expect(measured.notes).toEqual([expect.stringContaining('it cannot follow the PWM of grey')])
    expect(measured.witnesses.map(({ witness }) => witness)).toEqual(['samples'])
    expect(valueOfFigure(measured, 'missed-edges', 'samples')).toBe(0)
  })

  test('nothing drives the edge input: it is left out', async () => {
    const edgeInput = { edges: (): AsyncIterable<Edge> => none() }
    const measured = await measure({ ...rig, edgeInput })
    expect(measured.notes).toEqual([expect.stringContaining('saw no edge')])
    expect(faultsOf(measured)).toEqual([])
  })
})

async function* none(): AsyncIterable<Edge> {}

/** Another light than the one that is asked for, in parts of a symbol, at a rate that a hundred of them can have. */
function playing(change: (fine: Uint8Array, parts: number) => void): Emitter {
  const PARTS = 100
  return {
    ...rig.emitter,
    clock: rig.emitter.clock,
    off: () => rig.emitter.off(),
    play: async ({ levels }, options) => {
      const fine = new Uint8Array(levels.length * PARTS)
      for (const [n, level] of levels.entries()) fine.fill(level, n * PARTS, (n + 1) * PARTS)
      change(fine, PARTS)
      const symbolRateHz = options.symbolRateHz * PARTS
      const report = await rig.emitter.play({ levels: fine }, { ...options, symbolRateHz })
      return { ...report, symbols: levels.length, symbolRateHz: report.symbolRateHz / PARTS }
    },
  }
}
/** The slowest of which a hundredth can be played. */
const FINE_RATE_HZ = 20
const FINE_PATTERN = makePattern('clock', 21)

describe('a fault in the light is found and named, and no other is', () => {
  test('none, though it is played in parts', async () => {
    const emitter = playing(() => {})
    expect(faultsOf(await measure({ ...rig, emitter }, FINE_PATTERN, FINE_RATE_HZ))).toEqual([])
  })

  test('a symbol that is late by 5 %', async () => {
    const emitter = playing((fine, parts) => fine.fill(BLACK, 11 * parts, 11.05 * parts))
    const measured = await measure({ ...rig, emitter }, FINE_PATTERN, FINE_RATE_HZ)
    expect(faultsOf(measured)).toEqual([
      expect.stringMatching(/^the edge at symbol 11 is 2\.\d{3} ms late$/),
    ])
    expect(measured.faults[0]?.witness).toBe('edge-input')
  })

  test('3 % of asymmetry', async () => {
    const emitter = playing((fine, parts) => {
      for (let n = 2 * parts; n < fine.length; n += 2 * parts) fine.fill(2, n, n + 0.03 * parts)
    })
    const measured = await measure({ ...rig, emitter }, FINE_PATTERN, FINE_RATE_HZ)
    expect(faultsOf(measured)).toEqual([
      expect.stringMatching(/^lit levels are 3\.0 % of a symbol too long/),
    ])
    expect(valueOfFigure(measured, 'tie-rms-us', 'edge-input')).toBeLessThan(0.1)
  })

  test('a clock that is 50 ppm slow', async () => {
    const emitter = {
      ...rig.emitter,
      clock: rig.emitter.clock,
      off: () => rig.emitter.off(),
      play: async (...[sequence, options]: Parameters<Emitter['play']>) => {
        const report = await rig.emitter.play(sequence, options)
        return { ...report, symbolRateHz: report.symbolRateHz * (1 + 50e-6) }
      },
    }
    expect(faultsOf(await measure({ ...rig, emitter }))).toEqual([
      expect.stringMatching(/^the emitter's clock is 50\.0 ppm slow/),
    ])
  })

  test('a droop of 5 %', async () => {
    const { photodiode } = rig
    async function* samples(options: { signal: AbortSignal }): AsyncIterable<SampleBlock> {
      let litSinceS = Number.NaN
      for await (const block of photodiode.samples(options)) {
        const levels = block.levels.map((level, n) => {
          const timeS = block.timesS[n] as number
          if (level < 0.35) litSinceS = Number.NaN
          else if (Number.isNaN(litSinceS)) litSinceS = timeS
          return level - (Number.isNaN(litSinceS) ? 0 : 0.05 * 0.6 * 142 * (timeS - litSinceS))
        })
        yield { ...block, levels }
      }
    }
    const drooping = { ...rig, photodiode: { ...photodiode, samples } }
    expect(faultsOf(await measure(drooping, CLOCK_PATTERN, 142))).toEqual([
      expect.stringMatching(/^white falls by [45]\.\d % of the swing within a symbol/),
    ])
  })

  test('a missing edge', async () => {
    const emitter = {
      ...rig.emitter,
      clock: rig.emitter.clock,
      off: () => rig.emitter.off(),
      play: (...[sequence, options]: Parameters<Emitter['play']>) => {
        const levels = sequence.levels.slice().fill(BLACK, 51, 52)
        return rig.emitter.play({ levels }, options)
      },
    }
    expect(faultsOf(await measure({ ...rig, emitter }))).toEqual([
      '2 edges were not seen: symbol 51, symbol 52',
    ])
  })
})

test('an emitter with a clock of its own is timed by that of the board', async () => {
  const FAST = 1 + 3000e-6
  const id = clockId('other')
  const at = (boardS: number) => ({ fromS: boardS * FAST, toS: boardS, uncertaintyS: 0.001 })
  const own: Clock = {
    id,
    toHost: async () => {
      const map = new ClockMap(id, bridge.emitter.clock.id, at(0), at(1000))
      return map.through(await bridge.emitter.clock.toHost())
    },
  }
  const emitter: Emitter = {
    clock: own,
    off: () => rig.emitter.off(),
    play: async (sequence, { symbolRateHz, ...options }) => {
      const asked = { ...options, symbolRateHz: symbolRateHz * FAST }
      const report = await rig.emitter.play(sequence, asked)
      const startS = report.startS * FAST
      return { ...report, startS, symbolRateHz: report.symbolRateHz / FAST, clock: id }
    },
  }
  const measured = await measure({ ...rig, emitter })
  expect(valueOfFigure(measured, 'frequency-error-ppm', 'edge-input')).toBeCloseTo(3000, 0)
  expect(valueOfFigure(measured, 'missed-edges', 'edge-input')).toBe(0)
  expect(measured.faults.map(({ name }) => name)).toEqual(['clock-error'])
})

describe('when something breaks', () => {
  const LONG = makePattern('clock', 2001)
  const isDark = (): boolean => light.length % 2 === 0

  test('it is aborted: the LED is dark, and the edge input free again', async () => {
    const reason = new Error('enough')
    const abort = new AbortController()
    light = []
    const run = measureTiming(rig, {
      sequences: [LONG],
      symbolRateHz: 250,
      signal: abort.signal,
      onProgress: (symbols) => symbols > 50 && abort.abort(reason),
    })
    await expect(run).rejects.toBe(reason)
    expect([light.length > 10, isDark()]).toEqual([true, true])
    expect(faultsOf(await measure(rig))).toEqual([])
  })

  test('the edge input fails: its error comes through, and the light ends', async () => {
    const lost = new Error('lost')
    const edges = (): AsyncIterable<Edge> => ({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(lost) }),
    })
    light = []
    await expect(
      measureTiming(
        { ...rig, edgeInput: { edges } },
        { sequences: [FINE_PATTERN], symbolRateHz: 250 },
      ),
    ).rejects.toBe(lost)
    expect(isDark()).toBe(true)
  })
})
