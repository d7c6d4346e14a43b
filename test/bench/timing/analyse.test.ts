import { describe, expect, test } from 'vitest'
import type { FigureName } from '../../../src/bench/figures.js'
import { analyseTiming, type TimingResult } from '../../../src/bench/timing/analyse.js'
import { droopOf, flickerOf } from '../../../src/bench/timing/level-shape.js'
import { makePattern } from '../../../src/bench/timing/patterns.js'
import { seededRandom } from '../../../src/channel/index.js'
import { type SyntheticLight, syntheticPlay, TIME_CONSTANT_S } from './synthetic.js'

const SYMBOLS = 101
const analyse = (light: Partial<SyntheticLight> = {}): TimingResult =>
  analyseTiming([syntheticPlay({ sequence: makePattern('clock', SYMBOLS), ...light })])

const figureOf = ({ figures }: TimingResult, name: FigureName) => {
  const figure = figures.find((other) => other.name === name)
  if (figure?.value == null || figure.uncertainty === null) throw new Error(`${name} is not known`)
  return { value: figure.value, uncertainty: figure.uncertainty }
}

/** A light with something of every fault. */
function anyLight(seed: number) {
  const random = seededRandom(7919 * seed)
  const evenly = (size: number): number => size * (2 * random() - 1)
  const symbolRateHz = 60 + 190 * random()
  const jitter = [0, 0.01, 0.04][seed % 3] as number
  const [asymmetry, fastPpm, droop] = [evenly(0.03), evenly(100), 0.08 * random()]
  const late = (_: number, rising: boolean): number => evenly(jitter) + (rising ? 0 : asymmetry)
  const flicker = seed % 2 === 0 ? 0.017 : 0
  const light: SyntheticLight = {
    sequence: makePattern(seed % 4 < 2 ? 'clock' : 'random', SYMBOLS, seed),
    symbolRateHz,
    late,
    fastPpm,
    droop,
    channel: { flicker, flickerHz: 100.37 },
    seed,
  }
  const jitterUs = (jitter * 1e6) / symbolRateHz / Math.sqrt(3)
  const truth: Partial<Record<FigureName, number>> = {
    'tie-rms-us': jitterUs,
    'period-jitter-rms-us': jitterUs * Math.SQRT2,
    'cycle-jitter-rms-us': jitterUs * Math.sqrt(6),
    'frequency-error-ppm': fastPpm,
    'asymmetry-pct': 100 * asymmetry,
    'rise-time-us': 1e6 * TIME_CONSTANT_S * Math.log(9),
    'fall-time-us': 1e6 * TIME_CONSTANT_S * Math.log(9),
    'droop-pct': 100 * droop,
    'drift-pct': 0,
    'missed-edges': 0,
    'extra-edges': 0,
  }
  return { light, truth }
}

test('what is said to be off by so much at most is so in 95 of 100 lights', () => {
  const RUNS = 200
  const inside = new Map<string, number>()
  for (let seed = 1; seed <= RUNS; seed++) {
    const { light, truth } = anyLight(seed)
    const result = analyseTiming([syntheticPlay(light)])
    for (const [name, wanted] of Object.entries(truth)) {
      const { value, uncertainty } = figureOf(result, name as FigureName)
      const isInside = Math.abs(value - wanted) <= uncertainty
      inside.set(name, (inside.get(name) ?? 0) + (isInside ? 1 : 0))
    }
  }
  expect(inside.size).toBe(11)
  for (const [name, count] of inside) expect([name, count / RUNS >= 0.95]).toEqual([name, true])
})

