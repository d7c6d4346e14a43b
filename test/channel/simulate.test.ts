import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { CHANNEL_RANGES, WHOLE_NUMBERS } from '../../src/channel/check.js'
import { type Channel, GOOD_CHANNEL, simulateChannel } from '../../src/channel/index.js'

const SYMBOLS = Uint8Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? 0 : n % 3 === 0 ? 2 : 1))
const EXACT: Partial<Channel> = { adcBits: 16, symbolRateHz: 100, beforeS: 0, afterS: 0 }
const run = (channel: Partial<Channel> = {}) => simulateChannel(SYMBOLS, { ...EXACT, ...channel })
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
/** Lengths of all symbols but the first and the last, in symbols, as their edges show them. */
const lengthsOf = (channel: Partial<Channel>) => {
  const { timesS, levels } = run({ sampleRateHz: 10_000, ...channel })
  const edgesS = [...timesS].filter((_, n) => n > 0 && levels[n] !== levels[n - 1])
  return edgesS.slice(1).map((edgeS, n) => (edgeS - (edgesS[n] ?? 0)) * 100)
}
const rms = (values: ArrayLike<number>) =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value ** 2, 0) / values.length)
/** What an impairment adds to each sample, as a part of the swing. */
const added = (channel: Partial<Channel>) => {
  const base = { swing: 0.4, black: 0.3, sampleRateHz: 10_000, afterS: 4 }
  const without = run(base)
  return run({ ...base, ...channel }).levels.map(
    (level, n) => (level - (without.levels[n] ?? 0)) / base.swing,
  )
}

it('shows each symbol at its level for its time', () => {
  const { timesS, levels } = run()
  expect(timesS.length).toBe(400)
  for (const [n, level] of levels.entries()) {
    if (n % 10 === 0) continue // on the edge itself
    const light = [0, 0.52, 1][SYMBOLS[Math.floor(n / 10 + 1e-9)] ?? 0] ?? 0
    expect(level, `sample ${n}`).toBeCloseTo(0.1 + 0.6 * light, 4)
  }
})

test('the same seed gives the same samples, another seed others', () => {
  const noisy = (seed: number) => run({ noiseRms: 0.1, sampleJitter: 0.5, flicker: 0.1, seed })
  expect(noisy(1)).toEqual(noisy(1))
  expect(noisy(1).levels).not.toEqual(noisy(2).levels)
})

