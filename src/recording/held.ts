import { RecordingError } from './errors.js'
import { MOST_VALUES, type ValueBlock } from './recording.js'
import { LEAST_SPAN_S, shown } from './time-guard.js'

/** Changes that tell how fast the signal is. */
const FIRST_CHANGES = 4096
const STEPS_PER_STRETCH = 8
const STEPS_S = [50e-6, 10e-3] as const
/** No message stays at one level for longer; what is between its ends is left out, which is a gap. */
const MOST_STRETCH_S = 2
const FILLED_S = 1
const BLOCK_ROWS = 4096
/** Fewer changes tell nothing of their times. */
const FEWEST_CHANGES = 16
/** Half of the changes of the slowest message that is read, 5 symbols a second, are one symbol apart, or nearer. */
const MOST_USUAL_STRETCH_S = 0.5

/**
 * Makes evenly spaced values of channels of which a file tells only the changes: the means, over equal steps, of values that are held
 * until the next change, each at the middle of its step. So a line with PWM becomes the light that it makes. A step is an eighth of the
 * shortest stretch between the first 4,096 changes, from 50 µs to 10 ms. Of a stretch longer than 2 s the first and the last second are
 * filled. What is held at the end lasts until the last row, or for 1 s if that is a change itself.
 */
export class HeldMeans {
  /** Rows that have come until the step is known. */
  #first: { readonly timeS: number; readonly row: Float64Array }[] | null = []
  #startS = 0
  #stepS = 0
  #lastS = 0
  /** What is held, nothing at first, since when. */
  readonly #held: Float64Array
  #heldS = 0
  /** The step that is begun, and of each channel the sum of value × time, and the time, so far. */
  #step = 0
  readonly #sums: Float64Array
  readonly #weightsS: Float64Array
  #timesS = new Float64Array(BLOCK_ROWS)
  #values: Float64Array[]
  #rows = 0
  #allRows = 0
  #changes = 0
  #blocks: ValueBlock[] = []

  /** @param most values in all: bounds how long a small file may take */
  constructor(
    private readonly channelCount: number,
    private readonly most = MOST_VALUES,
  ) {
    this.#held = new Float64Array(channelCount).fill(Number.NaN)
    this.#sums = new Float64Array(channelCount)
    this.#weightsS = new Float64Array(channelCount)
    this.#values = this.#emptyColumns()
  }

