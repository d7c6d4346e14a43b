import { RigError } from '../errors.js'
import type { Edge } from '../rig.js'
import type { Stream } from './feed.js'
import type { BoardEvent, Fields } from './link.js'

/** Makes edges of the board's `e` lines, and sees which are missing by their numbers and by `elost`. */
export class EdgeTimes implements Stream<Edge> {
  readonly command = 'edges'
  #nextIndex = 0
  #lost = false

  /** `secondsAt` gives the time of a cycle of the board's clock. */
  constructor(private readonly secondsAt: (cycle: number) => number) {}

  begin(): void {}

  take({ name, words: [, indexHex = '', timeHex = '', level] }: BoardEvent): Edge | undefined {
    const index = Number.parseInt(indexHex, 16)
    const afterLoss = this.#lost || name === 'elost' || index !== this.#nextIndex
    this.#lost = afterLoss && name === 'elost'
    if (name === 'elost') return undefined
    this.#nextIndex = index + 1
    return { timeS: this.secondsAt(Number.parseInt(timeHex, 16)), high: level === '1', afterLoss }
  }

  end({ count }: Fields): undefined {
    if (!this.#lost && Number(count) === this.#nextIndex) return
    throw new RigError('damaged', 'the last edges were lost: time fewer, or look at the cable')
  }
}