describe('each impairment is as large as it says', () => {
  it('noise', () => expect(rms(added({ noiseRms: 0.1 }))).toBeCloseTo(0.1, 2))
  it('flicker with its harmonics', () => {
    // Sines of 0.2 and of half of it: 0.2 / sqrt(2) times the root of 1 + 1/4.
    const flicker = added({ flicker: 0.2, flickerHarmonics: [0.5] })
    expect(rms(flicker)).toBeCloseTo(0.2 * Math.sqrt(0.5 * 1.25), 3)
  })
  it('drift', () => {
    const drift = added({ drift: 0.3 })
    expect(Math.max(...drift)).toBeCloseTo(0.3, 2)
    expect(Math.min(...drift)).toBeCloseTo(0, 2)
  })
  it('impulses', () => {
    const hit = added({ impulses: 0.1, impulseSize: 0.5 })
    expect(hit.filter((value) => Math.abs(value) > 0.4).length / hit.length).toBeCloseTo(0.1, 1)
  })
  it('PWM ripple, which samples slower than it alias', () => {
    const ripple = added({ pwmHz: 20_003, pwmRipple: 1 })
    // On for 52 % of the time in the 13 grey symbols of 4.4 s.
    expect(rms(ripple)).toBeCloseTo(Math.sqrt((0.52 * 0.48 * 0.13) / 4.4), 2)
  })
  it('a hand', () => {
    const { levels } = run({ handS: 0.2, handTransmission: 0.4 })
    expect((levels[105] ?? 0) / (run().levels[105] ?? 0)).toBeCloseTo(0.4, 1)
  })
  it('a slow sensor, unequal in rise and fall', () => {
    const { levels } = run({ riseSymbols: 0.2, fallSymbols: 0.5, sampleRateHz: 10_000, black: 0 })
    const grey = 0.52 * 0.6
    expect((levels[120] ?? 0) / grey).toBeCloseTo(1 - Math.exp(-1), 1) // 0.2 symbols after its begin
    expect((levels[250] ?? 0) / grey).toBeCloseTo(Math.exp(-1), 1)
  })
  it('a slow LED before the sensor, unequal in rise and fall', () => {
    const slow = { ledRiseS: 0.002, ledFallS: 0.005, sampleRateHz: 10_000, black: 0 }
    const grey = 0.52 * 0.6
    const { levels } = run(slow)
    expect((levels[120] ?? 0) / grey).toBeCloseTo(1 - Math.exp(-1), 1)
    expect((levels[250] ?? 0) / grey).toBeCloseTo(Math.exp(-1), 1)
    // Two poles alike: 1 - 2 / e after their time constant.
    const both = run({ ...slow, ledFallS: 0.002, riseSymbols: 0.2, fallSymbols: 0.2 }).levels
    expect((both[120] ?? 0) / grey).toBeCloseTo(1 - 2 / Math.E, 2)
  })
  it('polarity', () => {
    const { levels } = run({ inverted: true })
    expect(
      levels
        .map((level, n) => level + (run().levels[n] ?? 0))
        .every((sum) => Math.abs(sum - 1) < 1e-4),
    ).toBe(true)
  })
  it('clipping at both ends', () => {
    const { levels } = run({ swing: 1, black: 0, clipLow: 0.1, clipHigh: 0.8 })
    expect([Math.min(...levels), Math.max(...levels)]).toEqual([
      expect.closeTo(0.1, 4),
      expect.closeTo(0.8, 4),
    ])
  })
  it('a lamp that is switched on and off', () => {
    const lamp = added({ lamp: 0.3, lampS: [0.5, 0.7] })
    for (const [n, light] of lamp.entries()) {
      expect(light, `sample ${n}`).toBeCloseTo(n >= 5000 && n < 7000 ? 0.3 : 0, 4)
    }
  })
  it('a gain that is switched and back, of all light', () => {
    const { levels } = run({ gain: 0.5, gainS: [0.1, 0.2] })
    for (const [n, level] of run().levels.entries()) {
      expect(levels[n], `sample ${n}`).toBeCloseTo(level * (n >= 100 && n < 200 ? 0.5 : 1), 4)
    }
  })
  it('automatic gain', () => {
    const { levels } = run({ automaticGainS: 0.05, black: 0.1, swing: 0.5 })
    expect(Math.max(...levels.slice(200))).toBeLessThan(0.5)
  })
  it('the steps of the ADC', () => {
    const { levels } = run({ adcBits: 8, noiseRms: 0.1 })
    expect(levels.every((level) => Math.abs(level * 255 - Math.round(level * 255)) < 1e-9)).toBe(
      true,
    )
  })
  it('gaps', () => {
    const { timesS } = run({ gaps: 0.02, gapSamples: 5 })
    const steps = timesS.slice(1).map((timeS, n) => timeS - (timesS[n] ?? 0))
    expect(Math.max(...steps)).toBeGreaterThan(0.0045)
  })
  it('repeated and dropped frames of a screen, and a rate that changes', () => {
    const lengthS = (channel: Partial<Channel>) => run(channel).timesS.length / 1000
    expect(lengthS({ framesPerSymbol: 2, repeatedFrames: 1 })).toBeCloseTo(0.6, 1)
    expect(lengthS({ framesPerSymbol: 2, droppedFrames: 1 })).toBeCloseTo(0.2, 1)
    expect(lengthS({ rateChange: 0.5 })).toBeCloseTo(0.5, 1)
  })
  it('periods that differ, which adds up', () => {
    const off = Array.from({ length: 200 }, (_, seed) => lengthsOf({ periodJitter: 0.2, seed }))
    // Each symbol by 0.2, and 36 of them by six times as much.
    expect(rms(off.map((lengths) => (lengths[3] ?? 0) - 1))).toBeCloseTo(0.2, 1)
    expect(rms(off.map((lengths) => sum(lengths) - lengths.length))).toBeGreaterThan(0.9)
    expect(rms(off.map((lengths) => sum(lengths) - lengths.length))).toBeLessThan(1.5)
  })
  it('symbols of random lengths', () => {
    const lengths = [1, 2, 3, 4, 5].flatMap((seed) =>
      lengthsOf({ shortestSymbol: 0.5, longestSymbol: 8, seed }),
    )
    expect(Math.min(...lengths)).toBeGreaterThan(0.45)
    expect(Math.max(...lengths)).toBeLessThan(8.05)
    // As many below the geometric mean as above.
    expect(lengths.filter((length) => length < 2).length / lengths.length).toBeCloseTo(0.5, 1)
  })
  it('the steps of the clock of the samples', () => {
    const { timesS } = run({ clockStepS: 0.01 })
    expect(new Set(timesS).size).toBe(40)
    expect(timesS.every((timeS) => Math.abs(timeS * 100 - Math.round(timeS * 100)) < 1e-9)).toBe(
      true,
    )
  })
})

