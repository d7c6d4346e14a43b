import { EventEmitter, once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EnrollmentClient } from '../../../src/factory/enrollment/client.js'
import type { LabelPrinting } from '../../../src/factory/label/printing.js'
import type {
  CycleRecord,
  CycleState,
  DeviceReport,
} from '../../../src/factory/records/cycle-record.js'
import { RecordsError } from '../../../src/factory/records/errors.js'
import { Records } from '../../../src/factory/records/records.js'
import type { CycleSteps } from '../../../src/factory/station/cycle.js'
import type {
  RigSnapshot,
  StationSnapshot,
  Triggered,
} from '../../../src/factory/station/snapshot.js'
import { Station, type StationOptions } from '../../../src/factory/station/station.js'
import { openBridge } from '../../../src/rig/bridge/open.js'
import { emulatedBinding } from '../../../src/rig/emulated/binding.js'
import { Emulation } from '../../../src/rig/emulated/emulation.js'
import { RigError } from '../../../src/rig/errors.js'
import { openRig } from '../../../src/rig/open.js'
import type { Rig } from '../../../src/rig/rig.js'
import { answering, EnrollmentServer, KEY, PLAN_ID } from '../../helpers/enrollment-server.js'

const PASSWORD = 'never to be recorded'
/** As quick as the emulated board plays, so that a message takes a second and a half. */
const LIGHT = { kind: 'emulated', sampleRateHz: 4000, realTime: true } as const
const DEVICES = ['30000c2a69000001', '30000c2a69000002']

let server: EnrollmentServer
let folder: string
let records: Records
const stations: Station[] = []

