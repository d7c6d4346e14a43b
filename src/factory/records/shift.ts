import { inOrder, quantileOf } from '../../bench/descriptive-statistics.js'
import {
  type Cause,
  CYCLE_REASONS,
  CYCLE_STATES,
  type CycleReason,
  type CycleRecord,
  type CycleState,
  OUTCOMES,
  type Outcome,
  type UnixMs,
} from './cycle-record.js'
import { type MarginTrend, MarginTrends } from './margin-trends.js'

export type GroupBy = 'shift' | 'rig' | 'day' | 'station'

/** How cycles are put together. */
export interface ShiftOptions {
  readonly by: GroupBy
  /** When shifts begin, in minutes of the day, in rising order; at least one. The last one goes on to the first of the next day. */
  readonly shiftStartsMin: readonly number[]
}

/** How long something took. */
export interface Times {
  readonly count: number
  readonly medianS: number
  /** What 95 % of them do not exceed. */
  readonly p95S: number
  readonly maxS: number
}

/**
 * What came of cycles that have ended.
 *
 * A unit is a device ID, with its cycles among those that are counted here; those that were aborted tell nothing of it, and are none of
 * its. It is counted where its first cycle is. A cycle in which no device has come is of no unit, as nobody knows of which.
 */
export interface Tally {
  /** A rig, a station, a day such as `2026-11-30`, or a shift such as `2026-11-30 06:00`. Days and times are those of this computer's time zone. */
  readonly name: string
  readonly cycles: number
  readonly outcomes: Readonly<Record<Outcome, number>>
  /** Cycles, but aborted ones, in which no device has come. */
  readonly withoutDevice: number
  readonly units: number
  /** Units whose last cycle has passed, as a part of all; null without units. */
  readonly finalYield: number | null
  /** Units whose first cycle has passed, as a part of all; null without units. */
  readonly firstPassYield: number | null
  /** From the begin of the first cycle of each shift to the end of the last one. */
  readonly workedS: number
  /** Cycles that have passed, an hour of `workedS`; null for no time. */
  readonly passesPerHour: number | null
  /** Of the cycles that have passed; null without any. */
  readonly cycleTime: Times | null
  /** In the order of a cycle; each time that a state was entered counts. */
  readonly phases: readonly (Times & { readonly state: CycleState })[]
  /** The most frequent first. */
  readonly reasons: readonly ReasonCount[]
}

export interface ReasonCount {
  readonly reason: CycleReason
  readonly outcome: Outcome
  readonly cause: Cause
  readonly cycles: number
}

/** What happened in some time. */
export interface ShiftSummary {
  readonly all: Tally
  /** In the order of their names. */
  readonly groups: readonly Tally[]
  /** Cycles that go on, which are counted nowhere else. */
  readonly unfinished: number
  readonly margins: readonly MarginTrend[]
  /** Of all measurements, in alphabetical order. */
  readonly measurementNames: readonly string[]
}

/** Sums up cycles, which may come in any order. */
export class Summary {
  readonly #all = new Counter('all')
  readonly #groups = new Map<string, Counter>()
  readonly #units = new Map<string, Unit>()
  readonly #margins = new MarginTrends()
  readonly #names = new Set<string>()
  #unfinished = 0

  constructor(private readonly options: ShiftOptions) {}

