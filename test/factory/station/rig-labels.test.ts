import { describe, expect } from 'vitest'
import { LabelError } from '../../../src/factory/label/errors.js'
import type { LabelPrinting } from '../../../src/factory/label/printing.js'
import type { CycleRecord } from '../../../src/factory/records/cycle-record.js'
import { RecordsError } from '../../../src/factory/records/errors.js'
import { Records } from '../../../src/factory/records/records.js'
import { instructionFor } from '../../../src/factory/station/instructions.js'
import { RigLabels } from '../../../src/factory/station/rig-labels.js'
import type { ShownLabel } from '../../../src/factory/station/snapshot.js'
import { test as base } from '../../helpers/folder.js'

const SETTING = {
  rigKind: 'emulated',
  rigName: 'emulated',
  serialNumber: null,
  firmwareVersion: null,
  packageVersion: '0.1.0',
}
const LATER = { outcome: 'aborted', reason: 'cancelled', detail: 'by hand' } as const
const PASS = { outcome: 'pass', reason: null, detail: null } as const

/** The labels of a rig with real records, and a printer that a test holds in its hand. */
class Desk {
  readonly asked: CycleRecord[] = []
  readonly faults: unknown[] = []
  readonly #ends: ((error: Error | null) => void)[] = []
  readonly #open: RigLabels[] = []

  constructor(readonly records: Records) {}

  /** As at the start of a station. */
  labels(waits = true, rig = 'left'): RigLabels {
    const printing: LabelPrinting = { waits, print: (cycle, signal) => this.#print(cycle, signal) }
    const labels = new RigLabels({
      rig,
      printing: () => printing,
      records: this.records,
      unixMs: Date.now,
      onChange: () => {},
      onFault: (error) => this.faults.push(error),
    })
    this.#open.push(labels)
    return labels
  }

  #print(cycle: CycleRecord, signal: AbortSignal): Promise<void> {
    // What is printed is recorded as passed before, and that its label may be out.
    expect(this.records.cycle(cycle.id)?.end?.outcome).toBe('pass')
    expect(this.records.labels(cycle.id).at(-1)).toMatchObject({ outcome: null, endedAtMs: null })
    this.asked.push(cycle)
    return new Promise((resolve, reject) => {
      this.#ends.push((error) => (error ? reject(error) : resolve()))
      signal.addEventListener('abort', () => {
        this.#ends.length = 0
        reject(signal.reason)
      })
    })
  }

