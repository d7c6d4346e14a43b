// A sweep of 200 points on the emulated rig beside runs of `verify` at the same points, three at each, one after another. Of the latter a
// sample is played, spread over the points, one in each pause of the sweep; its time is scaled to all.
// `npm run bench:sweep [-- --json] [-- --write] [-- --bytes N] [-- --grid]`
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { randomSettings } from '../src/bench/sweep/random-message.js'
import { progress, type Row, report, round } from './report.js'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    write: { type: 'boolean' },
    bytes: { type: 'string', default: '40' },
    grid: { type: 'boolean' },
  },
})
const BLINKUP = fileURLToPath(new URL('../bin/blinkup', import.meta.url))
const RUNS_A_POINT = 3
/** Of the sweep, between two runs of `verify`. */
const TURN_S = 12
/** From one sampled point to the next: it has no factor in common with their number. */
const STRIDE = 123

interface Point {
  readonly symbolRateHz: number
  readonly greyRatio: number
}
interface Sweep {
  readonly points: readonly { readonly played: { readonly messages: number } | null }[]
}

const folder = mkdtempSync(join(tmpdir(), 'blinkup-'))
const config = join(folder, 'device.json')
writeFileSync(config, JSON.stringify(randomSettings(Number(values.bytes), 1)), { mode: 0o600 })

const AXES = ['--rates', '100..350/20', '--greys', '0.3..0.8/10', '--message-bytes', values.bytes]
const SWEEP = ['bench', 'sweep', '--rig', 'emulated', ...AXES, '--json']

interface Run {
  readonly child: ChildProcess
  readonly ended: Promise<string>
}

/** Resolves with what a run of the command has printed. */
function start(args: readonly string[]): Run {
  const child = spawn(process.execPath, [BLINKUP, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  const printed = text(child.stdout)
  const ended = once(child, 'close').then(([status]) => {
    if (status !== 0 && status !== 1) throw new Error(`${args.join(' ')} ended with ${status}`)
    return printed
  })
  return { child, ended }
}

/** Seconds that a run of `verify` takes. */
async function verifyS({ symbolRateHz, greyRatio }: Point): Promise<number> {
  const light = ['--rate', String(symbolRateHz), '--grey', String(greyRatio)]
  const startMs = performance.now()
  await start(['verify', '--rig', 'emulated', '--config', config, ...light]).ended
  return (performance.now() - startMs) / 1000
}

/** A sweep that is stopped again and again for a run of `verify`: what else the machine does is seen by both. */
async function compare(title: string, args: readonly string[]): Promise<Row> {
  const { child, ended } = start([...SWEEP, ...args])
  const verifies: number[] = []
  let sweepS = 0
  for (let isOver = false; !isOver; ) {
    const startMs = performance.now()
    const slept = new AbortController()
    isOver = await Promise.race([
      ended.then(() => true),
      sleep(TURN_S * 1000, false, { signal: slept.signal }),
    ])
    slept.abort()
    sweepS += (performance.now() - startMs) / 1000
    if (!isOver) child.kill('SIGSTOP')
    verifies.push(await verifyS(spread(verifies.length)).finally(() => child.kill('SIGCONT')))
    progress(`${title}: ${Math.round(sweepS)} s, ${verifies.length} runs of verify`)
  }
  const { points } = JSON.parse(await ended) as Sweep
  const runs = RUNS_A_POINT * points.length
  const allS = (verifies.reduce((sum, s) => sum + s, 0) / verifies.length) * runs
  return {
    sweep: title,
    points: points.length,
    pointsPlayed: points.filter(({ played }) => played && played.messages > 0).length,
    messages: points.reduce((sum, { played }) => sum + (played?.messages ?? 0), 0),
    verifyRuns: runs,
    verifyRunsPlayed: verifies.length,
    sweepS: round(sweepS, 1),
    verifyScaledS: round(allS, 1),
    ratio: round(sweepS / allS, 3),
  }
}

const lattice = latticePoints()

/** Any number of these, from the first on, are spread evenly over both axes. */
const spread = (n: number): Point => lattice[(n * STRIDE) % lattice.length] as Point

try {
  report('blinkup.bench-sweep-speed/1', {
    [`a sweep of 200 points, confirmation and all, beside ${RUNS_A_POINT} runs of verify at each; messages of ${values.bytes} bytes`]:
      [
        await compare('that finds the edge', []),
        ...(values.grid ? [await compare('of all points (--grid)', ['--grid'])] : []),
      ],
  })
} finally {
  rmSync(folder, { recursive: true })
}

/** As the axes above make them. */
function latticePoints(): Point[] {
  const rates = Array.from({ length: 20 }, (_, n) => Number((100 * 3.5 ** (n / 19)).toPrecision(3)))
  const greys = Array.from({ length: 10 }, (_, n) => Number((0.3 + (n * 0.5) / 9).toPrecision(3)))
  return rates.flatMap((symbolRateHz) => greys.map((greyRatio) => ({ symbolRateHz, greyRatio })))
}
