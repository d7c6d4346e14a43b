import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import {
  BLINKUP,
  blinkup,
  type Ended,
  type Run,
  start,
  startOnTerminal,
} from '../helpers/blinkup.js'
import { EnrollmentServer, KEY } from '../helpers/enrollment-server.js'
import { type Folder, test } from '../helpers/folder.js'
import { needs } from '../helpers/requirements.js'
import { heard, listen } from '../helpers/service-manager.js'

const PASSWORD = 'a password of the line'
const ENV = { BLINKUP_PASSWORD: PASSWORD, BLINKUP_ENROLLMENT_KEY: KEY }
/** A message of a second and a half. */
const LIGHT = 'rig = "emulated"\nsample-rate = 4000\n'
const fileOf = (settings: string): string =>
  `name = "line 3"\ndatabase = "records.db"\nrate = 500\nlockout = 0\n${settings}\n[rigs.left]\n${LIGHT}`
const DUMMY = '[message]\ndummy = true'
const enrolling = (url: string): string =>
  `[message]\nssid = "factory"\n[enrollment]\nurl = "${url}"\n[reports]\n[result]\ntimeout = 60`

interface Cycle {
  readonly id: string
  readonly number: number
  readonly deviceId: string | null
  readonly end: { readonly outcome: string; readonly reason: string | null } | null
  readonly phases: readonly { readonly state: string }[]
}

/** All cycles, the first one first. */
async function cyclesIn(folder: Folder): Promise<Cycle[]> {
  const file = folder.at(`cycles-${Math.random()}.jsonl`)
  const args = ['station', 'report', '--database', folder.at('records.db'), '--jsonl', file]
  expect((await blinkup(args)).stderr).toBe('')
  const lines = (await readFile(file, 'utf8')).trim().split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line)).sort((a, b) => a.number - b.number)
}

/** Starts a station, and cycles by its standard input. */
function startStation(file: string): { run: Run; trigger: (rig?: string) => void } {
  const run = start(['station', file], { input: '', inputGoesOn: true, env: ENV })
  return { run, trigger: (rig = '') => void run.process.stdin?.write(`${rig}\n`) }
}

/** A trigger that comes before the rig is ready starts nothing. */
async function untilEnded(run: Run, trigger: () => void, cycle: number): Promise<void> {
  const isThere = new RegExp(`cycle ${cycle} `)
  while (!isThere.test(run.stderr)) {
    if (run.process.exitCode !== null) throw new Error(run.stderr)
    trigger()
    await sleep(100)
  }
}

async function stop(run: Run, signal: NodeJS.Signals = 'SIGINT'): Promise<Ended> {
  run.process.kill(signal)
  return run.ended
}

