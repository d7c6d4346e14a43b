import { describe, expect, test } from 'vitest'
import type { Chart } from '../../../src/report/bench-report.js'
import { chartSvg } from '../../../src/report/html/charts.js'

const levels = Float64Array.from({ length: 500 }, (_, n) => 0.36 + 0.25 * Math.sin(n) ** 2)
const CHARTS: readonly Chart[] = [
  {
    kind: 'histogram',
    title: 'Levels',
    text: '',
    x: { label: 'level', unit: 'of the range from -2.82 to 5.45 V' },
    series: [{ name: 'samples', values: levels }],
  },
  {
    kind: 'eye',
    title: 'Eye',
    text: '',
    phases: levels.map((_, n) => n % 2),
    levels,
    unit: 'of the range from -2.82 to 5.45 V',
  },
]

describe.each(CHARTS)('of a chart of the kind $kind', (chart) => {
  const { svg = '' } = chartSvg(chart, 'chart') ?? {}
  const textsIn = (part: string): string[] =>
    Array.from(part.matchAll(/<text[^>]*>([^<]+)<\/text>/g), ([, text = '']) => text)

  test.each(['x', 'y'])('no two marks of axis %s say the same', (axis) => {
    const [marks = ''] = new RegExp(`aria-label="${axis}-axis tick label".*?</g>`).exec(svg) ?? []
    const texts = textsIn(marks)
    expect(texts.length).toBeGreaterThan(2)
    expect(new Set(texts).size).toBe(texts.length)
  })

  test('what is written has all its digits, and what is drawn one', () => {
    expect(textsIn(svg).join()).toContain('from -2.82 to 5.45 V')
    expect(svg.match(/ (?:d|x|y|width|height|transform)="[^"]*\.\d\d/)).toBeNull()
  })
})
