import { lstat, readFile, readlink, symlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { blinkup, type Run, start, startOnTerminal, untilCaptured } from '../helpers/blinkup.js'
import { test as base, type Folder } from '../helpers/folder.js'
import { needs } from '../helpers/requirements.js'

/** 230 symbols: 1.6 s at 142 Hz. */
const SHORT = ['--ssid', 'net', '--open', '--rate', '142']
const LONG = ['--dummy', '--rate', '10']

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  )

async function emulate(link: string): Promise<Run> {
  const run = start(['emulate', '--link', link])
  await run.says('stderr', /the emulated board is at .*\n/)
  return run
}

describe.skipIf(needs('socat'))('an emulated board on a pseudo terminal', () => {
  const test = base.extend<{ link: string; board: Run }>({
    link: async ({ folder }, use) => use(folder.at('board')),
    board: async ({ link }, use) => {
      const board = await emulate(link)
      await use(board)
      board.process.kill('SIGINT')
      await board.ended
    },
  })

  test('is a bridge for the real serial port: a message goes once round, again and again', async ({
    link,
    board,
  }) => {
    for (const message of [['--dummy', '--rate', '142'], SHORT]) {
      const { exitCode, stdout } = await blinkup([
        ...['verify', '--rig', 'bridge', '--port', link, ...message],
      ])
      expect(stdout).toMatch(/^PASS /)
      expect(exitCode).toBe(0)
    }
    expect(board.stderr).toBe(`blinkup: the emulated board is at ${link}; Ctrl-C ends it\n`)
  })

  test('has the light that it is told to have', async ({ folder }) => {
    const link = folder.at('bright')
    const bright = start(['emulate', '--link', link, '--black', '0.3', '--noise-rms', '0'])
    await bright.says('stderr', /the emulated board is at .*\n/)
    const { stdout, stderr } = await blinkup(['capture', '--port', link, '--seconds', '0.2'])
    bright.process.kill('SIGINT')
    await bright.ended
    const [, ...lines] = stdout.trimEnd().split('\n')
    expect(lines.length, stderr).toBeGreaterThan(0)
    for (const line of lines) expect(Number(line.split(',')[1])).toBeCloseTo(0.3, 1)
    const wrong = await blinkup(['emulate', '--link', link, '--adc-bits', '12'])
    expect(wrong).toMatchObject({
      exitCode: 64,
      stderr: 'blinkup: --adc-bits must be a whole number from 8 to 10\n',
    })
  })

  test('another one looks on, and times edges, but has no light before it', async ({
    folder,
    link,
    board,
  }) => {
    const eye = folder.at('eye')
    const looking = await emulate(eye)
    const two = ['--port', link, '--photodiode', 'bridge', '--photodiode-port', eye]
    const verified = await blinkup(['verify', ...two, ...SHORT, '--json'])
    const captured = await blinkup(['capture', '--edges', '--seconds', '0.2', ...two])
    const same = await blinkup(['verify', '--port', link, '--photodiode', 'bridge', ...SHORT])
    const alone = await blinkup(['verify', ...two.slice(0, 4), '--photodiode-port', link, ...SHORT])
    looking.process.kill('SIGINT')
    await looking.ended
    expect(JSON.parse(verified.stdout)).toMatchObject({ verdict: 'fail', reason: 'no-light' })
    expect(captured).toMatchObject({ exitCode: 0, stdout: 'time_s,high\n' })
    expect(captured.stderr).toBe('blinkup: 0 edges\n')
    expect(same.exitCode).toBe(69) // none is plugged in that could be meant
    expect(alone.exitCode).toBe(75)
    expect(board.stderr).not.toContain('interrupted')
  })

  test('serves one program at a time', async ({ folder, link, board }) => {
    const file = await folder.file('capture.csv', '')
    const first = start(['verify', '--port', link, ...SHORT, '--sync', '300', '--capture', file])
    await untilCaptured(first, file, 1)
    const second = await blinkup(['clear', '--port', link])
    expect(second.exitCode).toBe(75)
    expect(second.stderr).toMatch(
      new RegExp(
        `^blinkup: another program uses ${link}: close it, or wait until it ends; it is \\S+ \\(PID ${first.process.pid}\\)$`,
        'm',
      ),
    )
    expect((await first.ended).exitCode).toBe(0)
    expect(board.stderr).not.toContain('interrupted')
  })

  test.for([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s to its user leaves it ready for the next',
    async ([signal, exitCode], { folder, link, board }) => {
      const file = await folder.file('capture.csv', '')
      const run = start(['verify', '--port', link, ...LONG, '--capture', file])
      await untilCaptured(run, file, 1500)
      run.process.kill(signal)
      expect(await run.ended).toMatchObject({ exitCode, stdout: '' })
      expect((await blinkup(['verify', '--port', link, ...SHORT])).exitCode).toBe(0)
      expect(board.process.exitCode).toBeNull()
    },
  )

  test('that dies in mid-message is told as unplugged', async ({ folder, link, board }) => {
    const file = await folder.file('capture.csv', '')
    const run = start(['verify', '--port', link, ...LONG, '--capture', file])
    await untilCaptured(run, file, 1500)
    board.process.kill('SIGKILL')
    const { exitCode, stdout, stderr } = await run.ended
    expect({ exitCode, stdout }).toEqual({ exitCode: 74, stdout: '' })
    expect(stderr).toMatch(
      new RegExp(
        `\nblinkup: ${link} is gone: plug the board in again; the board's LED may be lit: check that it is dark\n$`,
      ),
    )
  })

  base.for([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends it and removes its name', async ([signal, exitCode], { folder }) => {
    const link = folder.at('board')
    const board = await emulate(link)
    expect(await isThere(link)).toBe(true)
    board.process.kill(signal)
    const { stderr, ...ended } = await board.ended
    expect(ended).toEqual({ exitCode, stdout: '' })
    expect(stderr).toMatch(new RegExp(`\nblinkup: interrupted by ${signal}\n$`))
    expect(await isThere(link)).toBe(false)
  })

  base('Ctrl-C during its start leaves nothing behind', async ({ folder }) => {
    for (const ms of [50, 150, 250, 300, 350, 400]) {
      const link = folder.at(`board-${ms}`)
      const board = start(['emulate', '--link', link])
      await sleep(ms)
      board.process.kill('SIGINT')
      expect((await board.ended).exitCode).toBe(130)
      expect(await isThere(link)).toBe(false)
    }
  })

  /** socat, which makes the terminal. */
  const socatOf = async ({ process: { pid } }: Run): Promise<number> =>
    Number(await readFile(`/proc/${pid}/task/${pid}/children`, 'latin1'))

  base.skipIf(needs('/proc'))('kill -9 takes its name and socat with it', async ({ folder }) => {
    const link = folder.at('board')
    const board = await emulate(link)
    const socat = await socatOf(board)
    board.process.kill('SIGKILL')
    await board.ended
    await expect.poll(() => isThere(link)).toBe(false)
    await expect
      .poll(() => readFile(`/proc/${socat}/stat`, 'latin1').catch(() => 'gone'))
      .toMatch(/^gone$|\) Z /)
  })

  /** Kills a board and its socat at once; gives the name that they leave. */
  async function killedBoard(folder: Folder): Promise<string> {
    const link = folder.at('left')
    const board = await emulate(link)
    process.kill(await socatOf(board), 'SIGKILL')
    board.process.kill('SIGKILL')
    await board.ended
    expect(await isThere(link)).toBe(true)
    return link
  }

  base.skipIf(needs('/proc'))(
    'a name that was left by kill -9 is taken over',
    async ({ folder }) => {
      const board = await emulate(await killedBoard(folder))
      board.process.kill('SIGINT')
      await board.ended
    },
  )

  base.skipIf(needs('/proc'))(
    'also when its terminal has become that of another board',
    async ({ folder }) => {
      const link = await killedBoard(folder)
      const terminal = await readlink(link)
      const others: Run[] = []
      do others.push(await emulate(folder.at(`other-${others.length}`)))
      while (!(await isThere(terminal)))
      const board = await emulate(link)
      expect(await readlink(link)).not.toBe(terminal)
      for (const { process } of [board, ...others]) process.kill('SIGINT')
      for (const { ended } of [board, ...others]) await ended
    },
  )

  base('a name that a living board has is not', async ({ folder }) => {
    const board = await emulate(folder.at('board'))
    await symlink(folder.path, folder.at('alias'))
    for (const link of [folder.at('board'), folder.at('alias/board')]) {
      expect(await blinkup(['emulate', '--link', link])).toMatchObject({ exitCode: 75 })
    }
    expect(await isThere(folder.at('board'))).toBe(true)
    board.process.kill('SIGINT')
    await board.ended
  })

  base.skipIf(needs('script'))(
    'nor is a link to a terminal that is something else',
    async ({ folder }) => {
      const shell = startOnTerminal('tty; sleep 60')
      await shell.says('stdout', /pts/)
      await symlink(shell.stdout.trim(), folder.at('board'))
      expect(await blinkup(['emulate', '--link', folder.at('board')])).toMatchObject({
        exitCode: 75,
      })
      shell.process.kill()
      await shell.ended
    },
  )

  base('does not take the name of something else', async ({ folder }) => {
    const link = await folder.file('board', 'precious')
    expect(await blinkup(['emulate', '--link', link])).toEqual({
      exitCode: 75,
      stdout: '',
      stderr: `blinkup: ${link} already exists: end what uses it, or choose another name\n`,
    })
    expect(await readFile(link, 'utf8')).toBe('precious')
  })

  base(
    'needs a name in a folder that is there',
    async ({ folder }) => {
      const { exitCode, stderr } = await blinkup(['emulate', '--link', folder.at('none/board')])
      expect(exitCode).toBe(74)
      expect(stderr).toMatch(/^blinkup: [^\n]+\n$/)
    },
    5000,
  )
})

base(
  'without socat a sentence says what to install',
  async ({ folder }) => {
    const options = { env: { PATH: folder.path } }
    expect(await blinkup(['emulate', '--link', folder.at('board')], options)).toEqual({
      exitCode: 69,
      stdout: '',
      stderr: 'blinkup: socat is missing: install it (on Debian: sudo apt install socat)\n',
    })
  },
  5000,
)
