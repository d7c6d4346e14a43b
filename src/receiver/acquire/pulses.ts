import type { Scale } from './scale.js'

// Stretches kept, a power of two for the index mask: a sync of 48 symbols and its marker.
const KEPT = 128
const MASK = KEPT - 1
const BLOCK = 16
// So many samples of steady light are read at once, as nothing of them is waited for.
const STEADY_BLOCK = 4 * BLOCK

// The light has turned when it is back from its extreme by so many times the noise (rms) of a sample: an extreme of thousands
// of samples lies 4 above their mean, so that 6 are left to what is by chance.
const CLEAR_NOISE = 10
// The least turn, as a part of full scale: some steps of a 10-bit ADC, which hides noise that is smaller.
const LEAST_TURN = 0.008
// And this part of the height of pulses: well below a dark grey, and well above what else flickers a little. The height follows
// what is higher faster, so that grey does not hide behind white. Fitted on uneven clocks, with and without noise.
const TURN = 0.15
const HIGHER_GAIN = 1 / 2
const LOWER_GAIN = 1 / 16

// Places in the state: the most or the least that the stretch was so far, the height of pulses, below which step a quarter of all
// from one sample to the next are, and how long samples take to fill a block.
const EXTREME = 0
const HEIGHT = 1
const STEP = 2
const BLOCK_S = 3

// The noise is told by the quarter of all steps between two samples that is least, as others may be edges: its bound is at 0.3186
// of their rms, which is sqrt(2) times that of a sample.
const QUARTER_STEP = 0.3186 * Math.SQRT2
// It follows each block, by 1.5 % up or thrice that down, at first by more.
const STEP_GAIN = 0.015
const LEAST_STEP = 1e-5

// How high pulses were is forgotten after 20 symbols of the slowest rate, 5 Hz, without any.
const FORGOTTEN_AFTER_S = 4

// The part of a stretch that settles; fitted on slow sensors.
const SETTLING = 0.25

// What remains of the way to a level when a stretch ends, as a part of what it was at first: from where on it is not settled, and the
// most from which a level is told. A stretch has settled after so many time constants. Fitted on slow sensors with uneven clocks.
const UNSETTLED = 0.05
const MOST_TO_GO = 0.8
const SETTLED_AFTER = 5
const REMAINS_GAIN = 1 / 8

/**
 * Cuts the light of one scale into stretches that are low and high by turns, as they come: without any clock, so that a symbol
 * may last for one sample or a thousand.
 *
 * The level has turned where it is back from the extreme of its stretch by more than noise makes of it, and than a part of what
 * pulses were high (a zigzag with hysteresis).
 */
export class PulseFollower {
  /** Stretches that have begun; the last one still goes on, and only those before have levels. */
  count = 0
  /** Length and end of the last gap between samples that was longer than some blocks of them. */
  gapS = 0
  gapEndS = -Infinity
  readonly #levels = new Float64Array(KEPT)
  readonly #startsS = new Float64Array(KEPT)
  /** Of the stretch that goes on: whether it is high, its first sample, and where it was most or least. */
  #isHigh = false
  #from = 0
  #extremeAt = 0
  /** The next sample to be read. */
  #at = 0
  /** What changes with the samples: in an array, as numbers of an object are allocated anew when they change. */
  readonly #state = Float64Array.of(Infinity, 0, 0, Infinity)
  /** Of a sensor with one pole: the part of the way to its level that remains after a sample, when it falls and when it rises. */
  readonly #remains = new Float64Array(2)

  constructor(readonly scale: Scale) {}

  /** Whether it is time to read: steady light is read in larger pieces. */
  get isDue(): boolean {
    return this.#state[HEIGHT] !== 0 || this.scale.count % STEADY_BLOCK === 0
  }

