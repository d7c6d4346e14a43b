// How well edges on GPIO lines keep to their schedule, beside what a program does without much thought: a chain of
// setTimeout, and setTimeout to absolute deadlines. All write through onoff, in a mount namespace laid out as a Pi's; a
// preloaded observer takes the time after each write. Then the two ways to the lines, on a real kernel in an emulated Pi.
// As root, on Debian: `npm run bench:gpio [-- --json] [-- --seconds N]`
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { lightOf, Pi } from '../test/rig/raspberry-pi/pi.js'
import { measureWays } from './gpio-ways.js'
import { type Row, report, round } from './report.js'

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, seconds: { type: 'string', default: '15' } },
})
/** The methods take turns of so many seconds, so that all of them meet what else the machine does. */
const TURN_S = Number(values.seconds)
const TURNS = 2
const RATES_HZ = [30, 60, 142]
const PLAYER = fileURLToPath(new URL('gpio-player.ts', import.meta.url))

const METHODS = ['blinkup', 'blinkup, no real-time', 'deadlines', 'chain'] as const
type Method = (typeof METHODS)[number]

interface Measured {
  readonly latenessUs: number[]
  lengthErrorUs: number
  readonly cpuParts: number[]
  readonly remarks: Set<string>
}

/** One turn: how late each edge was, against the schedule on which the earliest of them is. */
function measure(method: Method, rateHz: number, into: Measured): void {
  using pi = new Pi('pi4', 'sysfs')
  const edges = Math.round(TURN_S * rateHz)
  const player = [process.execPath, '--import', 'tsx', PLAYER]
  const bare = ['setpriv', '--bounding-set=-sys_nice', ...player, 'blinkup']
  const program = method === 'blinkup, no real-time' ? bare : [...player, method]
  const output = execFileSync(...pi.command([...program, String(rateHz), String(edges)]))
  const { cpuPart, realTime, failed } = JSON.parse(output.toString())
  if (cpuPart !== undefined) into.cpuParts.push(cpuPart)
  if (failed) into.remarks.add('failed as it should: an edge was late by more than a quarter')
  if (method === 'blinkup' && realTime === false) into.remarks.add('no real-time priority granted')

  const lines = { white: pi.base + 17, grey: pi.base + 27 }
  const times = lightOf(pi.writes, lines).slice(0, edges)
  const periodUs = 1e6 / rateHz
  const offsetsUs = times.map(({ timeNs }, i) => timeNs / 1000 - i * periodUs)
  const scheduleUs = Math.min(...offsetsUs)
  into.latenessUs.push(...offsetsUs.map((offset) => offset - scheduleUs))
  const lengthErrorUs = (offsetsUs.at(-1) as number) - (offsetsUs[0] as number)
  const perSecond = Math.abs(lengthErrorUs) / (((edges - 1) * periodUs) / 1e6)
  into.lengthErrorUs = Math.max(into.lengthErrorUs, perSecond)
}

function busyLoops(): ChildProcess[] {
  return Array.from({ length: cpus().length + 1 }, () => spawn('sh', ['-c', 'while :; do :; done']))
}

const quantile = (sorted: readonly number[], part: number): number =>
  sorted[Math.ceil(part * sorted.length) - 1] as number

const rows: Row[] = []
const ratios: Row[] = []
for (const load of ['idle', 'loaded']) {
  for (const rateHz of RATES_HZ) {
    const measured = new Map<Method, Measured>(
      METHODS.map((method) => [
        method,
        { latenessUs: [], lengthErrorUs: 0, cpuParts: [], remarks: new Set() },
      ]),
    )
    const loops = load === 'loaded' ? busyLoops() : []
    try {
      for (let turn = 0; turn < TURNS; turn++) {
        for (const [method, into] of measured) measure(method, rateHz, into)
      }
    } finally {
      for (const loop of loops) loop.kill('SIGKILL')
    }
    const sorted = (method: Method): number[] =>
      (measured.get(method) as Measured).latenessUs.sort((a, b) => a - b)
    for (const [method, { lengthErrorUs, cpuParts, remarks }] of measured) {
      const lateness = sorted(method)
      rows.push({
        load,
        rateHz,
        method,
        edges: lateness.length,
        medianUs: round(quantile(lateness, 0.5), 1),
        p99Us: round(quantile(lateness, 0.99), 1),
        p999Us: round(quantile(lateness, 0.999), 1),
        maxUs: round(quantile(lateness, 1), 1),
        lengthErrorUsPerS: round(lengthErrorUs, 2),
        cpuPercent: round(100 * Math.max(...cpuParts, 0), 1),
        remarks: [...remarks].join('; '),
      })
    }
    for (const method of METHODS.slice(0, 2)) {
      const ratio = (part: number): number =>
        round(quantile(sorted('deadlines'), part) / quantile(sorted(method), part), 1)
      ratios.push({ load, rateHz, method, p99: ratio(0.99), p999: ratio(0.999), max: ratio(1) })
    }
  }
}
report('blinkup.bench-gpio/1', {
  'lateness of edges, in µs': rows,
  'times better than setTimeout to deadlines': ratios,
  'by the character device and by sysfs, on an emulated Pi 3': measureWays(),
})
