import { readdir, readFile, stat } from 'node:fs/promises'
import { describe, expect } from 'vitest'
import { BLINKUP, blinkup, Run, start, startOnTerminal } from '../helpers/blinkup.js'
import { test } from '../helpers/folder.js'
import { NAMESPACE, needs } from '../helpers/requirements.js'

/** 230 symbols. */
const SHORT = ['--ssid', 'net', '--open', '--rate', '142']
const SOAK = ['bench', 'soak', '--rig', 'emulated', ...SHORT]

describe('messages one after another', () => {
  test('all pass: what is proven, and how the light was', async () => {
    const { exitCode, stdout, stderr } = await blinkup([...SOAK, '--repeat', '3'])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(
      /^PASS {2}3 of 3 messages passed: with 95 % confidence 29\.2 to 100\.0 % of all such messages do\n/,
    )
    expect(stdout).toMatch(/^weakest bit {2}9\d to 9\d, mean 9\d % of its margin; /m)
    expect(stdout).toMatch(
      /^grey ratio {3}0\.5\d+ to 0\.5\d+, mean 0\.5\d+; (steady within|changed by) /m,
    )
    expect(stderr).toBe('blinkup: the message takes 1.6 s: 230 symbols at 142 Hz\n')
  })

  test('as a document', async () => {
    const { exitCode, stdout } = await blinkup([
      ...SOAK,
      '--duration',
      '4',
      '--pause',
      '1',
      '--json',
    ])
    expect(exitCode).toBe(0)
    const document = JSON.parse(stdout)
    const { judged } = document.messages
    expect(judged).toBeGreaterThan(1)
    expect(document).toMatchObject({
      schema: 'blinkup.bench-soak/1',
      verdict: 'pass',
      settings: { kind: 'emulated', symbolRateHz: 142, pauseS: 1, symbols: 230 },
      messages: { wanted: null, judged, passed: judged },
      passShare: { least: expect.closeTo(0.025 ** (1 / judged), 9), most: 1 },
      reasons: [],
      failures: [],
      rigErrors: [],
      error: null,
    })
    const rate = document.figures.find(({ name }: { name: string }) => name === 'pass-rate-pct')
    expect(rate).toMatchObject({ value: 100, witness: null })
    expect(JSON.stringify(document)).not.toContain('net')
  })

  test('verify --repeat is the same', async () => {
    const { exitCode, stdout } = await blinkup([
      ...['verify', '--rig', 'emulated', ...SHORT, '--repeat', '2', '--json'],
    ])
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'blinkup.bench-soak/1',
      messages: { wanted: 2, judged: 2, passed: 2 },
    })
  })
})

describe('a message that fails', () => {
  test('is told with its reason, and its capture is kept as a secret', async ({ folder }) => {
    const keep = folder.at('kept')
    const { exitCode, stdout, stderr } = await blinkup([
      ...[...SOAK, '--repeat', '2', '--grey', '0.2', '--keep', keep],
    ])
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^FAIL {2}2 of 2 messages failed: grey-near-black 2\n/)
    expect(stderr).toContain('blinkup: message 2 failed: grey-near-black\n')
    expect(stderr).toContain(`${keep} holds the light of 2 messages and with it the password\n`)
    const files = await readdir(keep)
    expect(files.sort()).toEqual([
      'message-000001-grey-near-black.csv',
      'message-000002-grey-near-black.csv',
    ])
    for (const file of files) {
      expect((await stat(`${keep}/${file}`)).mode & 0o777).toBe(0o600)
      const { exitCode, stdout } = await blinkup(['decode', `${keep}/${file}`, '--json'])
      expect(exitCode).toBe(1)
      expect(JSON.parse(stdout).receptions).toMatchObject([{ reason: 'grey-near-black' }])
    }
    expect((await stat(keep)).mode & 0o777).toBe(0o700)

    const again = await blinkup([...SOAK, '--repeat', '1', '--keep', keep])
    expect(again).toMatchObject({ exitCode: 64, stdout: '' })
    expect(again.stderr).toContain('holds captures of an earlier run')
    const forced = await blinkup([...SOAK, '--repeat', '1', '--keep', keep, '--force'])
    expect(forced.exitCode).toBe(0)
    expect(await readdir(keep)).toEqual([])
  })

  test('is in the document, with the file of its capture', async ({ folder }) => {
    const { exitCode, stdout } = await blinkup([
      ...[...SOAK, '--repeat', '1', '--grey', '0.2', '--keep', folder.path, '--json'],
    ])
    expect(exitCode).toBe(1)
    const { failures, ...document } = JSON.parse(stdout)
    expect(document).toMatchObject({
      verdict: 'fail',
      reasons: [{ reason: 'grey-near-black', messages: 1 }],
      error: { code: 'check-failed' },
    })
    expect(failures).toEqual([
      {
        message: 1,
        timeS: 0,
        reason: 'grey-near-black',
        capture: folder.at('message-000001-grey-near-black.csv'),
      },
    ])
    expect(await readFile(failures[0].capture, 'utf8')).toMatch(/^time_s,level\n/)
  })

  test.skipIf(needs('unshare'))(
    'a full disk is told once, and ends nothing',
    async ({ folder }) => {
      const soak = [...SOAK, '--repeat', '3', '--grey', '0.2', '--keep', folder.path, '--json']
      const script = `mount -t tmpfs -o size=16k none '${folder.path}' && exec "$@" && ls '${folder.path}'`
      const run = new Run(
        'unshare',
        [...NAMESPACE, 'sh', '-c', script, 'sh', process.execPath, BLINKUP, ...soak],
        {},
      )
      const { exitCode, stdout, stderr } = await run.ended
      expect(exitCode).toBe(1)
      expect(stderr.match(/no space left on device/g)).toHaveLength(1)
      expect(stderr).not.toContain('holds the light')
      const { messages, failures } = JSON.parse(stdout)
      expect(messages).toEqual({ wanted: 3, judged: 3, passed: 0 })
      expect(failures).toHaveLength(3)
      for (const { capture } of failures) expect(capture).toBeNull()
    },
  )
})