  /** Reads the samples that the scale has got. */
  read(): void {
    const { scale } = this
    while (this.#at < scale.count) {
      const to = Math.min(scale.count, this.#at + BLOCK)
      this.#lookForGap(to)
      if (this.#at === 0) this.#start(to)
      this.#followNoise(to)
      this.#follow(to)
      this.#at = to
    }
  }

  /** Whether a stretch is high. */
  isHigh(index: number): boolean {
    return (this.count - index) % 2 === 0 ? !this.#isHigh : this.#isHigh
  }

  /** When a stretch began. */
  startS(index: number): number {
    return this.#startsS[index & MASK] as number
  }

  /** Level of a stretch when it has settled; of the last one, as far as it is there. */
  level(index: number): number {
    return index === this.count - 1
      ? this.#settled(this.scale.count)
      : (this.#levels[index & MASK] as number)
  }

  /** Level of a stretch less that of those beside it; of neither of the last two. */
  height(index: number): number {
    const levels = this.#levels
    const beside = (levels[(index - 1) & MASK] as number) + (levels[(index + 1) & MASK] as number)
    return (levels[index & MASK] as number) - beside / 2
  }

  /** Index of the oldest stretch that is still known. */
  get oldest(): number {
    return Math.max(0, this.count - KEPT)
  }

  #start(to: number): void {
    const steps = Array.from({ length: to - 1 }, (_, n) => Math.abs(this.#stepAt(n + 1)))
    this.#state[STEP] = Math.max(LEAST_STEP, steps.sort((a, b) => a - b)[steps.length >> 2] ?? 0)
    this.count = 1
    this.#startsS[0] = this.scale.timeS(0)
  }

  /** A whole block that takes more than twice as long as the one before has a gap. */
  #lookForGap(to: number): void {
    const state = this.#state
    const usualS = state[BLOCK_S] as number
    const blockS = this.scale.timeS(to - 1) - this.scale.timeS(Math.max(0, this.#at - 1))
    if (blockS > 2 * usualS) {
      this.gapS = blockS - usualS
      this.gapEndS = this.scale.timeS(to - 1)
    } else if (to - this.#at === BLOCK) state[BLOCK_S] = blockS
  }

  #followNoise(to: number): void {
    const state = this.#state
    const known = state[STEP] as number
    const gain = 1 + Math.max(STEP_GAIN, BLOCK / (to + BLOCK))
    const isMore = Math.abs(this.#stepAt(to - 1)) > known
    state[STEP] = Math.max(LEAST_STEP, isMore ? known * gain : known / (gain * gain * gain))
  }

  #stepAt(n: number): number {
    return n > 0 ? this.#sample(n) - this.#sample(n - 1) : 0
  }

  #sample(n: number): number {
    return this.scale.sum(n, n + 1)
  }

  /** The most that the noise of samples makes of a level, from its least to its most. */
  get #noise(): number {
    return Math.max(LEAST_TURN, (CLEAR_NOISE / QUARTER_STEP) * (this.#state[STEP] as number))
  }

  /** How far the level is back from its extreme when it has turned. */
  get #turn(): number {
    return Math.max(this.#noise, TURN * (this.#state[HEIGHT] as number))
  }

  #follow(to: number): void {
    const { scale } = this
    const state = this.#state
    for (let n = this.#at; ; n++) {
      const extreme = state[EXTREME] as number
      const turned = this.#isHigh ? extreme - this.#turn : extreme + this.#turn
      n = scale.firstOutside(Math.min(extreme, turned), Math.max(extreme, turned), n, to)
      if (n === to) break
      const level = this.#sample(n)
      if (this.#isHigh ? level < extreme : level > extreme) this.#turnAt(n)
      state[EXTREME] = level
      this.#extremeAt = n
    }
    const sinceS = scale.timeS(to - 1) - this.startS(this.count - 1)
    if (sinceS > FORGOTTEN_AFTER_S) state[HEIGHT] = 0
  }

  /** A stretch ends, and the next one begins at a sample. */
  #turnAt(n: number): void {
    const ended = this.count - 1
    const settled = this.#settled(n)
    this.#levels[ended & MASK] = settled
    if (ended > 0) {
      const height = Math.abs(settled - this.level(ended - 1))
      const known = this.#state[HEIGHT] as number
      this.#state[HEIGHT] = known + (height > known ? HIGHER_GAIN : LOWER_GAIN) * (height - known)
    }
    this.#startsS[this.count++ & MASK] = this.scale.timeAtS(n - 0.5)
    this.#isHigh = !this.#isHigh
    this.#from = n
  }

  /**
   * Level of the stretch that goes on, up to a sample: its mean without its edges and without the first part, in which the sensor
   * settles; where it was too short for that, what the sensor was on the way to.
   */
  #settled(end: number): number {
    const { scale } = this
    const extreme = this.#state[EXTREME] as number
    const first = Math.max(this.#from, scale.oldest)
    let to = end
    while (to - 1 > first && !this.#isNear(extreme, to - 1)) to--
    let from = first
    while (from + 1 < to && !this.#isNear(extreme, from)) from++
    from += Math.floor(SETTLING * (to - from))
    const direction = this.#isHigh ? 1 : 0
    const remains = this.#remains[direction] as number
    if (this.#extremeAt > first && remains ** (to - first) > UNSETTLED) {
      const part = Math.min(remains ** (this.#extremeAt - first), MOST_TO_GO)
      return (extreme - part * this.#sample(first)) / (1 - part)
    }
    const level = scale.sum(from, to) / (to - from)
    this.#learnRemains(direction, first, to, level)
    return level
  }

  /** Whether noise alone may have moved a sample away from an extreme. */
  #isNear(extreme: number, n: number): boolean {
    return Math.abs(this.#sample(n) - extreme) <= this.#noise / 2
  }

  /** One pole comes nearer to its level by the same part from each sample to the next: the sum of a geometric series. */
  #learnRemains(direction: number, from: number, to: number, level: number): void {
    const first = Math.abs(level - this.#sample(from))
    const sum = Math.abs((to - from) * level - this.scale.sum(from, to))
    const remains = first > this.#noise / 2 && sum > first ? 1 - first / sum : 0
    if ((1 - remains) * (to - from) < SETTLED_AFTER) return
    const known = this.#remains[direction] as number
    this.#remains[direction] = known + REMAINS_GAIN * (remains - known)
  }
}
