// A sweep of 200 points on the emulated rig beside runs of `verify` at the same points, three at each, one after another. Of the latter every
// 10th point is played, in the same run of this program as the sweep and before and after it, and the time is scaled to all.
// `npm run bench:sweep [-- --json] [-- --write] [-- --bytes N]`
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { randomSettings } from '../src/bench/sweep/random-message.js'
import { progress, type Row, report, round } from './report.js'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    write: { type: 'boolean' },
    bytes: { type: 'string', default: '40' },
  },
})
const BLINKUP = fileURLToPath(new URL('../bin/blinkup', import.meta.url))
const RUNS_A_POINT = 3
const SAMPLED = 10

interface Point {
  readonly symbolRateHz: number
  readonly greyRatio: number
  readonly played: { readonly verdict: string; readonly messages: number } | null
}
interface Sweep {
  readonly points: readonly Point[]
}

function timed(args: readonly string[]): { wallS: number; stdout: string } {
  const startMs = performance.now()
  const { stdout, status } = spawnSync(process.execPath, [BLINKUP, ...args], { encoding: 'utf8' })
  if (status !== 0 && status !== 1) throw new Error(`${args.join(' ')} ended with ${status}`)
  return { wallS: (performance.now() - startMs) / 1000, stdout }
}

const folder = mkdtempSync(join(tmpdir(), 'blinkup-'))
const config = join(folder, 'device.json')
writeFileSync(config, JSON.stringify(randomSettings(Number(values.bytes), 1)), { mode: 0o600 })

/** A run of `verify` at every tenth point, each of another grey than its neighbours, as seconds each. */
function verifyRuns(points: readonly Point[]): number[] {
  return points
    .filter((_, n) => n % SAMPLED === Math.floor(n / SAMPLED) % SAMPLED)
    .map(({ symbolRateHz, greyRatio }) => {
      const light = ['--rate', String(symbolRateHz), '--grey', String(greyRatio)]
      return timed(['verify', '--rig', 'emulated', '--config', config, ...light]).wallS
    })
}

const AXES = ['--rates', '100..350/20', '--greys', '0.3..0.8/10', '--message-bytes', values.bytes]
const SWEEP = ['bench', 'sweep', '--rig', 'emulated', ...AXES, '--json']

/** A sweep between two rounds of `verify`, and another one after it: what else the machine does is seen by both. */
function compare(title: string, args: readonly string[], lattice: readonly Point[]): Row {
  progress(`${title}: verify`)
  const before = [...verifyRuns(lattice), ...verifyRuns(lattice)]
  progress(`${title}: the sweep`)
  const { wallS, stdout } = timed([...SWEEP, ...args])
  progress(`${title}: verify`)
  const runs = [...before, ...verifyRuns(lattice)]
  const { points } = JSON.parse(stdout) as Sweep
  const verifyS = (runs.reduce((sum, s) => sum + s, 0) / runs.length) * RUNS_A_POINT * points.length
  return {
    sweep: title,
    points: points.length,
    pointsPlayed: points.filter(({ played }) => played && played.messages > 0).length,
    messages: points.reduce((sum, { played }) => sum + (played?.messages ?? 0), 0),
    verifyRuns: RUNS_A_POINT * points.length,
    verifyRunsPlayed: runs.length,
    sweepS: round(wallS, 1),
    verifyScaledS: round(verifyS, 1),
    ratio: round(wallS / verifyS, 3),
  }
}

try {
  const lattice = latticePoints()
  report('blinkup.bench-sweep-speed/1', {
    [`a sweep of 200 points, confirmation and all, beside ${RUNS_A_POINT} runs of verify at each; messages of ${values.bytes} bytes`]:
      [
        compare('that finds the edge', [], lattice),
        compare('of all points (--grid)', ['--grid'], lattice),
      ],
  })
} finally {
  rmSync(folder, { recursive: true })
}

/** As the axes above make them. */
function latticePoints(): Point[] {
  const rates = Array.from({ length: 20 }, (_, n) => Number((100 * 3.5 ** (n / 19)).toPrecision(3)))
  const greys = Array.from({ length: 10 }, (_, n) => Number((0.3 + (n * 0.5) / 9).toPrecision(3)))
  return rates.flatMap((symbolRateHz) =>
    greys.map((greyRatio) => ({ symbolRateHz, greyRatio, played: null })),
  )
}
