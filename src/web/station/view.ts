import type { CycleFilter } from '../../factory/records/cycle-reader.js'
import type { CycleRecord, LabelRecord } from '../../factory/records/cycle-record.js'
import type { StationSnapshot, Triggered } from '../../factory/station/snapshot.js'
import type { SampleBlock } from '../../receiver/index.js'

/** What pages see of a station, and can do with it, by the names of rigs that are in the snapshot. */
export interface StationView {
  snapshot(): StationSnapshot
  /** Tells each change of the snapshot, however often; ends with what it returns. */
  onChange(listener: () => void): () => void
  /** Starts a cycle. */
  trigger(rig: string, kind: 'page' | 'http'): Triggered
  /** Ends the cycle of a rig. Whether there was one. */
  cancel(rig: string): boolean
  /** Prints the last label of a rig once more. Whether there is one, and none is being printed. */
  reprintLabel(rig: string): boolean
  /** The newest first. They may be taken slowly. */
  cycles(filter: Pick<CycleFilter, 'since' | 'rig'>): Iterable<CycleRecord>
  cycle(id: string): CycleRecord | null
  /** Of a cycle, the first one first. */
  labels(cycleId: string): readonly LabelRecord[]
  /** The light that a cycle has seen, which is as secret as its message; null where it is not in memory any more. */
  waveform(id: string): SampleBlock | null
}