  add(cycle: CycleRecord): void {
    if (cycle.end === null) {
      this.#unfinished++
      return
    }
    const name = groupOf(cycle, this.options)
    const group = this.#groups.get(name) ?? new Counter(name)
    this.#groups.set(name, group)
    const shift = shiftOf(cycle.startedAtMs, this.options.shiftStartsMin)
    for (const counter of [this.#all, group]) counter.add(cycle, cycle.end.outcome, shift)
    if (cycle.end.outcome !== 'aborted') countUnit(this.#units, cycle, group)
    this.#margins.add(cycle)
    for (const measured of cycle.measurements) this.#names.add(measured.name)
  }

  /** Of all that were added; to be called once, as the last. */
  end(): ShiftSummary {
    for (const unit of this.#units.values()) {
      for (const counter of [this.#all, unit.group]) counter.addUnit(unit)
    }
    return {
      all: this.#all.tally(),
      groups: Array.from(this.#groups.values(), (group) => group.tally()).sort(byName),
      unfinished: this.#unfinished,
      margins: this.#margins.trends(),
      measurementNames: Array.from(this.#names).sort(),
    }
  }
}

/** Sums up cycles that are at hand. */
export function summarise(cycles: Iterable<CycleRecord>, options: ShiftOptions): ShiftSummary {
  const summary = new Summary(options)
  for (const cycle of cycles) summary.add(cycle)
  return summary.end()
}

const byName = (a: Tally, b: Tally): number => (a.name < b.name ? -1 : 1)

interface Unit {
  readonly first: CycleRecord
  readonly last: CycleRecord
  /** Of its first cycle. */
  readonly group: Counter
}

function countUnit(units: Map<string, Unit>, cycle: CycleRecord, group: Counter): void {
  if (cycle.deviceId === null) return
  const id = cycle.deviceId.toLowerCase()
  const { first = cycle, last = cycle, group: older = group } = units.get(id) ?? {}
  const isFirst = isNotAfter(cycle, first)
  units.set(id, {
    first: isFirst ? cycle : first,
    last: isNotAfter(last, cycle) ? cycle : last,
    group: isFirst ? group : older,
  })
}

/** By numbers, as the clock of a station may be set; those of several stations have nothing but their clocks. */
const isNotAfter = (one: CycleRecord, other: CycleRecord): boolean =>
  one.station === other.station ? one.number <= other.number : one.startedAtMs <= other.startedAtMs

/** Counts cycles. */
class Counter {
  readonly #outcomes = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<
    Outcome,
    number
  >
  readonly #reasons = new Map<CycleReason, number>()
  readonly #phases = new Map<CycleState, number[]>()
  readonly #passesS: number[] = []
  readonly #shifts = new Map<string, { readonly fromMs: UnixMs; readonly toMs: UnixMs }>()
  #withoutDevice = 0
  #units = 0
  #passedAtLast = 0
  #passedAtFirst = 0

  constructor(private readonly name: string) {}

  add(cycle: CycleRecord, outcome: Outcome, shift: string): void {
    this.#outcomes[outcome]++
    if (outcome !== 'aborted' && cycle.deviceId === null) this.#withoutDevice++
    if (outcome === 'pass' && cycle.durationS !== null) this.#passesS.push(cycle.durationS)
    const reason = cycle.end?.reason
    if (reason) this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1)
    for (const { state, durationS } of cycle.phases) {
      if (durationS === null) continue
      const known = this.#phases.get(state)
      if (known) known.push(durationS)
      else this.#phases.set(state, [durationS])
    }
    // Nobody knows when one that was interrupted has ended.
    const endedMs = cycle.durationS === null ? cycle.startedAtMs : (cycle.endedAtMs ?? 0)
    const { fromMs, toMs } = this.#shifts.get(shift) ?? { fromMs: Infinity, toMs: -Infinity }
    this.#shifts.set(shift, {
      fromMs: Math.min(fromMs, cycle.startedAtMs),
      toMs: Math.max(toMs, endedMs),
    })
  }

  addUnit({ first, last }: Unit): void {
    this.#units++
    if (first.end?.outcome === 'pass') this.#passedAtFirst++
    if (last.end?.outcome === 'pass') this.#passedAtLast++
  }

  tally(): Tally {
    const worked = Array.from(this.#shifts.values(), ({ fromMs, toMs }) => (toMs - fromMs) / 1000)
    const workedS = worked.reduce((sum, timeS) => sum + Math.max(0, timeS), 0) // a clock may be set back
    const partOf = (units: number): number | null => (this.#units > 0 ? units / this.#units : null)
    return {
      name: this.name,
      cycles: Object.values(this.#outcomes).reduce((sum, count) => sum + count),
      outcomes: { ...this.#outcomes },
      withoutDevice: this.#withoutDevice,
      units: this.#units,
      finalYield: partOf(this.#passedAtLast),
      firstPassYield: partOf(this.#passedAtFirst),
      workedS,
      passesPerHour: workedS > 0 ? (3600 * this.#outcomes.pass) / workedS : null,
      cycleTime: this.#passesS.length > 0 ? timesOf(this.#passesS) : null,
      phases: CYCLE_STATES.flatMap((state) => {
        const durations = this.#phases.get(state)
        return durations ? [{ state, ...timesOf(durations) }] : []
      }),
      reasons: Array.from(this.#reasons, ([reason, cycles]) => ({
        reason,
        ...CYCLE_REASONS[reason],
        cycles,
      })).sort((a, b) => b.cycles - a.cycles || (a.reason < b.reason ? -1 : 1)),
    }
  }
}

/** Of at least one. */
function timesOf(durationsS: readonly number[]): Times {
  const sorted = inOrder(durationsS)
  return {
    count: sorted.length,
    medianS: quantileOf(sorted, 0.5),
    p95S: quantileOf(sorted, 0.95),
    maxS: quantileOf(sorted, 1),
  }
}

function groupOf(cycle: CycleRecord, { by, shiftStartsMin }: ShiftOptions): string {
  if (by === 'rig' || by === 'station') return cycle[by]
  return by === 'day'
    ? dayOf(new Date(cycle.startedAtMs))
    : shiftOf(cycle.startedAtMs, shiftStartsMin)
}

/** The shift of a time: its day and when it began, both of this computer's time zone. */
function shiftOf(atMs: UnixMs, startsMin: readonly number[]): string {
  const at = new Date(atMs)
  const minutes = 60 * at.getHours() + at.getMinutes()
  const today = startsMin.findLast((start) => start <= minutes)
  const day = today === undefined ? before(at) : at
  return `${dayOf(day)} ${clockText(today ?? startsMin.at(-1) ?? 0)}`
}

const before = (day: Date): Date => new Date(day.getFullYear(), day.getMonth(), day.getDate() - 1)

const two = (number: number): string => `${number}`.padStart(2, '0')

const dayOf = (at: Date): string =>
  `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`

/** Minutes of a day as a clock shows them. */
export const clockText = (minutes: number): string =>
  `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