describe('a fault is found and named, and no other is', () => {
  const LATE = 41
  const faults = (light: Partial<SyntheticLight>) =>
    analyse(light).faults.map(({ name, text }) => [name, text])

  test('none where none is', () => {
    expect(faults({})).toEqual([])
    for (let seed = 2; seed <= 20; seed++) {
      const sequence = makePattern('random', SYMBOLS, seed)
      expect(faults({ sequence, seed, symbolRateHz: 20 * seed })).toEqual([])
    }
  })

  test('a symbol that is late by 5 %', () => {
    const late = (symbol: number): number => (symbol === LATE ? 0.05 : 0)
    expect(faults({ late })).toEqual([
      ['late-edge', expect.stringMatching(/^the edge at symbol 41 is 0\.3\d\d ms late$/)],
    ])
    const play = syntheticPlay({ sequence: makePattern('clock', SYMBOLS), late })
    expect(analyseTiming([play], true).faults).toMatchObject([
      { name: 'late-edge', text: expect.stringMatching(/^an edge is 0\.3\d\d ms late$/) },
    ])
    expect(faults({ late: (symbol) => -late(symbol) })).toEqual([
      ['late-edge', expect.stringMatching(/^the edge at symbol 41 is 0\.3\d\d ms early$/)],
    ])
  })

  test.each([50, -50])('a clock that is %i ppm off', (fastPpm) => {
    const sequence = makePattern('clock', 1001)
    const word = fastPpm > 0 ? 'fast' : 'slow'
    expect(faults({ sequence, fastPpm })).toEqual([
      ['clock-error', expect.stringMatching(`^the emitter's clock is (49|50)\\.\\d ppm ${word}`)],
    ])
  })

  test.each([0.03, -0.03])('lit levels that are too long by %f of a symbol', (asymmetry) => {
    const word = asymmetry > 0 ? 'long' : 'short'
    expect(faults({ late: (_, rising) => (rising ? 0 : asymmetry) })).toEqual([
      [
        'asymmetry',
        expect.stringMatching(`^lit levels are (2\\.9|3\\.\\d) % of a symbol too ${word}`),
      ],
    ])
  })

  test('a droop of 5 %', () => {
    expect(faults({ droop: 0.05 })).toEqual([
      [
        'droop',
        expect.stringMatching(/^white falls by (4\.9|5\.\d) % of the swing within a symbol/),
      ],
    ])
  })

  test('a lit symbol that stays dark', () => {
    const sequence = makePattern('clock', SYMBOLS)
    const played = { levels: sequence.levels.slice().fill(0, LATE, LATE + 1) }
    const play = { ...syntheticPlay({ sequence: played }), sequence }
    const { faults: found, figures } = analyseTiming([play])
    expect(found.map(({ name, text }) => [name, text])).toEqual([
      ['missed-edge', '2 edges were not seen: symbol 41, symbol 42'],
    ])
    expect(figures.find(({ name }) => name === 'missed-edges')).toMatchObject({ value: 2 })
    const [ofSecret] = analyseTiming([play], true).faults
    expect(ofSecret).toMatchObject({ name: 'missed-edge', text: '2 edges were not seen' })
  })

  test('a flash that nobody has made', () => {
    const sequence = makePattern('clock', SYMBOLS)
    const seen = syntheticPlay({ sequence })
    const { timesS, levels } = seen.samples as NonNullable<typeof seen.samples>
    const flashS = 0.5 + 10.4 / 142
    const flashed = Float64Array.from(levels, (level, n) =>
      Math.abs((timesS[n] as number) - flashS) < 3e-4 ? 0.7 : level,
    )
    const play = { ...seen, samples: { timesS, levels: flashed, sampleRateHz: 7993 } }
    expect(analyseTiming([play]).faults.map(({ name }) => name)).toEqual(['extra-edge'])
  })

  test.each([
    ['drift', { channel: { drift: 0.1 } }, /^white gets (brighter|darker) by/],
    [
      'flicker',
      { channel: { flicker: 0.08, flickerHz: 100.37 } },
      /^the dark level moves by 1\d % /,
    ],
  ] as const)('%s of other light', (name, light, words) => {
    expect(faults(light)).toContainEqual([name, expect.stringMatching(words)])
  })
})

