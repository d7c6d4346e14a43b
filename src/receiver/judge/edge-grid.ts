import { SYMBOLS_PER_BIT } from '../../modulation/index.js'
import type { TimingSpread } from './quality.js'

// More than the 2,072 bits of the longest message after its sync.
const EDGES = 4096

/** The regular grid that fits the last 4,096 edges best. */
export class EdgeGrid {
  readonly #timesS: number[] = []
  readonly #swings: number[] = []
  #count = 0
  #forgotten = 0

  /** Takes the next edge, and by how much the light rose. */
  add(timeS: number, swing: number): void {
    this.#timesS[this.#count % EDGES] = timeS
    this.#swings[this.#count++ % EDGES] = swing
  }

  /**
   * Forgets the last edge that rose by less than this and all before it.
   *
   * @returns the time of the first one that is left; null if none was forgotten
   */
  forgetDim(leastSwing: number): number | null {
    const first = Math.max(this.#forgotten, this.#count - EDGES)
    let kept = this.#count
    while (kept > first && (this.#swings[(kept - 1) % EDGES] ?? 0) >= leastSwing) kept--
    if (kept === first) return null
    this.#forgotten = kept
    return this.#timesS[kept % EDGES] ?? null
  }

  /** Least squares of edge time over edge number, one edge a bit. Needs at least two edges. */
  fit(): { readonly symbolRateHz: number; readonly timingSpread: TimingSpread } {
    const length = Math.min(this.#count - this.#forgotten, EDGES)
    const first = this.#count - length
    const firstS = this.#timesS[first % EDGES] ?? 0
    const timeS = (n: number) => (this.#timesS[(first + n) % EDGES] ?? 0) - firstS
    const middle = (length - 1) / 2
    let sumS = 0
    let sumProducts = 0
    for (let n = 0; n < length; n++) {
      sumS += timeS(n)
      sumProducts += (n - middle) * timeS(n)
    }
    const meanS = sumS / length
    const periodS = sumProducts / ((length * (length ** 2 - 1)) / 12)
    let sumSquares = 0
    let maxS = 0
    for (let n = 0; n < length; n++) {
      const deviationS = Math.abs(timeS(n) - meanS - (n - middle) * periodS)
      sumSquares += deviationS ** 2
      maxS = Math.max(maxS, deviationS)
    }
    const timingSpread = { rmsS: Math.sqrt(sumSquares / length), maxS }
    return { symbolRateHz: SYMBOLS_PER_BIT / periodS, timingSpread }
  }
}
