import type { FoundClock } from '../acquire/acquisition.js'
import type { Scale } from '../acquire/scale.js'
import type { BitLight } from './bit-light.js'

// An edge is where the means over this part of a symbol before and after it differ by more than this part of the amplitude, and
// by the most around.
const STEP_SYMBOLS = 0.4
const EDGE = 0.5

// A lit or black stretch lasts at most so many symbols.
const LONGEST_SYMBOLS = 2.6

// The part of a stretch in which the sensor has settled, if that leaves samples.
const SETTLED_FROM = 0.25
const SETTLED_TO = 0.85

// A bit that is longer or shorter than usual by more than this part says nothing about the usual length.
const USUAL = 0.3
const SYMBOL_GAIN = 1 / 16
// The amplitude follows grey, the least light that makes an edge.
const DARKER_GAIN = 1 / 4
const BRIGHTER_GAIN = 1 / 64

/**
 * Cuts samples into bits at the edges of the light itself: for a symbol clock that is not regular, such as that of
 * a screen that repeats or drops frames. It needs edges that stand out of the noise.
 */
export class EdgeCutter {
  #symbolS: number
  /** Between two samples, roughly. */
  readonly #sampleS: number
  /** Samples on either side of an edge that tell where it is. */
  #wide = 1
  /** Lit less black. */
  #amplitude: number
  #isLit = false
  /** Indices of the first samples after the last edges, and of the one that is looked at. */
  #riseAt = 0
  #fallAt: number
  #at: number
  /** The largest step above the threshold so far: the edge, when no larger one follows. */
  #highest = 0
  #highestAt = 0
  /** Samples were missing for so long that whole symbols may have gone unseen. */
  #isOver = false
  /** Level of the last black stretch that has ended. */
  #black = 0
  /** When the last bit rose. */
  #riseS = Number.NaN
  /** The last lit stretch, until the black one after it has ended. */
  #lit: Pick<BitLight, 'lit' | 'riseS' | 'fallS'> | null = null

  constructor(
    private readonly scale: Scale,
    private readonly polarity: 1 | -1,
    clock: FoundClock,
  ) {
    this.#symbolS = clock.periodS / 2
    this.#sampleS = scale.sampleSAround(scale.count)
    this.#fallAt = scale.indexAt(clock.riseS - this.#symbolS, this.#sampleS)
    this.#at = this.#fallAt
    const rise = scale.indexAt(clock.riseS, this.#sampleS)
    const fall = scale.indexAt(clock.riseS + this.#symbolS, this.#sampleS)
    this.#amplitude = this.#mean(rise, fall) - this.#mean(this.#fallAt, rise)
    this.#lookPast(this.#fallAt)
  }

  get periodS(): number {
    return 2 * this.#symbolS
  }

  /** The next bit; null when there are not enough samples yet, 'dark' when the light stays as it is for too long. */
  next(ended: boolean): BitLight | 'dark' | null {
    const { scale, polarity } = this
    if (this.#isOver) return 'dark'
    while (this.#at + this.#wide <= scale.count) {
      const wide = this.#wide
      const at = this.#at++
      if (scale.timeS(at) - scale.timeS(at - 1) > 2 * this.#symbolS) {
        this.#isOver = true
        return this.#flush() ?? 'dark'
      }
      const step = (this.#isLit ? -polarity : polarity) * scale.stepAround(at, wide)
      if (step > this.#highest) {
        this.#highest = step
        this.#highestAt = at
      } else if (this.#highestAt > 0 && at - this.#highestAt >= wide / 2) {
        if (this.#isLit) {
          this.#fall(this.#highestAt)
          continue
        }
        const bit = this.#rise(this.#highestAt)
        if (bit) return bit
      } else if (this.#highestAt === 0 && this.#isTooLong(at)) {
        return this.#flush() ?? 'dark'
      }
    }
    return ended ? this.#flush() : null
  }

  #isTooLong(at: number): boolean {
    const since = this.#isLit ? this.#riseAt : this.#fallAt
    return (
      this.scale.timeS(at) - this.#edgeS(since) > LONGEST_SYMBOLS * this.#symbolS ||
      since < this.scale.oldest
    )
  }

  #rise(edge: number): BitLight | null {
    const bit = this.#finish(edge)
    this.#black = this.#settled(this.#fallAt, edge)
    this.#isLit = true
    this.#riseAt = edge
    this.#lookPast(edge)
    return bit
  }

  #fall(edge: number): void {
    const lit = this.#settled(this.#riseAt, edge)
    const riseS = this.#edgeS(this.#riseAt)
    const deviation = lit - this.#black - this.#amplitude
    this.#amplitude += (deviation < 0 ? DARKER_GAIN : BRIGHTER_GAIN) * deviation
    const symbolS = (riseS - this.#riseS) / 2
    if (Math.abs(symbolS / this.#symbolS - 1) < USUAL) {
      this.#symbolS += SYMBOL_GAIN * (symbolS - this.#symbolS)
    }
    this.#riseS = riseS
    this.#lit = { lit, riseS, fallS: this.#edgeS(edge) }
    this.#isLit = false
    this.#fallAt = edge
    this.#lookPast(edge)
  }

  /** Looks for the next edge from where it can be told from this one. */
  #lookPast(edge: number): void {
    this.#wide = Math.max(1, Math.round((STEP_SYMBOLS * this.#symbolS) / this.#sampleS))
    this.#at = edge + this.#wide
    this.#highest = EDGE * Math.max(this.#amplitude, 0) * this.#wide
    this.#highestAt = 0
  }

  /** The last bit, when the black stretch after it ends at this edge; null when it was returned already. */
  #finish(edge: number): BitLight | null {
    if (!this.#lit) return null
    const { lit, riseS, fallS } = this.#lit
    this.#lit = null
    const blackAfter = this.#settled(this.#fallAt, edge)
    return {
      black: this.#black,
      lit,
      blackAfter,
      begunBlack: this.#black,
      begunLit: lit,
      begunAfter: blackAfter,
      settledBlack: this.#black,
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

  /** The last bit, when nothing comes after it. */
  #flush(): BitLight | null {
    const end = this.scale.count
    if (this.#isLit && end > this.#riseAt) this.#fall(end)
    return this.#finish(Math.min(this.#at, end))
  }

  /** When an edge was: between the sample of its index and the one before. */
  #edgeS(index: number): number {
    return this.scale.timeAtS(index - 0.5)
  }

  /** Mean level of the part of a stretch in which the sensor has settled. */
  #settled(from: number, to: number): number {
    const first = from + Math.floor(SETTLED_FROM * (to - from))
    return this.#mean(first, Math.max(from + Math.floor(SETTLED_TO * (to - from)), first + 1))
  }

  #mean(from: number, to: number): number {
    const first = Math.max(from, this.scale.oldest)
    const last = Math.min(to, this.scale.count)
    return (this.polarity * this.scale.sum(first, last)) / (last - first)
  }
}
