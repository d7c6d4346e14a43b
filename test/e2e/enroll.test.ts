import { readFile } from 'node:fs/promises'
import { describe, expect } from 'vitest'
import { BLINKUP, blinkup, type Ended, start, startOnTerminal } from '../helpers/blinkup.js'
import { certificates } from '../helpers/certificates.js'
import {
  AGENT_URL,
  answering,
  CLAIMED_AT,
  DEVICE_ID,
  EnrollmentServer,
  KEY,
  PLAN_ID,
} from '../helpers/enrollment-server.js'
import { type Folder, test as inFolder } from '../helpers/folder.js'
import { needs } from '../helpers/requirements.js'

const test = inFolder.extend<{ server: EnrollmentServer; fixture: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
  server: async ({}, use) => {
    await using server = await EnrollmentServer.open()
    await use(server)
  },
  fixture: async ({ folder, server }, use) => use(await fixtureFor(folder, server.url)),
})

const fixtureFor = (folder: Folder, url: string, more = ''): Promise<string> =>
  folder.file('fixture.toml', `rig = "emulated"\nrate = 142\n[enrollment]\nurl = "${url}"\n${more}`)

const NET = ['--ssid', 'net', '--open']
const env = { BLINKUP_ENROLLMENT_KEY: KEY }
const DEVICE = {
  deviceId: DEVICE_ID,
  planId: PLAN_ID,
  agentUrl: AGENT_URL,
  claimedAt: CLAIMED_AT,
}

/** Nothing but what was asked for has the key or a token. */
function expectNoSecret({ stdout, stderr }: Ended): void {
  for (const secret of [KEY, Buffer.from(`${KEY}:`).toString('base64'), 'a1b2c3d4']) {
    expect(stdout + stderr).not.toContain(secret)
  }
}

