import { DEFAULT_GREY_RATIO, SYMBOLS_PER_BIT } from '../../modulation/index.js'
import { fitLine } from './fit-line.js'
import type { TimingSpread } from './quality.js'

// More than the 2,072 bits of the longest message after its sync.
const EDGES = 4096

// What is before an edge is told by the line through so many edges from it on.
const LINE_EDGES = 256

// Without a marker so many of the newest edges are taken for the message's own.
const NEWEST = 8

// An edge before those that are known to be the message's own is one of them, too, if its bit is as bright as the grey ones after
// it: as parts of what these come to, which follows each by a quarter.
const LEAST_LIGHT = 0.5
const MOST_LIGHT = 2
const LIGHT_GAIN = 1 / 4
// And if it is where the grid has it, and as long before the next edge as others are, as a part of a bit and of their rms.
const OFF_BITS = 0.15
const OFF_RMS = 4
// Rms deviation of a sync's bits, as a part of grey, that a slow sensor makes of the first ones at least.
const LEAST_RMS = 0.1
// White in these parts, as it is played, and darkness, in which flicker may be in time with the bits.
const WHITE = 1 / DEFAULT_GREY_RATIO
const DARK = 0.2
// Bits that are so much less likely to be of the sync than not, in nats, are before it.
const BEFORE_NATS = 10
// So many edges on end that do not fit are not the message's.
const MISFITS = 2

// From this deviation on (rms, of a symbol) edges have no grid, and only the first of them tells when they began.
const IRREGULAR_SYMBOLS = 0.25

/** What the edges of a message say of its clock, by the clock of the samples. */
export interface Clocking {
  readonly symbolRateHz: number
  /** 95 % half-width of the rate; null with fewer than three edges. */
  readonly symbolRateErrorHz: number | null
  readonly timingSpread: TimingSpread
  /** When the first edge should have been; of a clock that is not regular when it was. */
  readonly startS: number
}

/**
 * The black-to-lit edges that a reading has seen, the last 4,096 of them, and the regular grid that fits those of the message best.
 *
 * A reading may begin with what was before the message, as faint flicker of about its rate seems a sync. Which edges are the
 * message's own is told in hindsight, by those that are known to be: from them back as long as light and time fit.
 */
export class EdgeGrid {
  readonly #timesS: number[] = []
  readonly #swings: number[] = []
  #count = 0
  /** The first edge that is known to be the message's own, and how bright grey is there; null without a marker. */
  #known: { readonly from: number; readonly grey: number } | null = null

  /** The number of the message's first bit, which may be less than that of its first edge here; null without a marker. */
  #firstBit: number | null = null

  /** Takes the next edge, and by how much the light rose. */
  add(timeS: number, swing: number): void {
    this.#timesS[this.#count % EDGES] = timeS
    this.#swings[this.#count++ % EDGES] = swing
  }

