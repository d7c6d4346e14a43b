import type { SampleBlock, SampleGap } from '../../light/samples.js'

/** Scans from which the beat is learnt. They are held back so long. */
const SETTLING_SCANS = 64
/** Scans after which the beat is corrected. */
const WINDOW_SCANS = 32
/** By how much of its correction a beat that was measured changes its period. */
const PERIOD_GAIN = 1 / 8
/** A scan may come so much of a period before its beat, as that is known. */
const EARLY_PERIODS = 0.3
/**
 * Lengths of the mean of the scans' phases, from 1 for a beat down to 0 for none: with less the scans do not keep
 * to the beat that is told, with more they keep to one that is measured. By chance 64 scans seldom have 0.4.
 */
const LEAST_TOLD = 0.4
const LEAST_MEASURED = 0.75

/**
 * Cuts a trigger's scans into blocks where scans are missing, and tells how many.
 *
 * The trigger beats steadily. A scan is stamped at its beat or later, as an interrupt or the kernel's thread
 * may be held up; that is no loss, and the next one is in time again. A beat without a scan is: its scan found
 * the last one still at work (iio_trigger_poll of the kernel's industrialio-trigger.c), or the buffer full.
 * Counts are right where scans are late by up to a quarter of a period in any pattern (a tenth where the
 * period has to be measured), or here and there one by up to two thirds. Where they are later all the time the sums are still
 * right to 3 %.
 */
export class ScanBeat {
  /** Beats from one scan to the next, in the middle of the first ones; undefined for a beat that was measured, and before. */
  beatsPerScan: number | undefined
  #held: SampleBlock = { timesS: new Float64Array(), levels: new Float64Array() }
  #isSettled = false
  #periodS: number | undefined
  #isTold = false
  /** The beat of the newest scan. */
  #beatS = 0
  /** Scans told as missing that came after all. */
  #toldTooMany = 0
  /** Since the last correction. */
  #windowScans = 0
  #windowBeats = 0
  #leastLateS = Number.POSITIVE_INFINITY

  /**
   * @param toldPeriodS what the trigger itself tells of its beat. Without, or where the scans keep to another beat, that is
   *   measured, which takes more beats with a scan than without. Where they keep to none no gap is told.
   */
  constructor(private readonly toldPeriodS?: number) {}

  /** Takes the next scans, with strictly increasing times. */
  *take(scans: SampleBlock): Generator<SampleBlock> {
    const block = this.#isSettled ? scans : joined(this.#held, scans)
    const { timesS } = block
    if (!this.#isSettled) {
      this.#held = block
      if (timesS.length < SETTLING_SCANS) return
      this.#settle(timesS.subarray(0, SETTLING_SCANS))
    }
    let from = 0
    let gap: SampleGap | undefined
    for (const [index, timeS] of timesS.entries()) {
      const before = this.#gapBefore(timeS)
      if (!before) continue
      if (index > from) yield part(block, from, index, gap)
      from = index
      gap = before
    }
    if (from < timesS.length) yield part(block, from, timesS.length, gap)
  }

  #settle(timesS: Float64Array): void {
    this.#isSettled = true
    const usualS = median(timesS.subarray(1).map((timeS, i) => timeS - (timesS[i] as number)))
    const periodS = periodOf(timesS, usualS, this.toldPeriodS)
    if (periodS === undefined) return
    this.#periodS = periodS
    this.#isTold = periodS === this.toldPeriodS
    if (this.#isTold) this.beatsPerScan = usualS / periodS
    // A few may be so late that they seem early.
    const [firstS = 0] = timesS
    const meanTurns = meanPhase(timesS, periodS).turns
    const late = timesS.map((timeS) => fromNearest((timeS - firstS) / periodS - meanTurns))
    const beat = late.toSorted()[SETTLING_SCANS / 16] as number
    this.#beatS = firstS - ((late[0] as number) - beat + 1) * periodS
  }

  #gapBefore(timeS: number): SampleGap | undefined {
    const periodS = this.#periodS
    if (periodS === undefined) return undefined
    const startS = this.#beatS + periodS
    const beats = Math.floor((timeS - this.#beatS) / periodS + EARLY_PERIODS)
    let missing = beats - 1
    if (beats < 1) {
      // It comes before its beat: the last scan was so late that it was taken for the next one.
      this.#beatS = timeS
      if (this.#isTold) this.#toldTooMany++
    } else {
      this.#beatS += beats * periodS
      const toldAlready = Math.min(missing, this.#toldTooMany)
      this.#toldTooMany -= toldAlready
      missing -= toldAlready
    }
    this.#windowBeats += Math.max(1, beats)
    this.#leastLateS = Math.min(this.#leastLateS, timeS - this.#beatS)
    if (++this.#windowScans === WINDOW_SCANS) this.#correct(periodS)
    return missing > 0 ? { startS, samples: missing } : undefined
  }

  #correct(periodS: number): void {
    this.#beatS += this.#leastLateS
    if (!this.#isTold)
      this.#periodS = periodS + (PERIOD_GAIN * this.#leastLateS) / this.#windowBeats
    this.#windowScans = 0
    this.#windowBeats = 0
    this.#leastLateS = Number.POSITIVE_INFINITY
  }
}

/** The period of the beat that the scans keep to: the one told, or one near their usual distance; or else the one told, if any. */
function periodOf(
  timesS: Float64Array,
  usualS: number,
  toldS: number | undefined,
): number | undefined {
  const steadiness = (periodS: number): number => meanPhase(timesS, periodS).length
  if (toldS !== undefined && steadiness(toldS) >= LEAST_TOLD) return toldS
  const steps = SETTLING_SCANS * 8
  const near = Array.from({ length: steps / 4 + 1 }, (_, i) => usualS * (1 + i / steps - 1 / 8))
  const best = near.reduce((one, other) => (steadiness(other) > steadiness(one) ? other : one))
  return steadiness(best) >= LEAST_MEASURED ? best : toldS
}

/** The mean of the phases of times within a period, as a vector: its angle in turns, from the first time on, and its length. */
function meanPhase(timesS: Float64Array, periodS: number): { turns: number; length: number } {
  const [firstS = 0] = timesS
  let x = 0
  let y = 0
  for (const timeS of timesS) {
    const angle = (2 * Math.PI * (timeS - firstS)) / periodS
    x += Math.cos(angle)
    y += Math.sin(angle)
  }
  return { turns: Math.atan2(y, x) / (2 * Math.PI), length: Math.hypot(x, y) / timesS.length }
}

const fromNearest = (turns: number): number => turns - Math.round(turns)

const median = (values: Float64Array): number => values.toSorted()[values.length >> 1] as number

function joined(one: SampleBlock, other: SampleBlock): SampleBlock {
  return {
    timesS: Float64Array.of(...one.timesS, ...other.timesS),
    levels: Float64Array.of(...one.levels, ...other.levels),
  }
}

function part({ timesS, levels }: SampleBlock, from: number, to: number, gap?: SampleGap) {
  return {
    timesS: timesS.subarray(from, to),
    levels: levels.subarray(from, to),
    ...(gap && { gap }),
  }
}