  /**
   * Takes the next rows.
   *
   * @param timesS never less than the one before
   * @param values of all channels
   * @throws RecordingError when no message changes so slowly, or a small file stands for too many values
   */
  *push(timesS: ArrayLike<number>, values: readonly ArrayLike<number>[]): Generator<ValueBlock> {
    for (let i = 0; i < timesS.length; i++) {
      const timeS = timesS[i] as number
      this.#lastS = timeS
      if (!this.#isChange(values, i)) continue
      this.#changes++
      if (!this.#first) this.#hold(timeS)
      for (let channel = 0; channel < this.channelCount; channel++) {
        this.#held[channel] = (values[channel] as ArrayLike<number>)[i] as number
      }
      this.#heldS = timeS
      this.#first?.push({ timeS, row: this.#held.slice() })
      if (this.#first && this.#first.length > FIRST_CHANGES) this.#begin(this.#first)
      if (this.#blocks.length > 0) yield* this.#blocks.splice(0)
    }
  }

  /** @throws RecordingError as `push`, and when there are changes, but for too short a time */
  *end(): Generator<ValueBlock> {
    if (this.#first?.length === 0) return
    if (this.#first) this.#begin(this.#first)
    const spanS = this.#heldS - this.#startS
    if (this.#changes >= FEWEST_CHANGES && spanS < LEAST_SPAN_S) {
      throw unitFault(`all of them are within ${shown(spanS)} s`)
    }
    this.#hold(this.#lastS > this.#heldS ? this.#lastS : this.#heldS + FILLED_S)
    this.#take()
    yield* this.#blocks
  }

  #isChange(values: readonly ArrayLike<number>[], at: number): boolean {
    for (let channel = 0; channel < this.channelCount; channel++) {
      const value = (values[channel] as ArrayLike<number>)[at]
      if (!Object.is(value, this.#held[channel])) return true
    }
    return false
  }

  /** Finds the step, and reads the rows that have come. */
  #begin(first: readonly { readonly timeS: number; readonly row: Float64Array }[]): void {
    this.#first = null
    const stretchesS = Float64Array.from(
      first.slice(1),
      ({ timeS }, i) => timeS - (first[i]?.timeS ?? timeS),
    ).sort()
    const usualS = stretchesS[stretchesS.length >> 1] ?? 0
    if (first.length >= FEWEST_CHANGES && usualS > MOST_USUAL_STRETCH_S) {
      throw unitFault(`they are ${shown(usualS)} s apart`)
    }
    const shortestS = stretchesS.find((stretchS) => stretchS > 0) ?? Number.POSITIVE_INFINITY
    const [least, most] = STEPS_S
    this.#stepS = Math.min(most, Math.max(least, shortestS / STEPS_PER_STRETCH))
    this.#startS = first[0]?.timeS ?? 0
    this.#heldS = this.#startS
    for (const { timeS, row } of first) {
      this.#hold(timeS)
      this.#held.set(row)
      this.#heldS = timeS
    }
  }

  get #stepEndS(): number {
    return this.#startS + (this.#step + 1) * this.#stepS
  }

  /** Holds what is held until a time. */
  #hold(untilS: number): void {
    if (untilS - this.#heldS <= MOST_STRETCH_S) {
      this.#fill(this.#heldS, untilS)
      return
    }
    this.#fill(this.#heldS, this.#heldS + FILLED_S)
    this.#forgetPart()
    const againS = untilS - FILLED_S
    this.#step = Math.max(this.#step, Math.floor((againS - this.#startS) / this.#stepS))
    if (this.#stepEndS <= againS) this.#step++ // which rounding may ask for
    this.#fill(againS, untilS)
  }

  #fill(fromS: number, untilS: number): void {
    const held = this.#held
    for (let atS = fromS; atS < untilS; ) {
      const stepEndS = this.#stepEndS
      if (untilS < stepEndS) {
        this.#addPart(held, untilS - atS)
        return
      }
      if (atS === this.#startS + this.#step * this.#stepS) {
        for (let i = 0; i < held.length; i++) this.#setMean(i, held[i] as number)
      } else {
        this.#addPart(held, stepEndS - atS)
        for (let i = 0; i < held.length; i++) {
          this.#setMean(i, (this.#sums[i] as number) / (this.#weightsS[i] as number))
        }
        this.#forgetPart()
      }
      this.#endStep()
      atS = stepEndS
    }
  }

  #addPart(held: Float64Array, partS: number): void {
    for (let i = 0; i < held.length; i++) {
      const value = held[i] as number
      if (Number.isNaN(value)) continue
      ;(this.#sums[i] as number) += value * partS
      ;(this.#weightsS[i] as number) += partS
    }
  }

  #forgetPart(): void {
    this.#sums.fill(0)
    this.#weightsS.fill(0)
  }

  #setMean(channel: number, mean: number): void {
    ;(this.#values[channel] as Float64Array)[this.#rows] = mean
  }

  #endStep(): void {
    if (++this.#allRows * this.channelCount > this.most) {
      throw new RecordingError(
        'too-large',
        `the recording holds more than ${this.most / 2 ** 20} Mi values: shorten it`,
      )
    }
    this.#timesS[this.#rows++] = this.#startS + (this.#step++ + 0.5) * this.#stepS
    if (this.#rows === BLOCK_ROWS) this.#take()
  }

  #take(): void {
    if (this.#rows === 0) return
    const rows = this.#rows
    this.#blocks.push({
      firstChannel: 0,
      timesS: this.#timesS.subarray(0, rows),
      values: this.#values.map((values) => values.subarray(0, rows)),
    })
    this.#timesS = new Float64Array(BLOCK_ROWS)
    this.#values = this.#emptyColumns()
    this.#rows = 0
  }

  #emptyColumns(): Float64Array[] {
    return Array.from({ length: this.channelCount }, () => new Float64Array(BLOCK_ROWS))
  }
}

const unitFault = (found: string): RecordingError =>
  new RecordingError(
    'unit',
    `the file has changes only, and ${found}: no message is so; give the unit of its times`,
  )
