import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { coursePicture, histogramPicture, lightPicture } from '../../src/cli/picture.js'

const values = fc.array(fc.double({ noDefaultInfinity: false }), { maxLength: 300 })
const size = fc.record({
  columns: fc.integer({ min: 1, max: 80 }),
  rows: fc.integer({ min: 1, max: 6 }),
})

describe('a course', () => {
  test('goes from the left to the right, high values on top', () => {
    expect(coursePicture([0, 1, 2, 3, 4, 5, 6, 7], { columns: 4, rows: 2 })).toEqual([
      '⠀⠀⡠⠊',
      '⡠⠊⠀⠀',
      'from 0 to 7',
    ])
  })

  test('shows the least and the most of what shares a column', () => {
    expect(coursePicture([0, 0, 1, 0, 0, 0, 0, 0], { columns: 1, rows: 1 })).toEqual([
      '⣇',
      'from 0 to 1',
    ])
  })

  test('keeps its size, whatever there is to draw', () => {
    fc.assert(
      fc.property(values, size, (list, { columns, rows }) => {
        const lines = coursePicture(list, { columns, rows })
        expect(lines).toHaveLength(list.some(Number.isFinite) ? rows + 1 : 0)
        for (const line of lines.slice(0, -1)) {
          expect(line).toMatch(new RegExp(`^[\\u2800-\\u28ff]{${columns}}$`))
        }
      }),
    )
  })
})

describe('a histogram', () => {
  test('is as high as values are often, and shows what came once', () => {
    const often = [...new Array(16).fill(0), ...new Array(8).fill(1), 3]
    expect(histogramPicture(often, { columns: 4, rows: 2 })).toEqual(['█   ', '██ ▁', '0  3'])
  })

  test('keeps its size, whatever there is to draw', () => {
    fc.assert(
      fc.property(values, size, (list, { columns, rows }) => {
        const lines = histogramPicture(list, { columns, rows })
        expect(lines).toHaveLength(list.some(Number.isFinite) ? rows + 1 : 0)
        for (const line of lines.slice(0, -1)) expect([...line]).toHaveLength(columns)
      }),
    )
  })
})

test('light is shown from the marker on', () => {
  const timesS = Float64Array.from({ length: 1000 }, (_, i) => i / 100)
  const levels = timesS.map((timeS) => (timeS < 5 ? 0 : 1))
  const lines = lightPicture({ timesS, levels, message: { startS: 5, symbolRateHz: 10 } })
  expect(lines[0]).toBe('light, 28 symbols from the marker on')
  expect(lines[5]).toBe('  from 1 to 1')
  expect(lines[6]).toBe('levels, parts of full scale')
})
