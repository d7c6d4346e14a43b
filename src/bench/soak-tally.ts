import type { RigError } from '../rig/errors.js'
import type { Figure, FigureName, Witness } from './figures.js'
import type { LoopbackReport } from './loopback.js'
import { binomialInterval, type Interval } from './statistics.js'
import { Trend, type Uncertain } from './trend.js'
import type { VerdictFailure } from './verdict.js'

/** What is followed from message to message, by names that end with the unit; null where a message does not show it. */
const FOLLOWED = {
  'margin-pct': ({ reception }) => times(100, reception.quality.leastCertainBit?.margin),
  'eye-height-pct': ({ reception }) => times(100, reception.quality.eyeHeight),
  'eye-width-pct': ({ reception }) => times(100, reception.quality.eyeWidth),
  'snr-db': ({ reception }) => reception.quality.snrDb,
  'grey-ratio': ({ reception }) => ('greyRatio' in reception ? reception.greyRatio : null),
  'black-pct': ({ reception }) => times(100, reception.levels.black),
  'grey-pct': ({ reception }) => times(100, reception.levels.grey),
  'white-pct': ({ reception }) => times(100, reception.levels.white),
  'swing-pct': ({ reception }) => times(100, reception.quality.swing),
  'flicker-peak-pct': ({ reception }) => times(100, reception.quality.flicker?.peak),
  'rate-error-ppm': ({ light }) => times(1e6, light?.rateError),
  'timing-spread-us': ({ reception }) =>
    'timingSpread' in reception ? 1e6 * reception.timingSpread.rmsS : null,
  'begin-late-us': ({ light }) => times(1e6, light?.beginLateS),
} as const satisfies Readonly<
  Partial<Record<FigureName, (report: LoopbackReport) => number | null>>
>

const times = (factor: number, value: number | null | undefined): number | null =>
  value === null || value === undefined ? null : factor * value

export type TrendName = keyof typeof FOLLOWED
export const TREND_NAMES = Object.keys(FOLLOWED) as readonly TrendName[]

/** The figures of a single message, of which nobody knows by how much they are off by chance. */
export const messageFigures = (report: LoopbackReport): Figure[] =>
  TREND_NAMES.map((name) => {
    return { name, witness: 'samples', value: FOLLOWED[name](report), uncertainty: null }
  })

/** A message of a soak. */
export interface SoakMessage {
  /** From 1 on. */
  readonly number: number
  /** Since the first one, by the clock of what sees them. */
  readonly timeS: number
  /** Why it failed; null for a pass. */
  readonly reason: VerdictFailure | null
  readonly values: Readonly<Record<TrendName, number | null>>
}

/** The rig failed, or was lost: that is no failure of the light. */
export interface SoakError {
  /** How many messages were judged before. */
  readonly afterMessages: number
  readonly timeS: number
  readonly error: RigError
}

export interface SoakTrend {
  readonly trend: Trend
  readonly mean: Uncertain | null
  readonly perHour: Uncertain | null
}

/** What came of the messages so far. */
export interface SoakResult {
  readonly messages: number
  readonly passed: number
  /** What share of all messages may pass, with 95 % confidence; null without messages. */
  readonly passShare: Interval | null
  /** How many failed, by the reason, the most frequent first. */
  readonly reasons: ReadonlyMap<VerdictFailure, number>
  /** The first that failed, no more than `MOST_KEPT`. */
  readonly failures: readonly SoakMessage[]
  readonly rigErrors: number
  /** The first of them, no more than `MOST_KEPT`. */
  readonly errors: readonly SoakError[]
  /** From the first message to the end of the last one. */
  readonly durationS: number
  readonly trends: Readonly<Record<TrendName, SoakTrend>>
  /** Every so-manieth message: all of them as long as there are no more than `MOST_KEPT`. */
  readonly sampled: readonly SoakMessage[]
  readonly everyNth: number
}

/** Of single messages more would be kept than anybody reads, and a soak of days must not grow. */
export const MOST_KEPT = 1000

/** Counts and follows the messages of a soak, in constant memory. */
export class SoakTally {
  #messages = 0
  #passed = 0
  #rigErrors = 0
  #durationS = 0
  readonly #reasons = new Map<VerdictFailure, number>()
  readonly #failures: SoakMessage[] = []
  readonly #errors: SoakError[] = []
  readonly #trends = new Map<TrendName, Trend>(TREND_NAMES.map((name) => [name, new Trend()]))
  #sampled: SoakMessage[] = []
  #everyNth = 1

