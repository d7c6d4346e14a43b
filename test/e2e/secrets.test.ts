import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { describe, expect } from 'vitest'
import { test } from '../cli/folder.js'
import { needs } from '../requirements.js'
import { Pi } from '../rig/raspberry-pi/pi.js'
import { BLINKUP, blinkup, type Ended, Run, start } from './blinkup.js'

const PASSWORD = "hunter2's secret"
const TOKEN = 'a1b2c3d4e5f60718'
/** The secrets as text, as hex of their bytes, and the token's bytes as they are sent, last first. */
const SECRETS = [
  PASSWORD,
  'hunter2',
  Buffer.from(PASSWORD).toString('hex'),
  TOKEN,
  Buffer.from(TOKEN, 'hex').reverse().toString('hex'),
]

function expectNoSecret({ stdout, stderr }: Ended): void {
  for (const secret of SECRETS) {
    expect(stdout).not.toContain(secret)
    expect(stderr).not.toContain(secret)
  }
}

describe.concurrent('a password as an argument is refused and not repeated', () => {
  test.for([
    [['encode', '--ssid', 'net', '--password', PASSWORD]],
    [['encode', '--ssid', 'net', `--password=${PASSWORD}`]],
    [['send', '--ssid', 'net', `--passwrod=${PASSWORD}`]],
    [['send', '--ssid', 'net', '--passwrod', PASSWORD]],
    [['verify', '--ssid', 'net', `-p${PASSWORD}`]],
    [['verify', '--ssid', 'net', '-p', PASSWORD]],
    [[`--password=${PASSWORD}`, 'encode', '--ssid', 'net']],
    [['--password', PASSWORD, 'encode', '--ssid', 'net']],
    [['decode', '-', `--password=${PASSWORD}`]],
    [['capture', '--rig', 'emulated', PASSWORD, PASSWORD]],
    [['encode', '--ssid', 'net', PASSWORD]],
  ] as const)('%j', async ([args]) => {
    const ended = await blinkup(args)
    expect(ended).toMatchObject({ exitCode: 64, stdout: '' })
    expectNoSecret(ended)
  })
})

describe('no output holds a password or a token', () => {
  const CONFIG = { ssid: 'net', password: PASSWORD, planId: 'fedcba9876543210', token: TOKEN }
  const input = JSON.stringify(CONFIG)
  const RIG = ['--rig', 'emulated', '--rate', '142', '--config', '-']

  test.for([
    [['send', ...RIG]],
    [['send', ...RIG, '--json']],
    [['verify', ...RIG]],
    [['verify', ...RIG, '--json']],
    [['verify', ...RIG, '--json', '--grey', '0.1']],
    [['verify', ...RIG, '--grey', '0.1']],
  ] as const)('%j', async ([args]) => {
    const ended = await blinkup(args, { input })
    expect(ended.stdout).not.toBe('')
    expectNoSecret(ended)
  })

  test('beside the symbols of encode --format json', async () => {
    const { stdout, ...ended } = await blinkup(['encode', '--config', '-', '--format', 'json'], {
      input,
    })
    const { symbols, ...others } = JSON.parse(stdout)
    expect(symbols).toMatch(/^[012]+$/)
    expectNoSecret({ ...ended, stdout: JSON.stringify(others) })
  })

  test('of decode', async () => {
    const { stdout: symbols } = await blinkup(['encode', '--config', '-'], { input })
    for (const args of [
      ['decode', '-'],
      ['decode', '-', '--json'],
    ]) {
      const ended = await blinkup(args, { input: symbols })
      expect(ended.exitCode).toBe(0)
      expectNoSecret(ended)
    }
  })

  test.for([
    `{"password": ${PASSWORD}}`,
    `password = ${PASSWORD}`,
    JSON.stringify({ ...CONFIG, password: PASSWORD.repeat(8) }),
    JSON.stringify({ ...CONFIG, token: `${TOKEN}0` }),
  ])('about the faulty configuration %s', async (input) => {
    const ended = await blinkup(['encode', '--config', '-'], { input })
    expect(ended).toMatchObject({ exitCode: 65, stdout: '' })
    expectNoSecret(ended)
  })

  test('about a password from the environment or a systemd credential', async ({ folder }) => {
    await folder.file('blinkup-password', `${PASSWORD}\u{7f}`)
    for (const env of [
      { BLINKUP_PASSWORD: `${PASSWORD}\u{7f}` },
      { CREDENTIALS_DIRECTORY: folder.path },
    ]) {
      const ended = await blinkup(['encode', '--ssid', 'net'], { env })
      expect(ended.exitCode).toBe(65)
      expectNoSecret(ended)
    }
  })
})

