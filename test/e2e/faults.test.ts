import { describe, expect } from 'vitest'
import { blinkup } from '../helpers/blinkup.js'
import { test } from '../helpers/folder.js'

const SEND = ['send', '--dummy', '--rig', 'emulated']

/** One sentence and perhaps the hint at the help; nothing else, and above all no stack trace. */
const SENTENCE =
  /^blinkup: [^\n]+\n(\(Did you mean [^\n]+\n)?(\(blinkup --help shows all [^\n]+\)\n)?$/

describe.concurrent.each<[what: string, args: string[], exitCode: number, says: string]>([
  ['an unknown command', ['sned'], 64, "unknown command 'sned'"],
  ['an unknown option', ['encode', '--dummie'], 64, "unknown option '--dummie'"],
  ['a missing argument', ['decode'], 64, "missing required argument 'file'"],
  ['one argument too many', ['encode', '--dummy', 'x'], 64, 'too many arguments'],
  ['nothing to send', ['encode'], 64, 'say what to send'],
  ['two things to send', ['encode', '--dummy', '--ssid', 'net'], 64, 'cannot be used with'],
  ['a password nowhere', ['encode', '--ssid', 'net'], 64, 'set BLINKUP_PASSWORD'],
  ['half an enrollment', ['encode', '--token', '0123456789abcdef'], 65, 'Give planId too'],
  ['a token that is none', ['encode', '--token', 'x'], 65, 'Give token as 16 hex digits.'],
  ['no such file', ['decode', '/no/such/file'], 66, 'cannot read /no/such/file: no such file'],
  ['no such configuration', ['encode', '--config', '/no/such'], 66, 'cannot read /no/such'],
  ['no such fixture', [...SEND, '--fixture', '/no/such'], 66, 'cannot read /no/such'],
  ['a rate that is no number', [...SEND, '--rate', 'abc'], 64, 'Give a number'],
  ['a rate out of range', [...SEND, '--rate', '5000'], 64, '--rate must be a number from 10 to'],
  ['half a bit of sync', [...SEND, '--sync', '5'], 64, '--sync must be an even number'],
  ['a sync that is too short', [...SEND, '--sync', '4'], 64, 'sync must be at least 48'],
  ['a sync without end', ['encode', '--dummy', '--sync', '1e9'], 64, 'at most 120000'],
  ['grey above white', [...SEND, '--grey', '2'], 64, '--grey must be a number from'],
  ['an unknown rig', ['send', '--dummy', '--rig', 'laser'], 64, '--rig must be one of emulated'],
  ['an unknown dialect', [...SEND, '--dialect', 'x'], 64, '--dialect must be one of sdk-0.3.0'],
  ['an unknown format', ['encode', '--dummy', '--format', 'x'], 64, 'Allowed choices are'],
  ['no time', ['capture', '--rig', 'emulated', '--seconds', '0'], 64, 'seconds above 0'],
  ['no name for a board', ['emulate'], 64, "required option '--link <path>'"],
])('%s', (_, args, exitCode, says) => {
  test(`ends with ${exitCode} and says what to do`, async () => {
    const ended = await blinkup(args)
    expect(ended).toMatchObject({ exitCode, stdout: '' })
    expect(ended.stderr).toMatch(SENTENCE)
    expect(ended.stderr).toContain(says)
  })
})

describe.concurrent('a device', () => {
  test.for([
    ['that is not named', [], 'name the serial port'],
    ['that is not there', ['--port', '/dev/no-such-port'], 'cannot open /dev/no-such-port'],
  ] as const)('%s ends with 69', async ([, args, says]) => {
    const { exitCode, stdout, stderr } = await blinkup(['clear', ...args])
    expect({ exitCode, stdout }).toEqual({ exitCode: 69, stdout: '' })
    expect(stderr).toMatch(/^blinkup: the message takes [^\n]*\nblinkup: [^\n]+\n$/)
    expect(stderr).toContain(says)
  })
})

describe.concurrent('files', () => {
  test.for([
    ['JSON', '{"ssid": net}'],
    ['TOML', 'ssid = net'],
  ] as const)('invalid %s is bad data', async ([language, text], { folder }) => {
    const file = await folder.file('config', text)
    const { exitCode, stderr } = await blinkup(['encode', '--config', file])
    expect(exitCode).toBe(65)
    expect(stderr).toMatch(
      new RegExp(`^blinkup: ${file} is not valid ${language}: see line 1, .*\n$`),
    )
  })

  test('a fixture with a fault is bad configuration', async ({ folder }) => {
    const fixture = await folder.file('fixture.toml', 'rig = "emulated"\nrate = "fast"\n')
    expect(await blinkup(['clear', '--fixture', fixture])).toEqual({
      exitCode: 78,
      stdout: '',
      stderr: `blinkup: ${fixture}: rate must be a number from 10 to 2000\n`,
    })
  })

  test('a folder is no input', async ({ folder }) => {
    for (const args of [
      ['decode', folder.path],
      ['encode', '--config', folder.path],
    ]) {
      const { exitCode, stderr } = await blinkup(args)
      expect(exitCode).toBe(66)
      expect(stderr).toMatch(SENTENCE)
    }
  })

  test('an empty standard input has nothing to send', async () => {
    expect(await blinkup(['encode', '--config', '-'], { input: '' })).toEqual({
      exitCode: 65,
      stdout: '',
      stderr: 'blinkup: Give at least one setting to send, or clear: true.\n',
    })
  })

  test('a message that is too long is bad data', async () => {
    const input = JSON.stringify({
      proxy: { server: 's'.repeat(200), port: 80, username: 'u', password: 'p'.repeat(100) },
    })
    const { exitCode, stderr } = await blinkup(['encode', '--config', '-'], { input })
    expect(exitCode).toBe(65)
    expect(stderr).toMatch(/^blinkup: Shorten the configuration: .* over the limit of 255\.\n$/)
  })

  test('a message that the board cannot hold is bad data', async () => {
    const { exitCode, stderr } = await blinkup([...SEND, '--sync', '6000'])
    expect(exitCode).toBe(65)
    expect(stderr).toContain('the board holds 4800 symbols')
  })
})

test('help tells the commands, their options and the exit codes', async () => {
  const { exitCode, stdout, stderr } = await blinkup(['--help'])
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  for (const word of ['encode', 'decode', 'send', 'verify', 'capture', 'aim', 'clear', 'emulate']) {
    expect(stdout).toMatch(new RegExp(`^ {2}${word} `, 'm'))
  }
  expect(stdout).toContain('Exit codes: 0 done')
})
