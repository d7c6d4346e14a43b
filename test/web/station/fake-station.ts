import { EventEmitter } from 'node:events'
import {
  CYCLE_REASONS,
  CYCLE_STATES,
  type CycleEnd,
  type CycleReason,
  type CycleRecord,
  type CycleState,
  type LabelRecord,
  OUTCOMES,
  type Outcome,
} from '../../../src/factory/records/cycle-record.js'
import type {
  EndedCycle,
  LabelsSnapshot,
  RigActivity,
  RigSnapshot,
  StationSnapshot,
  Triggered,
} from '../../../src/factory/station/snapshot.js'
import type { SampleBlock } from '../../../src/receiver/index.js'
import type { StationView } from '../../../src/web/station/view.js'

/** 2026-11-30, 12:00 UTC. */
export const NOON_MS = Date.UTC(2026, 10, 30, 12)

export function endOf(reason: CycleReason | null): CycleEnd {
  if (reason === null) return { outcome: 'pass', reason: null, detail: null }
  const { outcome } = CYCLE_REASONS[reason]
  return { outcome, reason, detail: `It ended for ${reason}: look there.` }
}

export const idOf = (number: number): string =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`

export function endedCycle(number: number, reason: CycleReason | null): EndedCycle {
  return {
    cycleId: idOf(number),
    number,
    endedAtMs: NOON_MS + 60_000 * number,
    deviceId: reason === 'light-failed' ? null : `600a0c2a69${String(number).padStart(6, '0')}`,
    end: endOf(reason),
  }
}

export interface RigFacts {
  readonly state: RigActivity['state']
  readonly why?: string | null
  readonly instruction?: string
  /** Of cycles that have ended, the newest first. */
  readonly recent?: readonly EndedCycle[]
  readonly labels?: LabelsSnapshot
}

const isCycle = (state: string): state is CycleState =>
  (CYCLE_STATES as readonly string[]).includes(state)

export function rigSnapshot(rig: string, facts: RigFacts): RigSnapshot {
  const {
    state,
    why = null,
    instruction = 'Put a device in, then press Start.',
    recent = [],
    labels = null,
  } = facts
  const number = (recent[0]?.number ?? 0) + 1
  const activity: RigActivity = isCycle(state)
    ? { state, number, cycleId: idOf(number) }
    : state === 'lost' || state === 'opening'
      ? { state, why }
      : { state }
  const countOf = (wanted: Outcome) => recent.filter(({ end }) => end.outcome === wanted).length
  const counts = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, countOf(outcome)]))
  return {
    rig,
    activity,
    sinceMs: NOON_MS,
    instruction,
    last: recent[0] ?? null,
    counts: { ...(counts as Record<Outcome, number>), ignoredTriggers: 2 },
    recent: recent.slice(0, 10),
    labels,
  }
}

/** A cycle that has ended, as it is recorded. */
export function cycleRecord(
  number: number,
  reason: CycleReason | null,
  others: Partial<CycleRecord> = {},
): CycleRecord {
  const { cycleId: id, deviceId, end } = endedCycle(number, reason)
  const startedAtMs = Date.now() - 60_000 * (200 - number)
  const times = {
    ambient: 0.2,
    token: 0.4,
    light: 12.6,
    connecting: 8.5,
    testing: 4.1 + number / 100,
  }
  let atMs = startedAtMs
  const phases = Object.entries(times).map(([state, durationS]) => {
    const phase = { state: state as CycleState, startedAtMs: atMs, durationS }
    atMs += 1000 * durationS
    return phase
  })
  const record = {
    id,
    number,
    station: 'Line 1',
    rig: number % 2 ? 'Left' : 'Right',
    rigKind: 'bridge',
    rigName: '/dev/ttyUSB0',
    serialNumber: 'B0001',
    firmwareVersion: '1.3.1',
    packageVersion: '0.1.0',
    trigger: 'page' as const,
    startedAtMs,
    endedAtMs: atMs,
    state: 'testing' as const,
    end,
    durationS: (atMs - startedAtMs) / 1000,
    deviceId,
    planId: null,
    phases,
    measurements: [
      {
        name: 'margin-pct',
        value: 60 - (number % 30),
        unit: '%',
        least: 25,
        most: null,
        verdict: 'pass' as const,
      },
      { name: 'Temperature', value: 23.5, unit: null, least: null, most: null, verdict: null },
    ],
    results: [
      {
        number,
        deviceId,
        mac: null,
        success: reason !== 'test-failed',
        values: { note: '<b>all</b> & well' },
        receivedAtMs: atMs,
        kind: 'report' as const,
        flag: 'matched' as const,
        cycleId: id,
      },
    ],
    ...others,
  }
  return record
}

/** A label of a cycle that could not be printed. */
export const labelRecord = (number: number): LabelRecord => ({
  cycleId: idOf(number),
  cycleNumber: number,
  startedAtMs: NOON_MS,
  endedAtMs: NOON_MS + 1000,
  outcome: 'failed',
  detail: 'printer zebra is stopped: look after it',
})

/** A station of which a test says what it shows, and what it was told to do. */
export class FakeStation implements StationView {
  readonly done: string[] = []
  records: CycleRecord[] = []
  labelRecords: LabelRecord[] = []
  light: SampleBlock | null = null
  /** Whether it does what it is told. */
  isWilling = true
  isRecording = true
  readonly #changes = new EventEmitter()

  constructor(public state: StationSnapshot) {}

  get listeners(): number {
    return this.#changes.listenerCount('change')
  }

  show(...rigs: RigSnapshot[]): void {
    this.state = { ...this.state, rigs }
    this.#changes.emit('change')
  }

  snapshot(): StationSnapshot {
    return this.state
  }

  onChange(listener: () => void): () => void {
    this.#changes.on('change', listener)
    return () => this.#changes.off('change', listener)
  }

  trigger(rig: string): Triggered {
    this.done.push(`trigger ${rig}`)
    if (!this.isRecording) return 'not-recorded'
    return this.isWilling ? 'begun' : 'ignored'
  }

  cancel(rig: string): boolean {
    this.done.push(`cancel ${rig}`)
    return this.isWilling
  }

  reprintLabel(rig: string): boolean {
    this.done.push(`reprint ${rig}`)
    return this.isWilling
  }

  labels(cycleId: string): LabelRecord[] {
    return this.labelRecords.filter((label) => label.cycleId === cycleId)
  }

  *cycles({ since = 0, rig }: { since?: number; rig?: string }): Generator<CycleRecord> {
    for (const record of this.records) {
      if (record.startedAtMs >= since && (rig === undefined || rig === record.rig)) yield record
    }
  }

  cycle(id: string): CycleRecord | null {
    return this.records.find((record) => record.id === id) ?? null
  }

  waveform(id: string): SampleBlock | null {
    return this.cycle(id) && this.light
  }
}