describe('the file of a station', () => {
  test('is checked as a whole: each mistake has its line', async ({ folder }) => {
    const file = await folder.file(
      'station.toml',
      'name = "line 3"\ncolour = 1\n[message]\ndummy = 2\n[rigs.left]\nrig = "bridgee"\nwhite-line = 99\n[rigs.left.trigger]\n[limits]\nsnr = 3\n',
    )
    const { exitCode, stdout, stderr } = await blinkup(['station', 'check', file])
    expect(stdout.split('\n').map((line) => line.replace(`${file}:`, ''))).toEqual([
      '1: database must be a text that is not empty',
      '2: colour is not a setting of a station: leave it out',
      '4: message.dummy must be true or false',
      expect.stringMatching(/^6: rigs\.left\.rig must be one of emulated, /),
      '7: rigs.left.white-line must be a BCM number from 2 to 27',
      expect.stringMatching(/^10: limits\.snr is no figure: take snr-db, /),
      '',
    ])
    expect(stderr).toBe(`blinkup: ${file} has 6 mistakes: mend them\n`)
    expect(exitCode).toBe(78)
    const run = await blinkup(['station', file])
    expect(run.stderr).toBe(
      `blinkup: ${file}:1: database must be a text that is not empty, and 5 more: see blinkup station check\n`,
    )
    expect(run.exitCode).toBe(78)
  })

  test.for<[what: string, settings: string, fault: string]>([
    ['no rig', `${DUMMY}\n[rigs]`, 'rigs has none: write [rigs.left]'],
    [
      'a result of nobody',
      `${DUMMY}\n[result]\ntimeout = 9\n[rigs.left]\n${LIGHT}`,
      'result needs an [enrollment]: a result counts for the device that has come with the token',
    ],
    [
      'a result that nobody can tell',
      `${DUMMY}\n[enrollment]\n[result]\ntimeout = 9\n[rigs.left]\n${LIGHT}`,
      'result needs a [reports]: where devices tell it',
    ],
    [
      'a button at two places',
      `${DUMMY}\n[rigs.left]\n${LIGHT}[rigs.left.trigger]\nline = 4\ninput = "board"`,
      'rigs.left.trigger needs a line, or input = "board", and not both',
    ],
    [
      'two rigs at one place',
      `${DUMMY}\n[rigs.left]\n[rigs.right]\n[rigs.right.lamps]\npass = 5`,
      'rigs.right needs another place: left has the only board',
    ],
    [
      'a lamp where the LED of another rig is',
      `${DUMMY}\n[rigs.left]\nrig = "pwm"\npin = 18\nphotodiode = "adc"\n[rigs.right]\n${LIGHT}[rigs.right.lamps]\npass = 18`,
      'rigs.right needs another place: left has BCM 18',
    ],
    [
      'two servers at one port',
      `${DUMMY}\n[reports]\nport = 9000\n[page]\nport = 9000\n[rigs.left]\n${LIGHT}`,
      'page.port is that of [reports]: take another one',
    ],
    [
      'a rig that is nowhere',
      `${DUMMY}\n[rigs.left]\nrig = "gpio"`,
      'rigs.left is wrong: say where the LED is, with white-line and grey-line',
    ],
  ])('with %s', async ([, settings, fault], { folder }) => {
    const file = await folder.file('station.toml', `name = "a"\ndatabase = "b"\n${settings}`)
    const { exitCode, stdout } = await blinkup(['station', 'check', file])
    expect(stdout).toMatch(/^.*\.toml:\d+: /)
    expect(stdout.replace(/^.*\.toml:\d+: /, '')).toBe(`${fault}\n`)
    expect(exitCode).toBe(78)
  })

  test('is right', async ({ folder }) => {
    const file = await folder.file('station.toml', fileOf(DUMMY))
    expect(await blinkup(['station', 'check', file])).toEqual({
      exitCode: 0,
      stdout: `${file} is right: station line 3 with left\n`,
      stderr: '',
    })
  })

  test('that is right needs its password, too', async ({ folder }) => {
    const file = await folder.file('station.toml', fileOf('[message]\nssid = "factory"'))
    const { exitCode, stderr } = await blinkup(['station', 'check', file])
    expect(stderr).toContain('the Wi-Fi password is missing')
    expect(exitCode).toBe(64)
  })
})

describe('what is beside the file of a station', () => {
  test.for<
    [what: string, settings: string, env: Record<string, string>, code: number, told: string]
  >([
    [
      'a network that no device has',
      `[message]\nssid = "${'a'.repeat(33)}"`,
      ENV,
      65,
      'Give an ssid of 1 to 32 bytes of UTF-8; this one has 33.',
    ],
    [
      'a missing password, in words of the file',
      '[message]\nssid = "factory"',
      {},
      64,
      'the Wi-Fi password is missing: set BLINKUP_PASSWORD, put it in the message.config file, or use message.open = true for an open network',
    ],
    [
      'a missing key, in words of a service',
      `${DUMMY}\n[enrollment]`,
      {},
      64,
      'the enrollment API key is missing: set BLINKUP_ENROLLMENT_KEY, or use the systemd credential blinkup-enrollment-key',
    ],
    [
      'a token for all units',
      '[message]\nconfig = "device.json"',
      ENV,
      65,
      'a token is for one unit, and each would get this one: leave it out, and give [enrollment]',
    ],
    [
      'a token of the page that is no secret',
      `${DUMMY}\n[page]`,
      { BLINKUP_PAGE_TOKEN: 'short' },
      64,
      "the token in the URL of the station's pages, of BLINKUP_PAGE_TOKEN or the systemd credential blinkup-page-token, is none: a token in a URL has 22 or more of the letters A-Z, a-z, 0-9, - and _; mend it, or let it be a new one at each start",
    ],
  ])('is checked, too: %s', async ([, settings, env, code, told], { folder }) => {
    await folder.file(
      'device.json',
      '{"ssid": "a", "planId": "fedcba9876543210", "token": "0123456789abcdef"}',
    )
    const file = await folder.file('station.toml', fileOf(settings))
    const { exitCode, stdout, stderr } = await blinkup(['station', 'check', file], { env })
    expect(stdout).toBe('')
    expect(stderr).toBe(`blinkup: ${told}\n`)
    expect(exitCode).toBe(code)
  })
})

