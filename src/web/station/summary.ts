import {
  CYCLE_REASONS,
  CYCLE_STATES,
  type CycleReason,
  type CycleRecord,
  type CycleState,
  OUTCOMES,
  type Outcome,
} from '../../factory/records/cycle-record.js'

/** Of the figures of a cycle, the one that tells how its light was. */
const MARGIN = 'margin-pct'

/** What of a cycle stands in a list. */
export interface CycleRow
  extends Pick<CycleRecord, 'id' | 'number' | 'rig' | 'startedAtMs' | 'deviceId' | 'durationS'> {
  readonly state: CycleState
  readonly outcome: Outcome | null
  readonly reason: CycleReason | null
  /** Of the least certain bit of its light; null where there was none. */
  readonly marginPct: number | null
}

/** Half of the times are not longer than the median, nine of ten not longer than the p90. */
interface Times {
  readonly count: number
  readonly medianS: number
  readonly p90S: number
}

/** Cycles, in figures. A part of nothing is null. */
export interface CyclesSummary {
  readonly counts: Readonly<Record<Outcome, number>>
  /** That passed, of the cycles that have ended and were not aborted. */
  readonly yieldPct: number | null
  /** Of the devices that came to the server: those whose first cycle has passed. */
  readonly firstPassYieldPct: number | null
  readonly devices: number
  /** The most frequent first. */
  readonly reasons: readonly {
    readonly reason: CycleReason
    readonly cause: string
    readonly count: number
  }[]
  /** Of cycles that have passed; null without any. */
  readonly cycleTimes: Times | null
  /** Of each state, in whatever cycle. */
  readonly phases: readonly (Times & { readonly state: CycleState })[]
  /** As it was limited last; null for no limit. */
  readonly leastMarginPct: number | null
}

export function rowOf(cycle: CycleRecord): CycleRow {
  const { id, number, rig, startedAtMs, deviceId, durationS, state, end } = cycle
  const margin = cycle.measurements.find(({ name }) => name === MARGIN)?.value
  return {
    ...{ id, number, rig, startedAtMs, deviceId, durationS, state },
    outcome: end?.outcome ?? null,
    reason: end?.reason ?? null,
    marginPct: typeof margin === 'number' ? margin : null,
  }
}

/** Counts cycles together, which come the newest first. */
export class CyclesTally {
  readonly #counts = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<
    Outcome,
    number
  >
  readonly #reasons = new Map<CycleReason, number>()
  /** Of each device, whether the oldest of its cycles has passed. */
  readonly #devices = new Map<string, boolean>()
  readonly #passedS: number[] = []
  readonly #phasesS = new Map<CycleState, number[]>()
  #leastMarginPct: number | null | undefined

  add({ end, deviceId, durationS, phases, measurements }: CycleRecord): void {
    for (const { state, durationS } of phases) {
      if (durationS === null) continue
      const times = this.#phasesS.get(state) ?? []
      times.push(durationS)
      this.#phasesS.set(state, times)
    }
    this.#leastMarginPct ??= measurements.find(({ name }) => name === MARGIN)?.least
    if (!end) return
    const { outcome, reason } = end
    this.#counts[outcome]++
    if (reason !== null) this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1)
    if (deviceId !== null && outcome !== 'aborted') this.#devices.set(deviceId, outcome === 'pass')
    if (outcome === 'pass' && durationS !== null) this.#passedS.push(durationS)
  }

  get summary(): CyclesSummary {
    const { pass, fail, error, timeout } = this.#counts
    const firstPassed = [...this.#devices.values()].filter((passed) => passed).length
    return {
      counts: this.#counts,
      yieldPct: partPct(pass, pass + fail + error + timeout),
      firstPassYieldPct: partPct(firstPassed, this.#devices.size),
      devices: this.#devices.size,
      reasons: [...this.#reasons]
        .map(([reason, count]) => ({ reason, cause: CYCLE_REASONS[reason].cause, count }))
        .toSorted((one, other) => other.count - one.count),
      cycleTimes: timesOf(this.#passedS),
      phases: CYCLE_STATES.flatMap((state) => {
        const times = timesOf(this.#phasesS.get(state) ?? [])
        return times ? [{ state, ...times }] : []
      }),
      leastMarginPct: this.#leastMarginPct ?? null,
    }
  }
}

const partPct = (part: number, whole: number): number | null =>
  whole === 0 ? null : (100 * part) / whole

function timesOf(seconds: readonly number[]): Times | null {
  if (seconds.length === 0) return null
  const sorted = seconds.toSorted((one, other) => one - other)
  const at = (part: number): number => sorted[Math.ceil(part * sorted.length) - 1] as number
  return { count: sorted.length, medianS: at(0.5), p90S: at(0.9) }
}
