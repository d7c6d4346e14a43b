import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ClockMap, clockId, HOST_CLOCK } from '../../src/light/clock.js'

const BOARD = clockId('board')
const OTHER = clockId('other')

/** 0.5 % fast, and zero when it is 1,000 s here. */
const map = new ClockMap(
  BOARD,
  HOST_CLOCK,
  { fromS: 0, toS: 1000, uncertaintyS: 0.001 },
  { fromS: 10.05, toS: 1010, uncertaintyS: 0.003 },
)

test('tells times between two moments, and beyond, with what is not known', () => {
  expect(map.at(5.025, BOARD)).toBeCloseTo(1005, 9)
  expect(map.at(20.1, BOARD)).toBeCloseTo(1020, 9)
  expect(map.rate).toBeCloseTo(1 / 1.005, 12)
  expect(map.rateUncertainty).toBeCloseTo(0.004 / 10.05, 9)
  expect(map.uncertaintyS(5)).toBe(0.003)
  expect(map.uncertaintyS(20.1)).toBeCloseTo(0.007, 9)
  expect(map.uncertaintyS(-10.05)).toBeCloseTo(0.007, 9)
})

test('refuses a time of any other clock', () => {
  expect(() => map.at(5, HOST_CLOCK)).toThrow(TypeError)
  expect(() => map.at(5, OTHER)).toThrow('this is a time of other, not of board')
  expect(() => map.through(map)).toThrow(TypeError)
})

test('a clock is told by itself exactly, and is no step on the way', () => {
  const itself = ClockMap.identity(HOST_CLOCK)
  expect(itself.at(1e6, HOST_CLOCK)).toBe(1e6)
  expect(itself.uncertaintyS(1e6)).toBe(0)
  expect(map.through(itself)).toBe(map)
  expect(ClockMap.identity(BOARD).through(map)).toBe(map)
})

test('there and back is the same time, also by way of a third clock, and what is not known adds up', () => {
  const seconds = fc.double({ min: -1e4, max: 1e4, noNaN: true })
  const rate = fc.double({ min: 0.98, max: 1.02, noNaN: true })
  fc.assert(
    fc.property(seconds, seconds, rate, (timeS, zeroS, rate) => {
      const other = new ClockMap(
        OTHER,
        HOST_CLOCK,
        { fromS: 0, toS: zeroS, uncertaintyS: 0.002 },
        { fromS: 100, toS: zeroS + 100 * rate, uncertaintyS: 0.002 },
      )
      const across = map.through(other.inverse)
      expect([across.from, across.to]).toEqual([BOARD, OTHER])
      const there = across.at(timeS, BOARD)
      expect(other.at(there, OTHER)).toBeCloseTo(map.at(timeS, BOARD), 5)
      expect(across.inverse.at(there, OTHER)).toBeCloseTo(timeS, 5)
      expect(across.uncertaintyS(5)).toBeGreaterThan(map.uncertaintyS(5))
    }),
  )
})
