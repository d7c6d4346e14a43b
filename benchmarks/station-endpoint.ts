// The endpoint for device reports, while it gets junk: the latency of good reports, and the memory of the process that serves, early and late.
// Each report is on disk before it is answered. `npm run bench:station -- endpoint [--json] [--write] [--seconds N] [--junk REQUESTS_A_SECOND]`
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ReportEndpoint } from '../src/factory/station/report-endpoint.js'
import { newUrlToken } from '../src/factory/url-token.js'
import { progress, quantiles, type Row, report, round } from './report.js'

const {
  values,
  positionals: [, role, url],
} = parseArgs({
  options: {
    json: { type: 'boolean' },
    write: { type: 'boolean' },
    seconds: { type: 'string', default: '60' },
    junk: { type: 'string', default: '1000' },
  },
  allowPositionals: true,
})
const SECONDS = Number(values.seconds)
const JUNK_A_SECOND = Number(values.junk)
/** More than eight rigs ever have. */
const GOOD_A_SECOND = 5
const TICK_MS = 20
const LOOKS = 6

const idOf = (n: number): string => `600a0c2a69${(n % 2 ** 24).toString(16).padStart(6, '0')}`
const resultOf = (n: number): string => JSON.stringify({ device_id: idOf(n), success: true })

/** Of requests that tell nothing, each as often as the others. */
type Junk = (url: string, n: number) => { url: string; body: string }
const JUNK: readonly Junk[] = [
  (url, n) => ({ url: `${new URL(url).origin}/${newUrlToken()}`, body: resultOf(n) }),
  (url) => ({ url: `${new URL(url).origin}/`, body: '' }),
  (url, n) => ({ url, body: `{"device_id":${n}` }),
  (url) => ({ url, body: 'x'.repeat(70_000) }),
  // A device gone mad, whose reports are good.
  (url) => ({ url, body: resultOf(0) }),
]
const connections = new Agent({ keepAlive: true, maxSockets: 50 })

/** By a connection of its own, where no agent keeps some. */
function post(url: string, body: string, agent: Agent | false = false): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const asking = request(url, { method: 'POST', headers, agent }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0))
    })
    asking.on('error', reject).end(body)
  })
}

/** In a process of its own: tells its URL, and what it uses whenever it is asked. */
async function serve(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'blinkup-'))
  const file = openSync(join(folder, 'reports'), 'w')
  const endpoint = await ReportEndpoint.open({
    token: newUrlToken(),
    keep: (told) => {
      writeSync(file, `${JSON.stringify(told)}\n`)
      fdatasyncSync(file)
    },
    bless: () => {},
    onFailure: (error) => console.error(error),
  })
  process.on('message', () => {
    globalThis.gc?.()
    const { user, system } = process.cpuUsage()
    process.send?.({ ...process.memoryUsage(), cpuS: (user + system) / 1e6 })
  })
  process.on('disconnect', () => {
    closeSync(file)
    rmSync(folder, { recursive: true })
    process.exit()
  })
  process.send?.(endpoint.url)
}

/** In a process of its own, so that its work is in no latency: tells how many it has sent, and what was answered, when it is asked to end. */
async function sendJunk(url: string): Promise<void> {
  const answers: Record<string, number> = {}
  const count = (answer: number | string): void => {
    answers[answer] = (answers[answer] ?? 0) + 1
  }
  process.on('message', () => process.send?.(answers, () => process.exit()))
  const startMs = performance.now()
  for (let sent = 0; ; await sleep(TICK_MS)) {
    for (; sent < ((performance.now() - startMs) / 1000) * JUNK_A_SECOND; sent++) {
      const { url: to, body } = (JUNK[sent % JUNK.length] as Junk)(url, sent)
      // Every second one comes by a connection of its own.
      post(to, body, sent % 2 ? connections : false).then(count, ({ code }) => count(code))
    }
  }
}

interface Look extends NodeJS.MemoryUsage {
  readonly cpuS: number
}

function start(role: string, ...args: string[]): ChildProcess {
  const execArgv = [...process.execArgv, '--expose-gc']
  return fork(fileURLToPath(import.meta.url), [...process.argv.slice(2), role, ...args], {
    execArgv,
  })
}

async function ask<T>(child: ChildProcess): Promise<T> {
  child.send('tell')
  return (await once(child, 'message'))[0] as T
}

async function measure(): Promise<void> {
  const server = start('serve')
  const [url] = (await once(server, 'message')) as [string]
  const junk = start('junk', url)
  const latenciesMs: number[] = []
  let stored = 0
  const sendGood = async (n: number): Promise<void> => {
    const atMs = performance.now()
    if ((await post(url, resultOf(n))) === 200) stored++
    latenciesMs.push(performance.now() - atMs)
  }

  const rows: Row[] = []
  let sent = 0
  const startMs = performance.now()
  const passedS = (): number => (performance.now() - startMs) / 1000
  while (passedS() < SECONDS) {
    if (sent < passedS() * GOOD_A_SECOND) void sendGood(++sent)
    if (passedS() >= (rows.length * SECONDS) / LOOKS) {
      const { rss, heapUsed, cpuS } = await ask<Look>(server)
      const [rssMB, heapMB] = [round(rss / 1e6, 1), round(heapUsed / 1e6, 2)]
      rows.push({ atS: round(passedS(), 0), rssMB, heapMB, cpuS: round(cpuS, 1) })
    }
    progress(`${passedS().toFixed(0)} of ${SECONDS} s`)
    await sleep(TICK_MS)
  }
  const answers = await ask<Record<string, number>>(junk)
  while (latenciesMs.length < sent) await sleep(TICK_MS)
  server.disconnect()
  const { median, p99, max } = quantiles(latenciesMs)
  const latencies = { medianMs: round(median, 1), p99Ms: round(p99, 1), maxMs: round(max, 1) }
  const answered = Object.values(answers).reduce((sum, count) => sum + count, 0)
  report('blinkup.bench-station-endpoint/1', {
    'The endpoint of a station under junk: good reports': [
      { junkASecond: round(answered / SECONDS, 0), sent, stored, ...latencies },
    ],
    'What junk was answered': [answers],
    'Memory (after a garbage collection) and time of the process': rows,
  })
}

if (role === 'serve') await serve()
else if (role === 'junk') await sendJunk(url as string)
else await measure()