describe('enroll', () => {
  test('takes a token, plays the light, and waits for the device', async ({ server, fixture }) => {
    server.pollsBefore = 2
    const ended = await blinkup(['enroll', '--fixture', fixture, ...NET], { env })
    expect(ended.exitCode).toBe(0)
    expect(ended.stdout).toBe(
      `device ID    ${DEVICE_ID}
plan ID      ${PLAN_ID}
agent URL    ${AGENT_URL}
claimed      ${CLAIMED_AT}
settings     {"ssid":"net","password":"","planId":"${PLAN_ID}","token":"********"}
`,
    )
    const host = new URL(server.url).host
    expect(ended.stderr).toBe(
      `blinkup: the message takes 3.6 s: 518 symbols at 142 Hz
blinkup: ${host} has given a token, for plan ID ${PLAN_ID}
blinkup: waiting for the device
`,
    )
    expectNoSecret(ended)
    const poll = `GET /v1/setup_tokens/${server.tokens[0]}`
    expect(server.paths).toEqual(['POST /v1/setup_tokens', poll, poll, poll])
  })

  test('tells all in JSON, the token only where it is asked for', async ({ server, fixture }) => {
    const args = ['enroll', '--fixture', fixture, ...NET, '--plan-id', '0011223344556677', '--json']
    const ended = await blinkup(args, { env })
    expect(JSON.parse(ended.stdout)).toEqual({
      schema: 'blinkup.enroll/1',
      config: { ssid: 'net', password: '', planId: '0011223344556677', token: '********' },
      device: DEVICE,
      symbols: 518,
      symbolRateHz: expect.closeTo(142, 0),
      durationS: expect.closeTo(518 / 142, 2),
      greyRatio: expect.closeTo(0.52, 2),
      pacing: null,
      error: null,
      warnings: [],
    })
    expectNoSecret(ended)
    expect(JSON.parse(server.asked[0]?.body ?? '')).toEqual({ plan_id: '0011223344556677' })
    const { stdout } = await blinkup([...args, '--show-secrets'], { env })
    expect(JSON.parse(stdout).config.token).toBe(server.tokens[1])
  })

  test('sends the token that it polls', async ({ server, fixture, folder }) => {
    const capture = folder.at('capture.csv')
    await blinkup(['verify', '--fixture', fixture, ...NET, '--capture', capture], { env })
    const { stdout } = await blinkup(['decode', capture, '--json', '--show-secrets'])
    expect(JSON.parse(stdout).receptions).toMatchObject([
      { config: { planId: PLAN_ID, token: server.tokens[0] } },
    ])
    expect(server.tokens).toHaveLength(1)
  })

  test('waits with a token of its own settings, too', async ({ server, fixture, folder }) => {
    server.tokens.push('1111111111111111')
    const settings = { ssid: 'net', password: '', planId: PLAN_ID, token: '1111111111111111' }
    const config = await folder.file('device.json', JSON.stringify(settings))
    const ended = await blinkup(['enroll', '--fixture', fixture, '--config', config], { env })
    expect(ended.exitCode).toBe(0)
    expect(server.paths).toEqual(['GET /v1/setup_tokens/1111111111111111'])
  })

  test('that no device answers ends with 124, and tells what is known', async ({
    server,
    folder,
  }) => {
    server.pollsBefore = 1000
    const fixture = await fixtureFor(folder, server.url, 'timeout = 1.5')
    const ended = await blinkup(['enroll', '--fixture', fixture, ...NET, '--json'], { env })
    expect(ended.exitCode).toBe(124)
    expect(JSON.parse(ended.stdout)).toMatchObject({
      schema: 'blinkup.enroll/1',
      config: { planId: PLAN_ID },
      device: null,
      symbols: 518,
      symbolRateHz: expect.closeTo(142, 0),
      error: {
        code: 'enrollment.no-device',
        message: expect.stringMatching(/^no device has come with the token in 1.5 s: /),
      },
    })
    expectNoSecret(ended)
  })

  test('tells a server that is lost meanwhile apart from that', async ({ server, folder }) => {
    server.pollsBefore = 1000
    const fixture = await fixtureFor(folder, server.url, 'timeout = 4')
    const run = start(['enroll', '--fixture', fixture, ...NET, '--json'], { env })
    await run.says('stderr', /waiting for the device/)
    await server[Symbol.asyncDispose]()
    const { exitCode, stdout, stderr } = await run.ended
    expect(exitCode).toBe(69)
    expect(JSON.parse(stdout).error.code).toBe('enrollment.unreachable')
    // Once for the trouble, however often, and once for the end.
    expect(stderr.match(/was not reached \(connection refused\)/g)).toHaveLength(2)
  })

  test.for([
    ['--dummy', 64, ['--dummy']],
    ['nothing to send', 64, []],
    ['an order to clear', 65, ['--config', '-']],
  ] as const)('of %s takes no token', async ([, exitCode, args], { server, fixture }) => {
    const input = '{"clear": true}'
    const ended = await blinkup(['enroll', '--fixture', fixture, ...args], { env, input })
    expect(ended.exitCode).toBe(exitCode)
    expect(server.asked).toEqual([])
  })

  test('by v5, of which it is not public how to wait, takes no token', async ({
    server,
    folder,
  }) => {
    const fixture = await fixtureFor(folder, server.url, 'api = "v5"')
    const ended = await blinkup(['enroll', '--fixture', fixture, ...NET, '--json'], { env })
    expect(JSON.parse(ended.stdout).error).toMatchObject({
      code: 'enrollment.not-public',
      exitCode: 78,
    })
    expect(server.asked).toEqual([])
  })

  describe.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('that %s ends', (signal, exitCode) => {
    const args = ['enroll', ...NET, '--json', '--fixture']
    const interrupted = { code: 'interrupted', exitCode }

    test('while it asks for a token', async ({ server, fixture }) => {
      let asked = (): void => {}
      const isAsked = new Promise<void>((resolve) => {
        asked = resolve
      })
      server.faults.push(() => asked())
      const run = start([...args, fixture], { env })
      await isAsked
      run.process.kill(signal)
      expect(JSON.parse((await run.ended).stdout)).toMatchObject({
        schema: 'blinkup.error/1',
        error: { ...interrupted, message: `interrupted by ${signal}; the LED is dark` },
      })
    })

    test('while the light plays', async ({ server, fixture }) => {
      const slow = ['--rate', '10', '--sync', '3600']
      const run = start([...args, fixture, ...slow], { env })
      await run.says('stderr', /has given a token/)
      run.process.kill(signal)
      const ended = await run.ended
      expect(JSON.parse(ended.stdout)).toMatchObject({
        schema: 'blinkup.enroll/1',
        config: { planId: PLAN_ID },
        device: null,
        symbolRateHz: null,
        error: { ...interrupted, message: `interrupted by ${signal}; the LED is dark` },
      })
      expectNoSecret(ended)
      expect(server.asked).toHaveLength(1)
    })

    test('while it waits', async ({ server, fixture }) => {
      server.pollsBefore = 1000
      const run = start([...args, fixture], { env })
      await run.says('stderr', /waiting for the device/)
      run.process.kill(signal)
      const ended = await run.ended
      expect(JSON.parse(ended.stdout)).toMatchObject({
        config: { planId: PLAN_ID },
        device: null,
        symbolRateHz: expect.closeTo(142, 0),
        error: {
          ...interrupted,
          message: `interrupted by ${signal}; the LED is dark, and no device has come yet`,
        },
      })
      expectNoSecret(ended)
    })
  })

  test.skipIf(needs('script'))(
    'shows on a terminal how long it has waited',
    async ({ server, fixture }) => {
      server.pollsBefore = 2
      const command = `'${process.execPath}' '${BLINKUP}' enroll --fixture ${fixture} --ssid net --open`
      const ended = await startOnTerminal(command, env).ended
      expect(ended.exitCode).toBe(0)
      expect(ended.stdout.match(/\rwaiting for the device: \d+ s of 60 s /g)).toHaveLength(2)
      expectNoSecret(ended)
    },
  )
})

