import { readFile, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { DUT_ID, FIXTURE_ID, LinkRefused, TestDevice } from '../factory/cloud/link-client.js'
import { BLINKUP, blinkup, Run, type RunOptions, start } from '../helpers/blinkup.js'
import { test } from '../helpers/folder.js'
import { needs } from '../helpers/requirements.js'

interface Server {
  readonly run: Run
  readonly url: string
}

async function serve(args: readonly string[] = [], options: RunOptions = {}): Promise<Server> {
  const run = start(['cloud', '--fixture-id', FIXTURE_ID, ...args], options)
  await run.says('stderr', /its keys|unblessing key/)
  const [, url = ''] = /the server is at (\S+);/.exec(run.stderr) ?? []
  return { run, url }
}

async function end({ run }: Server) {
  run.process.kill('SIGINT')
  return run.ended
}

const COMMAND = [process.execPath, BLINKUP, 'cloud', '--state']
const KEY = 'a-key-of-a-maker'
const basic = { authorization: `Basic ${btoa(KEY)}` }
const newToken = (url: string) =>
  fetch(`${url}/v1/setup_tokens`, { method: 'POST', headers: basic })

describe('the server as a command', () => {
  test('tells where it is, one line for each thing that happens, and no secret', async ({
    folder,
  }) => {
    const state = folder.at('state')
    const server = await serve(['--state', state], { env: { BLINKUP_ENROLLMENT_KEY: KEY } })
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(server.run.stderr).toContain(`its keys and its login are in ${state}`)
    const given = (await (await newToken(server.url)).json()) as { id: string; plan_id: string }
    const enrollment = { planId: given.plan_id, token: given.id }
    await new TestDevice(server.url, DUT_ID, enrollment).connect()
    const fixture = new TestDevice(server.url, FIXTURE_ID)
    await fixture.connect()
    await fixture.post('log', { kind: 'log', text: 'one\ntwo \x1b[31m' })
    await server.run.says('stdout', /one/)
    const { exitCode, stdout, stderr } = await end(server)
    expect(exitCode).toBe(130)
    const lines = stdout.trimEnd().split('\n')
    for (const line of lines) expect(line).toMatch(/^\S+Z ([\da-f]{16}|-{16}) [a-z-]+ +\S/)
    expect(lines.at(-1)).toMatch(`${FIXTURE_ID} device-log   one\\u000atwo \\u001b[31m`)
    const secrets = (await readFile(state, 'utf8')).matchAll(
      /"(?:\w*[kK]ey|password|secret)":"(.*?)"/g,
    )
    for (const secret of [...Array.from(secrets, ([, value = '']) => value), given.id]) {
      expect(stdout + stderr).not.toContain(secret)
    }
    expect((await stat(state)).mode & 0o777).toBe(0o600)
  })

  test('shows its keys and its login only when it is asked to', async () => {
    const server = await serve(['--show-secrets'], { env: { BLINKUP_ENROLLMENT_KEY: KEY } })
    expect(server.run.stderr).toContain(`enrollment key ${KEY}`)
    const [, id, password] = /login (\S+), password (\S+),/.exec(server.run.stderr) ?? []
    const body = JSON.stringify({ id, password })
    expect((await fetch(`${server.url}/v5/auth`, { method: 'POST', body })).status).toBe(200)
    await end(server)
  })

  test('does what its faults say', async () => {
    const faults = ['enrollment=401x2', 'link=500', 'claimed=1', 'slow=1', 'webhook=down']
    const args = faults.flatMap((fault) => ['--fault', fault])
    const server = await serve(['--blessing-webhook', 'http://127.0.0.1:1', ...args], {
      env: { BLINKUP_ENROLLMENT_KEY: KEY },
    })
    for (const status of [401, 401, 201]) expect((await newToken(server.url)).status).toBe(status)
    const fixture = new TestDevice(server.url, FIXTURE_ID)
    await expect(fixture.connect()).rejects.toMatchObject({ status: 500, code: 'failing' })
    await fixture.connect()
    const dut = new TestDevice(server.url, DUT_ID, await fixture.factoryToken())
    await expect(dut.connect()).rejects.toMatchObject({ status: 401, code: 'token-claimed' })
    await dut.connect()
    await dut.bless(true)
    await server.run.says('stdout', /webhook +webhook blessing .*not delivered/)
    await end(server)
  })

  test('gives tokens that are over when it was told', async () => {
    const server = await serve(['--token-lifetime', '0.001'])
    const fixture = new TestDevice(server.url, FIXTURE_ID)
    await fixture.connect()
    const dut = new TestDevice(server.url, DUT_ID, await fixture.factoryToken())
    await sleep(2)
    await expect(dut.connect()).rejects.toMatchObject({ status: 401, code: 'token-expired' })
    await server.run.says('stdout', /refused +the enrollment token is too old/)
    await end(server)
  })

  test('runs agents from their files', async ({ folder }) => {
    const agent = await folder.file(
      'agent.ts',
      `import type { AgentFirmware } from 'blinkup/factory'
       export default (({ http }) => http.onrequest((request, response) => response.send(200, request.path))) as AgentFirmware`,
    )
    const server = await serve(['--fixture-agent', agent])
    const { agentUrl } = await new TestDevice(server.url, FIXTURE_ID).connect()
    expect(await (await fetch(`${agentUrl}/here`)).text()).toBe('/here')
    await end(server)
  })

  test('refuses what another one has, what is damaged, and what is none', async ({ folder }) => {
    const state = folder.at('state')
    const server = await serve(['--state', state])
    const port = new URL(server.url).port
    const damaged = await folder.file('damaged', 'nonsense\n')
    for (const [args, exitCode, says] of [
      [['--state', state], 75, /another process uses .*state: end it, or name another file/],
      [['--port', port], 75, new RegExp(`another program listens at port ${port}`)],
      [['--state', damaged], 65, /is no state of this server/],
      [
        ['--state', folder.at('no/state')],
        74,
        /cannot keep the state in .*no\/state: no such file/,
      ],
      [['--host', '192.0.2.1', '--port', '1'], 74, /cannot listen at port 1 of 192\.0\.2\.1: /],
      [['--dut-agent', folder.at('none.ts')], 66, /there is no firmware at/],
      [['--port', '65536'], 64, /Give a number from 0 to 65535/],
      [['--fixture-id', 'short'], 64, /Give 16 hex digits/],
      [['--fault', 'link=200'], 64, /Give slow=MS/],
      [['--fault', 'slow=1x2'], 64, /Give slow=MS/],
      [['--fault', 'other'], 64, /Give slow=MS/],
      [['--blessing-webhook', 'file:///x'], 64, /Give a URL/],
    ] as const) {
      const ended = await blinkup(['cloud', ...args])
      expect([ended.exitCode, ended.stdout]).toEqual([exitCode, ''])
      expect(ended.stderr).toMatch(says)
    }
    await end(server)
  })

  test('does not take a blessed device for a fixture', async ({ folder }) => {
    const state = folder.at('state')
    const server = await serve(['--state', state])
    const fixture = new TestDevice(server.url, FIXTURE_ID)
    await fixture.connect()
    const dut = new TestDevice(server.url, DUT_ID, await fixture.factoryToken())
    await dut.connect()
    await dut.bless(true)
    await end(server)
    const { exitCode, stderr } = await blinkup(['cloud', '--state', state, '--fixture-id', DUT_ID])
    expect([exitCode, stderr]).toEqual([
      69,
      `blinkup: ${DUT_ID} is blessed, and can be no fixture: unbless it\n`,
    ])
  })

  test('prints a document a line with --json, the last one of why it ended', async () => {
    const server = await serve(['--json'])
    const fixture = new TestDevice(server.url, FIXTURE_ID)
    await fixture.connect()
    await fixture.post('log', { kind: 'log', text: 'lit' })
    await server.run.says('stdout', /"lit"/)
    server.run.process.kill('SIGINT')
    const { exitCode, stdout } = await server.run.ended
    const lines = stdout.trimEnd().split('\n')
    expect(exitCode).toBe(130)
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      expect.arrayContaining([
        {
          schema: 'blinkup.cloud/1',
          time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
          deviceId: FIXTURE_ID,
          kind: 'device-log',
          text: 'lit',
        },
        expect.objectContaining({ schema: 'blinkup.error/1' }),
      ]),
    )
  })

  test('warns that other computers reach it where they do', async () => {
    const server = await serve(['--host', '0.0.0.0'])
    expect(server.run.stderr).toMatch(/warning: other computers reach this server/)
    expect((await fetch(`${server.url}/v5/devices`)).status).toBe(401)
    await end(server)
  })

  test('ends when nobody reads what it prints', async () => {
    const server = await serve()
    server.run.process.stdout?.destroy()
    const fixture = new TestDevice(server.url, FIXTURE_ID)
    await fixture.connect()
    await fixture.post('log', { kind: 'log', text: 'x' }).catch(() => {})
    expect((await server.run.ended).exitCode).toBe(74)
  })
})

