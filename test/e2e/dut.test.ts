import { readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { simulateChannel } from '../../src/channel/index.js'
import { Cloud } from '../../src/factory/cloud/cloud.js'
import { modulate } from '../../src/modulation/index.js'
import { encodePacket, type Settings } from '../../src/packet/index.js'
import { csvLines } from '../../src/recording/csv.js'
import { FIXTURE_ID, tokenOf } from '../factory/imp/line.js'
import { blinkup, type Run, start } from '../helpers/blinkup.js'
import { test as base, type Folder } from '../helpers/folder.js'

// Each run with --json checks by itself that its lines are documents (see blinkup.ts).

const WIFI = { ssid: 'factory', password: 'hunter2 hunter2' }
const TOKEN = { planId: '0123456789abcdef', token: 'fedcba9876543210' }

const test = base.extend<{ cloud: Cloud }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
  cloud: async ({}, use) => {
    const cloud = await Cloud.open()
    await use(cloud)
    await cloud[Symbol.asyncDispose]()
  },
})

const recording = (folder: Folder, settings: Settings): Promise<string> => {
  const light = simulateChannel(modulate(encodePacket(settings)).levels, { symbolRateHz: 142 })
  return folder.file('light.csv', `time_s,level\n${csvLines(light)}`)
}

/** Twenty lines. */
const DARK = Array.from({ length: 20 }, (_, n) => `${n / 1000},0.5\n`).join('')

const firmware = (folder: Folder): Promise<string> =>
  folder.file(
    'dut.ts',
    `export default ({ imp, server, hardware, agent }) => {
       imp.onidle(async () => {
         await server.log('the test of ' + hardware.getdeviceid())
         server.bless(true, (isBlessed: boolean) => { if (isBlessed) imp.clearconfiguration() })
       })
     }`,
  )

const eventsOf = ({ stdout }: Pick<Run, 'stdout'>): Record<string, unknown>[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))

