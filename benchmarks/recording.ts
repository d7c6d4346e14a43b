// What reading recordings costs: whole processes of `blinkup decode`, in turns with those of another version, built (`--other FOLDER`), and
// with sigrok-cli (Debian) reading the same numbers. CPU is user and system time; memory the most that was resident.
// With bash: `npm run bench:recording [-- --json] [-- --write] [-- --runs N] [-- --other FOLDER] [-- --megabytes N]`
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { strToU8, zipSync } from 'fflate'
import { simulateChannel } from '../src/channel/index.js'
import { modulate } from '../src/modulation/index.js'
import { CSV_HEADER, csvLines } from '../src/recording/csv.js'
import { randomPacket } from './receiver/trial.js'
import { progress, quantiles, report, round } from './report.js'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    write: { type: 'boolean' },
    runs: { type: 'string', default: '5' },
    other: { type: 'string' },
    megabytes: { type: 'string', default: '100' },
  },
})
const RUNS = Number(values.runs)
const CSV_BYTES = 1e6 * Number(values.megabytes)
const HERE = fileURLToPath(new URL('..', import.meta.url))
const SCRATCH = mkdtempSync(join(tmpdir(), 'blinkup-recording-'))
const PACKET = randomPacket(1, 24)

/** A file, or the arguments of a command that reads it. */
type Command = readonly [what: string, args: readonly string[]]

/** Message after message, 1,000 samples a second, written by `toLines`, until the file is as large as is asked for. */
function writeMessages(path: string, header: string, toLines: typeof csvLines): void {
  writeFileSync(path, header)
  const sequence = modulate(PACKET).levels
  for (let startS = 0, n = 0; statSync(path).size < CSV_BYTES; n++) {
    const light = simulateChannel(sequence, { noiseRms: 0.005, seed: n, sampleRateHz: 1000 })
    appendFileSync(path, toLines({ ...light, timesS: light.timesS.map((s) => s + startS) }))
    startS += (light.timesS.at(-1) as number) + 0.001
  }
}

const exponents: typeof csvLines = ({ timesS, levels }) =>
  Array.from(
    timesS,
    (timeS, n) => `${(timeS - 1).toExponential(8)},+${levels[n]?.toExponential(4)}\n`,
  ).join('')

/** A session of one LED line with PWM of 1 kHz, in chunks as PulseView writes them. */
function writeSession(path: string, sampleRateHz: number, samples: number): void {
  const { levels } = modulate(PACKET)
  const chunkSamples = 4_000_000
  const files: Record<string, Uint8Array> = {
    version: strToU8('2'),
    metadata: strToU8(
      `[global]\nsigrok version=0.5.2\n\n[device 1]\ncapturefile=logic-1\ntotal probes=8\nsamplerate=${sampleRateHz} Hz\ntotal analog=0\nprobe1=LED\nprobe8=other\nunitsize=1\n`,
    ),
  }
  for (let chunk = 0; chunk * chunkSamples < samples; chunk++) {
    const first = chunk * chunkSamples
    const bytes = new Uint8Array(Math.min(chunkSamples, samples - first))
    for (let i = 0; i < bytes.length; i++) {
      const s = (first + i) / sampleRateHz - 0.3
      const level = s < 0 ? 0 : (levels[Math.floor(60 * s)] ?? 0)
      bytes[i] = (1000 * s) % 1 < level / 2 ? 1 : 0
    }
    files[`logic-1-${chunk + 1}`] = bytes
  }
  writeFileSync(path, zipSync(files, { level: 1 }))
}

function writePairs(path: string): void {
  const light = simulateChannel(modulate(PACKET).levels, {
    noiseRms: 0.005,
    afterS: 2500,
    sampleRateHz: 1000,
  })
  const pairs = Array.from(
    light.timesS,
    (s, n) => `[${Math.round(1e6 * s)},${Math.round(65_535 * (light.levels[n] as number))}]`,
  )
  writeFileSync(path, `[${pairs.join(',\n')}]`)
}

interface BenchFile {
  readonly what: string
  readonly path: string
  readonly write: (path: string) => void
  /** Reads the same with another program. */
  readonly rival?: (path: string) => readonly string[]
}