beforeEach(async () => {
  server = await EnrollmentServer.open()
  server.deviceIds = DEVICES
  folder = mkdtempSync(join(tmpdir(), 'blinkup-'))
  records = Records.open(join(folder, 'records.db'), 'line', Date.now())
})
afterEach(async () => {
  for (const station of stations.splice(0)) await station[Symbol.asyncDispose]()
  records[Symbol.dispose]()
  await server[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const steps = (others: Partial<CycleSteps> = {}): CycleSteps => ({
  settings: { ssid: 'factory', password: PASSWORD },
  message: { symbolRateHz: 500 },
  limits: {},
  enrollment: {
    client: new EnrollmentClient({ key: KEY, url: server.url }),
    planId: undefined,
    timeoutS: 60,
  },
  resultTimeoutS: 60,
  blessingTimeoutS: 60,
  label: null,
  ...others,
})

/** A station, and what it shows. */
class Line {
  readonly station: Station
  readonly faults: unknown[] = []

  constructor(options: Partial<StationOptions> = {}) {
    this.station = new Station({
      name: 'line',
      rigs: { left: { open: (signal) => openRig(LIGHT, signal) } },
      steps: steps(),
      records,
      lockoutS: 0,
      onFault: (error) => this.faults.push(error),
      ...options,
    })
    stations.push(this.station)
  }

  get snapshot(): StationSnapshot {
    return this.station.snapshot
  }

  of(rig: string): RigSnapshot {
    return this.snapshot.rigs.find((one) => one.rig === rig) as RigSnapshot
  }

  async until(isSo: (rig: RigSnapshot) => boolean, rig = 'left'): Promise<RigSnapshot> {
    for (;;) {
      const snapshot = this.of(rig)
      if (isSo(snapshot)) return snapshot
      await new Promise<void>((resolve) => {
        const stop = this.station.onChange(() => {
          stop()
          resolve()
        })
      })
    }
  }

  is(state: RigSnapshot['activity']['state'], rig = 'left'): Promise<RigSnapshot> {
    return this.until(({ activity }) => activity.state === state, rig)
  }

  /** Starts a cycle as soon as it can be. */
  async start(rig = 'left', triggered: Triggered = 'begun'): Promise<void> {
    await this.is('waiting', rig)
    expect(this.station.trigger(rig, 'key')).toBe(triggered)
  }

  /** The record of the cycle that ends next. */
  async ended(rig = 'left'): Promise<CycleRecord> {
    const before = this.of(rig).last
    const { last } = await this.until((now) => now.last !== before, rig)
    return records.cycle(last?.cycleId as string) as CycleRecord
  }
}

const report = (deviceId: string, success: boolean | null, values = {}): DeviceReport => ({
  deviceId,
  mac: null,
  success,
  values,
})
const statesOf = ({ phases }: CycleRecord): CycleState[] => phases.map(({ state }) => state)

describe('after a start', () => {
  const before = (outcome: 'pass' | null): string => {
    const versions = { serialNumber: null, firmwareVersion: null, packageVersion: '1.0.0' }
    const setting = { rig: 'left', rigKind: 'emulated', rigName: 'emulated', ...versions }
    const { id } = records.begin(setting, 'key', Date.now())
    if (outcome) records.end(id, { outcome, reason: null, detail: null }, Date.now())
    return id
  }
  const again = (): void => {
    records[Symbol.dispose]()
    records = Records.open(join(folder, 'records.db'), 'line', Date.now())
  }

  test('a unit that was interrupted is told, and the last ten are those of before', async () => {
    const ids = [...Array.from({ length: 10 }, () => before('pass')), before(null)]
    again()
    const { last, recent, instruction } = await new Line().is('waiting')
    expect(last).toMatchObject({ cycleId: ids.at(-1), end: { reason: 'interrupted' } })
    expect(recent.map(({ cycleId }) => cycleId)).toEqual(ids.slice(-10).reverse())
    expect(instruction).toBe('The station was interrupted: try this unit again')
  })

  test('no unit is called passed, as another one may be there', () => {
    const id = before('pass')
    again()
    const { last, recent } = new Line().of('left')
    expect(last).toBeNull()
    expect(recent).toMatchObject([{ cycleId: id, end: { outcome: 'pass' } }])
  })
})

describe('a unit passes', () => {
  test('by its light, its token, its own result and its blessing, each recorded before the next', async () => {
    const line = new Line()
    const { station } = line
    await line.start()
    await line.is('updating')
    expect(station.keep(report(DEVICES[0] as string, null, { msg: 'begun' })).flag).toBe('matched')
    await line.is('testing')
    station.keep(report(DEVICES[0] as string, true, { Battery: 3.1 }))
    expect((await line.is('blessing')).instruction).toMatch(/^Do not remove/)
    const ended = line.ended()
    station.keep(report(DEVICES[0] as string, null), 'blessing')
    const cycle = await ended
    expect(cycle).toMatchObject({
      station: 'line',
      rig: 'left',
      rigKind: 'emulated',
      trigger: 'key',
      end: { outcome: 'pass', reason: null },
      deviceId: DEVICES[0],
      planId: PLAN_ID,
    })
    expect(statesOf(cycle)).toEqual([
      ...(['triggered', 'ambient', 'token', 'light'] as const),
      ...(['connecting', 'updating', 'testing', 'blessing'] as const),
    ])
    expect(cycle.results.map(({ kind, flag }) => [kind, flag])).toEqual([
      ['report', 'matched'],
      ['report', 'matched'],
      ['blessing', 'matched'],
    ])
    expect(cycle.measurements.find(({ name }) => name === 'margin-pct')?.value).toBeGreaterThan(50)
    expect(line.of('left')).toMatchObject({ counts: { pass: 1 }, instruction: /^PASSED/ })
    expect(line.faults).toEqual([])
    records[Symbol.dispose]()
    const file = readFileSync(join(folder, 'records.db'), 'latin1')
    for (const secret of [PASSWORD, ...server.tokens]) expect(file).not.toContain(secret)
    records = Records.open(join(folder, 'records.db'), 'line', Date.now())
  })

  test('by reports that were faster than the server, in whatever order', async () => {
    server.pollsBefore = 1
    const line = new Line()
    await line.start()
    await line.is('connecting')
    const ended = line.ended()
    expect(line.station.keep(report(DEVICES[0] as string, null), 'blessing').flag).toBe('unknown')
    expect(line.station.keep(report(DEVICES[0] as string, true)).flag).toBe('unknown')
    const cycle = await ended
    expect(cycle.end?.outcome).toBe('pass')
    expect(cycle.results.map(({ flag }) => flag)).toEqual(['matched', 'matched'])
  })

  test('by its light alone, where it gets no token', async () => {
    const line = new Line({ steps: steps({ enrollment: null, resultTimeoutS: null }) })
    await line.start()
    const cycle = await line.ended()
    expect(cycle.end?.outcome).toBe('pass')
    expect(statesOf(cycle)).toEqual(['triggered', 'ambient', 'light'])
  })
})

describe('a unit does not pass', () => {
  test('by what another one tells, though that is late by a cycle', async () => {
    const line = new Line({ steps: steps({ resultTimeoutS: 1 }) })
    await line.start()
    expect((await line.ended()).end?.reason).toBe('no-result')
    await line.start()
    await line.is('updating')
    expect(line.station.keep(report(DEVICES[0] as string, true)).flag).toBe('late')
    expect(line.station.keep(report('30000c2a69000009', true)).flag).toBe('unknown')
    const second = await line.ended()
    expect(second).toMatchObject({
      deviceId: DEVICES[1],
      end: { reason: 'no-result' },
      results: [],
    })
  })

  test.each<[string, Partial<CycleSteps>, (line: Line) => Promise<void> | void, object]>([
    [
      'whose token does not come',
      {},
      () => void server.faults.push(answering(503)),
      { outcome: 'error', reason: 'no-token' },
    ],
    [
      'that does not come to the server',
      { enrollment: null },
      () => {
        server.pollsBefore = 1000
      },
      { outcome: 'timeout', reason: 'no-device' },
    ],
    [
      'whose server no longer knows its token',
      {},
      async (line) => {
        await line.is('light')
        server.faults.push(answering(404))
      },
      { outcome: 'error', reason: 'no-server' },
    ],
    [
      'that says that its test has failed',
      {},
      async (line) => {
        await line.is('updating')
        line.station.keep(report(DEVICES[0] as string, false))
      },
      { outcome: 'fail', reason: 'test-failed' },
    ],
    [
      'that fails after it has passed, before it is blessed',
      {},
      async (line) => {
        await line.is('updating')
        line.station.keep(report(DEVICES[0] as string, true))
        line.station.keep(report(DEVICES[0] as string, false))
      },
      { outcome: 'fail', reason: 'test-failed' },
    ],
    [
      'that is not blessed',
      { blessingTimeoutS: 0.5 },
      async (line) => {
        await line.is('updating')
        line.station.keep(report(DEVICES[0] as string, true))
      },
      { outcome: 'timeout', reason: 'no-blessing' },
    ],
    [
      'whose light is not within a limit',
      { limits: { 'swing-pct': [70, 90] } },
      () => {},
      { outcome: 'error', reason: 'light-failed', detail: expect.stringContaining('swing-pct') },
    ],
    [
      'that the operator takes away',
      {},
      async (line) => {
        await line.is('light')
        line.station.cancel('left')
      },
      { outcome: 'aborted', reason: 'cancelled' },
    ],
  ])('%s', async (_, others, happens, end) => {
    const { client } = steps().enrollment as NonNullable<CycleSteps['enrollment']>
    const enrollment =
      others.enrollment === null ? { client, planId: undefined, timeoutS: 0.1 } : steps().enrollment
    const line = new Line({ steps: steps({ ...others, enrollment }) })
    await line.start()
    const [cycle] = await Promise.all([line.ended(), happens(line)])
    expect(cycle.end).toMatchObject(end)
    expect(line.faults).toEqual([])
    expect(line.of('left').instruction).toMatch(/^(LIGHT|NETWORK|FAILED|Ended by hand)/)
  })

  test('whose LED is not seen, which is told before a minute is lost on the network', async () => {
    const dim = { ...LIGHT, swing: 0.001 }
    const line = new Line({ rigs: { left: { open: (signal) => openRig(dim, signal) } } })
    await line.start()
    const cycle = await line.ended()
    expect(cycle.end).toMatchObject({ outcome: 'error', reason: 'light-failed' })
    expect(statesOf(cycle).at(-1)).toBe('light')
    expect(server.paths.filter((path) => path.startsWith('GET'))).toEqual([])
  })

  test.each(['begin', 'enter', 'end'] as const)(
    'whose record cannot be written at its %s',
    async (step) => {
      const line = new Line({ steps: steps({ enrollment: null, resultTimeoutS: null }) })
      await line.start()
      expect((await line.ended()).end?.outcome).toBe('pass')
      const write = records[step]
      records[step] = () => {
        throw new RecordsError('full', 'there is no room left: make some')
      }
      await line.start('left', step === 'begin' ? 'not-recorded' : 'begun')
      // What the operator has read of the unit before must not stay.
      const { instruction } = await line.until(({ last }) => last?.end.outcome === 'error')
      expect(instruction).toMatch(/^STATION: nothing can be recorded/)
      expect(line.of('left').last?.end).toMatchObject({
        reason: 'no-record',
        detail: 'there is no room left: make some',
      })
      Object.assign(records, { [step]: write })
      await line.start()
      await line.until(({ counts }) => counts.pass === 2)
    },
  )
})

describe('a rig', () => {
  test('ignores and counts triggers in a cycle and in the lockout', async () => {
    const line = new Line({
      lockoutS: 0.5,
      steps: steps({ enrollment: null, resultTimeoutS: null }),
    })
    expect(line.station.trigger('left', 'key')).toBe('ignored') // it is being opened
    await line.start()
    await line.is('light')
    expect(line.station.trigger('left', 'gpio')).toBe('ignored')
    await line.is('lockout')
    expect(line.station.trigger('left', 'http')).toBe('ignored')
    expect((await line.is('waiting')).counts).toMatchObject({ pass: 1, ignoredTriggers: 3 })
  })

  test('that is unplugged in the light ends its cycle, stops no other, and comes back by itself', async () => {
    let board: Rig | undefined
    const lost = new AbortController()
    const unplugged = async (signal: AbortSignal): Promise<Rig> => {
      board = await openRig(LIGHT, signal)
      if (lost.signal.aborted) return board
      const { info, emitter, photodiode } = board
      const close = board[Symbol.asyncDispose].bind(board)
      return {
        info,
        emitter,
        ...(photodiode && { photodiode }),
        lost: lost.signal,
        [Symbol.asyncDispose]: close,
      }
    }
    const line = new Line({
      rigs: { left: { open: unplugged }, right: { open: (signal) => openRig(LIGHT, signal) } },
      steps: steps({ enrollment: null, resultTimeoutS: null }),
    })
    await line.start('left')
    await line.start('right')
    await line.is('light', 'left')
    const ended = [line.ended('left'), line.ended('right')]
    lost.abort(new RigError('unplugged', 'the board is gone: plug it in again'))
    const [left, right] = await Promise.all(ended)
    expect(left?.end).toMatchObject({ outcome: 'error', reason: 'rig-lost' })
    expect(right?.end?.outcome).toBe('pass')
    await line.start('left')
    expect((await line.ended('left')).end?.outcome).toBe('pass')
  })

  test('is dark when the station is stopped in the light, and the cycle says so', async () => {
    const emulation = new Emulation({ realTime: true })
    const options = { brightness: 1, greyRatio: 0.52, sampleRateHz: 4000 }
    const line = new Line({
      rigs: {
        left: {
          open: () => openBridge('emulated', options, emulatedBinding(emulation), emulation),
        },
      },
      steps: steps({ enrollment: null, resultTimeoutS: null }),
    })
    await line.start()
    await line.is('light')
    while (!emulation.board.lit) await setTimeout(1)
    const ended = line.ended()
    await line.station[Symbol.asyncDispose]()
    expect(emulation.board.lit).toBe(false)
    expect((await ended).end).toMatchObject({ outcome: 'aborted', reason: 'stopped' })
    await emulation.stop()
  })
})

describe('the label of a unit', () => {
  /** Prints when it is told to. */
  const printing = () => {
    const asked: CycleRecord[] = []
    const printed = new EventEmitter()
    const label: LabelPrinting = {
      waits: true,
      print: async (cycle, signal) => {
        asked.push(cycle)
        await once(printed, 'printed', { signal })
      },
    }
    return { asked, label, end: () => printed.emit('printed') }
  }

  test('is printed once it has passed, of its own cycle, and the next one waits for it', async () => {
    const { asked, label, end } = printing()
    const line = new Line({ steps: steps({ resultTimeoutS: null, label }) })
    await line.start()
    const cycle = await line.ended()
    const shown = await line.until(({ labels }) => labels?.last?.state === 'printing')
    expect(shown).toMatchObject({
      activity: { state: 'label' },
      instruction: 'Wait: the label is being printed',
      labels: { printed: 0, failed: 0, last: { cycleId: cycle.id, number: 1 } },
    })
    expect(line.station.trigger('left', 'key')).toBe('ignored')
    expect(line.station.reprintLabel('left')).toBe(false)
    end()
    const { counts, instruction, labels } = await line.is('waiting')
    expect({ ...counts, ...labels }).toMatchObject({ ignoredTriggers: 1, printed: 1, failed: 0 })
    expect(instruction).toMatch(/^PASSED: take it out/)
    expect(asked.map(({ id, deviceId, end }) => [id, deviceId, end?.outcome])).toEqual([
      [cycle.id, DEVICES[0], 'pass'],
    ])
  })

  test('is never that of one that has not passed, or goes on', async () => {
    const { asked, label, end } = printing()
    const line = new Line({ steps: steps({ enrollment: null, resultTimeoutS: null, label }) })
    await line.start()
    const passed = await line.ended()
    await line.until(({ labels }) => labels?.last?.state === 'printing')
    end()
    await line.start()
    await line.is('light')
    expect(line.station.reprintLabel('left')).toBe(true)
    line.station.cancel('left')
    expect((await line.ended()).end?.reason).toBe('cancelled')
    await line.is('label')
    end()
    await line.is('waiting')
    expect(asked.map(({ id }) => id)).toEqual([passed.id, passed.id])
  })
})

test('there is no rig of another name', () => {
  const line = new Line()
  expect(() => line.station.trigger('middle', 'key')).toThrow('there is no rig "middle"')
})
