// Eight rigs of one station side by side in real time, each on a pseudo terminal with a light-weight stand-in of the board: how many cycles an
// hour, whether each unit was told its own token and no other, and how much of the machine all of it takes, the boards too.
// `npm run bench:station -- rigs [--json] [--write] [--cycles N] [--rigs N]`
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { EnrollmentClient } from '../src/factory/enrollment/client.js'
import { Records } from '../src/factory/records/records.js'
import { Station } from '../src/factory/station/station.js'
import { demodulate, parseSymbols } from '../src/modulation/index.js'
import { decodePacket } from '../src/packet/index.js'
import { openRig } from '../src/rig/open.js'
import { EnrollmentServer, KEY } from '../test/helpers/enrollment-server.js'
import { BoardsBeside } from '../test/rig/bridge/hostile/boards-beside.js'
import { progress, quantiles, report, round } from './report.js'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    write: { type: 'boolean' },
    cycles: { type: 'string', default: '1000' },
    rigs: { type: 'string', default: '8' },
  },
  allowPositionals: true,
})
const CYCLES = Number(values.cycles)
const RIGS = Number(values.rigs)
const SYMBOL_RATE_HZ = 142

const busyMs = (): number =>
  cpus().reduce((sum, { times }) => sum + times.user + times.sys + times.nice + times.irq, 0)

const folder = mkdtempSync(join(tmpdir(), 'blinkup-'))
await using server = await EnrollmentServer.open()
server.deviceIds = Array.from(
  { length: CYCLES + RIGS },
  (_, n) => `30000c2a69${n.toString(16).padStart(6, '0')}`,
)
/** Of each board the tokens that its light has told, in order. */
const told: string[][] = Array.from({ length: RIGS }, () => [])
await using boards = await BoardsBeside.start(folder, RIGS, ({ board, levels, isWhole }) => {
  const { packet } = demodulate(parseSymbols(levels))
  const { token } = decodePacket(packet) as { readonly token?: string }
  if (isWhole && token !== undefined) told[board]?.push(token)
})
const records = Records.open(join(folder, 'records.db'), 'bench', Date.now())
const rigNames = Array.from({ length: RIGS }, (_, n) => `rig ${n + 1}`)
const station = new Station({
  name: 'bench',
  records,
  lockoutS: 0,
  rigs: Object.fromEntries(
    rigNames.map((name, n) => [
      name,
      { open: (signal: AbortSignal) => openRig({ kind: 'bridge', port: boards.ports[n] }, signal) },
    ]),
  ),
  steps: {
    settings: { ssid: 'Blink', password: 'notsecret!' },
    message: { symbolRateHz: SYMBOL_RATE_HZ },
    limits: {},
    enrollment: {
      client: new EnrollmentClient({ key: KEY, url: server.url }),
      planId: undefined,
      timeoutS: 60,
    },
    resultTimeoutS: null,
    blessingTimeoutS: null,
    label: null,
  },
  onFault: (error) => {
    throw error
  },
})

const of = (name: string) => station.snapshot.rigs.find(({ rig }) => rig === name)
let begun = 0
const startMs = performance.now()
const startBusyMs = busyMs()
const ownStart = process.cpuUsage()
await Promise.all(
  rigNames.map(async (name) => {
    while (begun < CYCLES) {
      while (of(name)?.activity.state !== 'waiting') await sleep(5)
      if (begun >= CYCLES) return
      begun++
      const { last } = of(name) ?? {}
      station.trigger(name, 'key')
      while (of(name)?.last === last) await sleep(5)
      progress(`${begun} of ${CYCLES}`)
    }
  }),
)
const wallS = (performance.now() - startMs) / 1000
const cores = (busyMs() - startBusyMs) / 1000 / wallS
const own = process.cpuUsage(ownStart)

const durations: number[] = []
const counts = new Map<string, number>()
let wrong = 0
for (const cycle of records.cycles({})) {
  const outcome = cycle.end?.outcome ?? 'goes on'
  counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  durations.push(cycle.durationS ?? Number.NaN)
  // Newest first: the light that its own board has told last.
  const token = told[rigNames.indexOf(cycle.rig)]?.pop() ?? ''
  const device = server.deviceIds[server.tokens.indexOf(token)]
  if (device !== cycle.deviceId) wrong++
}
await station[Symbol.asyncDispose]()
records[Symbol.dispose]()
rmSync(folder, { recursive: true })

const { median, p99, max } = quantiles(durations)
report('blinkup.bench-station-rigs/1', {
  'Rigs side by side, in real time': [
    {
      rigs: RIGS,
      cycles: durations.length,
      passed: counts.get('pass') ?? 0,
      "with another's token": wrong,
      'cycle, s': round(median, 2),
      P99: round(p99, 2),
      most: round(max, 2),
      'station, of a core': round((own.user + own.system) / 1e6 / wallS, 3),
      'all of the machine, cores': round(cores, 2),
    },
  ],
})
