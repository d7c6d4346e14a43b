import type { FoundClock } from '../acquire/acquisition.js'
import type { Scale } from '../acquire/scale.js'
import type { BitLight } from './bit-light.js'

// Samples near an edge may belong to either side, and are left out: those nearer than this part of a sample period or so many
// times the rms of the edges' own jitter, but at most this part of a symbol.
const GUARD_SAMPLES = 0.1
const GUARD_JITTER = 1.7
const WIDEST_GUARD_SYMBOLS = 0.25

// Half the stretch around an edge that tells where it is: in symbols, in samples, and at most in symbols.
const EDGE_SYMBOLS = 0.18
const EDGE_SAMPLES = 1.2
const WIDEST_EDGE_SYMBOLS = 0.5
// The same for the edge that is reported, wider so that it holds late and early ones too.
const SEEN_EDGE_SYMBOLS = 0.45

// From how many bits the clock counts as known: those that the acquisition is worth at first, and at most.
const BITS_ACQUIRED = 6
const BITS_REMEMBERED = 128

// A sample is lit above this part of the mean of grey and white, about half of grey, where that is more than so many times
// the noise of a sample (mean square): then samples are few, and one of the symbol beside them would spoil the mean.
const LEAST_LIT = 0.37
const CLEAR_SAMPLE = 3

// A settled level ends this part of a symbol early: a sensor with a time constant makes the clock late by that.
const SETTLED_EARLY = 0.1

const AVERAGE_GAIN = 1 / 16
const JITTER_GAIN = 1 / 32
// More than this multiple of what noise makes of the lateness is jitter.
const NOISE_MARGIN = 1.5
// A bit is cut this part of a symbol, or of a sample period, before its end, as its last samples may be late.
const CUT_EARLY = 0.1
const CUT_EARLY_SAMPLES = 0.6

/**
 * Cuts samples into bits by a regular clock, which it follows: all samples of a symbol are used, whatever noise
 * hides its edges.
 *
 * Timing error of a bit: with the same stretch around its rise and its fall, a clock that is early sees less
 * light at the rise and more at the fall (early-late gate). The clock is the line that fits these best in the sense
 * of least squares, over all bits at first and over about 128 later: the alpha-beta filter with the gains of a
 * growing memory (Kalata 1984; equal to a Kalman filter of a clock without noise of its own).
 */
export class ClockedCutter {
  #riseS: number
  #periodS: number
  #bits = BITS_ACQUIRED
  #amplitude = 0
  /** Mean squares: of how late a bit is, in symbols, and of the noise of a symbol's level. */
  #late = 0
  #noise = 0
  /** Bits cut so far. */
  #cut = 0
  /** Between two samples, roughly. */
  readonly #sampleS: number
  /** Level of the black symbol before the next rise. */
  #black = Number.NaN

  constructor(
    private readonly scale: Scale,
    private readonly polarity: 1 | -1,
    clock: FoundClock,
  ) {
    this.#riseS = clock.riseS
    this.#periodS = clock.periodS
    this.#sampleS = scale.sampleSAround(scale.count)
  }

  get periodS(): number {
    return this.#periodS
  }

