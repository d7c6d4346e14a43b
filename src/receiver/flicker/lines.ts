/** Of a lamp's lines: the fundamental is the first. `levelOf` is written for so many. */
export const HARMONICS = 4

// Entries of the sine's table in a turn: the nearest one is off by a part in 1,300 at most, 62 dB below.
const TURN = 4096
const QUARTER = TURN / 4
/** A sine, with a quarter more so that it holds the cosine. */
const SINE = Float64Array.from({ length: TURN + QUARTER }, (_, n) =>
  Math.sin((2 * Math.PI * n) / TURN),
)

/** Index in the table of a phase in turns. */
const entryOf = (phase: number): number => (phase * TURN + 0.5) & (TURN - 1)

export const sine = (phase: number): number => SINE[entryOf(phase)] as number
export const cosine = (phase: number): number => SINE[entryOf(phase) + QUARTER] as number

// Samples are evenly spaced where their phase is by this part of a turn of the highest line.
const EVEN_TURNS = 1e-3

// Lines of light that is on and off for equally long: without a second harmonic, and with a third of 1/3 as its phase has it; as
// parts of the fundamental they are off by less. What rectifies the mains has a second one, and no clear third.
// Fitted on syncs that last as long as a lamp, and on lamps.
const OFF_SQUARE = 0.12

/** A fundamental and its harmonics: each has a phasor, and is re cos - im sin of its phase. */
export class Lines {
  readonly re = new Float64Array(HARMONICS)
  readonly im = new Float64Array(HARMONICS)

  constructor(
    /** Of the fundamental. */
    public frequencyHz: number,
    /** When the fundamental's phase is zero. */
    public startS: number,
  ) {}

  /** Their sum where the fundamental's phase has this cosine and sine, by Horner's rule; a loop is three times slower. */
  levelOf(cos: number, sin: number): number {
    const re = this.#re(3)
    const im = this.#im(3)
    const re3 = this.#re(2) + re * cos - im * sin
    const im3 = this.#im(2) + re * sin + im * cos
    const re2 = this.#re(1) + re3 * cos - im3 * sin
    const im2 = this.#im(1) + re3 * sin + im3 * cos
    const re1 = this.#re(0) + re2 * cos - im2 * sin
    const im1 = this.#im(0) + re2 * sin + im2 * cos
    return re1 * cos - im1 * sin
  }

  /** Takes them away from the samples from one index to another. */
  takeFrom(timesS: Float64Array, levels: Float64Array, from: number, to: number): void {
    const { frequencyHz, startS } = this
    const stepS = ((timesS[to - 1] as number) - (timesS[from] as number)) / (to - 1 - from)
    const stepCos = Math.cos(2 * Math.PI * frequencyHz * stepS)
    const stepSin = Math.sin(2 * Math.PI * frequencyHz * stepS)
    const unevenS = EVEN_TURNS / (HARMONICS * frequencyHz)
    let [evenS, cos, sin] = [Number.NEGATIVE_INFINITY, 0, 0]
    for (let n = from; n < to; n++) {
      const timeS = timesS[n] as number
      if (Math.abs(timeS - evenS) > unevenS) {
        const phase = frequencyHz * (timeS - startS)
        cos = cosine(phase)
        sin = sine(phase)
        evenS = timeS
      }
      levels[n] = (levels[n] as number) - this.levelOf(cos, sin)
      const turned = cos * stepCos - sin * stepSin
      sin = sin * stepCos + cos * stepSin
      cos = turned
      evenS += stepS
    }
  }

  #re(k: number): number {
    return this.re[k] as number
  }

  #im(k: number): number {
    return this.im[k] as number
  }

  /** When the fundamental rises through zero, at some time or less than a period before. */
  riseS(timeS: number): number {
    const phase = Math.atan2(this.im[0] as number, this.re[0] as number) / (2 * Math.PI)
    const periods = this.frequencyHz * (timeS - this.startS) + 0.25 + phase
    return timeS - (periods - Math.floor(periods)) / this.frequencyHz
  }

  /** Whether they are those of a square wave: light that blinks between two levels, as a sync does, and hardly any lamp. */
  get isSquare(): boolean {
    const size = Math.hypot(this.re[0] as number, this.im[0] as number)
    const angle = Math.atan2(this.im[0] as number, this.re[0] as number)
    const thirdRe = (this.re[2] as number) + (Math.cos(3 * angle) * size) / 3
    const thirdIm = (this.im[2] as number) + (Math.sin(3 * angle) * size) / 3
    const off = Math.hypot(this.re[1] as number, this.im[1] as number, thirdRe, thirdIm)
    return off < OFF_SQUARE * size
  }

  copy(): Lines {
    const lines = new Lines(this.frequencyHz, this.startS)
    lines.re.set(this.re)
    lines.im.set(this.im)
    return lines
  }

  /** The most that their sum deviates from its mean. */
  get peak(): number {
    let peak = 0
    for (let n = 0; n < 64; n++) {
      peak = Math.max(peak, Math.abs(this.levelOf(cosine(n / 64), sine(n / 64))))
    }
    return peak
  }

  /** Sum of the squared phasors, weighted with a power of their order. */
  power(exponent: number): number {
    let sum = 0
    for (let k = 0; k < HARMONICS; k++) {
      sum += (k + 1) ** exponent * ((this.re[k] as number) ** 2 + (this.im[k] as number) ** 2)
    }
    return sum
  }
}