  /**
   * The newest edges, so many, are those of a marker, whose grey is so bright.
   *
   * @param lightAt how much brighter the symbol from a time on is than those beside it; NaN where that is not known
   */
  addMarker(
    edges: number,
    grey: number,
    lightAt: (timeS: number, symbolS: number) => number,
  ): void {
    const marker = this.#count - edges
    this.#known = { from: marker, grey }
    const first = this.#count - this.own
    const { slope: bitS, at } = fitLine(this.#timesFrom(first))
    const lightOf = (bit: number): number => lightAt(at(bit - first), bitS / SYMBOLS_PER_BIT)
    this.#firstBit = firstLit(marker, first, lightOf)
  }

  /** How many of the edges, up to the newest, are the message's own. */
  get own(): number {
    let { from: first, grey: light } = this.#known ?? this.#newest
    const oldest = Math.max(0, this.#count - EDGES, this.#firstBit ?? 0)
    // A line is known about as far before its edges as these reach.
    for (let from = Infinity; first < from && this.#count - first > 1; ) {
      from = first
      const { slope: bitS, at, residuals } = fitLine(this.#timesFrom(from, LINE_EDGES))
      const isNear = (offS: number, rmsS: number): boolean =>
        Math.abs(offS) < OFF_BITS * bitS + OFF_RMS * rmsS
      const gridRmsS = rms(residuals)
      const gapRmsS = rms(residuals.slice(1).map((residual, n) => residual - (residuals[n] ?? 0)))
      const until = Math.max(oldest, 2 * from - this.#count)
      for (let edge = from - 1; edge >= until && first - edge <= MISFITS; edge--) {
        const swing = this.#swings[edge % EDGES] ?? 0
        const gapS = (this.#timeS(first) - this.#timeS(edge)) / (first - edge)
        const fits =
          isAlike(swing, light) &&
          isNear(gapS - bitS, gapRmsS) &&
          isNear(this.#timeS(edge) - at(edge - from), gridRmsS)
        if (!fits) continue
        light += LIGHT_GAIN * (swing - light)
        first = edge
      }
    }
    return this.#count - first
  }

  /** The line through the message's own edges, one a bit. Needs at least two edges. */
  fit(): Clocking {
    const { own } = this
    const first = this.#count - own
    const { slope: bitS, slopeError, at, residuals } = fitLine(this.#timesFrom(first))
    const symbolRateHz = SYMBOLS_PER_BIT / bitS
    const rmsS = rms(residuals)
    return {
      symbolRateHz,
      symbolRateErrorHz: slopeError === null ? null : (symbolRateHz * slopeError) / bitS,
      timingSpread: { rmsS, maxS: Math.max(...residuals.map(Math.abs)) },
      startS:
        rmsS * symbolRateHz < IRREGULAR_SYMBOLS
          ? at(Math.min(0, (this.#firstBit ?? first) - first))
          : this.#timeS(first),
    }
  }

  get #newest() {
    const from = Math.max(0, this.#count - EDGES, this.#count - NEWEST)
    const swings = Array.from(
      { length: this.#count - from },
      (_, n) => this.#swings[(from + n) % EDGES] ?? 0,
    )
    return { from, grey: swings.sort((a, b) => a - b)[swings.length >> 1] ?? 0 }
  }

  /** Of so many edges from one on, as far as there are. */
  #timesFrom(edge: number, most = EDGES): number[] {
    const length = Math.min(this.#count - edge, most)
    return Array.from({ length }, (_, n) => this.#timeS(edge + n))
  }

  #timeS(edge: number): number {
    return this.#timesS[edge % EDGES] ?? 0
  }
}

/**
 * The first bit of the sync before a marker: the likeliest place for it to begin, after darkness or after the whites of a message that
 * ended at once before it, in noise and in flicker that may hide any single bit (a cumulative sum of log-likelihood ratios).
 *
 * @param first where the edges have it: from there on the bits tell how bright grey is, and by how much it differs
 */
function firstLit(marker: number, first: number, lightOf: (bit: number) => number): number {
  const zeros = Array.from({ length: marker - first }, (_, n) => lightOf(first + n)).filter(
    (light) => !Number.isNaN(light),
  )
  const grey = zeros.reduce((sum, light) => sum + light / zeros.length, 0)
  if (!(grey > 0)) return first
  const variance = Math.max(rms(zeros.map((light) => light / grey - 1)), LEAST_RMS) ** 2
  let [likeliest, most, sum] = [marker, 0, 0]
  for (let bit = marker - 1; sum > most - BEFORE_NATS; bit--) {
    const light = lightOf(bit) / grey
    if (Number.isNaN(light)) return Math.min(likeliest, first)
    sum += Math.min(natsOfGrey(light, DARK, variance), natsOfGrey(light, WHITE, variance))
    if (sum <= most) continue
    likeliest = bit
    most = sum
  }
  return likeliest
}

/** By how much likelier it is, in nats, that a light is Gaussian around 1 than around another one. */
const natsOfGrey = (light: number, other: number, variance: number): number =>
  ((1 - other) * (light - (1 + other) / 2)) / variance

const isAlike = (swing: number, grey: number): boolean =>
  swing > LEAST_LIGHT * grey && swing < MOST_LIGHT * grey

const rms = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / (values.length || 1))