describe('an odd light', () => {
  test('no light at all: every edge is missed, and nothing else is known', () => {
    const result = analyse({ channel: { swing: 0.01 } })
    expect(result.figures.find(({ name }) => name === 'missed-edges')?.value).toBe(SYMBOLS - 1)
    expect(result.figures.find(({ name }) => name === 'tie-rms-us')?.value).toBeNull()
    expect(result.faults.map(({ name }) => name)).toEqual(['missed-edge'])
  })

  test('a sensor whose level falls with light sees the same', () => {
    const plain = analyse()
    const inverted = analyse({ channel: { inverted: true } })
    expect(inverted.faults).toEqual([])
    for (const name of ['tie-rms-us', 'rise-time-us', 'asymmetry-pct'] as const) {
      const { value, uncertainty } = figureOf(plain, name)
      expect(Math.abs(figureOf(inverted, name).value - value)).toBeLessThanOrEqual(uncertainty)
    }
  })

  test('edges in a gap of the samples are unseen, and leave the count of those that are missing uncertain', () => {
    const play = syntheticPlay({ sequence: makePattern('clock', SYMBOLS) })
    const { timesS, levels } = play.samples as NonNullable<typeof play.samples>
    const fromS = 0.5 + 20.5 / 142
    const isKept = (n: number): boolean =>
      (timesS[n] as number) < fromS || (timesS[n] as number) > fromS + 3 / 142
    const kept = Array.from({ length: timesS.length }, (_, n) => n).filter(isKept)
    const samples = {
      timesS: kept.map((n) => timesS[n] as number),
      levels: kept.map((n) => levels[n] as number),
      sampleRateHz: 7993,
    }
    const result = analyseTiming([{ ...play, samples }])
    expect(figureOf(result, 'missed-edges')).toEqual({ value: 0, uncertainty: 3 })
    expect(result.faults).toEqual([])
  })

  test('few samples a symbol: the whole edge may be between two, and that is said', () => {
    const channel = { sampleRateHz: 999, riseSymbols: 0, fallSymbols: 0 }
    const { value, uncertainty } = figureOf(analyse({ channel }), 'tie-rms-us')
    expect(value).toBeGreaterThan(50)
    expect(uncertainty).toBeGreaterThan(value)
    expect(uncertainty).toBeLessThan(1000)
  })

  test('a handful of edges tells no jitter', () => {
    const result = analyse({ sequence: makePattern('clock', 5) })
    expect(result.figures.find(({ name }) => name === 'tie-rms-us')?.value).toBeNull()
  })

  test('plays of several rates are refused', () => {
    const sequence = makePattern('clock', 11)
    const plays = [60, 142].map((symbolRateHz) => syntheticPlay({ sequence, symbolRateHz }))
    expect(() => analyseTiming(plays)).toThrow(RangeError)
    expect(() => analyseTiming([])).toThrow(RangeError)
  })
})

describe('a level', () => {
  const TRUE_PEAK_TO_PEAK = 2 * 2.326

  test('flickers by what noise makes, within what is stated', () => {
    let inside = 0
    for (let seed = 1; seed <= 100; seed++) {
      const { samples } = syntheticPlay({
        sequence: makePattern('clock', 5),
        channel: { swing: 0.6, noiseRms: 0.05 },
        seed,
      })
      if (!samples) throw new Error('there are samples')
      const dark = Float64Array.from(samples.levels).subarray(0, 3500)
      const flicker = flickerOf(dark)
      if (!flicker) throw new Error('there are samples')
      const truth = TRUE_PEAK_TO_PEAK * 0.05 * 0.6
      if (Math.abs(flicker.value - truth) <= flicker.uncertainty) inside++
    }
    expect(inside).toBeGreaterThanOrEqual(95)
  })

  test('of too few samples is not told', () => {
    expect(flickerOf(new Float64Array(50))).toBeNull()
    expect(droopOf([], [], 0.01, 0)).toBeNull()
  })
})
