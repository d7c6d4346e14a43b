import { expect, test } from 'vitest'
import { summarise } from '../../../src/rig/raspberry-pi/pacing-report.js'

test('quantiles are edges that really were, and the late ones are counted', () => {
  const latenessNs = Float64Array.from(
    { length: 2001 },
    (_, i) => (i % 2 === 0 ? Number.NaN : 1000 * (i + 1)), // 2, 4, … 2,000 µs
  )
  expect(summarise(latenessNs, 250)).toEqual({
    edges: 1000,
    medianS: 1e-3,
    p99S: 1.98e-3,
    p999S: 1.998e-3,
    maxS: 2e-3,
    lateSymbols: 500, // later than 1 ms
    lengthErrorS: 1.998e-3,
  })
})

test('an edge exactly a quarter of a symbol late is not yet late', () => {
  expect(summarise(Float64Array.of(4e6, 4e6 + 1), 62.5).lateSymbols).toBe(1)
})

test('darkness has no edges', () => {
  expect(summarise(Float64Array.of(Number.NaN), 60)).toMatchObject({ edges: 0, maxS: 0 })
})