  /** @param timeS of its start, and of its end, since the first one */
  add(report: LoopbackReport, [timeS, endS]: readonly [timeS: number, endS: number]): SoakMessage {
    const { reason } = report
    const values = Object.fromEntries(
      TREND_NAMES.map((name) => [name, FOLLOWED[name](report)]),
    ) as SoakMessage['values']
    const message = { number: ++this.#messages, timeS, reason, values }
    this.#durationS = Math.max(this.#durationS, endS)
    for (const [name, trend] of this.#trends) {
      const value = values[name]
      if (value !== null) trend.push(timeS, value)
    }
    if (reason === null) this.#passed++
    else {
      this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1)
      if (this.#failures.length < MOST_KEPT) this.#failures.push(message)
    }
    this.#sample(message)
    return message
  }

  addError(error: RigError): SoakError {
    this.#rigErrors++
    const entry = { afterMessages: this.#messages, timeS: this.#durationS, error }
    if (this.#errors.length < MOST_KEPT) this.#errors.push(entry)
    return entry
  }

  get durationS(): number {
    return this.#durationS
  }

  get result(): SoakResult {
    const [messages, passed] = [this.#messages, this.#passed]
    return {
      messages,
      passed,
      passShare: messages === 0 ? null : binomialInterval(passed, messages),
      reasons: new Map([...this.#reasons].sort(([, a], [, b]) => b - a)),
      failures: [...this.#failures],
      rigErrors: this.#rigErrors,
      errors: [...this.#errors],
      durationS: this.#durationS,
      trends: Object.fromEntries(
        Array.from(this.#trends, ([name, trend]) => {
          return [name, { trend, mean: trend.mean, perHour: trend.perHour }]
        }),
      ) as SoakResult['trends'],
      sampled: [...this.#sampled],
      everyNth: this.#everyNth,
    }
  }

  #sample(message: SoakMessage): void {
    if ((message.number - 1) % this.#everyNth !== 0) return
    if (this.#sampled.length === MOST_KEPT) {
      this.#sampled = this.#sampled.filter((_, n) => n % 2 === 0)
      this.#everyNth *= 2
      if ((message.number - 1) % this.#everyNth !== 0) return
    }
    this.#sampled.push(message)
  }
}

/** The figures of a soak: of all messages, as far as they showed them. */
export function soakFigures(result: SoakResult): Figure[] {
  const { messages, passed, passShare, rigErrors, trends } = result
  const figure = (
    name: FigureName,
    value: number | null,
    uncertainty: number | null,
    witness: Witness | null = 'samples',
  ): Figure => ({ name, witness, value, uncertainty })
  const mean = (name: TrendName): Figure =>
    figure(name, trends[name].mean?.value ?? null, trends[name].mean?.uncertainty ?? null)
  const drift = (name: FigureName, of: TrendName): Figure =>
    figure(name, trends[of].perHour?.value ?? null, trends[of].perHour?.uncertainty ?? null)
  // By how much an extreme may be off by chance nobody knows.
  const end = (name: FigureName, of: TrendName, which: 'min' | 'max'): Figure =>
    figure(name, trends[of].trend.all?.[which] ?? null, null)
  const passRate = messages === 0 ? null : passed / messages
  const offBy =
    passRate !== null && passShare
      ? 100 * Math.max(passRate - passShare[0], passShare[1] - passRate)
      : null
  return [
    figure('messages', messages, 0, null),
    figure('pass-rate-pct', times(100, passRate), offBy, null),
    figure('rig-errors', rigErrors, 0, null),
    mean('margin-pct'),
    end('margin-least-pct', 'margin-pct', 'min'),
    drift('margin-drift-pct-per-h', 'margin-pct'),
    mean('eye-height-pct'),
    end('eye-height-least-pct', 'eye-height-pct', 'min'),
    mean('snr-db'),
    end('snr-least-db', 'snr-db', 'min'),
    mean('grey-ratio'),
    drift('grey-ratio-drift-per-h', 'grey-ratio'),
    mean('black-pct'),
    drift('black-drift-pct-per-h', 'black-pct'),
    mean('swing-pct'),
    drift('swing-drift-pct-per-h', 'swing-pct'),
    end('flicker-peak-pct', 'flicker-peak-pct', 'max'),
    mean('rate-error-ppm'),
    drift('rate-drift-ppm-per-h', 'rate-error-ppm'),
    mean('timing-spread-us'),
    mean('begin-late-us'),
  ]
}
