// What a cycle of a station takes beside the light of its message, and what `blinkup verify` takes, in turns on one emulated board in real
// time, by that board's clock: from the trigger to the first symbol, and from the end of the last symbol to the verdict.
// `npm run bench:station -- overhead [--json] [--write] [--runs N]`
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { loopback } from '../src/bench/loopback.js'
import { makeMessage } from '../src/bench/message.js'
import { DUMMY } from '../src/cli/credentials.js'
import { EnrollmentClient } from '../src/factory/enrollment/client.js'
import { Records } from '../src/factory/records/records.js'
import type { CycleSteps } from '../src/factory/station/cycle.js'
import { Station } from '../src/factory/station/station.js'
import type { Settings } from '../src/packet/index.js'
import { openBridge } from '../src/rig/bridge/open.js'
import { emulatedBinding } from '../src/rig/emulated/binding.js'
import { Emulation } from '../src/rig/emulated/emulation.js'
import { EnrollmentServer, KEY } from '../test/helpers/enrollment-server.js'
import { progress, quantiles, report, round } from './report.js'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    write: { type: 'boolean' },
    runs: { type: 'string', default: '20' },
  },
  allowPositionals: true,
})
const RUNS = Number(values.runs)
const SYMBOL_RATE_HZ = 142
const BOARD = { brightness: 1, greyRatio: 0.52, sampleRateHz: 1000 }
const CLOCK_HZ = 16e6

/** What the invented credentials are without their token. */
const WIFI: Settings = { ssid: 'Blink', password: 'notsecret!' }

/** A board whose LED is watched, and what it did last. */
class WatchedBoard {
  readonly emulation = new Emulation({ realTime: true })
  firstLitMs = Number.NaN
  lastDarkMs = Number.NaN

  constructor() {
    this.emulation.onLed = (lit, cycle) => {
      const ms = (1000 * cycle) / CLOCK_HZ
      if (lit && Number.isNaN(this.firstLitMs)) this.firstLitMs = ms
      if (!lit) this.lastDarkMs = ms
    }
  }

  open() {
    return openBridge('emulated', BOARD, emulatedBinding(this.emulation), this.emulation)
  }
}

interface Overhead {
  readonly beforeMs: number
  readonly afterMs: number
}

/** Its first and its last symbols are dark: what counts is when they begin and end. */
const MESSAGE = makeMessage(DUMMY, { symbolRateHz: SYMBOL_RATE_HZ })
const LEVELS = MESSAGE.sequence.levels
const SYMBOL_MS = 1000 / SYMBOL_RATE_HZ
const DARK_BEFORE = LEVELS.findIndex((level) => level > 0)
const DARK_AFTER = LEVELS.length - 1 - LEVELS.findLastIndex((level) => level > 0)

async function timed(board: WatchedBoard, cycle: () => Promise<unknown>): Promise<Overhead> {
  board.firstLitMs = Number.NaN
  const triggerMs = board.emulation.nowMs()
  await cycle()
  const verdictMs = board.emulation.nowMs()
  return {
    beforeMs: board.firstLitMs - DARK_BEFORE * SYMBOL_MS - triggerMs,
    afterMs: verdictMs - board.lastDarkMs - DARK_AFTER * SYMBOL_MS,
  }
}

async function stationRuns(enrollment: CycleSteps['enrollment']): Promise<() => Promise<Overhead>> {
  const board = new WatchedBoard()
  const folder = mkdtempSync(join(tmpdir(), 'blinkup-'))
  const records = Records.open(join(folder, 'records.db'), 'bench', Date.now())
  const station = new Station({
    name: 'bench',
    records,
    lockoutS: 0,
    rigs: { left: { open: () => board.open() } },
    steps: {
      settings: enrollment ? WIFI : (DUMMY as Settings),
      message: { symbolRateHz: SYMBOL_RATE_HZ },
      limits: {},
      enrollment,
      resultTimeoutS: null,
      blessingTimeoutS: null,
      label: null,
    },
    onFault: (error) => {
      throw error
    },
  })
  closers.push(async () => {
    await station[Symbol.asyncDispose]()
    records[Symbol.dispose]()
    rmSync(folder, { recursive: true })
    await board.emulation.stop()
  })
  const rig = () => station.snapshot.rigs[0]
  return async () => {
    while (rig()?.activity.state !== 'waiting') await sleep(1)
    // As far apart as units are.
    await sleep(1000)
    return timed(board, () => {
      // The light's verdict is there when the cycle ends, or the device is waited for.
      const verdict = new Promise<void>((resolve) => {
        const stop = station.onChange(() => {
          const state = rig()?.activity.state
          if (!['waiting', 'lockout', 'connecting'].includes(state ?? '')) return
          stop()
          resolve()
        })
      })
      station.trigger('left', 'key')
      return verdict
    })
  }
}

async function verifyRuns(): Promise<() => Promise<Overhead>> {
  const board = new WatchedBoard()
  const rig = await board.open()
  closers.push(async () => {
    await rig[Symbol.asyncDispose]()
    await board.emulation.stop()
  })
  return () =>
    timed(board, () =>
      loopback(rig, MESSAGE.packet, MESSAGE.sequence, { symbolRateHz: SYMBOL_RATE_HZ }),
    )
}

const closers: (() => Promise<void>)[] = []
await using server = await EnrollmentServer.open()
const client = new EnrollmentClient({ key: KEY, url: server.url })
const ways = {
  'blinkup verify, on a rig that is open': await verifyRuns(),
  'station, the same message each time': await stationRuns(null),
  'station, a token from the server for each': await stationRuns({
    client,
    planId: undefined,
    timeoutS: 60,
  }),
}
const seen = new Map<string, Overhead[]>(Object.keys(ways).map((way) => [way, []]))
for (let n = 0; n <= RUNS; n++) {
  progress(`${n} of ${RUNS}`)
  for (const [way, run] of Object.entries(ways)) {
    const overhead = await run()
    // The first one loads the whole message, and code is compiled.
    if (n > 0) seen.get(way)?.push(overhead)
  }
}
for (const close of closers.reverse()) await close()

const medianOf = (way: string, key: keyof Overhead): number =>
  quantiles((seen.get(way) ?? []).map((one) => one[key])).median
const [verify] = Object.keys(ways) as [string]
report('blinkup.bench-station-overhead/1', {
  'Beside the light of the message': Object.keys(ways).map((way) => {
    const of = (key: keyof Overhead) => quantiles((seen.get(way) ?? []).map((one) => one[key]))
    const [before, after] = [of('beforeMs'), of('afterMs')]
    return {
      way,
      'trigger to first symbol, ms': round(before.median, 1),
      'P99 ': round(before.p99, 1),
      'most ': round(before.max, 1),
      'of verify ': round(before.median / medianOf(verify, 'beforeMs'), 3),
      'last symbol to verdict, ms': round(after.median, 1),
      P99: round(after.p99, 1),
      most: round(after.max, 1),
      'of verify': round(after.median / medianOf(verify, 'afterMs'), 3),
    }
  }),
})
