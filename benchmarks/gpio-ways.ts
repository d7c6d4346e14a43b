import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { PacingReport } from '../src/rig/rig.js'
import { quantiles, type Row, round } from './report.js'

const BOOT = fileURLToPath(new URL('../test/emulated-pi/boot.sh', import.meta.url))
const WHITE_LINE = 17
const GREY_LINE = 27

interface Turn {
  readonly way: string
  readonly pacing: PacingReport
  /** How long one line had changed and the other had not yet, each time that both did. */
  readonly inBetweenUs: readonly number[]
}

/**
 * The two ways to the header's lines, side by side in one run: on an emulated Raspberry Pi 3 under Debian's kernel, whose own driver
 * is watched by a probe. As root, on Debian.
 */
export function measureWays(suite = 'trixie'): Row[] {
  const output = execFileSync('bash', [BOOT, 'bench.sh', suite], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const turns = [
    ...output.matchAll(/^= (device|sysfs)\n(.*?)^= writes\n(.*?)(?=^= |^the end)/gms),
  ].map(
    ([, way = '', report = '', writes = '']): Turn => ({
      way,
      pacing: JSON.parse(report).pacing,
      inBetweenUs: inBetweenUs(writes),
    }),
  )
  return ['device', 'sysfs'].map((way) => {
    const own = turns.filter((turn) => turn.way === way)
    const worst = (figure: keyof PacingReport): number =>
      round(1e6 * Math.max(...own.map(({ pacing }) => Number(pacing[figure]))), 0)
    const { median, p99, max } = quantiles(own.flatMap((turn) => turn.inBetweenUs))
    return {
      way,
      edges: own.reduce((sum, { pacing }) => sum + pacing.edges, 0),
      p99Us: worst('p99S'),
      maxUs: worst('maxS'),
      cpuPercent: round(100 * Math.max(...own.map(({ pacing }) => pacing.cpuPart)), 1),
      bothChange: own.reduce((sum, turn) => sum + turn.inBetweenUs.length, 0),
      inBetweenMedianUs: round(median, 1),
      inBetweenP99Us: round(p99, 1),
      inBetweenMaxUs: round(max, 1),
    }
  })
}

/**
 * How long one line had changed and the other not yet, each time that both did: of lines such as "12.345678 17 1", which are
 * time in seconds, line, value. Each change of the light writes both lines, one after the other.
 */
function inBetweenUs(writes: string): number[] {
  const shown = new Map([WHITE_LINE, GREY_LINE].map((line) => [line, 0]))
  const between: number[] = []
  let first: { timeS: number; line: number; changes: boolean } | undefined
  for (const row of writes.trim().split('\n')) {
    const [timeS = 0, line = 0, value = 0] = row.split(' ').map(Number)
    if (!shown.has(line)) continue
    const changes = shown.get(line) !== value
    shown.set(line, value)
    if (first && first.line !== line) {
      if (first.changes && changes) between.push(1e6 * (timeS - first.timeS))
      first = undefined
    } else first = { timeS, line, changes }
  }
  return between
}
