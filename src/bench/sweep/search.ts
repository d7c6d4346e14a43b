import type { Lattice } from './lattice.js'

/** Coarse steps of an axis before anything is divided. */
const COARSE_STEPS = 4

/** What is known of points, by their numbers: whether they pass. */
export type Known = ReadonlyMap<number, boolean>

/** A box of the lattice; its bounds belong to it. */
interface Cell {
  readonly least: readonly number[]
  readonly most: readonly number[]
}

export interface Found {
  /** Numbers of the points to look at next; none when the edge is found to a step of each axis. */
  readonly open: readonly number[]
  /** Whether each point of the lattice passes, by its number: as was seen, or else as all of its cell that was seen. Null for what is open. */
  readonly passes: readonly (boolean | null)[]
}

/**
 * Finds the edge of the passing region, of any shape, among the points of a lattice: a coarse lattice first, whose cells are
 * divided where what is known in them, corners first, disagrees, down to a step of each axis. What is no wider than a coarse cell in some
 * axis can be missed.
 */
export function search(lattice: Lattice, known: Known): Found {
  const passes: (boolean | null)[] = Array.from({ length: lattice.size }, () => null)
  const open = new Set<number>()
  const visit = (cell: Cell): void => {
    const unknown = productOf(cell.least.map((least, axis) => [least, cell.most[axis] ?? least]))
      .map((corner) => lattice.numberOf(corner))
      .filter((number) => !known.has(number))
    for (const number of unknown) open.add(number)
    if (unknown.length > 0) return
    const inside = pointsOf(cell).map((point) => lattice.numberOf(point))
    const seen = inside.map((number) => known.get(number)).filter((pass) => pass !== undefined)
    if (seen.every((pass) => pass === seen[0])) {
      for (const number of inside) passes[number] = seen[0] as boolean
      return
    }
    for (const part of dividedCell(cell)) visit(part)
  }
  for (const cell of coarseCells(lattice.last)) visit(cell)
  for (const [number, pass] of known) passes[number] = pass
  return { open: [...open], passes }
}

/** All points instead, whatever is known. */
export function paint(lattice: Lattice, known: Known): Found {
  const passes = Array.from({ length: lattice.size }, (_, number) => known.get(number) ?? null)
  return { open: passes.flatMap((pass, number) => (pass === null ? [number] : [])), passes }
}

function coarseCells(last: readonly number[]): Cell[] {
  return cellsOf(
    last.map((most) => {
      const steps = Math.min(COARSE_STEPS, most)
      return Array.from({ length: steps + 1 }, (_, n) => Math.round((n * most) / (steps || 1)))
    }),
  )
}

/** Halves it on each axis that has something between its ends; nothing for a cell that has nowhere. */
function dividedCell({ least, most }: Cell): Cell[] {
  const bounds = least.map((low, axis) => {
    const high = most[axis] as number
    return high - low > 1 ? [low, Math.floor((low + high) / 2), high] : [low, high]
  })
  return bounds.every(({ length }) => length === 2) ? [] : cellsOf(bounds)
}

/** The cells between the bounds on each axis. */
function cellsOf(bounds: readonly (readonly number[])[]): Cell[] {
  const intervals = bounds.map((of) =>
    of.length === 1 ? [[of[0], of[0]]] : of.slice(1).map((high, n) => [of[n], high]),
  ) as [number, number][][]
  return productOf(intervals).map((cell) => ({
    least: cell.map(([low]) => low),
    most: cell.map(([, high]) => high),
  }))
}

const pointsOf = ({ least, most }: Cell): number[][] =>
  productOf(
    least.map((low, axis) =>
      Array.from({ length: (most[axis] as number) - low + 1 }, (_, n) => low + n),
    ),
  )

/** Each choice of one of each. */
function productOf<T>(choices: readonly (readonly T[])[]): T[][] {
  return choices.reduce<T[][]>(
    (chosen, of) => chosen.flatMap((begin) => of.map((next) => [...begin, next])),
    [[]],
  )
}
