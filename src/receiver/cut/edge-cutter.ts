import type { PulseFollower } from '../acquire/pulses.js'
import type { Cutter } from '../read/reading.js'
import type { BitLight } from './bit-light.js'

// A black stretch that has lasted so many times the mean is known well enough, though it may go on.
const KNOWN_AFTER = 2.5
// After so many the light has ended.
const DARK_AFTER = 20.5

/**
 * Cuts bits at the edges of the light itself, whatever clock it has: a lit stretch and the black ones on either side.
 */
export class EdgeCutter implements Cutter {
  /** Of the next lit stretch. */
  #next: number
  readonly #startS: number

  constructor(
    private readonly pulses: PulseFollower,
    private readonly polarity: 1 | -1,
    private readonly firstLit: number,
  ) {
    this.#next = firstLit
    this.#startS = pulses.startS(firstLit)
  }

  /** Mean so far. */
  get periodS(): number {
    const { pulses, firstLit } = this
    const last = pulses.count - 1
    return (2 * (pulses.startS(last) - this.#startS)) / (last - firstLit)
  }

  /** The next bit; null when it has not ended yet, 'dark' when the light stays as it is for too long. */
  next(ended: boolean): BitLight | 'dark' | null {
    const { pulses, polarity } = this
    const last = pulses.count - 1
    const { periodS } = this
    const lasting = (pulses.scale.newestS - pulses.startS(last)) / (periodS / 2)
    // Samples were missing for so long that whole symbols may have gone unseen.
    const hasGap = pulses.gapS > periodS && pulses.gapEndS > this.#startS
    const gapAtS = pulses.gapEndS - pulses.gapS
    if (hasGap && (last <= this.#next || pulses.startS(this.#next + 1) > gapAtS)) return 'dark'
    if (last <= this.#next) {
      if (ended && last === this.#next) return null
      return lasting > DARK_AFTER ? 'dark' : null
    }
    const isKnown = last > this.#next + 1 || lasting >= KNOWN_AFTER || hasGap || ended
    if (!isKnown) return null
    const lit = this.#next
    this.#next += 2
    const black = polarity * pulses.level(lit - 1)
    const level = polarity * pulses.level(lit)
    const blackAfter = polarity * pulses.level(lit + 1)
    return {
      black,
      lit: level,
      blackAfter,
      begunBlack: black,
      begunLit: level,
      begunAfter: blackAfter,
      settledBlack: black,
      settledLit: level,
      settledAfter: blackAfter,
      firstFall: Number.NaN,
      secondFall: Number.NaN,
      firstRise: Number.NaN,
      secondRise: Number.NaN,
      riseS: pulses.startS(lit),
      fallS: pulses.startS(lit + 1),
    }
  }
}
