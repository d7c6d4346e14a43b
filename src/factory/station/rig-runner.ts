import type { SampleBlock } from '../../light/samples.js'
import { LightKeeper } from '../../report/light-keeper.js'
import type { Rig } from '../../rig/rig.js'
import { type RigState, SupervisedRig } from '../../rig/supervised.js'
import type { Timebase } from '../../rig/timebase.js'
import type { CycleEnd, CycleState, StoredResult, TriggerKind } from '../records/cycle-record.js'
import type { Records } from '../records/records.js'
import type { KnownLight } from './ambient.js'
import { CycleFailure, type CycleSteps, endOf, runCycle } from './cycle.js'
import { Inbox } from './inbox.js'
import { instructionFor } from './instructions.js'
import { RigLabels } from './rig-labels.js'
import type { Counts, EndedCycle, RigActivity, RigSnapshot, Triggered } from './snapshot.js'
import { type Contact, triggers } from './trigger.js'
import { type WatchedPath, watched } from './watched-rig.js'

const MOST_RECENT = 10
/** A cycle of which there is no record. */
const UNRECORDED = { cycleId: '', number: 0, deviceId: null } as const
const NO_COUNTS: Counts = { pass: 0, fail: 0, error: 0, timeout: 0, aborted: 0, ignoredTriggers: 0 }

export interface RigRunnerOptions {
  readonly rig: string
  /** Opens the rig, each time anew. */
  readonly open: (signal: AbortSignal) => Promise<Rig>
  /** Of the next cycle. */
  readonly steps: () => CycleSteps
  /** A button at the edge input of the rig's board; null for none there. */
  readonly boardContact: Contact | null
  readonly records: Records
  /** How long triggers are ignored after a cycle has ended, in seconds. */
  readonly lockoutS: number
  readonly timebase: Timebase
  /** Time of the clock on the wall, in ms since 1970. */
  readonly unixMs: () => number
  /** Is told that the snapshot has changed; must not throw. */
  readonly onChange: () => void
  /** Is told what nobody has thought of. The station goes on. */
  readonly onFault: (error: unknown) => void
}

/** A cycle that goes on. */
interface Running {
  readonly id: string
  readonly number: number
  readonly inbox: Inbox<StoredResult>
  readonly end: AbortController
  state: CycleState
}

/** Runs the cycles of one rig, which is kept open, one after the other. */
export class RigRunner implements AsyncDisposable {
  readonly #rig: SupervisedRig
  readonly #labels: RigLabels
  readonly #options: RigRunnerOptions
  readonly #closing = new AbortController()
  #running: Running | null = null
  #ending: Promise<void> = Promise.resolve()
  #lockedUntilMs = Number.NEGATIVE_INFINITY
  #sinceMs: number
  #toldState: RigActivity['state'] = 'opening'
  #counts = NO_COUNTS
  #recent: readonly EndedCycle[]
  #last: EndedCycle | null
  #knownLight: KnownLight | null = null
  /** Of the newest message only: it is as secret as that, and never on a disk. */
  #light: { readonly cycleId: string; readonly kept: LightKeeper } | null = null

