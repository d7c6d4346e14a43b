import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { disagreementS } from '../../../src/rig/bridge/board-clock.js'

const at = (timeS: number, fromS: number, toS = fromS) => ({ timeS, fromS, toS })

describe('what has passed on a clock between two readings', () => {
  test.each([
    [10, 10, 0],
    [10.4, 10, 0], // within 2 % and a quarter of a second
    [9.6, 10, 0],
    [20, 10, 9.55],
    [5, 10, -4.55],
    [0, 0.2, 0],
    [-1, 0, -0.75],
  ])('%f s on the board in %f s here', (boardS, hostS, expected) => {
    expect(disagreementS(at(100, 5), at(100 + boardS, 5 + hostS))).toBeCloseTo(expected, 9)
  })

  test('what is not known of the readings is in favour of the board', () => {
    expect(disagreementS(at(0, 0, 1), at(10.4, 9, 10))).toBe(0)
    expect(disagreementS(at(0, 0, 1), at(8.6, 10, 11))).toBe(0)
    expect(disagreementS(at(0, 0), at(5, Number.NEGATIVE_INFINITY, 9))).toBe(0) // it may have been long ago
    expect(disagreementS(at(0, 0), at(11, Number.NEGATIVE_INFINITY, 9))).toBeGreaterThan(0)
  })

  test('an honest board with a ceramic resonator is never refused, one that is 10 % off is within a minute', () => {
    const seconds = (max: number) => fc.double({ min: 0, max, noNaN: true })
    fc.assert(
      fc.property(
        seconds(3600),
        seconds(0.2),
        seconds(3),
        fc.double({ min: -0.005, max: 0.005, noNaN: true }),
        (passedS, lateS, widthS, rate) => {
          const earlier = at(0, 0, widthS)
          const later = at(passedS * (1 + rate), passedS + lateS, passedS + lateS + widthS)
          expect(disagreementS(earlier, later)).toBe(0)
        },
      ),
    )
    for (const rate of [0.9, 1.1]) {
      expect(disagreementS(at(0, 0, 0.01), at(60 * rate, 60, 60.01))).not.toBe(0)
    }
  })
})
