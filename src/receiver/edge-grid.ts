import { SYMBOLS_PER_BIT } from '../modulation/index.js'
import type { TimingSpread } from './quality.js'

// More than the 2,072 bits of the longest message after its sync.
const EDGES = 4096

/** The regular grid that fits the last 4,096 edges best. */
export class EdgeGrid {
  readonly #timesS: number[] = []
  #count = 0

  add(timeS: number): void {
    this.#timesS[this.#count++ % EDGES] = timeS
  }

  /** Least squares of edge time over edge number, one edge a bit. Needs at least two edges. */
  fit(): { readonly symbolRateHz: number; readonly timingSpread: TimingSpread } {
    const length = Math.min(this.#count, EDGES)
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
