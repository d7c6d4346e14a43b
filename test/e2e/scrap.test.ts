import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { describe, expect } from 'vitest'
import { blinkup } from '../helpers/blinkup.js'
import { test } from '../helpers/folder.js'
import { needs } from '../helpers/requirements.js'

const PASSWORD = 'correct horse'
const NETWORK = { ssid: 'net', password: PASSWORD }
const ADDRESS = {
  ip: '10.0.0.5',
  netmask: '255.255.255.0',
  gateway: '10.0.0.1',
  dns1: '10.0.0.1',
}
const RIG = ['--rig', 'emulated', '--rate', '142']

/** What nobody can mean, as a file of settings, and what is said of it. */
const DOUBTS: [what: string, text: string, says: string][] = [
  [
    'a gateway outside the network',
    JSON.stringify({ ...NETWORK, staticAddress: { ...ADDRESS, gateway: '10.0.1.1' } }),
    "Give staticAddress.gateway as an address that can be reached: 10.0.1.1 is outside the device's network.",
  ],
  [
    'a DNS server that is the device itself',
    JSON.stringify({ ...NETWORK, staticAddress: { ...ADDRESS, dns1: '127.0.0.1' } }),
    'Give staticAddress.dns1 as an address that can be reached: 127.0.0.1 is loopback.',
  ],
  [
    'an SSID with a line end',
    JSON.stringify({ ...NETWORK, ssid: 'net\n' }),
    'Give ssid without spaces at its ends, line ends and control characters: they are rarely intended.',
  ],
  [
    'a key twice',
    '{"ssid": "net", "password": "correct horse", "ssid": "net2"}',
    'standard input has a key twice, and only the last one counts: see line 1, column 46',
  ],
]

describe.concurrent.each(DOUBTS)('%s', (_, input, says) => {
  test('is warned of in text and in JSON', async () => {
    const { exitCode, stdout, stderr } = await blinkup(
      ['encode', '--config', '-', '--format', 'json'],
      { input },
    )
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: `blinkup: warning: ${says}\n` })
    expect(JSON.parse(stdout).warnings).toEqual([says])
  })

  test.for(['encode', 'send', 'verify'])('ends %s --strict before any light', async (command) => {
    const rig = command === 'encode' ? [] : ['--rig', 'emulated']
    expect(await blinkup([command, '--strict', '--config', '-', ...rig], { input })).toEqual({
      exitCode: 65,
      stdout: '',
      stderr: `blinkup: ${says}\n`,
    })
  })
})

test.for(['send', 'verify'])('the document of %s has the warnings', async (command) => {
  const input = JSON.stringify({ ...NETWORK, ssid: ' net' })
  const ended = await blinkup([command, ...RIG, '--config', '-', '--json'], { input })
  expect(ended.exitCode).toBe(0)
  expect(JSON.parse(ended.stdout).warnings).toEqual([expect.stringMatching(/^Give ssid without /)])
  expect(ended.stderr).toMatch(/^blinkup: warning: Give ssid without /m)
})

test('verify tells in its document what it warned of while it played', async () => {
  const ended = await blinkup([
    ...[
      'verify',
      '--dummy',
      '--rig',
      'emulated',
      '--rate',
      '142',
      '--sample-rate',
      '300',
      '--json',
    ],
  ])
  const warning = 'fewer than 3 samples a symbol: raise --sample-rate'
  expect(JSON.parse(ended.stdout).warnings).toContain(warning)
  expect(ended.stderr).toContain(`blinkup: warning: ${warning}\n`)
})

test('a network that has lost its password is not sent as an open one', async ({ folder }) => {
  const input = '{"ssid": "net"}'
  const command = ['verify', ...RIG, '--config', '-']
  await folder.file('blinkup-password', '')
  for (const env of [{}, { BLINKUP_PASSWORD: '' }, { CREDENTIALS_DIRECTORY: folder.path }]) {
    const { exitCode, stdout, stderr } = await blinkup(command, { input, env })
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' })
    expect(stderr).toMatch(/^blinkup: [^\n]*, or use --open for an open network\n$/)
  }
  expect(await blinkup([...command, '--open'], { input })).toMatchObject({ exitCode: 0 })
  const open = '{"ssid": "net", "password": ""}'
  expect(await blinkup(command, { input: open })).toMatchObject({ exitCode: 0 })
})

