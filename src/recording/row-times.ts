import { FARTHEST_S } from '../light/samples.js'
import { RecordingError } from './errors.js'
import type { ReadOptions } from './recording.js'
import type { Timebase } from './text/timebase.js'

/** Rows whose times are earlier than one before them, one after another, are no slip: another capture begins. */
const MOST_LATE_ROWS = 16

/** The times of rows, as they tell them or by a sample rate. */
export class RowTimes {
  /** Seconds in one unit of the times that rows tell. */
  readonly unitS: number
  /** Between two rows; null where they tell their times themselves. */
  readonly sampleS: number | null
  readonly #startS: number
  #rows = 0
  #newestS = Number.NEGATIVE_INFINITY
  #lateRows = 0

  /**
   * @param told what the file tells: whether its rows have times, in which unit, and what it says of its samples
   * @param fault makes an error that names the row
   * @throws RecordingError where nothing tells the times
   */
  constructor(
    told: {
      readonly hasTimes: boolean
      readonly unitS: number | null
      readonly timebase: Timebase | null
    },
    { sampleRateHz, timeUnitS }: ReadOptions,
    private readonly fault: (what: string, code: 'range' | 'order') => RecordingError,
  ) {
    const toldS = told.hasTimes ? null : (told.timebase?.sampleS ?? null)
    this.sampleS = sampleRateHz ? 1 / sampleRateHz : toldS
    if (this.sampleS === null && !told.hasTimes) {
      throw new RecordingError(
        'rate',
        'the file tells neither times nor a sample rate: give the sample rate',
      )
    }
    this.#startS = sampleRateHz ? 0 : (told.timebase?.startS ?? 0)
    this.unitS = timeUnitS ?? told.unitS ?? 1
  }

  /** Whether any row was taken. */
  get hasRows(): boolean {
    return this.#newestS > Number.NEGATIVE_INFINITY
  }

  /**
   * The time of the next row in seconds; NaN where it is to be left out, as it is earlier than one before it.
   *
   * @param toldS what the row tells, in seconds
   * @throws RecordingError for a time that is too far, and for too many in a row that are too early
   */
  next(toldS: number): number {
    const timeS = this.sampleS === null ? toldS : this.#startS + this.#rows++ * this.sampleS
    if (!(Math.abs(timeS) < FARTHEST_S)) {
      throw this.fault('the time is farther than 10^10 s from zero: check its unit', 'range')
    }
    if (timeS < this.#newestS) {
      if (++this.#lateRows < MOST_LATE_ROWS) return Number.NaN
      throw this.fault(
        `the times of ${MOST_LATE_ROWS} rows are earlier than one before them: give one capture at a time`,
        'order',
      )
    }
    this.#lateRows = 0
    this.#newestS = timeS
    return timeS
  }
}
