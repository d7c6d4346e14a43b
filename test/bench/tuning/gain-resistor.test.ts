import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { adviseGain, formatOhms } from '../../../src/bench/tuning/gain-resistor.js'
import { LIGHT_LIMITS } from '../../../src/light/limits.js'

const levels = (black: number | null, grey: number | null, white: number | null) => ({
  black,
  grey,
  white,
})

describe('advice on the gain resistor', () => {
  test.for([
    ['nothing is known', levels(null, null, null), 'look', null],
    ['only the dark is known', levels(0.05, null, null), 'look', null],
    ['white is where it should be', levels(0.05, 0.36, 0.65), 'keep', null],
    ['white is low', levels(0.02, null, 0.15), 'change', 18_000],
    ['white is at a third of what is best', levels(0, null, 0.2), 'change', 15_000],
    ['white is high', levels(0.05, null, 0.92), 'change', 3300],
    ['white saturates, grey does not', levels(0.05, 0.7, 0.97), 'change', 2200],
    ['grey alone is seen', levels(0, 0.1, null), 'change', 15_000],
    ['no light is seen', levels(0.05, 0.05, 0.06), 'aim', null],
    ['there is hardly any light', levels(0, null, 0.02), 'closer', null],
    ['other light is most of it', levels(0.4, null, 0.55), 'shield', null],
  ] as const)('%s', ([, seen, kind, ohm]) => {
    const advice = adviseGain(seen, 4700)
    expect([advice.kind, advice.change?.ohm ?? null]).toEqual([kind, ohm])
  })

  test('so much light that no usual resistor fits wants distance', () => {
    expect(adviseGain(levels(0.05, null, 0.97), 1000).kind).toBe('away')
  })

  test('words say what to build in, and what comes of it', () => {
    expect(adviseGain(levels(0.02, null, 0.2), 4700).text).toBe(
      'use 15 kΩ instead of 4.7 kΩ, and 15 nF beside it: white would be at about 0.64, black at 0.06; fast enough for 500 Hz',
    )
    expect(adviseGain(levels(0.05, null, 0.97), 4700).text).toMatch(
      /^use 2\.7 kΩ instead of 4\.7 kΩ, .* white would be at 0\.56 or more, as it saturates now, /,
    )
  })

  test('the capacitors are those of wiring.md', () => {
    const farad = (white: number, ohm: number) =>
      adviseGain(levels(0, null, white), ohm).change?.farad
    expect(farad(0.6 / 2.13, 4700)).toBeCloseTo(22e-9)
    expect(farad(0.6 / 4.68, 4700)).toBeCloseTo(10e-9)
    expect(farad(0.93, 7300)).toBeCloseTo(47e-9)
  })

  test('an inverting sensor gets the same advice', () => {
    fc.assert(
      fc.property(level(), level(), level(), (black, grey, white) => {
        fc.pre(black < grey && grey < white)
        const inverted = levels(1 - black, 1 - grey, 1 - white)
        const [one, other] = [levels(black, grey, white), inverted].map((l) => adviseGain(l, 4700))
        expect(other?.kind).toBe(one?.kind)
        expect(other?.change?.ohm).toBe(one?.change?.ohm)
      }),
    )
  })

  test('what it promises is good, and true of a sensor whose level goes with the resistor', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1e-3, noNaN: true }),
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        fc.integer({ min: 500, max: 200_000 }),
        (whitePerOhm, blackPart, ohm) => {
          const seenWith = (to: number, part = 1): number => whitePerOhm * part * to
          fc.pre(seenWith(ohm) <= 0.93)
          const advice = adviseGain(levels(seenWith(ohm, blackPart), null, seenWith(ohm)), ohm)
          if (!advice.change) return
          const { ohm: to, black, white } = advice.change
          expect(white).toBeCloseTo(seenWith(to), 9)
          expect(black).toBeCloseTo(seenWith(to, blackPart), 9)
          const [least, most] = LIGHT_LIMITS.white.good
          expect(white).toBeGreaterThanOrEqual(least)
          expect(white).toBeLessThanOrEqual(most)
          expect(black).toBeLessThanOrEqual(LIGHT_LIMITS.black.good[1])
        },
      ),
    )
  })
})

const level = () => fc.double({ min: 0.001, max: 0.999, noNaN: true })

test.for([
  [470, '470 Ω'],
  [4700, '4.7 kΩ'],
  [68_000, '68 kΩ'],
  [2_200_000, '2.2 MΩ'],
] as const)('%i ohm are %s', ([ohm, text]) => {
  expect(formatOhms(ohm)).toBe(text)
})
