import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tableCsv } from '../../src/report/table-csv.js'

/** A parser of RFC 4180 that knows nothing of ours. */
const PARSER = `
  const text = require('fs').readFileSync(0, 'utf8')
  const rows = [], pattern = /(?:"((?:[^"]|"")*)"|([^",\\n]*))(,|\\n)/gy
  let row = []
  for (const [, quoted, plain, end] of text.matchAll(pattern)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain)
    if (end === '\\n') { rows.push(row); row = [] }
  }
  console.log(JSON.stringify(rows))
`

describe('a table as CSV', () => {
  test('names its columns, and leaves empty what is not known', () => {
    expect(
      tableCsv({
        columns: ['edge', 'tie_us', 'what'],
        rows: [
          [1, -0.25, 'a, "b"\nc'],
          [2, null, ' d '],
          [3, Number.NaN, 'e'],
        ],
      }),
    ).toBe('edge,tie_us,what\n1,-0.25,"a, ""b""\nc"\n2,," d "\n3,,e\n')
  })

  test('gives back any text', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é') })
    const rows = fc.sample(fc.tuple(text, text), { numRuns: 500, seed: 2 })
    const csv = tableCsv({ columns: ['a', 'b'], rows })
    const read = execFileSync(process.execPath, ['-e', PARSER], { input: csv, encoding: 'utf8' })
    expect(JSON.parse(read)).toEqual([['a', 'b'], ...rows])
  })
})
