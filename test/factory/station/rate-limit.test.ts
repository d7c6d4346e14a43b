import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RateLimit } from '../../../src/factory/station/rate-limit.js'

test('takes so many at once, and then one each time that one has leaked', () => {
  const limit = new RateLimit(3, 2)
  const taken = [0, 0, 0, 0, 0.4, 0.5, 0.5, 0.9, 1].map((atS) => limit.take(atS))
  expect(taken).toEqual([true, true, true, false, false, true, false, false, true])
  expect([9, 9, 9, 9].map((atS) => limit.take(atS))).toEqual([true, true, true, false])
})

test('one key leaves room for another', () => {
  const limit = new RateLimit(1, 1, 64)
  expect(limit.take(0, 'a')).toBe(true)
  expect(limit.take(0, 'a')).toBe(false)
  expect(limit.take(0, 'b')).toBe(true)
})

test('never takes more than its burst and what has leaked', () => {
  const pauses = fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { maxLength: 200 })
  fc.assert(
    fc.property(pauses, fc.integer({ min: 1, max: 9 }), (pauses, burst) => {
      const limit = new RateLimit(burst, 4)
      let nowS = 0
      let taken = 0
      for (const pauseS of pauses) {
        nowS += pauseS
        if (limit.take(nowS)) taken++
        expect(taken).toBeLessThanOrEqual(burst + 4 * nowS + 1e-6)
      }
    }),
  )
})