const FILES: readonly BenchFile[] = [
  { what: 'an empty file', path: 'empty.csv', write: (path) => writeFileSync(path, '') },
  {
    what: 'CSV, message after message',
    path: 'messages.csv',
    write: (path) => writeMessages(path, CSV_HEADER, csvLines),
    rival: sigrokCsv,
  },
  {
    what: 'CSV with signs and exponents',
    path: 'exponents.csv',
    write: (path) => writeMessages(path, CSV_HEADER, exponents),
    rival: sigrokCsv,
  },
  {
    what: 'sigrok session, 50 million logic samples at 4 MHz',
    path: '4mhz.sr',
    write: (path) => writeSession(path, 4e6, 5e7),
  },
  {
    what: 'sigrok session, 12 s at 8 MHz',
    path: '8mhz.sr',
    write: (path) => writeSession(path, 8e6, 96e6),
  },
  {
    what: 'sigrok session, 12 s at 24 MHz',
    path: '24mhz.sr',
    write: (path) => writeSession(path, 24e6, 288e6),
  },
  { what: 'JSON pairs', path: 'pairs.json', write: writePairs },
]

function sigrokCsv(path: string): readonly string[] {
  return [
    'sigrok-cli',
    '-I',
    'csv:column_formats=2a:start_line=2:samplerate=1000',
    '-i',
    path,
    '-O',
    'null',
  ]
}

interface Cost {
  readonly cpuS: number
  readonly peakMib: number
}

/** What a process costs from start to end. */
function run(command: readonly string[]): Cost {
  const timed = 'TIMEFORMAT="%U %S"; time "$@" > /dev/null'
  const { stderr } = spawnSync('bash', ['-c', timed, 'bash', ...command], { encoding: 'utf8' })
  const [user = Number.NaN, system = Number.NaN] = (stderr.trim().split('\n').at(-1) ?? '')
    .split(' ')
    .map(Number)
  const [, kib = ''] = /^peak (\d+)$/m.exec(stderr) ?? []
  return { cpuS: user + system, peakMib: Number(kib) / 2 ** 10 }
}

const TELL_PEAK = `data:text/javascript,process.on('exit',()=>process.stderr.write('\\npeak '+process.resourceUsage().maxRSS+'\\n'))`

const decode = (folder: string, path: string): readonly string[] => [
  process.execPath,
  '--import',
  TELL_PEAK,
  `${folder}/bin/blinkup`,
  'decode',
  path,
]

/** The commands take turns, so that whatever else the machine does is the same for all. */
function costsOf(commands: readonly Command[]): Map<string, Cost[]> {
  const costs = new Map<string, Cost[]>(commands.map(([what]) => [what, []]))
  for (let n = 0; n < RUNS; n++) {
    for (const [what, args] of commands) costs.get(what)?.push(run(args))
  }
  return costs
}

const rows = []
try {
  for (const { what: file, path, write, rival } of FILES) {
    progress(file)
    const whole = join(SCRATCH, path)
    write(whole)
    const costs = costsOf([
      ['this version', decode(HERE, whole)],
      ...(values.other ? [['the other one', decode(values.other, whole)] as const] : []),
      ...(rival ? [['sigrok-cli', rival(whole)] as const] : []),
    ])
    const [here] = costs.values()
    for (const [what, taken] of costs) {
      const cpuS = quantiles(taken.map((cost) => cost.cpuS))
      rows.push({
        file,
        MB: round(statSync(whole).size / 1e6, 1),
        by: what,
        'CPU, median, s': round(cpuS.median, 2),
        'CPU, most, s': round(cpuS.max, 2),
        'this version takes': `× ${round(quantiles((here ?? []).map((cost) => cost.cpuS)).median / cpuS.median, 2)}`,
        'peak memory, MiB':
          what === 'sigrok-cli' ? '' : round(Math.max(...taken.map((cost) => cost.peakMib)), 0),
      })
    }
    rmSync(whole)
  }
} finally {
  rmSync(SCRATCH, { recursive: true })
}
report('blinkup.bench-recording/1', { 'What reading a recording costs': rows })