/** On a terminal it tells how far it is. */
const onTerminal = (args: readonly string[]): Run =>
  startOnTerminal(`'${process.execPath}' '${BLINKUP}' ${args.join(' ')}`)

describe('Ctrl-C ends it in order', () => {
  test.skipIf(needs('script'))('with what there is, and the LED dark', async () => {
    const run = onTerminal([...SOAK, '--duration', '1e6'])
    await run.says('stdout', /\r1 messages, 0 failed; the next: \d+ %/)
    run.process.stdin?.write('\x03')
    const { exitCode, stdout } = await run.ended
    expect(exitCode).toBe(130)
    const [, told] = stdout.split('ABORTED')
    expect(told).toContain('it was ended before its end: interrupted by SIGINT\r\n')
    expect(told).toMatch(/\n\d of \d messages passed: /)
    expect(told).toMatch(/\nblinkup: interrupted by SIGINT; the LED is dark\r\n$/)
  })

  test('and a failure before it stays one', async () => {
    const run = start([...SOAK, '--duration', '1e6', '--grey', '0.2', '--json'])
    await run.says('stderr', /message 1 failed/)
    run.process.kill('SIGTERM')
    const { exitCode, stdout, stderr } = await run.ended
    expect(exitCode).toBe(143)
    expect(stderr).toMatch(/\nblinkup: interrupted by SIGTERM; the LED is dark\n$/)
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'blinkup.bench-soak/1',
      verdict: 'fail',
      error: { code: 'interrupted', exitCode: 143 },
    })
  })
})

describe.skipIf(needs('socat') || needs('script'))('a board that is unplugged', () => {
  test('and plugged in again goes on, but the soak has not passed', async ({ folder }) => {
    const link = folder.at('board')
    const plugIn = async (): Promise<Run> => {
      const board = start(['emulate', '--link', link])
      await board.says('stderr', /the emulated board is at/)
      return board
    }
    const unplug = async (board: Run): Promise<void> => {
      board.process.kill('SIGINT')
      await board.ended
    }
    const first = await plugIn()
    const run = onTerminal(['bench', 'soak', '--port', link, ...SHORT, '--repeat', '2'])
    await run.says('stdout', /\r1 of 2 messages, 0 failed/)
    await unplug(first)
    await run.says('stdout', /the soak goes on when the rig is back/)
    const second = await plugIn()
    const { exitCode, stdout } = await run.ended
    await unplug(second)
    expect(stdout).toContain('blinkup: the rig is back\r\n')
    // Unplugged, or without an answer, whichever is seen first; on a busy machine its board is lost more often.
    expect([69, 74]).toContain(exitCode)
    expect(stdout).toMatch(/ERROR\S* {2}the rig failed (once|\d+ times), first with: /)
    expect(stdout).toContain('\n2 of 2 messages passed: ')
  })
})

describe.concurrent('what cannot be done', () => {
  test.for([
    ['no message', [...SOAK, '--repeat', '0'], 'Give a whole number from 1 on'],
    ['half a message', [...SOAK, '--repeat', '1.5'], 'Give a whole number from 1 on'],
    ['no time', [...SOAK, '--duration', '0'], 'Give a number of seconds above 0'],
    ['a time without end', [...SOAK, '--pause', '1e999'], 'Give a number of seconds above 0'],
    [
      'one capture of many messages',
      ['verify', '--rig', 'emulated', '--dummy', '--repeat', '2', '--capture', 'x'],
      "option '--repeat <n>' cannot be used with option '--capture <file>'",
    ],
  ] as const)('%s is told', async ([, args, says]) => {
    const ended = await blinkup(args)
    expect(ended).toMatchObject({ exitCode: 64, stdout: '' })
    expect(ended.stderr).toContain(says)
  })

  test('a token for each message', async ({ folder }) => {
    const fixture = await folder.file('fixture.toml', 'rig = "emulated"\n[enrollment]\n')
    const ended = await blinkup(['bench', 'soak', '--ssid', 'net', '--open', '--fixture', fixture])
    expect(ended).toMatchObject({ exitCode: 64, stdout: '' })
    expect(ended.stderr).toContain('a token is for one device')
  })

  test('captures in what is no folder', async () => {
    const ended = await blinkup([...SOAK, '--keep', '/dev/null'])
    expect(ended).toMatchObject({ exitCode: 74, stdout: '' })
    expect(ended.stderr).toContain('cannot use the folder /dev/null: ')
  })
})
