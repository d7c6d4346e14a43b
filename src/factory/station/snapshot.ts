import type { CycleEnd, CycleState } from '../records/cycle-record.js'

/** What one rig of a station does now. */
export type RigActivity =
  /** It is being opened, or was lost and is opened again by itself. */
  | { readonly state: 'opening' | 'lost'; readonly why: string | null }
  /** Other light, or the last unit's, keeps it from taking the next trigger. */
  | { readonly state: 'waiting' | 'lockout' }
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
  /** Triggers that came during a cycle or in the lockout. */
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

export interface RigSnapshot {
  readonly rig: string
  readonly activity: RigActivity
  /** Since when, in ms since 1970. */
  readonly sinceMs: number
  /** What the operator is to do now, in a sentence. */
  readonly instruction: string
  /** The cycle that has ended last; null before the first. */
  readonly last: EndedCycle | null
  readonly counts: Counts
  /** At most ten, the newest first. */
  readonly recent: readonly EndedCycle[]
}

/** What a station shows: whoever comes late gets the newest one, and needs none before. */
export interface StationSnapshot {
  readonly station: string
  readonly rigs: readonly RigSnapshot[]
}
