// How soon the command has started: the user CPU of whole processes beside that of `node -e 0`, taking turns in one run; and how long
// the demo takes from its start until light is seen, on a terminal (in real time) and without one. With --other, a folder with another
// version, built, takes turns with this one.
// With bash and script (bsdutils): `npm run bench:start [-- --json] [-- --runs N] [-- --other FOLDER]`
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { progress, quantiles, report, round } from './report.js'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    write: { type: 'boolean' },
    runs: { type: 'string', default: '100' },
    other: { type: 'string' },
  },
})
const RUNS = Number(values.runs)
const HERE = fileURLToPath(new URL('..', import.meta.url))
const FOLDERS = { 'this version': HERE, ...(values.other && { 'the other one': values.other }) }

/** Of a level of the emulated sensor: above what it sees of other light. */
const LIT = 0.2

const commandsIn = (folder: string): Readonly<Record<string, readonly string[]>> => ({
  'blinkup --version': [`${folder}/bin/blinkup`, '--version'],
  'blinkup encode --dummy': [`${folder}/bin/blinkup`, 'encode', '--dummy'],
})
const BASE = 'node -e 0'
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  [BASE]: ['-e', '0'],
  "import 'blinkup/packet'": ['--input-type=module', '-e', "import 'blinkup/packet'"],
  ...Object.fromEntries(
    Object.entries(FOLDERS).flatMap(([version, folder]) =>
      Object.entries(commandsIn(folder)).map(([name, args]) => [`${name}, ${version}`, args]),
    ),
  ),
}

/** User CPU of a Node.js from start to end, in milliseconds. */
function userMs(args: readonly string[]): number {
  const timed = 'TIMEFORMAT=%3U; time "$@" > /dev/null 2>&1'
  const { stderr } = spawnSync('bash', ['-c', timed, 'bash', process.execPath, ...args], {
    cwd: HERE,
    encoding: 'utf8',
  })
  return 1000 * Number(stderr)
}

/** How long the demo takes until the first sample that is lit is in its capture, in milliseconds. */
async function firstLightMs(folder: string, onTerminal: boolean): Promise<number> {
  const scratch = mkdtempSync(join(tmpdir(), 'blinkup-'))
  const capture = join(scratch, 'capture.csv')
  const demo = [`${folder}/bin/blinkup`, 'verify', '--rig', 'emulated', '--dummy']
  const args = [...demo, '--capture', capture]
  const startMs = performance.now()
  const run: ChildProcess = onTerminal
    ? spawn('script', ['-qefc', [process.execPath, ...args].join(' '), '/dev/null'], {
        stdio: ['ignore', 'ignore', 'ignore'],
      })
    : spawn(process.execPath, args, { stdio: 'ignore' })
  const ended = once(run, 'exit')
  try {
    while (!isLit(capture)) {
      if (run.exitCode !== null) throw new Error('the demo has ended without light')
      await sleep(2)
    }
    return performance.now() - startMs
  } finally {
    run.kill()
    await ended
    rmSync(scratch, { recursive: true })
  }
}

function isLit(capture: string): boolean {
  try {
    const lines = readFileSync(capture, 'utf8').split('\n').slice(1, -1)
    return lines.some((line) => Number(line.split(',')[1]) > LIT)
  } catch {
    return false // it is not there yet
  }
}

const cpu = new Map(Object.keys(COMMANDS).map((name) => [name, [] as number[]]))
for (let turn = 0; turn < RUNS; turn++) {
  progress(`user CPU: ${turn + 1} of ${RUNS}`)
  for (const [name, args] of Object.entries(COMMANDS)) cpu.get(name)?.push(userMs(args))
}

const light = new Map<string, number[]>()
const TURNS = Math.ceil(RUNS / 5)
for (let turn = 0; turn < TURNS; turn++) {
  progress(`first light: ${turn + 1} of ${TURNS}`)
  for (const [version, folder] of Object.entries(FOLDERS)) {
    for (const onTerminal of [true, false]) {
      const name = `${onTerminal ? 'on a terminal' : 'without a terminal'}, ${version}`
      const times = light.get(name) ?? []
      times.push(await firstLightMs(folder, onTerminal))
      light.set(name, times)
    }
  }
}

const row = (name: string, times: readonly number[], base: readonly number[] = []) => {
  const { median, p99, max } = quantiles(times)
  return {
    what: name,
    medianMs: round(median, 1),
    p99Ms: round(p99, 1),
    maxMs: round(max, 1),
    ratio: round(median / quantiles(base).median, 2),
  }
}
const baseOf = (name: string): readonly number[] =>
  light.get(name.replace('this version', 'the other one')) ?? []
report('blinkup.bench-start/1', {
  'user CPU of a whole process, beside node -e 0': Array.from(cpu, ([name, times]) =>
    row(name, times, cpu.get(BASE)),
  ),
  'the demo from start to first light, beside the other version': Array.from(
    light,
    ([name, times]) => row(name, times, baseOf(name)),
  ),
})
