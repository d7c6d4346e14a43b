import { describe, expect, test } from 'vitest'
import { type Figure, judgeFigures } from '../../src/bench/figures.js'

const tie = (value: number | null, uncertainty: number | null, witness = 'samples'): Figure => ({
  name: 'tie-rms-us',
  witness: witness as Figure['witness'],
  value,
  uncertainty,
})
const verdictOf = (figures: readonly Figure[], limit: readonly [number, number]) =>
  judgeFigures(figures, { 'tie-rms-us': limit }).map(({ verdict }) => verdict)

describe('a figure passes', () => {
  test('within its limit by its uncertainty, too', () => {
    expect(verdictOf([tie(3, 1)], [0, 4])).toEqual(['pass'])
    expect(verdictOf([tie(3, 1.1)], [0, 4])).toEqual(['fail'])
    expect(verdictOf([tie(4.1, 0)], [0, 4])).toEqual(['fail'])
  })

  test('though its uncertainty is larger than itself, where less than nothing cannot be', () => {
    expect(verdictOf([tie(1, 2)], [0, 4])).toEqual(['pass'])
    const droop: Figure = { name: 'droop-pct', witness: 'samples', value: 1, uncertainty: 2 }
    expect(judgeFigures([droop], { 'droop-pct': [0, 4] })[0]?.verdict).toBe('fail')
  })

  test('by its most certain witness', () => {
    const figures = [tie(30, 5), tie(0.1, 0.03, 'edge-input')]
    expect(verdictOf(figures, [0, 4])).toEqual([null, 'pass'])
  })

  test('only by every witness, where edges are missing or too many', () => {
    const missed = (value: number, witness: Figure['witness']): Figure => ({
      name: 'missed-edges',
      witness,
      value,
      uncertainty: 0,
    })
    // The line at the edge input goes on, and the LED is dark.
    const figures = [missed(0, 'edge-input'), missed(58, 'samples')]
    const judged = judgeFigures(figures, { 'missed-edges': [0, 0] })
    expect(judged.map(({ verdict }) => verdict)).toEqual(['pass', 'fail'])
  })

  test('never, where it was not measured', () => {
    expect(verdictOf([tie(null, null)], [0, 4])).toEqual(['fail'])
    expect(judgeFigures([], { 'tie-rms-us': [0, 4] })).toMatchObject([
      { value: null, verdict: 'fail', finding: 'it has a limit, but could not be measured' },
    ])
  })
})
