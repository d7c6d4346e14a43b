import { RigError } from '../errors.js'
import type { Edge } from '../rig.js'
import type { BoardClock } from './board-clock.js'
import type { Stream } from './feed.js'
import type { Answer } from './link.js'
import type { BoardEvent } from './protocol.js'
import { impossible } from './understanding.js'

/** Makes edges of the board's `e` lines, and sees which are missing by their numbers and by `elost`. */
export class EdgeTimes implements Stream<Edge, 'edges'> {
  readonly command = 'edges'
  readonly longestSilenceS = Number.POSITIVE_INFINITY
  #nextIndex = 0
  #lost = false
  #newestS = Number.NEGATIVE_INFINITY
  #begunS = 0

  constructor(private readonly clock: Pick<BoardClock, 'id' | 'secondsAt' | 'offS'>) {}

  begin({ fromS }: Answer<'edges on'>): void {
    this.#begunS = fromS
  }

  take(line: BoardEvent, readS: number): Edge | undefined {
    if (line.name === 'elost') {
      this.#lost = true
      return undefined
    }
    if (line.name !== 'e') return undefined
    const { index, level } = line
    const timeS = this.clock.secondsAt(line.time)
    const between = { fromS: this.#begunS, toS: readS }
    const isOrdered = index >= this.#nextIndex && timeS > this.#newestS
    if (!isOrdered || this.clock.offS({ timeS, ...between }) !== 0) {
      throw impossible(`reports edge ${index} at ${timeS.toFixed(6)} s`)
    }
    const afterLoss = this.#lost || index !== this.#nextIndex
    this.#lost = false
    this.#nextIndex = index + 1
    this.#newestS = timeS
    return { timeS, clock: this.clock.id, high: level, afterLoss }
  }

  end({ count }: Answer<'edges off'>): undefined {
    if (!this.#lost && count === this.#nextIndex) return
    throw new RigError(
      'damaged',
      'the last edges were lost: use a slower signal, or check the cable',
    )
  }
}
