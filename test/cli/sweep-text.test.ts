import { expect, test } from 'vitest'
import { mapText, progressText, sweepRows } from '../../src/cli/sweep-text.js'
import { QUESTION, RESULT } from '../helpers/sweeps.js'

test('the map is drawn with the first axis across and the second upwards, once for each value of the third', () => {
  expect(mapText(QUESTION, RESULT).split('\n')).toEqual([
    'sample rate 1000 Hz',
    '0.5    O         .',
    '0.4    #    ?    -',
    '      60  142 1000',
    '',
    'sample rate 2000 Hz',
    '0.5    +    x    .',
    '0.4    #    .    .',
    '      60  142 1000',
    '',
    'symbol rate in Hz from left to right, grey ratio from the bottom up',
    expect.stringContaining('O proposed'),
  ])
})

test('the rows tell what was found, and never more confidence than there is', () => {
  const rows = Object.fromEntries(sweepRows(QUESTION, RESULT))
  expect(rows).toMatchObject({
    points: '5 of 12 were looked at: 2 pass, 1 fail, 1 undecided, 1 cannot be played',
    bounds: 'samples-per-symbol',
    failures: '18 no-light, 6 late-light',
    proposed: 'symbol rate 60 Hz, grey ratio 0.5, sample rate 1000 Hz',
    margin: '1 step from the nearest point that does not pass',
    confirmed: '74 of 74 messages passed: at least 95 % do, with confidence 0.96',
  })
})

test.each([
  [{ leftS: null }, '3 of at least 9 points, 20 messages'],
  [{ leftS: 61.2 }, '3 of at least 9 points, 20 messages, at least 62 s left'],
  [{ leftS: 3000 }, '3 of at least 9 points, 20 messages, at least 50 min left'],
  [{ leftS: 9000 }, '3 of at least 9 points, 20 messages, at least 2.5 h left'],
  [{ stage: 'confirmation', leftS: 5 }, 'confirming the proposal, 20 messages, 5 s left'],
] as const)('the progress with %j', (progress, text) => {
  const all = { stage: 'map', points: 3, pointsNeeded: 9, messages: 20, ...progress } as const
  expect(progressText(all)).toBe(text)
})
