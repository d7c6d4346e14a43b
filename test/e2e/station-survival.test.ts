import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { CycleRecord } from '../../src/factory/records/cycle-record.js'
import { demodulate, parseSymbols } from '../../src/modulation/index.js'
import { decodePacket } from '../../src/packet/index.js'
import { blinkup, type Ended, type Run, start } from '../helpers/blinkup.js'
import { EnrollmentServer, KEY } from '../helpers/enrollment-server.js'
import { test as base, type Folder } from '../helpers/folder.js'
import { needs } from '../helpers/requirements.js'
import type { Light } from '../rig/bridge/hostile/board.js'
import { type HostileTerminal, serveHostileBoard } from '../rig/bridge/hostile/terminal.js'

/** Kills of the station; by hand: BLINKUP_KILLS=200 npx vitest run test/e2e/station-survival.test.ts -t killed */
const KILLS = Number(process.env.BLINKUP_KILLS ?? 6)
/** Starts of a station whose disk fails or fills; by hand BLINKUP_FAULTS=50. */
const FAULTS = Number(process.env.BLINKUP_FAULTS ?? 2)
/** Generous: it ends a hang. */
const TIMEOUT_MS = 600_000 + 20_000 * (KILLS + FAULTS)
const LOOK_MS = 25

const SECRETS = { BLINKUP_PASSWORD: 'a password of the line', BLINKUP_ENROLLMENT_KEY: KEY }

/** What outlives a station: its records, a board with an LED, the server, the devices, and whoever has read what it said. */
class Line {
  /** Each one that was played, or begun. */
  readonly lights = new Set<Light>()
  /** Devices whose report it has taken with 200. */
  readonly taken: string[] = []
  /** Numbers of the cycles that it has told as passed. */
  readonly passed: number[] = []
  /** Whose device has told its result. */
  #toldFor: string | undefined

  private constructor(
    private readonly folder: Folder,
    private readonly server: EnrollmentServer,
    readonly terminal: HostileTerminal,
    private readonly file: string,
  ) {}

  static async open(folder: Folder, server: EnrollmentServer): Promise<Line> {
    server.deviceIds = Array.from(
      { length: 10_000 },
      (_, n) => `30000c2a69${`${n}`.padStart(6, '0')}`,
    )
    const port = folder.at('board')
    const file = await folder.file(
      'station.toml',
      `name = "line 3"
database = "records.db"
rate = 500
lockout = 0
[message]
ssid = "factory"
[enrollment]
url = "${server.url}"
[reports]
[result]
timeout = 60
[rigs.left]
rig = "bridge"
port = ${JSON.stringify(port)}
sample-rate = 3000
`,
    )
    return new Line(folder, server, await serveHostileBoard(port, []), file)
  }

  get isLit(): boolean {
    return this.terminal.board.isLit
  }

  /** Starts the station, which has unit after unit before it until it is told to end; each unit comes and tells that it is well. */
  async run(env: Record<string, string>, until: (run: Run) => Promise<unknown>): Promise<Ended> {
    const run = start(['station', this.file], {
      input: '',
      inputGoesOn: true,
      env: { ...SECRETS, ...env },
    })
    const ended = new AbortController()
    const working = this.#work(run, ended.signal)
    await until(run)
    const result = await run.ended
    ended.abort()
    await working
    for (const [, cycle] of run.stderr.matchAll(/cycle (\d+) PASS/g))
      this.passed.push(Number(cycle))
    return result
  }

  async #work(run: Run, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      run.process.stdin?.write('\n')
      const { light } = this.terminal.board
      if (light) this.lights.add(light)
      const [, url] = /devices report to (http\S+),/.exec(run.stderr) ?? []
      const token = this.server.tokens.at(-1)
      if (
        url &&
        token !== this.#toldFor &&
        this.server.paths.at(-1) === `GET /v1/setup_tokens/${token}`
      ) {
        this.#toldFor = token
        const deviceId = this.server.deviceIds[this.server.tokens.length - 1] as string
        const body = new URLSearchParams({ device_id: deviceId, success: 'true' })
        const answer = await fetch(url, { method: 'POST', body }).catch(() => null)
        if (answer?.status === 200) this.taken.push(deviceId)
      }
      await sleep(LOOK_MS)
    }
  }

  /** Starts the station once more, and checks all that is left of those before it. */
  async check(): Promise<CycleRecord[]> {
    const { lights } = this
    await this.run({}, async (run) => {
      await run.says('stderr', /the rig is ready/)
      run.process.kill('SIGTERM')
    })
    const cycles = await cyclesIn(this.folder)
    expect(cycles.map(({ number }) => number)).toEqual(cycles.map((_, i) => i + 1))
    expect(cycles.filter(({ end }) => end === null)).toEqual([])
    const passed = cycles.filter(({ end }) => end?.outcome === 'pass').map(({ number }) => number)
    expect(new Set(this.passed).size).toBe(this.passed.length)
    expect(passed).toEqual(expect.arrayContaining(this.passed))
    const results = cycles.flatMap(({ results }) => results.map(({ deviceId }) => deviceId))
    expect(results).toEqual(expect.arrayContaining(this.taken))
    expect(new Set(results).size).toBe(results.length)
    const told = Array.from(lights, ({ levels }) => tokenOf(levels))
    expect(new Set(told).size).toBe(told.length)
    expect(this.server.tokens).toEqual(expect.arrayContaining(told))
    const lit = cycles.filter(({ phases }) => phases.some(({ state }) => state === 'light'))
    expect(told.length).toBeLessThanOrEqual(lit.length)
    const taking = cycles.filter(({ phases }) => phases.some(({ state }) => state === 'token'))
    expect(this.server.tokens.length).toBeLessThanOrEqual(taking.length)
    return cycles
  }
}