  /** Ends the label that was asked for first. */
  async finish(error: Error | null = null): Promise<void> {
    await expect.poll(() => this.#ends.length, { interval: 1 }).toBeGreaterThan(0)
    this.#ends.shift()?.(error)
  }

  /** The same, where no other one waits: what is shown then. */
  async end(labels: RigLabels, error: Error | null = null): Promise<ShownLabel | null | undefined> {
    await this.finish(error)
    await expect.poll(() => labels.snapshot?.last?.state, { interval: 1 }).not.toBe('printing')
    return labels.snapshot?.last
  }

  /** A cycle that has ended, or goes on. Returns its ID. */
  cycle(end: typeof PASS | typeof LATER | null = PASS, rig = 'left'): string {
    const { id } = this.records.begin({ ...SETTING, rig }, 'key', Date.now())
    if (end) this.records.end(id, end, Date.now())
    return id
  }

  outcomes(id: string): (string | null)[] {
    return this.records.labels(id).map(({ outcome }) => outcome)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const labels of this.#open) await labels[Symbol.asyncDispose]()
  }
}

const test = base.extend<{ desk: Desk }>({
  desk: async ({ folder }, use) => {
    using records = Records.open(folder.at('records.db'), 'line', Date.now())
    await using desk = new Desk(records)
    await use(desk)
  },
})

describe('the labels of a rig', () => {
  test('are of the last unit that has passed, also when they are printed again', async ({
    desk,
  }) => {
    const labels = desk.labels()
    expect(labels.reprint()).toBe(false)
    const [first, , other, second] = [
      desk.cycle(),
      desk.cycle(LATER),
      desk.cycle(PASS, 'right'),
      desk.cycle(),
    ]
    labels.print(second)
    expect(labels.holdsRig).toBe(true)
    expect(labels.reprint()).toBe(false) // one at a time
    expect(await desk.end(labels)).toMatchObject({ cycleId: second, number: 4, state: 'printed' })
    desk.cycle(LATER)
    desk.cycle(null)
    await expect.poll(() => labels.reprint(), { interval: 1 }).toBe(true)
    await desk.end(labels)
    expect(desk.asked.map(({ id }) => id)).toEqual([second, second])
    expect([first, other, second].map((id) => desk.outcomes(id))).toEqual([
      [],
      [],
      ['printed', 'printed'],
    ])
    await expect.poll(() => labels.holdsRig, { interval: 1 }).toBe(false)
    expect(labels.snapshot).toMatchObject({ printed: 2, failed: 0 })
    expect(desk.faults).toEqual([])
  })

  test.for<[what: string, end: typeof LATER | null]>([
    ['has not passed', LATER],
    ['goes on', null],
  ])('are none of a cycle that %s', async ([, end], { desk }) => {
    const labels = desk.labels()
    const id = desk.cycle(end)
    labels.print(id)
    await expect.poll(() => labels.holdsRig, { interval: 1 }).toBe(false)
    expect([desk.asked, desk.outcomes(id), labels.snapshot?.last]).toEqual([[], [], null])
  })

  test('that cannot be printed say why, and hold nothing up', async ({ desk }) => {
    const labels = desk.labels()
    const id = desk.cycle()
    labels.print(id)
    const why = 'printer zebra is stopped (out of labels): look after it, and enable it'
    const shown = await desk.end(labels, new LabelError('no-printer', why))
    expect(shown).toEqual({ cycleId: id, number: 1, state: 'failed', why })
    const told = instructionFor({ state: 'waiting' }, { cycleId: id, end: PASS }, shown)
    expect(told).toBe(`NO LABEL of unit 1: ${why}; then print it again`)
    // Of the next unit that is no news any more.
    expect(instructionFor({ state: 'waiting' }, { cycleId: 'b', end: PASS }, shown)).toMatch(
      /^PASSED/,
    )
    await expect.poll(() => labels.holdsRig, { interval: 1 }).toBe(false)
    expect(desk.records.labels(id)).toMatchObject([
      { cycleNumber: 1, outcome: 'failed', detail: why },
    ])
    labels.print(id)
    await desk.end(labels, new TypeError('a bug'))
    expect(desk.records.labels(id).at(-1)?.detail).toBe('something unforeseen: see the log')
    expect(desk.faults).toEqual([new TypeError('a bug')])
  })

  test('that nobody waits for are printed one after the other', async ({ desk }) => {
    const labels = desk.labels(false)
    const ids = [desk.cycle(), desk.cycle(), desk.cycle()]
    for (const id of ids) labels.print(id)
    expect(labels.holdsRig).toBe(false)
    for (const [n] of ids.entries()) {
      await desk.finish()
      await expect.poll(() => labels.snapshot?.printed, { interval: 1 }).toBe(n + 1)
    }
    expect(desk.asked.map(({ id }) => id)).toEqual(ids)
  })

  test('that were being printed when the station ended are told at the next start', async ({
    desk,
  }) => {
    const labels = desk.labels()
    const id = desk.cycle()
    labels.print(id)
    await expect.poll(() => desk.asked.length, { interval: 1 }).toBe(1)
    await labels[Symbol.asyncDispose]()
    expect(desk.labels().snapshot?.last).toEqual({
      cycleId: id,
      number: 1,
      state: 'failed',
      why: 'the station was stopped before it was printed',
    })
    desk.records.beginLabel(id, Date.now()) // as a station that was killed leaves it
    const next = desk.labels()
    const shown = next.snapshot?.last
    expect(shown).toEqual({ cycleId: id, number: 1, state: 'unknown', why: null })
    const told = instructionFor({ state: 'waiting' }, null, shown)
    expect(told).toBe('Look whether unit 1 has its label: if not, print it again')
    expect(desk.labels(true, 'right').snapshot?.last).toBeNull()
    next.print(id)
    await expect.poll(() => desk.asked.length, { interval: 1 }).toBe(2)
    await desk.end(next)
    expect(desk.outcomes(id)).toEqual(['failed', null, 'printed'])
    expect(desk.labels().snapshot?.last).toBeNull()
  })

  test('are not printed where that cannot be recorded before', async ({ desk }) => {
    const labels = desk.labels()
    const id = desk.cycle()
    desk.records.beginLabel = () => {
      throw new RecordsError('full', 'there is no room left: make some')
    }
    labels.print(id)
    await expect
      .poll(() => labels.snapshot?.last, { interval: 1 })
      .toMatchObject({ state: 'failed', why: 'there is no room left: make some' })
    expect([desk.asked, desk.outcomes(id)]).toEqual([[], []])
  })

  test('that are printed and cannot be recorded after stay as unknown', async ({ desk }) => {
    const labels = desk.labels()
    const id = desk.cycle()
    desk.records.endLabel = () => {
      throw new RecordsError('full', 'there is no room left: make some')
    }
    labels.print(id)
    expect(await desk.end(labels)).toMatchObject({ state: 'printed' })
    await expect.poll(() => desk.faults.length, { interval: 1 }).toBe(1)
    expect(desk.outcomes(id)).toEqual([null])
  })
})