test('settings as systemd hands them to the service are sent with --strict', async ({ folder }) => {
  await folder.file('blinkup-password', `${PASSWORD}\n`, 0o440)
  const config = await folder.file('device.json', '{"ssid": "net"}', 0o440)
  const ended = await blinkup(['verify', '--strict', ...RIG, '--config', config], {
    env: { CREDENTIALS_DIRECTORY: folder.path },
  })
  expect(ended).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^PASS/) })
  expect(ended.stderr).not.toContain('warning')
})

describe.concurrent('a proxy with what belongs to a URL is refused, and its password is not shown', () => {
  test.for(['user:hunter2@px:80', 'http://user:hunter2@px:80', 'http://px', 'http://px:80'])(
    '--proxy %s',
    async (proxy) => {
      const ended = await blinkup(['encode', '--format', 'json', '--proxy', proxy])
      expect(ended.exitCode).toBe(64)
      expect(JSON.parse(ended.stdout).error.code).toBe('usage')
      expect(ended.stderr).toMatch(/^blinkup: --proxy takes HOST:PORT alone/)
      expect(ended.stdout + ended.stderr).not.toContain('hunter2')
    },
  )

  test.for(['user:hunter2@px', 'http://user:hunter2@px', 'http://px', 'px:80'])(
    'the server %s of the file',
    async (server) => {
      const input = JSON.stringify({ proxy: { server, port: 80 } })
      const ended = await blinkup(['encode', '--format', 'json', '--config', '-'], { input })
      expect(ended.exitCode).toBe(65)
      expect(JSON.parse(ended.stdout).error.code).toBe('credentials.format')
      expect(ended.stderr).toMatch(/^blinkup: Give proxy\.server as a host name or an IPv4 address/)
      expect(ended.stdout + ended.stderr).not.toContain('hunter2')
    },
  )
})

describe.concurrent('a capture that is there', () => {
  const OLDER = 'time_s,level\n0,0.5\n'

  test.for([
    ['capture FILE --rig emulated --seconds 0.1'],
    ['verify --dummy --rig emulated --rate 142 --capture FILE'],
    ['decode - --vcd FILE'],
  ] as const)('is not overwritten by %s', async ([command], { folder }) => {
    const file = await folder.file('capture.csv', OLDER)
    const args = command.replaceAll('FILE', file).split(' ')
    expect(await blinkup(args, { input: '' })).toEqual({
      exitCode: 64,
      stdout: '',
      stderr: `blinkup: ${file} already exists: write to another file, or use --force to overwrite it\n`,
    })
    expect(await readFile(file, 'utf8')).toBe(OLDER)
  })

  test('is overwritten with --force', async ({ folder }) => {
    const capture = await folder.file('capture.csv', OLDER)
    const vcd = await folder.file('seen.vcd', OLDER)
    const verify = ['verify', '--dummy', ...RIG, '--capture', capture, '--force']
    expect(await blinkup(verify)).toMatchObject({ exitCode: 0 })
    const decode = ['decode', capture, '--vcd', vcd, '--force']
    expect(await blinkup(decode)).toMatchObject({ exitCode: 0 })
    expect(await readFile(vcd, 'utf8')).toMatch(/^\$timescale/)
  })

  test('and is empty has nothing to lose', async ({ folder }) => {
    const file = await folder.file('capture.csv', '')
    const capture = ['capture', file, '--rig', 'emulated', '--seconds', '0.1']
    expect(await blinkup(capture)).toMatchObject({ exitCode: 0 })
    expect(await readFile(file, 'utf8')).toMatch(/^time_s,level\n0\./)
  })

  test.skipIf(needs('/proc'))('a device and a pipe need no --force', async ({ folder }) => {
    const capture = ['--rig', 'emulated', '--seconds', '0.1']
    expect(await blinkup(['capture', '/dev/null', ...capture])).toMatchObject({ exitCode: 0 })
    const pipe = folder.at('pipe')
    await promisify(execFile)('mkfifo', [pipe])
    const [ended, seen] = await Promise.all([
      blinkup(['capture', pipe, ...capture]),
      readFile(pipe, 'utf8'),
    ])
    expect(ended).toMatchObject({ exitCode: 0 })
    expect(seen).toMatch(/^time_s,level\n0\./)
  })
})
