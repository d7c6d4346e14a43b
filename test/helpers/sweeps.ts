import type { SweepAxis } from '../../src/bench/sweep/axes.js'
import { Lattice } from '../../src/bench/sweep/lattice.js'
import type { PointResult, SweepQuestion, SweepResult } from '../../src/bench/sweep/sweep.js'
import { completeConfig } from '../../src/rig/config.js'

/** The settings of a point where no axis says another. */
export const BASE = {
  symbolRateHz: 60,
  greyRatio: 0.5,
  brightness: 1,
  sampleRateHz: 1000,
  messageBytes: 40,
}

/** A sweep of the emulated rig over these axes, with the usual tests. */
export const questionOf = (axes: readonly SweepAxis[], marginSteps = 2): SweepQuestion => ({
  rig: completeConfig({ kind: 'emulated' }),
  dialect: 'sdk-0.3.0',
  syncSymbols: undefined,
  lattice: new Lattice(BASE, axes),
  asked: { passRate: 0.5, confidence: 0.95, mostMessages: 40 },
  confirmation: { passRate: 0.95, confidence: 0.95, mostMessages: 300 },
  marginSteps,
  paints: false,
})

/** A sweep of rates, greys and two sample rates. */
export const QUESTION = questionOf(
  [
    { name: 'symbolRateHz', values: [60, 142, 1000] },
    { name: 'greyRatio', values: [0.4, 0.5] },
    { name: 'sampleRateHz', values: [1000, 2000] },
  ],
  1,
)

const PASS: PointResult = {
  verdict: 'pass',
  bound: null,
  messages: 6,
  passes: 6,
  confidence: 0.96,
  failures: {},
  margins: { bit: 0.9, eyeHeight: 0.8, eyeWidth: 0.7, snrDb: 20 },
}
const numberOf = (...point: number[]): number => QUESTION.lattice.numberOf(point)

/** What came of it: the map is drawn in the test of its text. */
export const RESULT: SweepResult = {
  points: new Map<number, PointResult>([
    [numberOf(0, 0, 0), PASS],
    [
      numberOf(1, 0, 0),
      {
        ...PASS,
        verdict: 'undecided',
        messages: 40,
        passes: 22,
        confidence: 0.1,
        failures: { 'no-light': 18 },
      },
    ],
    [
      numberOf(2, 0, 0),
      {
        ...PASS,
        verdict: 'unplayable',
        bound: 'samples-per-symbol',
        messages: 0,
        passes: 0,
        margins: null,
      },
    ],
    [numberOf(0, 0, 1), PASS],
    [
      numberOf(1, 1, 1),
      {
        ...PASS,
        verdict: 'fail',
        messages: 6,
        passes: 0,
        failures: { 'late-light': 6 },
        margins: null,
      },
    ],
  ]),
  passes: [true, true, true, true, false, false, null, false, false, false, false, false],
  proposal: {
    number: numberOf(0, 1, 0),
    steps: 1,
    settings: QUESTION.lattice.settingsOf(numberOf(0, 1, 0)),
    confirmation: { ...PASS, messages: 74, passes: 74 },
  },
}