/** Any number that a field may be. */
const numberOf = (name: keyof typeof CHANNEL_RANGES) => {
  const [min, max] = CHANNEL_RANGES[name]
  return WHOLE_NUMBERS.has(name)
    ? fc.integer({ min, max })
    : fc.double({ min, max, noNaN: true, noDefaultInfinity: true })
}
const LISTS = ['flickerHarmonics', 'lampS', 'gainS'] as const
const NUMBERS = Object.keys(CHANNEL_RANGES) as (keyof typeof CHANNEL_RANGES)[]

test('any channel gives what a receiver takes: rising times, levels within full scale', () => {
  const between = (min: number, max: number) => fc.double({ min, max, noNaN: true })
  const any = Object.fromEntries(NUMBERS.map((name) => [name, numberOf(name)]))
  fc.assert(
    fc.property(
      fc.uint8Array({ max: 2, maxLength: 40 }),
      fc.record(
        {
          ...any,
          inverted: fc.boolean(),
          ...Object.fromEntries(
            LISTS.map((name) => [name, fc.array(numberOf(name), { maxLength: 3 })]),
          ),
          // Few enough samples for a test.
          symbolRateHz: between(5, 2500),
          sampleRateHz: between(20, 5000),
          rateChange: between(-0.99, 1),
          longestSymbol: between(0.001, 5),
          shortestSymbol: between(0.001, 5),
          beforeS: between(0, 0.3),
          afterS: between(0, 0.3),
        },
        { requiredKeys: [] },
      ),
      (symbols, channel) => {
        const { timesS, levels } = simulateChannel(symbols, channel)
        expect(levels.length).toBe(timesS.length)
        expect(levels.every((level) => level >= 0 && level <= 1)).toBe(true)
        expect(timesS.every((timeS, n) => n === 0 || timeS >= (timesS[n - 1] ?? 0))).toBe(true)
      },
    ),
    { numRuns: 300 },
  )
})

describe('what is no channel is told in one sentence', () => {
  test('every field but inverted has a range', () => {
    expect([...NUMBERS, 'inverted'].sort()).toEqual(Object.keys(GOOD_CHANNEL).sort())
  })

  describe.each(NUMBERS)('%s', (name) => {
    const [least, most] = CHANNEL_RANGES[name]
    const channel = (value: unknown): Partial<Channel> => ({
      sampleRateHz: 1,
      [name]: LISTS.some((list) => list === name) ? [least, value] : value,
    })
    const kind = WHOLE_NUMBERS.has(name) ? 'a whole number' : 'a number'

    test('may be any number of its range, with its ends', () => {
      for (const value of [least, most]) {
        expect(() => simulateChannel([], channel(value))).not.toThrow()
      }
    })

    test.each<unknown>([
      least - 2,
      least - 0.01 * Math.max(Math.abs(least), 1),
      most + 0.01 * Math.max(Math.abs(most), 1),
      2 * most + 1,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      undefined,
      null,
      '0.5',
      ...(WHOLE_NUMBERS.has(name) ? [1.5] : []),
    ])('is not %s', (value) => {
      expect(() => simulateChannel([], channel(value))).toThrow(
        new RangeError(`${name} is ${value}: give ${kind} from ${least} to ${most}.`),
      )
    })
  })

  test.each([3, 255, -1, 0.5, Number.NaN])('a symbol that is %s', (symbol) => {
    expect(() => simulateChannel([0, 1, 2, symbol])).toThrow(
      new RangeError(`symbol 3 is ${symbol}: give 0 (black), 1 (grey) or 2 (white).`),
    )
  })
})
