import type { PulseFollower } from '../acquire/pulses.js'
import type { Cutter } from '../read/reading.js'
import type { BitLight } from './bit-light.js'

// A black stretch that has lasted so many times the mean is known well enough, though it may go on.
const KNOWN_AFTER = 2.5
// After so many the light has ended.
const DARK_AFTER = 20.5

// Of a bit that was cut and not read: black, lit and black level, when it rose and when it fell.
const NUMBERS = 5

/**
 * Cuts bits at the edges of the light itself, whatever clock it has: a lit stretch and the black ones on either side. Bits may be
 * cut long before they are read.
 */
export class EdgeCutter implements Cutter {
  /** Of the next lit stretch. */
  #next: number
  readonly #startS: number
  /** What was cut, and how many of these numbers were read. */
  readonly #cut: number[] = []
  #read = 0
  #isDark = false

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
    this.cut(ended)
    const cut = this.#cut
    if (this.#read === cut.length) return this.#isDark ? 'dark' : null
    const [black, lit, blackAfter, riseS, fallS] = cut.slice(this.#read, this.#read + NUMBERS) as [
      number,
      number,
      number,
      number,
      number,
    ]
    this.#read += NUMBERS
    return {
      black,
      lit,
      blackAfter,
      begunBlack: black,
      begunLit: lit,
      begunAfter: blackAfter,
      settledBlack: black,
      settledLit: lit,
      settledAfter: blackAfter,
      firstFall: Number.NaN,
      secondFall: Number.NaN,
      firstRise: Number.NaN,
      secondRise: Number.NaN,
      riseS,
      fallS,
    }
  }

  /** Cuts all bits whose light is there. */
  cut(ended: boolean): void {
    while (!this.#isDark && this.#cutNext(ended)) {}
  }

  #cutNext(ended: boolean): boolean {
    const { pulses, polarity } = this
    const last = pulses.count - 1
    const { periodS } = this
    const lasting = (pulses.scale.newestS - pulses.startS(last)) / (periodS / 2)
    // Samples were missing for so long that whole symbols may have gone unseen.
    const hasGap = pulses.gapS > periodS && pulses.gapEndS > this.#startS
    const gapAtS = pulses.gapEndS - pulses.gapS
    const lit = this.#next
    this.#isDark = hasGap && (last <= lit || pulses.startS(lit + 1) > gapAtS)
    if (last <= lit) this.#isDark ||= !(ended && last === lit) && lasting > DARK_AFTER
    const isKnown = last > lit + 1 || lasting >= KNOWN_AFTER || hasGap || ended
    if (this.#isDark || last <= lit || !isKnown) return false
    this.#next += 2
    this.#cut.push(
      polarity * pulses.level(lit - 1),
      polarity * pulses.level(lit),
      polarity * pulses.level(lit + 1),
      pulses.startS(lit),
      pulses.startS(lit + 1),
    )
    return true
  }
}
