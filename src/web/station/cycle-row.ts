import type {
  CycleReason,
  CycleRecord,
  CycleState,
  Outcome,
} from '../../factory/records/cycle-record.js'

/** Of the measurements of a cycle, the one that tells how its light was. */
const MARGIN = 'margin-pct'

/** What of a cycle stands in a list. */
export interface CycleRow
  extends Pick<CycleRecord, 'id' | 'number' | 'rig' | 'startedAtMs' | 'deviceId' | 'durationS'> {
  readonly state: CycleState
  readonly outcome: Outcome | null
  readonly reason: CycleReason | null
  /** Of the least certain bit of its light; null where there was none. */
  readonly marginPct: number | null
  /** What that had to be; null for no limit. */
  readonly leastMarginPct: number | null
}

export function rowOf(cycle: CycleRecord): CycleRow {
  const { id, number, rig, startedAtMs, deviceId, durationS, state, end } = cycle
  const margin = cycle.measurements.find(({ name }) => name === MARGIN)
  return {
    ...{ id, number, rig, startedAtMs, deviceId, durationS, state },
    outcome: end?.outcome ?? null,
    reason: end?.reason ?? null,
    marginPct: typeof margin?.value === 'number' ? margin.value : null,
    leastMarginPct: margin?.least ?? null,
  }
}
