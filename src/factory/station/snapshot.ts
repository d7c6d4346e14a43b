import type { CycleEnd, CycleState } from '../records/cycle-record.js'

/** What one rig of a station does now. */
export type RigActivity =
  /** It is being opened, or was lost and is opened again by itself. */
  | { readonly state: 'opening' | 'lost'; readonly why: string | null }
  /** It takes the next trigger, or not yet: the last unit's label is being printed, or its time is not over. */
  | { readonly state: 'waiting' | 'label' | 'lockout' }
  /** A cycle is running. */
  | { readonly state: CycleState; readonly cycleId: string; readonly number: number }

/**
 * What has come of a trigger: a cycle has begun; it is ignored, as one goes on, or the rig is in its lockout or not there; or the cycle has
 * ended at once, as not even its begin could be recorded.
 */
export type Triggered = 'begun' | 'ignored' | 'not-recorded'

export interface Counts {
  readonly pass: number
  readonly fail: number
  readonly error: number
  readonly timeout: number
  readonly aborted: number
  /** Triggers that came during a cycle, a label that is waited for, or the lockout. */
  readonly ignoredTriggers: number
}

/** How one of the last cycles ended. */
export interface EndedCycle {
  /** As it is recorded; empty, and the number 0, for one of which not even the begin could be recorded. */
  readonly cycleId: string
  readonly number: number
  readonly endedAtMs: number
  readonly deviceId: string | null
  readonly end: CycleEnd
}

/** The label that was printed last, or is being printed. */
export interface ShownLabel {
  /** Of the unit's cycle. */
  readonly cycleId: string
  readonly number: number
  /** Unknown is one that was being printed when the station was killed. */
  readonly state: 'printing' | 'printed' | 'failed' | 'unknown'
  /** Why it failed, in a sentence; null else. */
  readonly why: string | null
}

/** The labels of a rig, since the start. */
export interface LabelsSnapshot {
  readonly printed: number
  readonly failed: number
  /** Null before the first. */
  readonly last: ShownLabel | null
}

export interface RigSnapshot {
  readonly rig: string
  readonly activity: RigActivity
  /** Since when, in ms since 1970. */
  readonly sinceMs: number
  /** What the operator is to do now, in a sentence. */
  readonly instruction: string
  /** The cycle that has ended last since the start, or was interrupted before it; null for none. */
  readonly last: EndedCycle | null
  readonly counts: Counts
  /** At most ten, the newest first, of before the start too. */
  readonly recent: readonly EndedCycle[]
  /** Null where none are printed. */
  readonly labels: LabelsSnapshot | null
}

/** What a station shows: whoever comes late gets the newest one, and needs none before. */
export interface StationSnapshot {
  readonly station: string
  readonly rigs: readonly RigSnapshot[]
}