const tokenOf = (levels: string): string | undefined =>
  (decodePacket(demodulate(parseSymbols(levels)).packet) as { readonly token?: string }).token

/** All cycles, the first one first. */
async function cyclesIn(folder: Folder): Promise<CycleRecord[]> {
  const file = folder.at(`cycles-${Math.random()}.jsonl`)
  const args = ['station', 'report', '--database', folder.at('records.db'), '--jsonl', file]
  expect((await blinkup(args)).stderr).toBe('')
  const lines = (await readFile(file, 'utf8')).trim().split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line)).sort((a, b) => a.number - b.number)
}

const test = base.extend<{ line: Line }>({
  line: async ({ folder }, use) => {
    await using server = await EnrollmentServer.open()
    const line = await Line.open(folder, server)
    await use(line)
    await line.terminal.end()
  },
})

/** Without one it has passed. */
const reasonsOf = (cycles: readonly CycleRecord[]): string[] =>
  Array.from(new Set(cycles.map(({ end }) => end?.reason ?? 'none'))).sort()

/** The compiled failing-disk.c. */
function failingDisk(folder: Folder): string {
  const library = folder.at('failing-disk.so')
  const source = fileURLToPath(new URL('../helpers/failing-disk.c', import.meta.url))
  const options = ['-O2', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC']
  execFileSync('/usr/bin/gcc', [...options, source, '-ldl', '-o', library])
  return library
}

describe.skipIf(needs('socat'))('a station', () => {
  test(`that is killed at any moment has each cycle once, marks those that had not ended, uses no token twice, and is dark (${KILLS} times)`, {
    timeout: TIMEOUT_MS,
  }, async ({ line }) => {
    for (let n = 0; n < KILLS; n++) {
      await line.run({}, async (run) => {
        // One of four while it starts; else a cycle takes two seconds or more.
        if (n % 4 > 0) await run.says('stderr', /the rig is ready/)
        await sleep(((n * 0.618) % 1) * (n % 4 > 0 ? 5000 : 1000))
        run.process.kill('SIGKILL')
      })
      await expect.poll(() => line.isLit).toBe(false)
    }
    const cycles = await line.check()
    // A busy machine may lose the board, too.
    expect(['interrupted', 'none', 'rig-lost', 'stopped']).toEqual(
      expect.arrayContaining(reasonsOf(cycles)),
    )
  })

  describe.skipIf(needs('/usr/bin/gcc'))('whose disk', () => {
    test.for<[what: string, faultOf: (n: number) => Record<string, string>]>([
      ['fails', (n) => ({ FAILING_ONE_IN: `${100 * ((n % 5) + 1)}`, FAILING_SEED: `${n + 1}` })],
      ['fills', (n) => ({ FAILING_FULL_AFTER: `${20 + 60 * (n % 5)}` })],
    ])(
      `%s at any write has each cycle once, marks those that had not ended, uses no token twice, and is dark (${FAULTS} times)`,
      {
        timeout: TIMEOUT_MS,
      },
      async ([, faultOf], { line, folder }) => {
        const disk = { LD_PRELOAD: failingDisk(folder), FAILING_FILES: folder.at('records.db') }
        for (let n = 0; n < FAULTS; n++) {
          const { exitCode, stderr } = await line.run({ ...disk, ...faultOf(n) }, async (run) => {
            // One that cannot even begin ends by itself.
            await run.says('stderr', /left: (a )?cycle /).catch(() => {})
            await sleep(((n * 0.618) % 1) * 3000)
            run.process.kill(n % 2 ? 'SIGKILL' : 'SIGTERM')
          })
          expect([74, 137, 143], stderr).toContain(exitCode)
          await expect.poll(() => line.isLit).toBe(false)
        }
        const cycles = await line.check()
        expect(['interrupted', 'no-record', 'none', 'rig-lost', 'stopped']).toEqual(
          expect.arrayContaining(reasonsOf(cycles)),
        )
        expect(cycles.length).toBeGreaterThan(0)
      },
    )
  })
})
