import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AXES } from '../../../src/bench/sweep/axes.js'
import { Lattice } from '../../../src/bench/sweep/lattice.js'
import { paint, search } from '../../../src/bench/sweep/search.js'
import { BASE } from '../../helpers/sweeps.js'

const latticeOf = (sizes: readonly number[]): Lattice =>
  new Lattice(
    BASE,
    sizes.map((size, axis) => ({
      name: AXES[axis] as (typeof AXES)[number],
      values: Array.from({ length: size }, (_, n) => n + 1),
    })),
  )

/** What is found of a region, and how many points it took. */
function explore(lattice: Lattice, passes: (point: readonly number[]) => boolean) {
  const known = new Map<number, boolean>()
  for (;;) {
    const { open, passes: found } = search(lattice, known)
    if (open.length === 0) return { found, looks: known.size }
    for (const number of open) {
      expect(known.has(number)).toBe(false)
      known.set(number, passes(lattice.pointOf(number)))
    }
  }
}

const truthOf = (lattice: Lattice, passes: (point: readonly number[]) => boolean): boolean[] =>
  Array.from({ length: lattice.size }, (_, number) => passes(lattice.pointOf(number)))

const sizes = fc.array(fc.integer({ min: 1, max: 14 }), { minLength: 1, maxLength: 3 })

describe('the search', () => {
  test('finds a region that ends once on each axis, whatever its shape', () => {
    fc.assert(
      fc.property(
        sizes,
        fc.array(fc.double({ min: 0.05, max: 3, noNaN: true }), { minLength: 3, maxLength: 3 }),
        fc.integer({ min: 0, max: 40 }),
        (of, weights, most) => {
          const lattice = latticeOf(of)
          const passes = (point: readonly number[]): boolean =>
            point.reduce((sum, index, axis) => sum + index ** 1.5 * (weights[axis] ?? 1), 0) <= most
          expect(explore(lattice, passes).found).toEqual(truthOf(lattice, passes))
        },
      ),
    )
  })

  test('finds a box anywhere that is as wide as a coarse cell', () => {
    const box = fc.array(fc.tuple(fc.integer({ min: 5, max: 17 }), fc.nat(16), fc.nat(16)), {
      minLength: 1,
      maxLength: 3,
    })
    fc.assert(
      fc.property(box, (axes) => {
        const lattice = latticeOf(axes.map(([size]) => size))
        const bounds = axes.map(([size, at, more]) => {
          const width = Math.ceil((size - 1) / 4)
          const least = at % (size - width)
          return [least, least + width + (more % (size - least - width))] as const
        })
        const passes = (point: readonly number[]): boolean =>
          bounds.every(([least, most], axis) => {
            const index = point[axis] ?? 0
            return index >= least && index <= most
          })
        expect(explore(lattice, passes).found).toEqual(truthOf(lattice, passes))
      }),
    )
  })

  test('looks at a part of the points: at the edge, and coarsely elsewhere', () => {
    const lattice = latticeOf([33, 33])
    const { looks } = explore(lattice, ([x = 0, y = 0]) => x + y < 20)
    expect(looks).toBeLessThan(lattice.size / 4)
    expect(explore(lattice, () => true).looks).toBe(25)
  })

  test('goes on from what is known, in any order', () => {
    const lattice = latticeOf([9, 9])
    const passes = ([x = 0, y = 0]: readonly number[]): boolean => x < 5 && y > 2
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(80)), (numbers) => {
        const known = new Map(numbers.map((n) => [n, passes(lattice.pointOf(n))]))
        for (;;) {
          const { open, passes: found } = search(lattice, known)
          const [next] = open
          if (next === undefined) {
            expect(found).toEqual(truthOf(lattice, passes))
            return
          }
          known.set(next, passes(lattice.pointOf(next)))
        }
      }),
    )
  })

  test('all points instead are all that are not known', () => {
    const lattice = latticeOf([2, 2])
    expect(paint(lattice, new Map([[1, true]]))).toEqual({
      open: [0, 2, 3],
      passes: [null, true, null, null],
    })
  })
})

test('a number of the lattice is a point, and its settings', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), (of, n) => {
      const lattice = latticeOf(of)
      const number = n % lattice.size
      expect(lattice.numberOf(lattice.pointOf(number))).toBe(number)
    }),
  )
  expect(latticeOf([3, 4]).settingsOf(6)).toEqual({ ...BASE, symbolRateHz: 2, greyRatio: 3 })
})