describe.skipIf(needs('/proc'))('a server whose disk is full', () => {
  test('promises nothing more, and forgets nothing', async ({ folder }) => {
    const state = folder.at('state')
    const env = { ...process.env, BLINKUP_ENROLLMENT_KEY: KEY }
    const run = new Run('sh', ['-c', 'ulimit -f 8; exec "$@"', 'sh', ...COMMAND, state], { env })
    await run.says('stderr', /its keys/)
    const [, url = ''] = /the server is at (\S+);/.exec(run.stderr) ?? []
    const promised: string[] = []
    for (;;) {
      const response = await newToken(url)
      if (!response.ok) break
      promised.push(((await response.json()) as { id: string }).id)
    }
    expect((await newToken(url)).status).toBe(500)
    await run.says('stdout', /the state cannot be written .*: make room for it, and start again/)
    run.process.kill('SIGINT')
    expect((await run.ended).exitCode).toBe(130)
    expect(promised.length).toBeGreaterThan(0)
    const server = await serve(['--state', state], { env: { BLINKUP_ENROLLMENT_KEY: KEY } })
    for (const token of promised) {
      const state = await fetch(`${server.url}/v1/setup_tokens/${token}`, { headers: basic })
      expect(state.status).toBe(200)
    }
    await server.run.says('stdout', /hint +the state's last line was never finished, and is cut/)
    await end(server)
  })
})

/** What a client was promised. */
interface Promised {
  readonly given: { planId: string; token: string; isTried: boolean }[]
  readonly connected: Map<string, { planId: string; token: string }>
  readonly blessed: Set<string>
}

const idOf = (number: number): string => `600a${number.toString(16).padStart(12, '0')}`

/** Lights one device after another, and has it blessed, until the server is gone. */
async function work(fixture: TestDevice, promised: Promised, nextId: () => string): Promise<void> {
  for (;;) {
    const given = { ...(await fixture.factoryToken()), isTried: false }
    promised.given.push(given)
    given.isTried = true
    const { planId, token } = given
    const dut = new TestDevice(fixture.url, nextId(), { planId, token })
    await dut.connect()
    promised.connected.set(dut.id, { planId, token })
    await dut.bless(true)
    promised.blessed.add(dut.id)
  }
}

test('a server that is killed at 50 random moments forgets nothing that it has promised', async ({
  folder,
}) => {
  const state = folder.at('state')
  const promised: Promised = { given: [], connected: new Map(), blessed: new Set() }
  let devices = 0
  for (let round = 0; round < 50; round++) {
    const server = await serve(['--state', state])
    const fixture = new TestDevice(server.url, FIXTURE_ID)
    await fixture.connect()
    const nextId = (): string => idOf(devices++)
    const working = Promise.allSettled([1, 2, 3].map(() => work(fixture, promised, nextId)))
    // On a machine of any speed: in the midst of what comes after so many blessings.
    const enough = promised.blessed.size + 1 + Math.floor(3 * Math.random())
    let isOver = false
    void working.then(() => {
      isOver = true
    })
    while (promised.blessed.size < enough && !isOver) await sleep(1)
    await sleep(Math.random() * 20)
    server.run.process.kill('SIGKILL')
    // It is gone, and has refused nothing before.
    for (const ended of await working) {
      expect(ended.status === 'rejected' && !(ended.reason instanceof LinkRefused)).toBe(true)
    }
    await server.run.ended
  }
  const server = await serve(['--state', state])
  for (const [id, enrollment] of promised.connected) {
    const { role } = await new TestDevice(server.url, id, enrollment).connect()
    if (promised.blessed.has(id)) expect([id, role]).toEqual([id, 'application'])
    else expect(['dut', 'application']).toContain(role)
    const thief = new TestDevice(server.url, idOf(devices++), enrollment)
    await expect(thief.connect()).rejects.toMatchObject({ code: 'token-claimed' })
  }
  for (const { planId, token, isTried } of promised.given) {
    // Whether an unanswered connection has claimed its token nobody was promised, but the token is known.
    const device = new TestDevice(server.url, idOf(devices++), { planId, token })
    const code = await device.connect().then(
      () => 'claimed',
      (error) => error.code,
    )
    expect(isTried ? ['claimed', 'token-claimed'] : ['claimed']).toContain(code)
  }
  expect(promised.blessed.size).toBeGreaterThanOrEqual(50)
  await end(server)
})