test.skipIf(needs('/proc'))(
  'the process list does not show the token of a running send',
  async () => {
    const enrollment = ['--plan-id', 'fedcba9876543210', '--token', TOKEN]
    const run = start([
      'send',
      '--rig',
      'emulated',
      '--rate',
      '10',
      '--sync',
      '3600',
      ...enrollment,
    ])
    await run.says('stderr', /the message takes/)
    const commandLine = await readFile(`/proc/${run.process.pid}/cmdline`, 'latin1')
    expect(commandLine.replaceAll('\0', '')).toBe('blinkup')
  },
)

describe.skipIf(needs('/proc'))(
  'no program that is started gets a secret in its environment',
  () => {
    const env = { BLINKUP_PASSWORD: PASSWORD, CREDENTIALS_DIRECTORY: '/run/credentials/blinkup' }

    const childrenOf = (pid: number): number[] =>
      (readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').match(/\d+/g) ?? []).map(Number)

    /** The programs that a command has started, with their environments, when there are so many. */
    async function startedBy({ process: { pid } }: Run, programs: number): Promise<string[]> {
      await expect.poll(() => childrenOf(pid as number).length, { timeout: 10_000 }).toBe(programs)
      return childrenOf(pid as number).map((child) => {
        const [command, environ] = ['comm', 'environ'].map((name) =>
          readFileSync(`/proc/${child}/${name}`, 'latin1'),
        )
        expect(environ).toMatch(/\bPATH=/)
        expect(environ).not.toMatch(/hunter2|BLINKUP_|CREDENTIALS_DIRECTORY/)
        return (command as string).trim()
      })
    }

    test.skipIf(needs('socat') || needs('/usr/bin/avrdude'))(
      'socat and avrdude',
      async ({ folder }) => {
        const port = folder.at('tty')
        const board = start(['emulate', '--link', port], { env })
        await board.says('stderr', /the emulated board is at/)
        expect(await startedBy(board, 1)).toEqual(['socat'])
        board.process.kill('SIGSTOP') // nobody answers avrdude
        const flashing = start(['firmware', 'flash', '--port', port], { env })
        expect(await startedBy(flashing, 1)).toEqual(['avrdude'])
        flashing.process.kill('SIGINT')
        board.process.kill('SIGCONT')
        board.process.kill('SIGINT')
        await Promise.all([flashing.ended, board.ended])
      },
    )

    test.skipIf(needs('unshare') || needs('/usr/bin/gcc') || needs('onoff'))(
      'what paces the light, and what reads an ADC',
      async () => {
        using pi = new Pi('pi5')
        pi.addAdc(`gpio ${pi.base + 17} ${pi.base + 27}`)
        const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
        const [program, args] = pi.command(['env', ...variables, process.execPath, BLINKUP])
        const rig = ['--rig', 'gpio', '--white-line', '17', '--grey-line', '27']
        const message = ['--ssid', 'net', '--rate', '10', '--photodiode', 'adc']
        const verifying = new Run(program, [...args, 'verify', ...rig, ...message], {})
        expect(await startedBy(verifying, 2)).toEqual([expect.any(String), expect.any(String)])
        verifying.process.kill('SIGINT')
        expect(await verifying.ended).toMatchObject({ exitCode: 130 })
      },
    )
  },
)