describe.concurrent('blinkup dut', () => {
  test('takes light, enrolls, passes, and is handed over; Ctrl-C takes its power', async ({
    folder,
    cloud,
  }) => {
    const light = await recording(folder, { ...WIFI, ...(await tokenOf(cloud)) })
    const settings = folder.at('imp.json')
    const application = await folder.file(
      'application.js',
      'export default ({ server }) => server.log("at work")',
    )
    const args = ['--cloud', cloud.url, '--settings', settings, '--application', application]
    const run = start(['dut', light, ...args, '--firmware', await firmware(folder), '--json'])
    await run.says('stdout', /"text":"at work"/)
    run.process.kill('SIGINT')
    const { exitCode } = await run.ended
    expect(exitCode).toBe(130)
    const events = eventsOf(run)
    const kinds = events.map(({ event }) => event)
    for (const kind of [
      'started',
      'blinkup',
      'led',
      'received',
      'connected',
      'blessed',
      'handed-over',
    ]) {
      expect(kinds).toContain(kind)
    }
    expect(events.at(-2)).toMatchObject({ event: 'off' })
    expect(events.at(-1)).toMatchObject({
      schema: 'blinkup.error/1',
      error: { code: 'interrupted' },
    })
    expect(run.stdout).not.toContain('hunter2')
    expect((await stat(settings)).mode & 0o777).toBe(0o600)
    expect(JSON.parse(await readFile(settings, 'utf8'))).toEqual({
      schema: 'blinkup.device-memory/1',
      settings: {},
      role: 'application',
    })
    expect(
      cloud.world.groupOf(
        Array.from(cloud.world.devices.values()).find(({ id }) => id !== FIXTURE_ID) as never,
      )?.type,
    ).toBe('production_devicegroup')
  })

  test('says the same to a person, a line each, and masks what is secret', async ({ folder }) => {
    const light = await recording(folder, { ...WIFI, ...TOKEN })
    const run = start(['dut', light])
    await run.says('stdout', /connecting to the server failed.*\n/)
    run.process.kill('SIGINT')
    const { exitCode, stdout, stderr } = await run.ended
    const interrupted = 'blinkup: interrupted by SIGINT\n'
    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: interrupted })
    expect(stdout).toMatch(/^ +\d\.\d{3} s {2}the power comes\n/)
    expect(stdout).toContain('status LED orange/dark, 500 ms each: no settings or no enrollment\n')
    expect(stdout).toContain('status LED green: a message was received well\n')
    expect(stdout).toContain('connecting to the server failed: there is no server\n')
    expect(stdout).toContain(
      'stored: ssid "factory", password "********", planId "0123456789abcdef", token "********"\n',
    )
    expect(stdout).toMatch(/ s {2}the power is off\n$/)
  })

  test('has its power taken away after the seconds', async ({ folder }) => {
    const dark = await folder.file('dark.csv', 'time_s,level\n0,0.1\n0.001,0.1\n')
    const { exitCode, stdout, stderr } = await blinkup(['dut', dark, '--seconds', '0.5'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toMatch(/^ +\d\.\d{3} s {2}the power comes\n.* s {2}the power is off\n$/s)
  })

  test('shows secrets to who asks for them', async ({ folder }) => {
    const light = await recording(folder, { ...WIFI, ...TOKEN })
    const run = start(['dut', light, '--show-secrets'])
    await run.says('stdout', /stored: .*\n/)
    run.process.kill('SIGINT')
    expect((await run.ended).stdout).toContain(
      `password "${WIFI.password}", planId "${TOKEN.planId}", token "${TOKEN.token}"`,
    )
  })

  test('keeps what it has stored, and is the same device the next time', async ({
    folder,
    cloud,
  }) => {
    const light = await recording(folder, { ...WIFI, ...(await tokenOf(cloud)) })
    const args = ['--cloud', cloud.url, '--settings', folder.at('imp.json'), '--json']
    const first = start(['dut', light, ...args])
    await first.says('stdout', /"event":"connected"/)
    first.process.kill('SIGTERM')
    expect((await first.ended).exitCode).toBe(143)
    const empty = await folder.file('dark.csv', 'time_s,level\n0,0.1\n0.001,0.1\n')
    const second = start(['dut', empty, ...args, '--warm-start'])
    await second.says('stdout', /"event":"connected".*"role":"dut"/)
    second.process.kill('SIGINT')
    await second.ended
    expect(cloud.world.devices.size).toBe(2) // and the fixture
  })

  test('tells of a network that it cannot join, as the file has it', async ({ folder }) => {
    const light = await recording(folder, { ...WIFI, ...TOKEN })
    const network = await folder.file(
      'network.toml',
      'stage-s = 0.01\n[[networks]]\nssid = "factory"\npassword = "another one"\n',
    )
    const run = start(['dut', light, '--network', network, '--json'])
    await run.says('stdout', /"event":"stuck"/)
    run.process.kill('SIGINT')
    await run.ended
    expect(eventsOf(run).find(({ event }) => event === 'stuck')).toMatchObject({
      stage: 'joining',
      reason: 'the password is not that of "factory"',
    })
  })

  test('tells of light that it cannot read', async ({ folder }) => {
    const light = await recording(folder, { ...WIFI, ...TOKEN })
    const text = await readFile(light, 'utf8')
    const cut = await folder.file('cut.csv', text.slice(0, text.length / 2).replace(/\n.*$/, '\n'))
    const run = start(['dut', cut, '--json'])
    await run.says('stdout', /"reception-error"/)
    run.process.kill('SIGINT')
    await run.ended
    expect(eventsOf(run).find(({ event }) => event === 'not-received')).toMatchObject({
      reason: 'lost-symbol',
    })
  })

  test('tells of something else at the address of the server, and of nothing', async ({
    folder,
  }) => {
    const light = await recording(folder, { ...WIFI, ...TOKEN })
    const server = createServer((_, response) => response.end('<html>a router</html>'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    for (const [at, fault] of [
      [port, 'is not the server of these devices'],
      [1, 'nothing answers at'],
    ] as const) {
      const run = start(['dut', light, '--cloud', `http://127.0.0.1:${at}`])
      await run.says('stdout', new RegExp(`connecting to the server failed: .*${fault}.*\n`))
      run.process.kill('SIGINT')
      expect((await run.ended).exitCode).toBe(130)
    }
    server.close()
  })

  test('takes symbols as encode prints them', async () => {
    const { stdout } = await blinkup(['encode', '--ssid', 'net', '--open'])
    const run = start(['dut', '-', '--json'], { input: stdout })
    await run.says('stdout', /"event":"settings"/)
    run.process.kill('SIGINT')
    await run.ended
    expect(eventsOf(run).find(({ event }) => event === 'settings')).toMatchObject({
      settings: { ssid: 'net', password: '' },
    })
  })

  test('waits for what it sees on standard input, and is interrupted there', async () => {
    const run = start(['dut', '-', '--json'], { input: 'time_s,level\n', inputGoesOn: true })
    await run.says('stdout', /"event":"led"/)
    run.process.kill('SIGINT')
    expect((await run.ended).exitCode).toBe(130)
  })

  test('runs on a rig, whose LED is dark afterwards', async () => {
    const run = start(['dut', '--rig', 'emulated', '--json'])
    await run.says('stdout', /"event":"led"/)
    run.process.kill('SIGINT')
    const { exitCode, stdout } = await run.ended
    expect(exitCode).toBe(130)
    expect(eventsOf({ stdout }).at(-1)).toMatchObject({
      error: { code: 'interrupted', message: 'interrupted by SIGINT; the LED is dark' },
    })
  })

  test.for<[string, number, string, readonly string[], Record<string, string>]>([
    ['usage', 64, 'device-id', ['--device-id', 'x'], {}],
    ['usage', 64, 'http://127.0.0.1', ['--cloud', 'localhost'], {}],
    ['usage', 64, 'Give 40 or 42', ['--impos', '41'], {}],
    ['usage', 64, '--channel is for a recording: give one', ['--channel', '2'], {}],
    ['usage', 64, '--rig is for a rig', ['light.csv', '--rig', 'emulated'], { 'light.csv': '' }],
    [
      'fixture',
      78,
      'networks.0.channel',
      ['light.csv', '--network', 'net.json'],
      { 'net.json': '{"networks": [{"ssid": "x", "channel": 14}]}' },
    ],
    ['fixture', 78, 'net.toml', ['light.csv', '--network', 'net.toml'], { 'net.toml': 'nonsense' }],
    [
      'rig.missing',
      69,
      'no LED called "nosuch"',
      ['light.csv', '--led-red', 'nosuch'],
      { 'light.csv': '' },
    ],
    ['no-input', 66, 'nosuch.csv', ['nosuch.csv'], {}],
    [
      'recording.format',
      65,
      'line 22: give 2 cells',
      ['light.csv'],
      { 'light.csv': `time_s,level\n${DARK}1\n${DARK}` },
    ],
    [
      'recording.channel',
      65,
      'there is no channel B: give the only one level',
      ['light.csv', '--channel', 'B', '--sample-rate', '400'],
      { 'light.csv': 'time_s,level\n0,0.5\n1,0.5\n' },
    ],
    ['factory.no-firmware', 66, 'nosuch.ts', ['light.csv', '--firmware', 'nosuch.ts'], {}],
    [
      'factory.no-firmware',
      66,
      'default export',
      ['light.csv', '--firmware', 'dut.js'],
      { 'dut.js': 'export const x = 1' },
    ],
    [
      'factory.damaged',
      65,
      'is not what a device has stored',
      ['light.csv', '--settings', 'imp.json'],
      { 'imp.json': '{"password": "hunter2"}' },
    ],
    ['output', 74, 'cannot keep the settings', ['light.csv', '--settings', 'none/imp.json'], {}],
  ])('%s, %i: %s %j', async ([code, exitCode, sentence, args, files], { folder }) => {
    for (const [name, text] of Object.entries(files)) await folder.file(name, text)
    const names = /^(nosuch|light|dut|imp|net|none)[./]/
    const given = args.map((arg) => (names.test(arg) ? folder.at(arg) : arg))
    const run = await blinkup(['dut', ...given, '--json'])
    const error = eventsOf(run).at(-1)?.error
    expect(error).toMatchObject({ code, exitCode, message: expect.stringContaining(sentence) })
    expect(run.exitCode).toBe(exitCode)
    expect(run.stdout + run.stderr).not.toContain('hunter2')
  })
})

describe.concurrent('blinkup fixture', () => {
  const program = (folder: Folder, ssid = WIFI.ssid): Promise<string> =>
    folder.file(
      'fixture.ts',
      `export default ({ server, hardware, DIGITAL_IN, BLINKUP_FAST, BLINKUP_ACTIVEHIGH }) => {
         hardware.pinC.configure(DIGITAL_IN, () => {
           if (hardware.pinC.read() === 0) return
           server.log('pressed')
           server.factoryblinkup('${ssid}', 'hunter2 hunter2', hardware.pinM, BLINKUP_FAST | BLINKUP_ACTIVEHIGH)
         })
       }`,
    )
  const RIG = ['--rig', 'emulated', '--device-id', FIXTURE_ID]

  test('sends factory BlinkUp when Enter is pressed, with a token each', async ({
    folder,
    cloud,
  }) => {
    await cloud.assignFixture(FIXTURE_ID)
    const args = ['--cloud', cloud.url, '--firmware', await program(folder), '--lockout', '0']
    const run = start(['fixture', ...RIG, ...args, '--json'], { input: '', inputGoesOn: true })
    await run.says('stdout', /"event":"running"/)
    for (const tokens of [1, 2]) {
      // Pressed until it is served: before that the light of the one before plays.
      while (cloud.world.tokens.size < tokens) {
        run.process.stdin?.write('\n')
        await sleep(500)
      }
    }
    run.process.kill('SIGINT')
    const { exitCode, stdout, stderr } = await run.ended
    expect(exitCode).toBe(130)
    expect(eventsOf({ stdout }).at(-1)).toMatchObject({
      error: { message: 'interrupted by SIGINT; the LED is dark' },
    })
    expect(stderr).toMatch(/the light begins\n.*the light has ended\n.*the light begins\n/s)
    expect(stdout + stderr).not.toContain('hunter2')
  })

  test('what a firmware prints is none of the documents', async ({ folder, cloud }) => {
    await cloud.assignFixture(FIXTURE_ID)
    const printing = await folder.file(
      'printing.js',
      'console.log("while loading"); export default () => console.log("at work")',
    )
    const run = start(['fixture', ...RIG, '--cloud', cloud.url, '--firmware', printing, '--json'])
    await run.says('stderr', /while loading\n.*at work\n/s)
    run.process.kill('SIGINT')
    await run.ended
    expect(eventsOf(run).length).toBeGreaterThan(1)
  })

  test('interrupted in the middle of the light leaves the LED dark', async ({ folder, cloud }) => {
    await cloud.assignFixture(FIXTURE_ID)
    const args = ['--cloud', cloud.url, '--firmware', await program(folder), '--lead-in']
    const run = start(['fixture', ...RIG, ...args], { input: '', inputGoesOn: true })
    await run.says('stdout', /the fixture firmware runs/)
    run.process.stdin?.write('\n')
    await run.says('stdout', /log: pressed/)
    run.process.kill('SIGTERM')
    const { exitCode, stderr } = await run.ended
    expect(exitCode).toBe(143)
    expect(stderr).toContain('interrupted by SIGTERM; the LED is dark\n')
  })

  test('that nobody has assigned says so', async ({ cloud }) => {
    const run = start(['fixture', ...RIG, '--cloud', cloud.url])
    await run.says('stdout', /failed: the device has no token, and nobody has assigned it\n/)
    run.process.kill('SIGINT')
    await run.ended
  })

  test.for([
    ['--trigger', 'C'],
    ['--trigger', 'pinC:high'],
    ['--lockout', '-1'],
    ['--lockout', ''],
    ['--seconds', '0'],
  ])('does not take %s %j', async (option) => {
    expect((await blinkup(['fixture', ...RIG, ...option])).exitCode).toBe(64)
  })
})
