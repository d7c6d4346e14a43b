import { expect, test } from 'vitest'
import { checkLight } from '../../src/bench/check-light.js'

const GOOD = { black: 0.05, flicker: 0.01, grey: 0.362, white: 0.65, greyRatio: 0.52 }

test.each([
  ['good light', GOOD, []],
  ['a bright room', { ...GOOD, black: 0.3, white: 0.9 }, ['warning black']],
  ['a lamp', { ...GOOD, flicker: 0.1 }, ['warning flicker']],
  ['a saturated sensor', { ...GOOD, white: 0.95 }, ['failure white']],
  ['weak light', { ...GOOD, white: 0.13, flicker: 0 }, ['failure white']],
  ['flicker beyond the receiver', { ...GOOD, flicker: 1.3 }, ['failure flicker']],
  ['a little light', { ...GOOD, white: 0.25 }, ['warning white']],
  ['much light', { ...GOOD, white: 0.92 }, ['warning white']],
  ['rather bright grey', { ...GOOD, greyRatio: 0.7 }, ['warning grey']],
  ['bright grey', { ...GOOD, greyRatio: 0.8 }, ['failure grey']],
  ['dark grey', { ...GOOD, greyRatio: 0.3 }, ['failure grey']],
  ['no light', { ...GOOD, white: 0.06 }, ['failure light']],
])('%s, also of an inverting sensor', (_, levels, faults) => {
  const { black, grey, white } = levels
  const inverted = { ...levels, black: 1 - black, grey: 1 - grey, white: 1 - white }
  for (const seen of [levels, inverted]) {
    const found = checkLight(seen).filter(({ status }) => status !== 'ok')
    expect(found.map(({ status, name }) => `${status} ${name}`)).toEqual(faults)
  }
})
