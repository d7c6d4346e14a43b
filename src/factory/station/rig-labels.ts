import { LabelError } from '../label/errors.js'
import type { LabelPrinting } from '../label/printing.js'
import type { CycleRecord } from '../records/cycle-record.js'
import { RecordsError } from '../records/errors.js'
import type { Records } from '../records/records.js'
import type { LabelsSnapshot, ShownLabel } from './snapshot.js'

export interface RigLabelsOptions {
  readonly rig: string
  /** Of the next label; null where none are printed. */
  readonly printing: () => LabelPrinting | null
  readonly records: Records
  /** Time of the clock on the wall, in ms since 1970. */
  readonly unixMs: () => number
  /** Is told that the snapshot has changed; must not throw. */
  readonly onChange: () => void
  /** Is told what nobody has thought of. The station goes on. */
  readonly onFault: (error: unknown) => void
}

/**
 * Prints the labels of one rig, one after the other: of a cycle that is recorded as passed, and of no other. That it is printed is recorded before and after.
 * Disposing ends what is being printed.
 */
export class RigLabels implements AsyncDisposable {
  readonly #options: RigLabelsOptions
  readonly #closing = new AbortController()
  #printed = 0
  #failed = 0
  #last: ShownLabel | null = null
  /** Those that are printed, or wait for it. */
  #pending = 0
  #queue: Promise<void> = Promise.resolve()

  constructor(options: RigLabelsOptions) {
    this.#options = options
    if (options.printing()) this.#last = this.#leftOver()
  }

  /** Null where none are printed. */
  get snapshot(): LabelsSnapshot | null {
    if (!this.#options.printing()) return null
    return { printed: this.#printed, failed: this.#failed, last: this.#last }
  }

  /** Whether the next unit has to wait. */
  get holdsRig(): boolean {
    return this.#pending > 0 && this.#options.printing()?.waits === true
  }

  /** Prints the label of a cycle that has just passed, where labels are printed. */
  print(cycleId: string): void {
    this.#add((records) => records.cycle(cycleId))
  }

  /** Prints the label of the last cycle of this rig that has passed once more. Whether there is one, and nothing is being printed. */
  reprint(): boolean {
    if (this.#pending > 0 || !this.#options.printing()) return false
    const { records, rig, onFault } = this.#options
    try {
      const passed = records.lastPassed(rig)
      if (passed) this.#add(() => passed)
      return passed !== null
    } catch (error) {
      onFault(error)
      return false
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new LabelError('stopped', 'the station was stopped before it was printed'))
    await this.#queue
  }

  /** What was not printed when the station ended last. */
  #leftOver(): ShownLabel | null {
    const { records, rig } = this.#options
    const left = records.lastLabel(rig)
    if (!left || left.outcome === 'printed') return null
    const { cycleId, cycleNumber: number } = left
    return left.outcome === 'failed'
      ? { cycleId, number, state: 'failed', why: left.detail }
      : { cycleId, number, state: 'unknown', why: null }
  }

  #add(cycleIn: (records: Records) => CycleRecord | null): void {
    const { printing, records, onChange, onFault } = this.#options
    const labels = printing()
    if (!labels) return
    this.#pending++
    this.#queue = this.#queue
      .then(async () => {
        // What is recorded is printed, and nothing else.
        const cycle = cycleIn(records)
        if (cycle?.end?.outcome === 'pass') await this.#print(cycle, labels)
      })
      .catch(onFault)
      .finally(() => {
        this.#pending--
        onChange()
      })
  }

  async #print(cycle: CycleRecord, labels: LabelPrinting): Promise<void> {
    const { records, unixMs, onFault } = this.#options
    this.#show(cycle, 'printing', null)
    let number: number | null = null
    try {
      number = records.beginLabel(cycle.id, unixMs())
      const why = await this.#whyNot(cycle, labels)
      this.#end(cycle, why)
      const outcome = why === null ? 'printed' : 'failed'
      records.endLabel(number, { outcome, detail: why }, unixMs())
    } catch (error) {
      if (number === null) this.#end(cycle, this.#sentenceOf(error))
      else onFault(error) // it is shown as it is, though that is not recorded
    }
  }

  /** Why the label could not be printed, in a sentence; null where it was. */
  async #whyNot(cycle: CycleRecord, labels: LabelPrinting): Promise<string | null> {
    const { signal } = this.#closing
    try {
      signal.throwIfAborted()
      await labels.print(cycle, signal)
      return null
    } catch (error) {
      return this.#sentenceOf(signal.aborted ? signal.reason : error)
    }
  }

  #sentenceOf(error: unknown): string {
    if (error instanceof LabelError || error instanceof RecordsError) return error.message
    this.#options.onFault(error)
    return 'something unforeseen: see the log'
  }

  #end(cycle: CycleRecord, why: string | null): void {
    if (why === null) this.#printed++
    else this.#failed++
    this.#show(cycle, why === null ? 'printed' : 'failed', why)
  }

  #show({ id, number }: CycleRecord, state: ShownLabel['state'], why: string | null): void {
    this.#last = { cycleId: id, number, state, why }
    this.#options.onChange()
  }
}