  /** The next bit; null until all samples of it and of the black behind it are there. */
  next(ended: boolean): BitLight | null {
    if (this.scale.newestS < (ended ? this.#riseS : this.#dueS)) return null
    const symbolS = this.#periodS / 2
    const riseS = this.#riseS
    const blackS = riseS - symbolS
    const fallS = riseS + symbolS
    const endS = riseS + this.#periodS
    const guardS = this.#guardSymbols * symbolS
    if (this.#cut === 0) this.#black = this.#mean(blackS + guardS, riseS - guardS)
    const black = this.#black
    const lit = this.#symbol(riseS + guardS, fallS - guardS, 1)
    const blackAfter = this.#symbol(fallS + guardS, endS - guardS, -1)
    this.#cut++
    this.#black = blackAfter
    this.#keepTime(riseS, symbolS, lit, black, blackAfter)
    const settledS = Math.max(guardS, this.#sampleS, SETTLED_EARLY * symbolS)
    const quarterS = symbolS / 4
    const settledBlack = this.#settled(blackS, symbolS, settledS)
    const settledLit = this.#settled(riseS, symbolS, settledS)
    return {
      black,
      lit,
      blackAfter,
      begunBlack: this.#begun(blackS, symbolS, guardS),
      begunLit: this.#begun(riseS, symbolS, guardS),
      begunAfter: this.#begun(fallS, symbolS, guardS),
      settledBlack: Number.isNaN(settledBlack) ? black : settledBlack,
      settledLit: Number.isNaN(settledLit) ? lit : settledLit,
      settledAfter: this.#settled(fallS, symbolS, settledS),
      firstFall: -this.#change(blackS, quarterS),
      secondFall: -this.#change(blackS + quarterS, quarterS),
      firstRise: this.#change(riseS, quarterS),
      secondRise: this.#change(riseS + quarterS, quarterS),
      riseS: this.#seenRiseS(riseS, symbolS, settledBlack, settledLit),
      fallS,
    }
  }

  /** When all samples of the next bit are there. */
  get #dueS(): number {
    const earlyS = Math.max(CUT_EARLY_SAMPLES * this.#sampleS, (CUT_EARLY / 2) * this.#periodS)
    return this.#riseS + this.#periodS - earlyS
  }

  /** Moves the clock on to the next bit, by how late this one was. */
  #keepTime(riseS: number, symbolS: number, lit: number, black: number, blackAfter: number): void {
    const fallS = riseS + symbolS
    const halfS = this.#halfEdgeSymbols * symbolS
    const rise = this.#mean(riseS - halfS, riseS + halfS)
    const fall = this.#mean(fallS - halfS, fallS + halfS)
    // What the fall would hold more than the rise if the clock were right: with few samples they are not cut alike.
    const uneven = this.#partAfter(riseS, halfS) + this.#partAfter(fallS, halfS) - 1
    // Where the light is all black or none, the clock goes on alone.
    const amplitude = lit - (black + blackAfter) / 2
    if (amplitude > 0) {
      this.#amplitude += Math.max(AVERAGE_GAIN, 1 / this.#cut) * (amplitude - this.#amplitude)
    }
    const lateS = this.#amplitude > 0 ? halfS * ((fall - rise) / this.#amplitude + uneven) : 0
    this.#late += JITTER_GAIN * ((lateS / symbolS || 0) ** 2 - this.#late)
    this.#noise += JITTER_GAIN * ((blackAfter - black || 0) ** 2 / 2 - this.#noise)
    this.#follow(Math.min(Math.max(lateS || 0, -halfS), halfS))
  }

  /** When the light rose, half-way between the last sample of black and the first of lit; as the clock says where it is not seen. */
  #seenRiseS(riseS: number, symbolS: number, black: number, lit: number): number {
    const { scale } = this
    const halfS = SEEN_EDGE_SYMBOLS * symbolS
    const from = scale.indexAt(riseS - halfS, this.#sampleS)
    const to = scale.indexAt(riseS + halfS, this.#sampleS)
    const samples = to - from
    const samplesBefore = (samples * lit - this.polarity * scale.sum(from, to)) / (lit - black)
    const sampleS = (scale.timeS(to - 1) - scale.timeS(from)) / (samples - 1)
    const seenS = scale.timeS(from) + (samplesBefore - 0.5) * sampleS
    return Math.abs(seenS - riseS) < halfS ? seenS : riseS
  }

  /** On either side of an edge, where samples may belong to either side. */
  get #guardSymbols(): number {
    const symbolS = this.#periodS / 2
    // What noise makes of the lateness; the rest are edges that are not where they should be.
    const noise = (this.#halfEdgeSymbols * this.#noise) / this.#amplitude ** 2 || 0
    const jitter = Math.sqrt(Math.max(0, this.#late - NOISE_MARGIN * noise))
    const widest = Math.max((GUARD_SAMPLES * this.#sampleS) / symbolS, GUARD_JITTER * jitter)
    return Math.min(widest, WIDEST_GUARD_SYMBOLS)
  }

  /** Half the stretch around an edge that tells where it is. */
  get #halfEdgeSymbols(): number {
    const least = (2 * EDGE_SAMPLES * this.#sampleS) / this.#periodS
    return Math.min(Math.max(EDGE_SYMBOLS, least), WIDEST_EDGE_SYMBOLS)
  }

  #follow(lateS: number): void {
    const n = Math.min(++this.#bits, BITS_REMEMBERED)
    const alpha = (2 * (2 * n - 1)) / (n * (n + 1))
    const beta = 6 / (n * (n + 1))
    this.#riseS += this.#periodS + alpha * lateS
    this.#periodS += beta * lateS
  }

  /** The part of the samples around an edge that is not before it. */
  #partAfter(edgeS: number, halfS: number): number {
    const { scale } = this
    const from = scale.indexAt(edgeS - halfS, this.#sampleS)
    const edge = scale.indexAt(edgeS, this.#sampleS)
    const to = scale.indexAt(edgeS + halfS, this.#sampleS)
    return (to - edge) / (to - from)
  }

  /**
   * Mean level of a lit symbol, 1, or a black one, -1. Where samples keep time with symbols their edges are known to a
   * sample only: then the first or the last sample of a symbol may be one of the symbol beside it.
   */
  #symbol(fromS: number, toS: number, sign: 1 | -1): number {
    const { scale, polarity } = this
    let from = scale.indexAt(fromS, this.#sampleS)
    let to = scale.indexAt(toS, this.#sampleS)
    const step = LEAST_LIT * this.#amplitude
    if (step ** 2 > CLEAR_SAMPLE * (to - from) * this.#noise) {
      const isOther = (n: number): boolean =>
        sign * (polarity * scale.sum(n, n + 1) - this.#black - step) < 0
      if (to - from > 1 && isOther(from)) from++
      if (to - from > 1 && isOther(to - 1)) to--
    }
    return (polarity * scale.sum(from, to)) / (to - from)
  }

  /** Level of the first half of a symbol, and of the second. */
  #begun(atS: number, symbolS: number, guardS: number): number {
    return this.#mean(atS + guardS, atS + symbolS / 2)
  }

  #settled(atS: number, symbolS: number, settledS: number): number {
    return this.#mean(atS + symbolS / 2, atS + symbolS - settledS)
  }

  /** From one quarter of a symbol to the next. */
  #change(atS: number, quarterS: number): number {
    const middleS = atS + quarterS
    return this.#mean(middleS, middleS + quarterS) - this.#mean(atS, middleS)
  }

  /** Mean level of the samples from one time up to another; NaN where there are none. */
  #mean(fromS: number, toS: number): number {
    return this.polarity * this.scale.meanBetween(fromS, toS, this.#sampleS)
  }
}
