import { expect, test } from 'vitest'
import { type Figure, judgeFigures } from '../../src/bench/figures.js'
import { figureRows, limitText, valueText } from '../../src/report/bench-rows.js'

const figure = (value: number | null, uncertainty: number | null): Figure => ({
  name: 'tie-rms-us',
  witness: 'samples',
  value,
  uncertainty,
})

test.each([
  [12.3456, 0.41, '12.35 ± 0.41 µs'],
  [12.3456, 0.0999, '12.346 ± 0.100 µs'],
  [1234.56, 140, '1235 ± 140 µs'],
  [-0.000012349, 2e-7, '-0.00001235 ± 0.00000020 µs'],
  [-0.0001, 0.41, '0.00 ± 0.41 µs'],
  [12.3456, 0, '12.35 µs'],
  [12.3456, null, '12.35 µs'],
  [123456, null, '123456 µs'],
  [null, null, 'not measured'],
])('%d with an uncertainty of %d is told as %s', (value, uncertainty, text) => {
  expect(valueText(figure(value, uncertainty))).toBe(text)
})

test('a plain number has no unit', () => {
  const ratio = { name: 'grey-ratio', witness: null, value: 0.7, uncertainty: null } as const
  expect(valueText(ratio)).toBe('0.7')
  expect(limitText('grey-ratio', [0.45, 0.6])).toBe('0.45 to 0.6')
  const [judged] = judgeFigures([ratio], { 'grey-ratio': [0.45, 0.6] })
  expect(judged?.finding).toBe('0.7 is 0.1 above 0.6')
})

test.each([
  [0, 20, 'at most 20 µs'],
  [-Infinity, 20, 'at most 20 µs'],
  [5, Infinity, 'at least 5 µs'],
  [-5, 5, '-5 to 5 µs'],
])('a limit of %d to %d is told as %s', (least, most, text) => {
  expect(limitText('tie-rms-us', [least, most])).toBe(text)
})

test('rows of figures say who has measured them, and what their limit makes of them', () => {
  const figures: Figure[] = [
    figure(12.3456, 0.41),
    { name: 'snr-db', witness: null, value: 30, uncertainty: null },
    { name: 'swing-pct', witness: null, value: 42, uncertainty: null },
  ]
  const limits = { 'tie-rms-us': [0, 20], 'swing-pct': [50, 100] } as const
  expect(figureRows(judgeFigures(figures, limits))).toEqual([
    ['tie-rms-us by samples', '12.35 ± 0.41 µs (at most 20 µs: PASS)'],
    ['snr-db', '30 dB'],
    ['swing-pct', '42 % (50 to 100 %: FAIL)'],
  ])
})
