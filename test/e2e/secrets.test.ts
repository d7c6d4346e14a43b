import { readFileSync } from 'node:fs'
import { open, readdir, readFile, readlink, stat } from 'node:fs/promises'
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { BLINKUP, blinkup, type Ended, Run, start, startOnTerminal } from '../helpers/blinkup.js'
import { test } from '../helpers/folder.js'
import { needs } from '../helpers/requirements.js'
import { Pi } from '../rig/raspberry-pi/pi.js'

const PASSWORD = "hunter2's secret"
const TOKEN = 'a1b2c3d4e5f60718'
const PROXY = { server: 'px', port: 80, username: 'proxyuser', password: "proxy's secret" }
const CONFIG = {
  ssid: 'net',
  password: PASSWORD,
  planId: 'fedcba9876543210',
  token: TOKEN,
  proxy: PROXY,
}
/** The secrets as text, as hex of their bytes, and the token's bytes as they are sent, last first. */
const SECRETS = [
  PASSWORD,
  'hunter2',
  Buffer.from(PASSWORD).toString('hex'),
  TOKEN,
  Buffer.from(TOKEN, 'hex').reverse().toString('hex'),
  PROXY.username,
  Buffer.from(PROXY.username).toString('hex'),
  PROXY.password,
  Buffer.from(PROXY.password).toString('hex'),
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
  const input = JSON.stringify(CONFIG)
  const RIG = ['--rig', 'emulated', '--rate', '500', '--config', '-']

  test.for([
    [['send', ...RIG]],
    [['send', ...RIG, '--json']],
    [['verify', ...RIG]],
    [['verify', ...RIG, '--json']],
    [['verify', ...RIG, '--json', '--grey', '0.1']],
    [['verify', ...RIG, '--grey', '0.1']],
    [['verify', ...RIG, '--capture', 'FILE']],
    [['capture', ...RIG, '--send', 'FILE']],
    [['simulate', '--config', '-', 'FILE']],
  ] as const)('%j', async ([args], { folder }) => {
    const file = folder.at('capture.csv')
    const env = { TMPDIR: folder.path }
    const ended = await blinkup(
      args.map((arg) => (arg === 'FILE' ? file : arg)),
      { input, env },
    )
    if (!/^(capture|simulate)$/.test(args[0])) expect(ended.stdout).not.toBe('')
    expectNoSecret(ended)
    // Nothing is left behind but what was asked for, and that for its owner alone.
    const isKept = (args as readonly string[]).includes('FILE')
    expect(await readdir(folder.path)).toEqual(isKept ? ['capture.csv'] : [])
    if (isKept) expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  describe.skipIf(needs('script'))('on a terminal', () => {
    test.for([
      ['send'],
      ['send --json'],
      ['verify'],
      ['verify --grey 0.1'],
      ['capture --send FILE'],
      ['encode --format json > FILE'],
    ] as const)('%s', async ([command], { folder }) => {
      const config = await folder.file('config', input)
      const [words = '', redirected = ''] = command.replace('FILE', folder.at('out')).split(' > ')
      const rig = words.startsWith('encode') ? '' : '--rig emulated'
      const run = startOnTerminal(
        `'${process.execPath}' '${BLINKUP}' ${words} ${rig} --config ${config} --rate 500 ${redirected && `> ${redirected}`}`,
      )
      const ended = await run.ended
      expectNoSecret(ended)
      expect(ended.stdout).not.toMatch(/▒|█ +█/) // no picture of the light
    })
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
    JSON.stringify({ ...CONFIG, proxy: { ...PROXY, port: 0 } }),
    JSON.stringify({ ...CONFIG, proxy: { ...PROXY, username: PROXY.username.repeat(30) } }),
    JSON.stringify({ ...CONFIG, proxy: `${PROXY.username}:${PROXY.password}@px` }),
    JSON.stringify([PASSWORD]),
    JSON.stringify(PASSWORD),
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

    const about = (child: number, name: 'cmdline' | 'environ'): string => {
      try {
        return readFileSync(`/proc/${child}/${name}`, 'latin1')
      } catch {
        return '' // it has ended
      }
    }

    /** Waits until a command has started these programs, and looks at their environments: before, they are still the command's. */
    async function expectStarted({ process: { pid } }: Run, ...programs: RegExp[]): Promise<void> {
      for (const program of programs) {
        const started = (): number | undefined =>
          childrenOf(pid as number).find((child) => program.test(about(child, 'cmdline')))
        await expect.poll(started).toBeDefined()
        const environ = about(started() as number, 'environ')
        expect(environ).toMatch(/\bPATH=/)
        expect(environ).not.toMatch(/hunter2|BLINKUP_|CREDENTIALS_DIRECTORY/)
      }
    }

    test.skipIf(needs('socat') || needs('/usr/bin/avrdude'))(
      'socat and avrdude',
      async ({ folder }) => {
        const port = folder.at('tty')
        const board = start(['emulate', '--link', port], { env })
        await board.says('stderr', /the emulated board is at/)
        await expectStarted(board, /^socat/)
        board.process.kill('SIGSTOP') // nobody answers avrdude
        const flashing = start(['firmware', 'flash', '--port', port], { env })
        await expectStarted(flashing, /^avrdude/)
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
        const message = ['--ssid', 'net', '--rate', '10', '--sync', '600', '--photodiode', 'adc']
        const verifying = new Run(program, [...args, 'verify', ...rig, ...message], {})
        await expectStarted(verifying, /adc-polling-process/, /pacing-process/)
        verifying.process.kill('SIGINT')
        expect(await verifying.ended).toMatchObject({ exitCode: 130 })
      },
    )
  },
)

describe('what others could look into', () => {
  const RUNNING = ['send', '--rig', 'emulated', '--rate', '10', '--sync', '2400', '--config', '-']
  const input = JSON.stringify(CONFIG)

  /** Local addresses of the sockets that a process listens on. */
  async function listening(pid: number): Promise<string[]> {
    const sockets = await Promise.all(
      (await readdir(`/proc/${pid}/fd`)).map((fd) =>
        readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''),
      ),
    )
    const inodes = new Set(sockets.map((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1]))
    const tables = await Promise.all(
      ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
    )
    const rows = tables.flatMap((table) =>
      table
        .split('\n')
        .slice(1)
        .map((line) => line.trim().split(/\s+/)),
    )
    return rows.filter((row) => row[3] === '0A' && inodes.has(row[9])).map((row) => row[1] ?? '')
  }

  test.skipIf(needs('/proc'))("SIGUSR1 does not open Node.js's debugger", async () => {
    const run = start(RUNNING, { input })
    await run.says('stderr', /the message takes/)
    const pid = run.process.pid as number
    for (let n = 0; n < 20; n++) {
      run.process.kill('SIGUSR1')
      await sleep(50)
    }
    expect(await listening(pid)).toEqual([])
    expect(run.stderr).not.toContain('Debugger')
    run.process.kill('SIGTERM')
    expect((await run.ended).exitCode).toBe(143)
  })

  /** Resolves when the process hears SIGUSR1, by whatever listener, or is over. */
  function untilHeard({ process: { pid } }: Run): void {
    const SIGUSR1 = 1n << BigInt(constants.signals.SIGUSR1 - 1)
    for (;;) {
      const status = readFileSync(`/proc/${pid}/status`, 'latin1')
      const [, caught] = /^SigCgt:\s*(\w+)$/m.exec(status) ?? []
      if (caught === undefined || BigInt(`0x${caught}`) & SIGUSR1) return
    }
  }

  /** How a program ends that gets the signal at a moment of its start. */
  async function exitCodeAfter(moment: (run: Run) => unknown): Promise<number> {
    const run = start(RUNNING, { input })
    await moment(run)
    run.process.kill('SIGUSR1')
    const isRunning = run.says('stderr', /the message takes/).then(
      () => true,
      () => false,
    )
    if (await isRunning) {
      // The debugger may open late on a busy machine, which ends the program.
      const isOver = await Promise.race([run.ended, sleep(2500, null)])
      if (!isOver && (await listening(run.process.pid as number)).length > 0) await run.ended
      run.process.kill('SIGKILL')
    }
    const { exitCode, stderr } = await run.ended
    if (exitCode === 71) expect(stderr).toContain('blinkup: the signal SIGUSR1 has opened')
    // Node.js itself is ended before it has a listener; what had ours plays on, until it is killed.
    expect([71, 137, 138]).toContain(exitCode)
    return exitCode
  }

  test.skipIf(needs('/proc'))('one that came at the very start ends it', async () => {
    for (let ms = 0; ms <= 200; ms += 50) await exitCodeAfter(() => sleep(ms))
    // Node.js listens before we do; on a busy machine the signal may come later than that.
    while ((await exitCodeAfter(untilHeard)) !== 71);
  })

  test.skipIf(needs('/proc'))('a core dump holds none of its memory', async () => {
    const run = start(RUNNING, { input })
    await run.says('stderr', /the message takes/)
    expect(await readFile(`/proc/${run.process.pid}/coredump_filter`, 'utf8')).toBe('00000000\n')
    run.process.kill('SIGKILL')
    await run.ended
  })

  test('NODE_DEBUG is refused, by which Node.js prints what it reads', async () => {
    for (const NODE_DEBUG of ['stream', 'child_process', '*']) {
      const ended = await blinkup(['encode', '--config', '-'], { input, env: { NODE_DEBUG } })
      expect(ended).toMatchObject({ exitCode: 64, stdout: '' })
      expect(ended.stderr).toContain('blinkup: NODE_DEBUG makes Node.js print')
      expectNoSecret(ended)
      expect(ended.stderr.replaceAll(' ', '')).not.toContain(Buffer.from('hunter2').toString('hex'))
    }
  })
})

describe('a file that others may read', () => {
  const WARNING =
    /^blinkup: warning: other users may read this (capture|message), which is a secret: /m

  test.for([
    ['encode --ssid net', 0o644, true],
    ['encode --ssid net', 0o600, false],
    ['encode --dummy', 0o644, false],
    ['capture --rig emulated --seconds 0.1', 0o644, true],
    ['capture --rig emulated --seconds 0.1', 0o600, false],
    ['capture --rig emulated --send --dummy --seconds 0.1', 0o644, false],
  ] as const)(
    'under the output of %s, of mode %o',
    async ([command, mode, isWarned], { folder }) => {
      const file = await open(await folder.file('out', '', mode), 'w')
      const { exitCode, stderr } = await blinkup(command.split(' '), {
        stdout: file.fd,
        env: { BLINKUP_PASSWORD: PASSWORD },
      })
      await file.close()
      expect(exitCode).toBe(0)
      expect(WARNING.test(stderr)).toBe(isWarned)
    },
  )
})