test.skipIf(needs('openssl'))(
  'a private cloud is trusted by the CA beside the fixture file',
  async ({ folder }) => {
    const { server: tls } = await certificates(folder) // ca.pem is there
    await using server = await EnrollmentServer.open(tls)
    const args = ['enroll', ...NET, '--json', '--fixture']
    const trusting = await fixtureFor(folder, server.url, 'ca = "ca.pem"')
    const { stdout } = await blinkup([...args, trusting], { env })
    expect(JSON.parse(stdout)).toMatchObject({ device: DEVICE, error: null })

    const doubting = await fixtureFor(folder, server.url)
    const refused = await blinkup([...args, doubting], { env })
    expect(JSON.parse(refused.stdout).error).toMatchObject({
      code: 'enrollment.untrusted',
      exitCode: 69,
      message: expect.stringContaining('give the CA of a private cloud'),
    })
    expect(server.tokens).toHaveLength(1)
  },
)

describe('a message of send and verify', () => {
  test.for(['send', 'verify'])(
    '%s takes its token once the rig is ready',
    async (command, { server, folder, fixture }) => {
      const ended = await blinkup([command, '--fixture', fixture, ...NET], { env })
      expect(ended.exitCode).toBe(0)
      expect(server.paths).toEqual(['POST /v1/setup_tokens'])
      expectNoSecret(ended)

      const gone = (await readFile(fixture, 'utf8')).replace(
        '"emulated"',
        '"bridge"\nport = "/dev/no"',
      )
      const missing = await folder.file('missing.toml', gone)
      const refused = await blinkup([command, '--fixture', missing, ...NET], { env })
      expect(refused).toMatchObject({ exitCode: 69, stdout: '' })
      expect(server.asked).toHaveLength(1)
    },
  )

  test.for(['send', 'verify'])(
    '%s takes none for a token of its own',
    async (command, { server, fixture }) => {
      expect(await blinkup([command, '--fixture', fixture, '--dummy'])).toMatchObject({
        exitCode: 0,
      })
      expect(server.asked).toEqual([])
    },
  )

  test('send tells the plan ID that came with it', async ({ fixture }) => {
    const { stdout } = await blinkup(['send', '--fixture', fixture, ...NET, '--json'], { env })
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'blinkup.send/2', planId: PLAN_ID })
  })

  test('is not lit without its token', async ({ server, fixture }) => {
    server.faults.push(answering(429, '', { 'retry-after': '17' }))
    const ended = await blinkup(['send', '--fixture', fixture, ...NET, '--json'], { env })
    expect(JSON.parse(ended.stdout).error).toEqual({
      code: 'enrollment.rate-limited',
      exitCode: 75,
      message: `${new URL(server.url).host} is asked too often (HTTP 429): try again in 17 s`,
    })
    expect(server.asked).toHaveLength(1)
  })

  test('takes one by v5, too', async ({ server, folder }) => {
    server.form = KEY
    const fixture = await fixtureFor(folder, server.url, 'api = "v5"')
    expect((await blinkup(['send', '--fixture', fixture, ...NET], { env })).exitCode).toBe(0)
    expect(server.paths).toEqual(['POST /v5/enroll'])
  })

  test('needs a key, and tells where from, before there is any light', async ({ fixture }) => {
    const ended = await blinkup(['send', '--fixture', fixture, ...NET])
    expect(ended).toMatchObject({
      exitCode: 64,
      stdout: '',
      stderr:
        'blinkup: the enrollment API key is missing: set BLINKUP_ENROLLMENT_KEY, or use --enrollment-key-file\n',
    })
  })
})

test('other commands let the section be', async ({ server, fixture }) => {
  for (const command of ['clear', 'off']) {
    expect((await blinkup([command, '--fixture', fixture])).exitCode).toBe(0)
  }
  expect(server.asked).toEqual([])
})
