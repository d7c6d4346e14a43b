import { EventEmitter } from 'node:events'
import type { SampleBlock } from '../../light/samples.js'
import type { Rig } from '../../rig/rig.js'
import { machineTimebase, type Timebase } from '../../rig/timebase.js'
import type {
  DeviceReport,
  ReportKind,
  StoredResult,
  TriggerKind,
} from '../records/cycle-record.js'
import type { Records } from '../records/records.js'
import type { CycleSteps } from './cycle.js'
import { RigRunner } from './rig-runner.js'
import type { StationSnapshot, Triggered } from './snapshot.js'
import type { Contact } from './trigger.js'

/** As published firmware has it that is in use (lala, SN). */
const DEFAULT_LOCKOUT_S = 5

export interface StationRig {
  /** Opens the rig, each time anew. */
  readonly open: (signal: AbortSignal) => Promise<Rig>
  /** A button at the edge input of the rig's board; default none. */
  readonly boardContact?: Contact | null
}

export interface StationOptions {
  readonly name: string
  /** By their names. */
  readonly rigs: Readonly<Record<string, StationRig>>
  readonly steps: CycleSteps
  /** Of this station. They are not closed with it. */
  readonly records: Records
  /** How long triggers are ignored after a cycle has ended, in seconds; default 5. */
  readonly lockoutS?: number | undefined
  /** Is told what nobody has thought of. The station goes on. */
  readonly onFault: (error: unknown) => void
  /** Default the machine's. */
  readonly timebase?: Timebase
  /** Time of the clock on the wall, in ms since 1970; default the machine's. */
  readonly unixMs?: () => number
}

/**
 * Several rigs side by side, one device under test each. One that fails or is unplugged stops no other, and comes back by itself. Disposing
 * ends all cycles and leaves all LEDs dark, or rejects with the first RigError 'may-be-lit'.
 */
export class Station implements AsyncDisposable {
  /** Of the cycles that begin from now on. */
  steps: CycleSteps
  readonly #changes = new EventEmitter()
  readonly #runners: ReadonlyMap<string, RigRunner>
  readonly #unixMs: () => number

  constructor(private readonly options: StationOptions) {
    const { rigs, records, lockoutS = DEFAULT_LOCKOUT_S } = options
    const { timebase = machineTimebase, unixMs = Date.now } = options
    this.#unixMs = unixMs
    this.steps = options.steps
    this.#changes.setMaxListeners(0)
    this.#runners = new Map(
      Object.entries(rigs).map(([rig, { open, boardContact = null }]) => [
        rig,
        new RigRunner({
          rig,
          open,
          boardContact,
          steps: () => this.steps,
          records,
          lockoutS,
          timebase,
          unixMs,
          onChange: () => this.#changes.emit('change'),
          onFault: options.onFault,
        }),
      ]),
    )
  }

  get snapshot(): StationSnapshot {
    return {
      station: this.options.name,
      rigs: Array.from(this.#runners.values(), (runner) => runner.snapshot),
    }
  }

  /** Is told each change of the snapshot, until what it returns is called. The listener must not throw. */
  onChange(listener: () => void): () => void {
    this.#changes.on('change', listener)
    return () => this.#changes.off('change', listener)
  }

  /** Whether it has a rig of that name. */
  has(rig: string): boolean {
    return this.#runners.has(rig)
  }

  /** Starts a cycle on a rig. @throws RangeError for no rig of this station */
  trigger(rig: string, kind: TriggerKind): Triggered {
    return this.#runner(rig).trigger(kind)
  }

  /** Ends the cycle that goes on on a rig. Whether there was one. @throws RangeError for no rig of this station */
  cancel(rig: string): boolean {
    return this.#runner(rig).cancel()
  }

  /**
   * Prints the label of the last unit of a rig that has passed once more. Whether there is one, and no label of the rig is being printed.
   *
   * @throws RangeError for no rig of this station
   */
  reprintLabel(rig: string): boolean {
    return this.#runner(rig).reprintLabel()
  }

  /** The light of a cycle, as secret as its message: of the newest one of each rig only, else null. */
  light(cycleId: string): SampleBlock | null {
    for (const runner of this.#runners.values()) {
      const light = runner.light(cycleId)
      if (light) return light
    }
    return null
  }

  /**
   * Keeps what a device has told, or the server of its blessing, and hands it to the cycle that it belongs to.
   *
   * @throws RecordsError where it is not kept
   */
  keep(report: DeviceReport, kind: ReportKind = 'report'): StoredResult {
    const result = this.options.records.keep(report, this.#unixMs(), kind)
    if (result.flag === 'matched') for (const runner of this.#runners.values()) runner.take(result)
    return result
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closings = Array.from(this.#runners.values(), (runner) => runner[Symbol.asyncDispose]())
    const closed = await Promise.allSettled(closings)
    for (const one of closed) if (one.status === 'rejected') throw one.reason
  }

  #runner(rig: string): RigRunner {
    const runner = this.#runners.get(rig)
    if (!runner) throw new RangeError(`there is no rig ${JSON.stringify(rig)} in this station`)
    return runner
  }
}
