import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { BLINKUP, blinkup, faultAtWork, Run, start, untilCaptured } from '../helpers/blinkup.js'
import { test } from '../helpers/folder.js'
import { needs } from '../helpers/requirements.js'

// Each run checks by itself that there is one document, of its schema (see blinkup.ts).

const RIG = ['--rig', 'emulated', '--json']
const NOBODY = '/dev/no-such-port'

/** The error that a command tells, whose sentence is also on standard error. */
async function errorOf(args: readonly string[], input = ''): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await blinkup(args, { input })
  const { schema, error } = JSON.parse(stdout)
  expect(schema).toBe('blinkup.error/1')
  expect(stderr.replaceAll('\n', ' ')).toContain(`blinkup: ${error.message}`)
  return error
}

describe.concurrent('a command that fails tells why in a document', () => {
  test.for([
    ['usage', 64, ['send', '--json', '--nonsense']],
    ['usage', 64, ['send', '--dumy', '--json']],
    ['usage', 64, ['--json', 'send']],
    ['usage', 64, ['decode', '--json']],
    ['usage', 64, ['nonsense', '--json']],
    ['usage', 64, ['capture', '--json']],
    ['usage', 64, ['verify', ...RIG]],
    ['usage', 64, ['verify', ...RIG, '--dummy', '--grey', '2']],
    ['usage', 64, ['encode', '--format', 'json']],
    ['usage', 64, ['encode', '--format=json', '--dummy', '--rate', '1']],
    ['fixture', 78, ['send', '--json', '--dummy', '--fixture', '-'], 'nonsense = 1'],
    ['fixture', 78, ['aim', '--json', '--fixture', '-'], '{'],
    ['fixture', 78, ['send', '--json', '--dummy', '--fixture', '-'], '[enrollment]\nkey = 1'],
    ['enrollment.key-missing', 64, ['enroll', ...RIG, '--ssid', 'net', '--open']],
    ['usage', 64, ['send', ...RIG, '--dummy', '--enrollment-key-file', 'key']],
    ['no-input', 66, ['doctor', '--json', '--fixture', 'no/such/file']],
    ['no-input', 66, ['decode', '--json', 'no/such/file']],
    ['credentials.file', 65, ['send', ...RIG, '--config', '-'], '{'],
    ['credentials.format', 65, ['send', ...RIG, '--plan-id', 'x', '--token', 'y']],
    ['credentials.empty', 65, ['verify', ...RIG, '--config', '-'], '{}'],
    ['symbols.truncated', 65, ['decode', '-', '--json'], `${'01'.repeat(24)}020102`],
    ['symbols.no-marker', 65, ['decode', '-', '--json'], '0101010101'],
    ['recording.empty', 65, ['decode', '-', '--json'], ''],
    ['recording.format', 65, ['decode', '-', '--json'], 'time_s,level\n0,0.5\n0.1,0.5\n0.2\n'],
    ['rig.missing', 69, ['send', '--dummy', '--json', '--port', NOBODY]],
    ['rig.missing', 69, ['firmware', 'info', '--json', '--port', NOBODY]],
    ['rig.too-long', 65, ['clear', ...RIG, '--sync', '100000', '--rate', '2000']],
    ['output', 74, ['verify', ...RIG, '--dummy', '--capture', 'no/such/file']],
  ] as const)('%s, %i: %j', async ([code, exitCode, args, input]) => {
    expect(await errorOf(args, input)).toMatchObject({ code, exitCode })
  })

  test('an option is not told with its value, which may be a secret', async () => {
    for (const option of ['--passwrod=hunter2', '-phunter2', '-ühunter2', "--pass'word=hunter2"]) {
      const { stdout, stderr } = await blinkup(['send', '--json', option])
      expect(JSON.parse(stdout).error.message).toMatch(/^unknown option '-/)
      expect(stdout + stderr).not.toContain('hunter2')
    }
  })

  test('what was warned of before is told with it', async () => {
    const input = '{"ssid": " net", "password": ""}'
    const args = ['send', '--json', '--port', NOBODY, '--config', '-']
    const { stdout } = await blinkup(args, { input })
    const { error, warnings } = JSON.parse(stdout)
    expect(error.code).toBe('rig.missing')
    expect(warnings).toEqual([expect.stringMatching(/^Give ssid without spaces/)])
  })

  test('a bug, of which the LED may be lit', async () => {
    const preload = ['--import', faultAtWork('throw Error("oops")')]
    // It waits for its input.
    const run = new Run(process.execPath, [...preload, BLINKUP, 'decode', '-', '--json'], {})
    const { exitCode, stdout } = await run.ended
    expect(exitCode).toBe(70)
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'bug', message: expect.stringContaining('oops') },
      warnings: ['the LED may still be lit: blinkup off turns it dark'],
    })
  })
})

test.skipIf(needs('socat'))(
  'a device that another program has is told in a document',
  async ({ folder }) => {
    const port = folder.at('tty')
    const board = start(['emulate', '--link', port])
    await board.says('stderr', /the emulated board is at/)
    const file = await folder.file('capture.csv', '')
    const other = start(['capture', file, '--port', port])
    await untilCaptured(other, file, 1)
    other.process.kill('SIGSTOP') // it keeps the port, whatever it would hear of the board
    const error = await errorOf(['send', '--dummy', '--json', '--port', port])
    expect(error).toMatchObject({ code: 'rig.locked', exitCode: 75 })
    other.process.kill('SIGKILL')
    await other.ended
    board.process.kill('SIGINT')
    await board.ended
  },
)

test('without --json there is none', async () => {
  for (const args of [
    ['send', '--nonsense'],
    ['decode', '--', '--json'],
    ['encode', '--ssid', 'json'],
  ]) {
    expect((await blinkup(args)).stdout).toBe('')
  }
})

describe.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s is told in a document', (signal, exitCode) => {
  const interrupted = { code: 'interrupted', exitCode }

  test('while light plays, with what is known of the LED', async ({ folder }) => {
    const file = await folder.file('capture.csv', '')
    const long = ['--dummy', '--sync', '3600', '--rate', '10', '--capture', file]
    const run = start(['verify', ...RIG, ...long])
    await untilCaptured(run, file, 3000)
    run.process.kill(signal)
    const { error, warnings } = JSON.parse((await run.ended).stdout)
    const message = `interrupted by ${signal}; the LED is dark`
    expect(error).toEqual({ ...interrupted, message })
    expect(warnings).toEqual([expect.stringMatching(/^an imp listens for 60 s/)])
  })

  test('while an input is waited for', async ({ folder }) => {
    const vcd = folder.at('seen.vcd')
    const input = (await blinkup(['capture', '--send', '--dummy', '--rig', 'emulated'])).stdout
    const run = start(['decode', '-', '--json', '--vcd', vcd], { input, inputGoesOn: true })
    while (!existsSync(vcd)) await sleep(20) // the message has been read
    run.process.kill(signal)
    const { error } = JSON.parse((await run.ended).stdout)
    expect(error).toEqual({ ...interrupted, message: `interrupted by ${signal}` })
  })
})