describe('a station', () => {
  test('tells which rigs are there, and goes on with them', async ({ folder }) => {
    const port = folder.at('none')
    const file = await folder.file(
      'station.toml',
      `${fileOf(DUMMY)}[rigs.right]\nport = ${JSON.stringify(port)}\n`,
    )
    const { run, trigger } = startStation(file)
    await run.says('stderr', /warning: right: the rig is not there: cannot open .*none: /)
    await run.says('stderr', /left: the rig is ready/)
    trigger('left')
    await run.says('stderr', /left: cycle 1 PASS/)
    const { stderr } = await stop(run)
    // It is tried again and again, and told once.
    expect(stderr.match(/right: /g)).toHaveLength(1)
  })

  test('passes units that come and tell so, records them, and tells no secret', async ({
    folder,
  }) => {
    await using server = await EnrollmentServer.open()
    server.deviceIds = ['30000c2a69000001', '30000c2a69000002']
    const file = await folder.file('station.toml', fileOf(enrolling(server.url)))
    const { run, trigger } = startStation(file)
    await run.says('stderr', /devices report to (http\S+),/)
    const [, url = ''] = /devices report to (http\S+),/.exec(run.stderr) ?? []
    const tell = async (body: object): Promise<number> => {
      const headers = { 'content-type': 'application/json' }
      return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status
    }
    const deviceComes = async (token: number): Promise<void> => {
      while (!server.paths.includes(`GET /v1/setup_tokens/${server.tokens[token]}`)) await sleep(20)
    }
    while (server.tokens.length < 1) {
      trigger()
      await sleep(100)
    }
    await deviceComes(0)
    expect(await tell({ deviceInfo: { deviceId: server.deviceIds[0] }, success: true })).toBe(200)
    await run.says('stderr', /left: cycle 1 PASS, device 30000c2a69000001/)
    trigger()
    await deviceComes(1)
    expect(await tell({ device_id: server.deviceIds[1], mac: '0c2a69000002', passed: false })).toBe(
      200,
    )
    await run.says('stderr', /left: cycle 2 FAIL, device 30000c2a69000002, test-failed: /)
    const { exitCode, stdout, stderr } = await stop(run)
    expect(exitCode).toBe(130)
    expect(stderr).toMatch(/interrupted by SIGINT; the LED is dark\n$/)
    const file2 = await readFile(folder.at('records.db'), 'latin1')
    for (const secret of [PASSWORD, KEY, ...server.tokens]) {
      expect(stdout + stderr).not.toContain(secret)
      expect(file2).not.toContain(secret)
    }
    expect((await cyclesIn(folder)).map(({ end }) => end?.outcome)).toEqual(['pass', 'fail'])
  })

  test.skipIf(needs('script'))(
    'takes keys when it has asked for its password',
    async ({ folder }) => {
      const file = await folder.file('station.toml', fileOf('[message]\nssid = "factory"'))
      const run = startOnTerminal(`'${process.execPath}' '${BLINKUP}' station '${file}'`)
      const type = (keys: string): void => void run.process.stdin?.write(keys)
      await run.says('stdout', /Password of "factory": $/)
      type(`${PASSWORD}\n`)
      await run.says('stdout', /left: the rig is ready/)
      type('1')
      await run.says('stdout', /left: cycle 1 PASS/)
      type('q')
      const { exitCode, stdout } = await run.ended
      expect(exitCode).toBe(0)
      expect(stdout).not.toContain(PASSWORD)
    },
  )

  test('tells the URLs of its servers, and no token that was given', async ({ folder }) => {
    const tokens = { BLINKUP_PAGE_TOKEN: 'p'.repeat(22), BLINKUP_REPORT_TOKEN: 'r'.repeat(22) }
    const file = await folder.file('station.toml', fileOf(`${DUMMY}\n[page]\n[reports]`))
    const run = start(['station', file], { input: '', inputGoesOn: true, env: tokens })
    await run.says('stderr', /devices report to http:\/\/127\.0\.0\.1:\d+\/TOKEN, /)
    await run.says('stderr', /pages: http:\/\/127\.0\.0\.1:\d+\/TOKEN\/ for operators/)
    const [, url = ''] = /pages: (http\S+)/.exec(run.stderr) ?? []
    const { status } = await fetch(url.replace('TOKEN', tokens.BLINKUP_PAGE_TOKEN))
    expect(status).toBe(200)
    const { stderr } = await stop(run)
    for (const token of Object.values(tokens)) expect(stderr).not.toContain(token)
  })

  test('that is told to stop in the light ends the cycle, dark and recorded', async ({
    folder,
  }) => {
    const file = await folder.file('station.toml', fileOf(DUMMY).replace('rate = 500', 'rate = 20'))
    const { run, trigger } = startStation(file)
    const isInLight = async (): Promise<boolean> => {
      const [cycle] = await cyclesIn(folder).catch(() => [])
      return cycle?.phases.at(-1)?.state === 'light'
    }
    while (!(await isInLight())) trigger()
    const { exitCode, stderr } = await stop(run, 'SIGTERM')
    expect(exitCode).toBe(143)
    expect(stderr).toMatch(
      /left: cycle 1 ABORTED, stopped: .*\n.*interrupted by SIGTERM; the LED is dark\n$/,
    )
    expect((await cyclesIn(folder)).map(({ end }) => end?.reason)).toEqual(['stopped'])
  })

  test('leaves its records to nobody else', async ({ folder }) => {
    const file = await folder.file('station.toml', fileOf(DUMMY))
    const { run } = startStation(file)
    while (!(await readFile(folder.at('records.db')).catch(() => null))) await sleep(50)
    await sleep(300)
    const second = await blinkup(['station', file])
    expect(second.exitCode).toBe(75)
    expect(second.stderr).toMatch(/^blinkup: .*records\.db.*\n$/)
    await stop(run)
  })

  test('whose port is taken says which setting to change', async ({ folder }) => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    const file = await folder.file('station.toml', fileOf(`${DUMMY}\n[page]\nport = ${port}`))
    const { exitCode, stderr } = await blinkup(['station', file])
    expect(stderr).toContain(`cannot listen at 127.0.0.1:${port}: `)
    expect(stderr).toContain('change host or port of [page]')
    expect(exitCode).toBe(78)
    taken.close()
  })
})