  constructor(options: RigRunnerOptions) {
    this.#options = options
    this.#sinceMs = options.unixMs()
    this.#recent = recentCycles(options.records, options.rig)
    const [newest] = this.#recent
    // A unit that was cut short is likely to be there still. Of any other nobody knows, so none is called passed.
    this.#last = newest?.end.reason === 'interrupted' ? newest : null
    this.#labels = new RigLabels({
      ...options,
      printing: () => options.steps().label,
      onChange: () => this.#tell(),
    })
    this.#rig = new SupervisedRig({
      open: async (signal) => {
        const rig = await watched(await options.open(signal))
        if (options.boardContact) this.#listen(rig, options.boardContact)
        return rig
      },
      onState: () => this.#tell(),
    })
  }

  get rig(): string {
    return this.#options.rig
  }

  get snapshot(): RigSnapshot {
    const last = this.#last
    const activity = this.#activity
    const labels = this.#labels.snapshot
    return {
      rig: this.rig,
      activity,
      sinceMs: this.#sinceMs,
      instruction: instructionFor(activity, last, labels?.last ?? null),
      last,
      counts: this.#counts,
      recent: this.#recent,
      labels,
    }
  }

  /** Starts a cycle. One that is ignored is counted. */
  trigger(kind: TriggerKind): Triggered {
    if (this.#activity.state !== 'waiting') {
      this.#count('ignoredTriggers')
      this.#tell()
      return 'ignored'
    }
    try {
      this.#running = this.#begin(kind)
    } catch (error) {
      const endedAtMs = this.#options.unixMs()
      this.#ending = this.#finish({ ...UNRECORDED, endedAtMs, end: this.#endOf(error) })
      return 'not-recorded'
    }
    this.#tell()
    this.#ending = this.#cycle(this.#running).then((ended) => this.#finish(ended))
    return 'begun'
  }

  /** Ends the cycle that goes on. Whether there was one. */
  cancel(): boolean {
    this.#running?.end.abort(new CycleFailure('cancelled', 'the operator has ended it'))
    return this.#running !== null
  }

  /** Prints the label of the last unit that has passed once more. Whether there is one, and nothing is being printed. */
  reprintLabel(): boolean {
    return this.#labels.reprint()
  }

  /** The light of a cycle, as secret as its message; null where it is not the newest. */
  light(cycleId: string): SampleBlock | null {
    return this.#light?.cycleId === cycleId ? this.#light.kept.light() : null
  }

  /** Takes what a device has told, if it belongs to the cycle that goes on. */
  take(result: StoredResult): void {
    if (result.cycleId === this.#running?.id) this.#running?.inbox.put(result)
  }

  /** Ends the cycle that goes on, as `stopped`, and leaves the LED dark, or rejects with a RigError 'may-be-lit'. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    this.#running?.end.abort(new CycleFailure('stopped', 'the station was told to stop'))
    await this.#ending
    const labels = this.#labels[Symbol.asyncDispose]()
    try {
      await this.#rig[Symbol.asyncDispose]()
    } finally {
      await labels
    }
  }

  get #activity(): RigActivity {
    const running = this.#running
    if (running) return { state: running.state, cycleId: running.id, number: running.number }
    const rig: RigState = this.#rig.state
    switch (rig.state) {
      case 'opening':
        return { state: 'opening', why: null }
      case 'lost':
        return { state: 'lost', why: rig.reason.message }
      case 'closed':
        return { state: 'lost', why: rig.error instanceof Error ? rig.error.message : null }
      default: {
        if (this.#labels.holdsRig) return { state: 'label' }
        const isLocked = this.#options.timebase.nowMs() < this.#lockedUntilMs
        return { state: isLocked ? 'lockout' : 'waiting' }
      }
    }
  }

  #finish(ended: EndedCycle): Promise<void> {
    this.#running = null
    this.#count(ended.end.outcome)
    this.#last = ended
    this.#recent = [ended, ...this.#recent].slice(0, MOST_RECENT)
    if (ended.end.outcome === 'pass') this.#labels.print(ended.cycleId)
    return this.#lockOut()
  }

  #begin(kind: TriggerKind): Running {
    const { rig, records, unixMs } = this.#options
    const { state } = this.#rig
    if (!('info' in state)) throw new Error('a cycle begins with a rig that is ready')
    const { kind: rigKind, name: rigName, ...info } = state.info
    const { serialNumber, firmwareVersion, packageVersion } = info
    const versions = { serialNumber, firmwareVersion, packageVersion }
    const begun = records.begin({ rig, rigKind, rigName, ...versions }, kind, unixMs())
    return { ...begun, inbox: new Inbox(), end: new AbortController(), state: 'triggered' }
  }

  async #cycle(running: Running): Promise<EndedCycle> {
    const { steps, records, timebase, unixMs } = this.#options
    const { id, number, inbox } = running
    let deviceId: string | null = null
    const kept = new LightKeeper()
    this.#light = { cycleId: id, kept }
    let end = await runCycle(
      {
        steps: steps(),
        timebase,
        knownLight: this.#knownLight,
        inbox,
        useRig: (work) => this.#rig.use((rig, signal) => work(rig as WatchedPath, signal)),
        log: {
          enter: (state) => {
            records.enter(id, state, unixMs())
            running.state = state
            this.#tell()
          },
          measure: (measurements) => records.measure(id, measurements),
          identify: (device) => {
            deviceId = device.deviceId
            return records.identify(id, device)
          },
        },
        onLight: (report) => {
          const { black, white } = report.reception.levels
          if (report.verdict === 'pass' && black !== null && white !== null) {
            this.#knownLight = { black, white }
          }
        },
        onSamples: (block) => kept.push(block),
      },
      running.end.signal,
    ).catch((error) => this.#endOf(error))
    const endedAtMs = unixMs()
    try {
      records.end(id, end, endedAtMs)
    } catch (error) {
      // What is not recorded has not passed.
      end = this.#endOf(error)
    }
    return { cycleId: id, number, endedAtMs, deviceId, end }
  }

  /** Of what nobody has thought of, too, which is told. */
  #endOf(error: unknown): CycleEnd {
    try {
      return endOf(error)
    } catch {
      this.#options.onFault(error)
      return { outcome: 'error', reason: 'broken', detail: 'something unforeseen: see the log' }
    }
  }

  async #lockOut(): Promise<void> {
    const { lockoutS, timebase } = this.#options
    this.#lockedUntilMs = timebase.nowMs() + 1000 * lockoutS
    this.#tell()
    await timebase.sleep(1000 * lockoutS, this.#closing.signal).catch(() => {})
    this.#tell()
  }

  /** Until the rig is lost or closed. */
  async #listen({ edgeInput, lost }: Rig, contact: Contact): Promise<void> {
    if (!edgeInput) return
    try {
      for await (const _ of triggers(edgeInput, contact, { signal: lost })) this.trigger('board')
    } catch (error) {
      if (!lost.aborted) this.#options.onFault(error)
    }
  }

  #count(what: keyof Counts): void {
    this.#counts = { ...this.#counts, [what]: this.#counts[what] + 1 }
  }

  #tell(): void {
    const { state } = this.#activity
    if (state !== this.#toldState) this.#sinceMs = this.#options.unixMs()
    this.#toldState = state
    this.#options.onChange()
  }
}

/** How the last cycles of a rig have ended, the newest first. @throws RecordsError */
function recentCycles(records: Records, rig: string): EndedCycle[] {
  const recent: EndedCycle[] = []
  for (const { id, number, endedAtMs, deviceId, end } of records.cycles({ rig })) {
    if (end && endedAtMs !== null) recent.push({ cycleId: id, number, endedAtMs, deviceId, end })
    if (recent.length === MOST_RECENT) break
  }
  return recent
}
