import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AxisName } from '../../../src/bench/sweep/axes.js'
import { Lattice } from '../../../src/bench/sweep/lattice.js'
import { propose } from '../../../src/bench/sweep/proposal.js'
import { BASE } from '../../helpers/sweeps.js'

const latticeOf = (axes: readonly (readonly [AxisName, number])[]): Lattice =>
  new Lattice(
    BASE,
    axes.map(([name, size]) => ({ name, values: Array.from({ length: size }, (_, n) => n + 1) })),
  )

/** A map as it is drawn, of rates from left to right and greys from the bottom up. */
function proposedIn(rows: readonly string[], marginSteps: number) {
  const lattice = latticeOf([
    ['symbolRateHz', rows[0]?.length ?? 0],
    ['greyRatio', rows.length],
  ])
  const passes = Array.from({ length: lattice.size }, (_, number) => {
    const [rate = 0, grey = 0] = lattice.pointOf(number)
    const mark = rows.at(-1 - grey)?.[rate]
    return mark === '?' ? null : mark === '#'
  })
  const found = propose(lattice, passes, marginSteps)
  return found && { at: lattice.pointOf(found.number), steps: found.steps }
}

test('the fastest that is far enough away, in the middle of what is as fast', () => {
  const map = ['######..', '######..', '######..', '######..', '######..', '####....']
  expect(proposedIn(map, 2)).toEqual({ at: [4, 3], steps: 2 })
  expect(proposedIn(map, 1)).toEqual({ at: [5, 3], steps: 1 })
})

test('where nothing is so far away, the farthest', () => {
  expect(proposedIn(['....', '.###', '.###', '.###', '....'], 5)).toEqual({ at: [2, 2], steps: 2 })
  expect(proposedIn(['....', '..#.', '....'], 2)).toEqual({ at: [2, 1], steps: 1 })
})

test('what is not known does not pass, and of nothing there is nothing to propose', () => {
  expect(proposedIn(['###?'], 1)).toEqual({ at: [2, 0], steps: 1 })
  expect(proposedIn(['....'], 1)).toBeNull()
})

test('a low rate is no edge, but a high one may be; an axis of one value has none', () => {
  expect(proposedIn(['####'], 3)).toEqual({ at: [1, 0], steps: 3 })
})

test('it is for the longest messages, and their length is not chosen', () => {
  const lattice = latticeOf([
    ['symbolRateHz', 3],
    ['messageBytes', 3],
  ])
  const passes = Array.from({ length: 9 }, (_, n) => {
    const [rate = 0, bytes = 0] = lattice.pointOf(n)
    return rate + bytes < 4
  })
  expect(lattice.pointOf(propose(lattice, passes, 1)?.number ?? -1)).toEqual([1, 2])
})

test('whatever passes: what is proposed passes, and nothing that fails is nearer than it says', () => {
  const lattice = latticeOf([
    ['symbolRateHz', 6],
    ['greyRatio', 5],
  ])
  const size = lattice.size
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: size, maxLength: size }), (passes) => {
      const found = propose(lattice, passes, 2)
      if (!found) {
        expect(passes).not.toContain(true)
        return
      }
      expect(passes[found.number]).toBe(true)
      const at = lattice.pointOf(found.number)
      for (const [number, pass] of passes.entries()) {
        const other = lattice.pointOf(number)
        const away = Math.max(...other.map((index, axis) => Math.abs(index - (at[axis] ?? 0))))
        if (!pass) expect(away).toBeGreaterThanOrEqual(found.steps)
      }
    }),
  )
})
