import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expectedEdges, isLogic, type ObservedEdge } from '../../../src/bench/timing/edges.js'
import { matchEdges } from '../../../src/bench/timing/match-edges.js'
import { makePattern } from '../../../src/bench/timing/patterns.js'

const SYMBOL_S = 1 / 142
const OPTIONS = { symbolS: SYMBOL_S, uncertaintyS: 0.002 }

const predictedOf = (pattern: 'clock' | 'random', symbols: number, seed: number) =>
  expectedEdges(makePattern(pattern, symbols, seed)).map(({ symbol, rising }) => ({
    timeS: 10 + symbol * SYMBOL_S,
    rising,
  }))

const seen = (timeS: number, rising: boolean): ObservedEdge => ({
  timeS,
  rising,
  noiseS: 0,
  boundS: 0,
})

const inTime = (edges: readonly ObservedEdge[]): ObservedEdge[] =>
  [...edges].sort((a, b) => a.timeS - b.timeS)

const light = fc.record({
  pattern: fc.constantFrom('clock' as const, 'random' as const),
  symbols: fc.integer({ min: 40, max: 300 }),
  seed: fc.nat(1e6),
  /** In symbols. */
  delay: fc.double({ min: -0.2, max: 0.9, noNaN: true }),
  jitter: fc.array(fc.double({ min: -0.1, max: 0.1, noNaN: true }), {
    minLength: 300,
    maxLength: 300,
  }),
  ppm: fc.integer({ min: -500, max: 500 }),
})

describe('which edge is which', () => {
  test('whatever the delay, the jitter and the rate', () => {
    fc.assert(
      fc.property(light, ({ pattern, symbols, seed, delay, jitter, ppm }) => {
        const predicted = predictedOf(pattern, symbols, seed)
        const observed = predicted.map(({ timeS, rising }, n) => {
          const late = (delay + (jitter[n] ?? 0)) * SYMBOL_S
          return seen(10 + (timeS - 10) * (1 + ppm / 1e6) + late, rising)
        })
        const match = matchEdges(predicted, observed, OPTIONS)
        expect(match.pairs).toEqual(predicted.map((_, n) => [n, n]))
        expect([match.missed, match.unseen, match.extra]).toEqual([[], [], []])
      }),
    )
  })

  test('with some missing, and others too many', () => {
    const faults = fc.record({
      light,
      missing: fc.uniqueArray(fc.nat(30), { maxLength: 5 }),
      glitches: fc.uniqueArray(fc.nat(30), { maxLength: 4 }),
    })
    fc.assert(
      fc.property(faults, ({ light: { pattern, symbols, seed, delay }, missing, glitches }) => {
        const predicted = predictedOf(pattern, symbols, seed)
        const isMissing = (n: number): boolean => missing.includes(n - 4)
        const kept = predicted.flatMap(({ timeS, rising }, n) =>
          isMissing(n) ? [] : [{ n, edge: seen(timeS + delay * SYMBOL_S, rising) }],
        )
        // In the middle of a symbol, which no edge of the light is near.
        const extra = glitches.flatMap((n) => {
          const timeS = 10 + (n + 3.5 + delay) * SYMBOL_S
          return [seen(timeS, true), seen(timeS + 1e-6, false)]
        })
        const observed = inTime([...kept.map(({ edge }) => edge), ...extra])
        const match = matchEdges(predicted, observed, OPTIONS)
        expect(match.missed).toEqual(predicted.map((_, n) => n).filter(isMissing))
        expect(match.extra.map((n) => observed[n])).toEqual(inTime(extra))
        expect(match.pairs).toEqual(kept.map(({ n, edge }) => [n, observed.indexOf(edge)]))
      }),
    )
  })

  test('what comes while the witness is blind is not missed, but unseen', () => {
    const predicted = predictedOf('clock', 41, 1)
    const blind = [{ fromS: 10 + 9.9 * SYMBOL_S, toS: 10 + 12.1 * SYMBOL_S }]
    const observed = predicted
      .filter((_, n) => n !== 20 && (n < 9 || n > 11))
      .map(({ timeS, rising }) => seen(timeS, rising))
    const match = matchEdges(predicted, observed, { ...OPTIONS, blind })
    expect(match.unseen).toEqual([9, 10, 11])
    expect(match.missed).toEqual([20])
  })

  test('nothing is seen: all is missed', () => {
    const predicted = predictedOf('clock', 9, 1)
    expect(matchEdges(predicted, [], OPTIONS)).toEqual({
      pairs: [],
      missed: predicted.map((_, n) => n),
      unseen: [],
      extra: [],
    })
  })

  test('the light is another one: nothing is matched, and nothing lost', () => {
    const predicted = predictedOf('clock', 9, 1)
    const observed = [seen(11, true), seen(11.01, false)]
    const { pairs, missed, extra } = matchEdges(predicted, observed, OPTIONS)
    expect([pairs.length, missed.length, extra]).toEqual([0, predicted.length, [0, 1]])
  })
})

describe('patterns', () => {
  test('begin and end dark, and have their edges between', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('clock' as const, 'random' as const),
        fc.integer({ min: 3, max: 200 }),
        fc.nat(1e6),
        (pattern, symbols, seed) => {
          const sequence = makePattern(pattern, symbols, seed)
          expect(sequence.levels.length).toBe(symbols)
          expect([sequence.levels[0], sequence.levels.at(-1)]).toEqual([0, 0])
          const edges = expectedEdges(sequence)
          expect(edges.length % 2).toBe(0)
          expect(edges.every(({ rising }, n) => rising === (n % 2 === 0))).toBe(true)
          expect(isLogic(sequence, 1)).toBe(true)
        },
      ),
    )
  })

  test('the clock changes with each symbol', () => {
    expect([...makePattern('clock', 7).levels]).toEqual([0, 2, 0, 2, 0, 2, 0])
  })

  test.each([2, 3.5, Number.NaN])('%f symbols have no two edges', (symbols) => {
    expect(() => makePattern('clock', symbols)).toThrow(RangeError)
  })

  test('among lit levels there is no edge, and the LED is dark before and after', () => {
    expect(expectedEdges({ levels: Uint8Array.of(1, 2, 0, 2) })).toEqual([
      { symbol: 0, rising: true },
      { symbol: 2, rising: false },
      { symbol: 3, rising: true },
      { symbol: 4, rising: false },
    ])
  })

  test('grey and less than full light are PWM, which no edge input can follow', () => {
    expect(isLogic({ levels: Uint8Array.of(0, 1, 0) }, 1)).toBe(false)
    expect(isLogic({ levels: Uint8Array.of(0, 2, 0) }, 0.5)).toBe(false)
  })
})
