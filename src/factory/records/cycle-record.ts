/** What a station does with a unit, in its order. A cycle has no state of what its station is not told to do. */
export const CYCLE_STATES = [
  'triggered',
  /** Other light is judged before there is any of ours. */
  'ambient',
  /** A token is taken from the server. */
  'token',
  /** The message is played, and seen. */
  'light',
  /** The device is waited for at the server. */
  'connecting',
  /** It has come, and nothing was heard of its test: it may load impOS and its firmware first. */
  'updating',
  /** It has told something, and not yet how its test ended. */
  'testing',
  /** Its test has passed; the server is waited for. */
  'blessing',
] as const
export type CycleState = (typeof CYCLE_STATES)[number]

/** FAIL is the device's, ERROR the station's, TIMEOUT of something that was waited for and has not come. */
export const OUTCOMES = ['pass', 'fail', 'error', 'timeout', 'aborted'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** Where whoever looks for the cause has to begin. */
export type Cause = 'light' | 'network' | 'device' | 'station' | 'operator'

/** Every reason for which a cycle does not pass. */
export const CYCLE_REASONS = {
  'other-light': { outcome: 'error', cause: 'light' },
  'light-failed': { outcome: 'error', cause: 'light' },
  'no-token': { outcome: 'error', cause: 'network' },
  'no-server': { outcome: 'error', cause: 'network' },
  'no-device': { outcome: 'timeout', cause: 'network' },
  'test-failed': { outcome: 'fail', cause: 'device' },
  'no-result': { outcome: 'timeout', cause: 'device' },
  'no-blessing': { outcome: 'timeout', cause: 'device' },
  'rig-lost': { outcome: 'error', cause: 'station' },
  'no-record': { outcome: 'error', cause: 'station' },
  /** A fault of ours. */
  broken: { outcome: 'error', cause: 'station' },
  /** Somebody has ended it. */
  cancelled: { outcome: 'aborted', cause: 'operator' },
  /** The program was told to end. */
  stopped: { outcome: 'aborted', cause: 'station' },
  /** Found unfinished when the program began: it had been killed, or the power was gone. */
  interrupted: { outcome: 'aborted', cause: 'station' },
} as const satisfies Readonly<Record<string, { outcome: Exclude<Outcome, 'pass'>; cause: Cause }>>
export type CycleReason = keyof typeof CYCLE_REASONS

/** How a cycle has ended. */
export type CycleEnd =
  | { readonly outcome: 'pass'; readonly reason: null; readonly detail: null }
  | {
      readonly outcome: Exclude<Outcome, 'pass'>
      readonly reason: CycleReason
      /** What was found and what to do, in a sentence without secrets. */
      readonly detail: string
    }

/** A time of the clock on the wall, in ms since 1970 (UTC). */
export type UnixMs = number

/** A time in ISO 8601 (UTC); null where there is none. */
export const timeText = (atMs: UnixMs | null | undefined): string | null =>
  atMs === null || atMs === undefined ? null : new Date(atMs).toISOString()

/** What starts a cycle. */
export type TriggerKind = 'key' | 'gpio' | 'board' | 'http' | 'page'

export interface Phase {
  readonly state: CycleState
  readonly startedAtMs: UnixMs
  /** From its begin to the next one's, by a clock that is never set; null for one that has not ended. */
  readonly durationS: number | null
}

export interface Measurement {
  /** As in `FIGURES`, or the key that the device has given. */
  readonly name: string
  readonly value: number | string | boolean | null
  readonly unit: string | null
  /** What it may be, as it was when it was judged; null for no limit. */
  readonly least: number | null
  readonly most: number | null
  /** Marginal passes, and is worth mending. Null for what has no limit. */
  readonly verdict: 'pass' | 'marginal' | 'fail' | null
}

/** How a cycle was made: of which parts, and by what. */
export interface CycleSetting {
  readonly station: string
  readonly rig: string
  readonly rigKind: string
  /** Of the part that lights: its port or lines, serial number, firmware. */
  readonly rigName: string
  readonly serialNumber: string | null
  readonly firmwareVersion: string | null
  readonly packageVersion: string
}

/** All that is known of a cycle. It holds no secret. */
export interface CycleRecord extends CycleSetting {
  /** Unique everywhere (UUID). */
  readonly id: string
  /** Counts from 1 in each station. */
  readonly number: number
  readonly trigger: TriggerKind
  readonly startedAtMs: UnixMs
  /** The one it is in, or was in last. */
  readonly state: CycleState
  /** Null for one that goes on. */
  readonly end: CycleEnd | null
  /** Of one that was interrupted it is when that was found. */
  readonly endedAtMs: UnixMs | null
  /** Null for one that goes on, or was interrupted. */
  readonly durationS: number | null
  /** Of the device that has come with the cycle's token, 16 hex digits. */
  readonly deviceId: string | null
  readonly planId: string | null
  readonly phases: readonly Phase[]
  readonly measurements: readonly Measurement[]
  readonly results: readonly StoredResult[]
}

/** A label that was to be printed of a cycle that has passed. */
export interface LabelRecord {
  readonly cycleId: string
  /** The cycle's. */
  readonly cycleNumber: number
  readonly startedAtMs: UnixMs
  readonly endedAtMs: UnixMs | null
  /** Null while it is printed, and for ever where the station was killed then: it may be printed, or not. */
  readonly outcome: 'printed' | 'failed' | null
  /** Why it failed, in a sentence; null else. */
  readonly detail: string | null
}

/** How a device's report stands to the cycles. */
export type ResultFlag =
  /** It belongs to a cycle that has not ended. */
  | 'matched'
  /** Of a device whose last cycle has ended. */
  | 'late'
  /** Told before, to the letter. */
  | 'repeated'
  /** Of no device that is known. */
  | 'unknown'

/** What a device, or its agent, has told of itself. */
export interface DeviceReport {
  /** Null where it says none. */
  readonly deviceId: string | null
  readonly mac: string | null
  /** Whether its test has passed; null where it tells something else. */
  readonly success: boolean | null
  /** All other keys. */
  readonly values: Readonly<Record<string, unknown>>
}

/** A device's own report, or the server's of its blessing. */
export type ReportKind = 'report' | 'blessing'

export interface StoredResult extends DeviceReport {
  /** Counts from 1 in each station. */
  readonly number: number
  readonly kind: ReportKind
  readonly receivedAtMs: UnixMs
  readonly flag: ResultFlag
  readonly cycleId: string | null
}
