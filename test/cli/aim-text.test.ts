import { expect, test } from 'vitest'
import type { AimView } from '../../src/bench/aiming.js'
import { aimFigures, aimLine, aimLines } from '../../src/cli/aim-text.js'

const reading = (level: number) => ({ level, low: level - 0.01, high: level + 0.01 })
const WHITE: AimView = { held: 2, now: reading(0.65), black: 0.05, grey: 0.362, white: 0.65 }
const TOO_BRIGHT: AimView = { held: 2, now: reading(0.96), black: 0.05, grey: null, white: 0.96 }
const NOTHING: AimView = { held: 2, now: null, black: null, grey: null, white: null }

test('a wide terminal has a bar with all numbers, and the advice below', () => {
  expect(aimLines(WHITE, 200)).toEqual([
    `white ▕${'█'.repeat(26)}${' '.repeat(14)}▏ 0.65  swing 0.60  black 0.05  grey ratio 0.52  flicker 0.02`,
    'good: leave it like this',
  ])
  expect(aimLines({ ...WHITE, held: 0, now: reading(0.05) }, 200)[0]).toBe(
    `black ▕${'█'.repeat(2)}${' '.repeat(38)}▏ 0.05  flicker 0.02`,
  )
})

test('a terminal of 20 columns has the bar, the level and what counts of the advice', () => {
  expect(aimLines(TOO_BRIGHT, 19)).toEqual(['white ▕██████▏ 0.96', 'too bright: move it'])
  expect(aimLines(WHITE, 19)).toEqual(['white ▕████  ▏ 0.65', 'good: leave it like'])
})

test('no line is wider than the terminal, whatever its width', () => {
  for (const view of [WHITE, TOO_BRIGHT, NOTHING]) {
    for (let columns = 1; columns <= 120; columns++) {
      for (const line of aimLines(view, columns)) {
        expect(line.length).toBeLessThanOrEqual(columns)
        expect(line.length).toBeGreaterThan(0)
      }
    }
  }
})

test('in plain text it is one line', () => {
  expect(aimLine(WHITE)).toBe(
    'white 0.650, swing 0.600, black 0.050, grey ratio 0.520, flicker 0.020: good: leave it like this\n',
  )
  expect(aimLine(NOTHING)).toBe('white not seen: waiting for the sensor\n')
})

test('in JSON what was not seen is null', () => {
  expect(aimFigures({ ...TOO_BRIGHT, now: { level: 0.96, low: 0.9, high: 1 } })).toMatchObject({
    held: 'white',
    levels: { black: 0.05, grey: null, white: 0.96 },
    swing: expect.closeTo(0.91, 10),
    greyRatio: null,
    flicker: expect.closeTo(0.1, 10),
    clipped: { low: false, high: true },
    verdict: 'too-bright',
    advice: 'too bright: move it away, or use a smaller resistor',
  })
  expect(aimFigures(NOTHING)).toEqual({
    held: 'white',
    levels: { black: null, grey: null, white: null },
    swing: null,
    greyRatio: null,
    flicker: null,
    clipped: null,
    verdict: null,
    advice: null,
  })
})
