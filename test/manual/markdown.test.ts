import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { markdownTable, withBlock } from '../../manual/markdown.js'

test('a table has its cells as they are, on one line each', () => {
  expect(
    markdownTable(
      ['a', 'b'],
      [
        [1, ''],
        ['x|y', 'two\nlines'],
      ],
    ),
  ).toBe('| a | b |\n| --- | --- |\n| 1 |  |\n| x\\|y | two lines |')
})

test('a block replaces the one before it, and nothing else', () => {
  const page = 'top\n<!-- one -->\nold\n<!-- end -->\n<!-- two -->\nleft\n<!-- end -->\n'
  const once = withBlock(page, 'one', 'new')
  expect(once).toBe('top\n<!-- one -->\n\nnew\n\n<!-- end -->\n<!-- two -->\nleft\n<!-- end -->\n')
  expect(withBlock(once, 'one', 'new')).toBe(once)
  expect(() => withBlock(page, 'three', 'new')).toThrow('one place for three')
})

test('docs/figures.md has been filled by its benchmarks', () => {
  const page = readFileSync(new URL('../../docs/figures.md', import.meta.url), 'utf8')
  const places = page.split(/^<!-- (?=blinkup)/m).slice(1)
  expect(places.map((place) => place.split('/')[0])).toEqual(
    [
      'start',
      'bridge',
      'gpio',
      'cloud',
      'memory',
      'sweep-speed',
      'factory',
      'report',
      'tune',
      'station-endpoint',
      'recording',
    ].map((name) => `blinkup.bench-${name}`),
  )
  for (const place of places) {
    expect(place.split('<!-- end -->')[0]).toMatch(/machine: .*\n\n\*\*.+\*\*\n\n\| /)
  }
})
