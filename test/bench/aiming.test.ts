import { expect, test } from 'vitest'
import {
  AIM_ADVICE,
  Aiming,
  type AimVerdict,
  type AimView,
  greyRatioOfView,
  isGood,
  judgeAim,
} from '../../src/bench/aiming.js'
import { BLACK, GREY, type SymbolLevel, WHITE } from '../../src/modulation/index.js'

/** What is seen of a level that is held, after the others. */
function view(
  held: SymbolLevel,
  levels: { black: number; grey?: number; white?: number },
  peakToPeak = 0.01,
): AimView {
  const { black, grey = null, white = null } = levels
  const level = [black, grey, white][held] as number
  const now = { level, low: level - peakToPeak / 2, high: level + peakToPeak / 2 }
  return { held, now, black, grey, white }
}

/** The same of a sensor whose level falls with light. */
function inverted({ held, now, black, grey, white }: AimView): AimView {
  const turned = (level: number | null) => (level === null ? null : 1 - level)
  return {
    held,
    now: now && { level: 1 - now.level, low: 1 - now.high, high: 1 - now.low },
    black: turned(black),
    grey: turned(grey),
    white: turned(white),
  }
}

const CONDITIONS: readonly [AimVerdict, string, AimView][] = [
  ['good', 'white in the middle', view(WHITE, { black: 0.05, white: 0.65 })],
  ['good', 'grey, white not seen yet', view(GREY, { black: 0.05, grey: 0.36 })],
  ['good', 'grey of good white', view(GREY, { black: 0.05, grey: 0.36, white: 0.65 })],
  ['dark', 'black after white', view(BLACK, { black: 0.05, white: 0.65 })],
  ['no-light', 'the LED is out', view(WHITE, { black: 0.05, white: 0.055 })],
  ['no-light', 'grey of an LED that is out', view(GREY, { black: 0.05, grey: 0.052 })],
  [
    'too-dark',
    'a swing that an imp does not see',
    view(WHITE, { black: 0.01, white: 0.09 }, 0.001),
  ],
  ['too-dark', 'grey of such white', view(GREY, { black: 0.01, grey: 0.05 }, 0.001)],
  ['rather-dark', 'white below the best', view(WHITE, { black: 0.02, white: 0.25 })],
  ['rather-bright', 'white above the best', view(WHITE, { black: 0.02, white: 0.91 })],
  ['too-bright', 'white that saturates', view(WHITE, { black: 0.02, white: 0.95 })],
  ['too-bright', 'white at the end of the ADC', view(WHITE, { black: 0.02, white: 1 })],
  ['too-bright', 'grey that saturates', view(GREY, { black: 0.02, grey: 0.94, white: 0.94 })],
  ['other-light', 'a bright room, white', view(WHITE, { black: 0.3, white: 0.8 })],
  ['other-light', 'a bright room, black', view(BLACK, { black: 0.3, white: 0.8 })],
  ['blinded', 'black at the end', view(BLACK, { black: 0.97, white: 0.99 })],
  ['blinded', 'white as black, at the end', view(WHITE, { black: 0.97, white: 0.975 })],
  ['flicker', 'a lamp, white', view(WHITE, { black: 0.1, white: 0.6 }, 0.06)],
  ['flicker', 'a lamp, black', view(BLACK, { black: 0.1, white: 0.6 }, 0.06)],
  ['flicker', 'a lamp, grey', view(GREY, { black: 0.1, grey: 0.36 }, 0.06)],
  [
    'rather-grey-dark',
    'grey that can be read',
    view(GREY, { black: 0.05, grey: 0.278, white: 0.65 }),
  ],
  [
    'rather-grey-bright',
    'grey that can be read',
    view(GREY, { black: 0.05, grey: 0.47, white: 0.65 }),
  ],
  ['too-dark', 'good grey of weak white', view(GREY, { black: 0.01, grey: 0.066, white: 0.1 }, 0)],
  ['grey-dark', 'grey near black', view(GREY, { black: 0.05, grey: 0.2, white: 0.65 })],
  ['grey-bright', 'grey near white', view(GREY, { black: 0.05, grey: 0.55, white: 0.65 })],
]

test.each(CONDITIONS)('%s: %s', (verdict, _, seen) => {
  expect(judgeAim(seen)).toBe(verdict)
  expect(judgeAim(inverted(seen))).toBe(verdict)
  expect(isGood(seen)).toBe(AIM_ADVICE[verdict].startsWith('good'))
})

test('black is dark before any light was seen, when nothing tells which way the sensor works', () => {
  expect(judgeAim(view(BLACK, { black: 0.05 }))).toBe('dark')
  expect(judgeAim(view(BLACK, { black: 0.4 }))).toBe('other-light')
  expect(judgeAim(view(BLACK, { black: 0.97 }))).toBe('blinded')
})

test('each verdict has a condition above, and waiting is before any sample', () => {
  const tried = new Set<AimVerdict>(CONDITIONS.map(([verdict]) => verdict))
  tried.add(judgeAim({ held: WHITE, now: null, black: null, grey: null, white: null }))
  expect([...tried].sort()).toEqual(Object.keys(AIM_ADVICE).sort())
})

/** Samples of one level at 1,000 Hz. */
function samples(level: number, startS: number, seconds: number) {
  const timesS = Float64Array.from({ length: 1000 * seconds }, (_, n) => startS + n / 1000)
  return { timesS, levels: timesS.map(() => level) }
}

test('the newest quarter of a second counts, and what other levels were is kept', () => {
  const aiming = new Aiming()
  expect(aiming.view).toEqual({ held: BLACK, now: null, black: null, grey: null, white: null })
  aiming.push(samples(0.05, 0, 1))
  aiming.hold(WHITE)
  expect(aiming.view).toMatchObject({ held: WHITE, now: null, white: null })
  expect(aiming.view.black).toBeCloseTo(0.05, 10)
  aiming.push(samples(0.2, 1, 1))
  aiming.push(samples(0.65, 2, 0.25))
  expect(aiming.view.white).toBeCloseTo(0.65, 10)
  aiming.hold(GREY)
  aiming.push(samples(0.362, 3, 0.5))
  expect(aiming.view).toMatchObject({ held: GREY, now: { low: 0.362, high: 0.362 } })
  expect(greyRatioOfView(aiming.view)).toBeCloseTo(0.52, 3)
  aiming.hold(WHITE)
  expect(aiming.view).toMatchObject({ held: WHITE, now: null })
  expect(aiming.view.white).toBeCloseTo(0.65, 10)
})

test('a block without samples, as a gap at the end is one, changes nothing', () => {
  const aiming = new Aiming()
  aiming.push(samples(0.5, 0, 0.1))
  aiming.push({ timesS: new Float64Array(), levels: new Float64Array() })
  expect(aiming.view.black).toBeCloseTo(0.5, 10)
})