describe.skipIf(needs('python3'))('a station as a service', () => {
  test('is ready, reads its settings again, and tells that it ends', async ({ folder }) => {
    const manager = await listen(folder.at('notify'))
    const file = await folder.file('station.toml', fileOf(DUMMY))
    const run = start(['station', 'run', file], {
      input: '',
      inputGoesOn: true,
      env: { ...ENV, NOTIFY_SOCKET: folder.at('notify') },
    })
    const cycle = async (number: number, ends: RegExp): Promise<void> => {
      await untilEnded(run, () => void run.process.stdin?.write('\n'), number)
      expect(run.stderr).toMatch(ends)
    }
    await manager.says('stdout', /READY=1/)
    await cycle(1, /left: cycle 1 PASS/)
    await folder.file('station.toml', fileOf(`${DUMMY}\n[limits]\nswing-pct = [90, 100]`))
    run.process.kill('SIGHUP')
    await run.says('stderr', /was read again/)
    await cycle(2, /left: cycle 2 ERROR, light-failed: swing-pct: /)
    expect(run.stderr).not.toContain('restart')
    const moved = fileOf(`${DUMMY}\n[limits]\nswing-pct = [90, 100]\n[page]`)
    const added = `[rigs.left.lamps]\npass = 5\n[rigs.right]\nrig = "emulated"\n`
    await folder.file('station.toml', `${moved.replace('lockout = 0', 'lockout = 1')}${added}`)
    run.process.kill('SIGHUP')
    await run.says(
      'stderr',
      /for what else has changed: lockout, \[page\], \[rigs\.left\], \[rigs\.right\]\n/,
    )
    await folder.file('station.toml', fileOf('[message]\ndummy = 3'))
    run.process.kill('SIGHUP')
    await run.says('stderr', /message\.dummy must be true or false; the settings of before go on/)
    await cycle(3, /left: cycle 3 ERROR, light-failed: swing-pct: /)
    expect((await stop(run, 'SIGTERM')).exitCode).toBe(143)
    await manager.says('stdout', /STOPPING=1/)
    expect(heard(manager).map((message) => message.split('=', 1)[0])).toEqual([
      'READY',
      ...['RELOADING', 'READY', 'RELOADING', 'READY', 'RELOADING', 'READY'],
      'STOPPING',
    ])
    manager.process.kill()
    await manager.ended
  })
})
