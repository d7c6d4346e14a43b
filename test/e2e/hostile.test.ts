import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, type ExpectStatic } from 'vitest'
import { blinkup, type Ended, type Run, start } from '../helpers/blinkup.js'
import { test as base } from '../helpers/folder.js'
import { needs } from '../helpers/requirements.js'
import { FLOODS, INDEX_RUNS, type Lie, type Topic } from '../rig/bridge/hostile/lies.js'
import { type HostileTerminal, serveHostileBoard } from '../rig/bridge/hostile/terminal.js'

const AT_142_HZ = ['--rate', '142']
/** 230 symbols: 1.6 s of light, after half a second of looking. */
const OPEN_NETWORK = ['--ssid', 'net', '--open', ...AT_142_HZ]

type Serve = (...lies: Lie[]) => Promise<HostileTerminal & { readonly path: string }>

const test = base.extend<{ serve: Serve }>({
  serve: async ({ folder }, use) => {
    const served: HostileTerminal[] = []
    await use(async (...lies) => {
      const path = folder.at(`board-${served.length}`)
      const terminal = await serveHostileBoard(path, lies)
      served.push(terminal)
      return { ...terminal, path }
    })
    for (const terminal of served) await terminal.end()
  },
})

/** One sentence each, after what is told of the message; nothing else, and above all no stack trace. */
const SENTENCES = /^(blinkup: [^\n]+\n)+$/
/** Characters that do something to a terminal, or to the order of what is on it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/

/** A lie of the board is told in one sentence, with the code of a device that is not as it should be. */
function expectTold(expect: ExpectStatic, { exitCode, stdout, stderr }: Ended): void {
  expect([69, 74], stderr).toContain(exitCode)
  expect(stdout).not.toMatch(/PASS|sent \d/)
  expect(stderr).toMatch(SENTENCES)
  expect(stderr).not.toMatch(CONTROL)
}

const verify = (path: string): Promise<Ended> =>
  blinkup(['verify', '--port', path, ...OPEN_NETWORK])
const send = (path: string): Promise<Ended> => blinkup(['clear', '--port', path, ...AT_142_HZ])
const capture = (path: string): Promise<Ended> =>
  blinkup(['capture', '--port', path, '--seconds', '1'])

/** Resolves when the board has come to something. */
async function until(reached: () => boolean, run: Run): Promise<void> {
  while (!reached()) {
    if (run.process.exitCode !== null) throw new Error(`it has ended: ${run.stderr}`)
    await sleep(5)
  }
}

const field = (topic: Topic, name: string, value: string): Lie => ({
  lie: 'field',
  topic,
  field: name,
  value,
})

describe.skipIf(needs('socat')).concurrent('a board that lies', () => {
  test('not at all: a message goes once round', async ({ serve, expect }) => {
    const { path } = await serve()
    const { exitCode, stdout, stderr } = await verify(path)
    expect(stdout, stderr).toMatch(/^PASS /)
    expect(exitCode).toBe(0)
  })

  test.for<[string, Lie]>([
    ['seconds later', { lie: 'neighbour', delayS: 3, symbolRateHz: 142, grey: 0.52 }],
    ['a little later', { lie: 'neighbour', delayS: 0.2, symbolRateHz: 142, grey: 0.52 }],
    ['at another rate', { lie: 'neighbour', delayS: 0, symbolRateHz: 120, grey: 0.52 }],
  ])(
    'with a dead LED while a neighbour plays the message %s: no PASS',
    async ([, lie], { serve, expect }) => {
      const { path } = await serve(lie)
      const { exitCode, stdout, stderr } = await verify(path)
      expect(stdout, stderr).toMatch(/^FAIL {2}(not-this-light|no-light): /)
      expect(exitCode).toBe(1)
    },
  )

  test.for([
    ['light', 2],
    ['everything', 2],
    ['everything', 0.5],
  ] as const)(
    'its clock, of %s, is %f times as fast: no PASS',
    async ([of, times], { serve, expect }) => {
      const { path } = await serve({ lie: 'clock', of, times })
      const slowly = ['--port', path, '--ssid', 'net', '--open', '--rate', '60'] // 3.8 s
      for (const command of [['verify'], ['send'], ['capture', '--send']]) {
        const { exitCode, stdout } = await blinkup([...command, ...slowly])
        expect(stdout).not.toMatch(/PASS|sent/)
        expect([1, 69, 74]).toContain(exitCode)
      }
    },
  )

  const hellos = ['0', '-16000000', 'NaN', '1e309', '99999999999999999999'].map((clock) =>
    field('hello', 'clock', clock),
  )
  const periods = ['0', '-1', '1', 'NaN'].map((period) => field('sample', 'period', period))
  const texts = ['s', 's {1} zzz', 's zz 123', 's -1 {2}', 's {1} fff{2}'].map(
    (text): Lie => ({ lie: 'replaced', topic: 's', text }),
  )
  const indices = INDEX_RUNS.filter((runs) => runs !== 'skip').map(
    (runs): Lie => ({ lie: 'index', topic: 's', runs, from: 1 }),
  )
  test.for<[string, Lie[]]>([
    ...[...hellos, ...periods, ...texts, ...indices].map((lie): [string, Lie[]] => [
      JSON.stringify(lie),
      [lie],
    ]),
    ['now=garbage', [field('hello', 'now', 'garbage')]],
    ['start=NaN', [field('sense on', 'start', 'NaN')]],
    ['each sample twice', [{ lie: 'doubled', topic: 's' }]],
    ['no sample', [{ lie: 'dropped', topic: 's' }]],
    ['no sample any more', [{ lie: 'dropped', topic: 's', from: 30 }]],
    ['it plays for ever', [{ lie: 'endless' }]],
    ['it says so', [{ lie: 'dropped', topic: 'end' }, field('status', 'playing', '1')]],
    ['no end', [{ lie: 'dropped', topic: 'end' }]],
  ])('to verify: %s', async ([, lies], { serve, expect }) => {
    const { path } = await serve(...lies)
    expectTold(expect, await verify(path))
  })

  test.for<[string, Lie]>([
    ['one symbol was played', field('end', 'symbols', '1')],
    ['the clock is no number', field('hello', 'clock', 'NaN')],
    ['the board plays for ever', { lie: 'endless' }],
    [
      'the end comes early',
      { lie: 'after', topic: 'play', text: 'end done symbols=150 late=0 limit=390', afterMs: 100 },
    ],
  ])('to send: %s', async ([, lie], { serve, expect }) => {
    const { path } = await serve(lie)
    expectTold(expect, await send(path))
  })

  test.for<[string, Lie]>([
    ['no sample', { lie: 'dropped', topic: 's' }],
    ['samples run backwards', { lie: 'index', topic: 's', runs: 'back' }],
    ['no reply', { lie: 'mute', topic: 'sense on' }],
    ['a byte a second', { lie: 'slow', bytesPerS: 1 }],
    ['an echo', { lie: 'echo' }],
  ])('to capture: %s', async ([, lie], { serve, expect }) => {
    const { path } = await serve(lie)
    const ended = await capture(path)
    expectTold(expect, { ...ended, stdout: '' })
  })

  test('to doctor, which finds the rig at fault', async ({ serve, expect }) => {
    const { path } = await serve({ lie: 'dropped', topic: 's' })
    const { exitCode, stdout, stderr } = await blinkup(['doctor', '--port', path])
    expect(stdout).toMatch(/^FAILURE rig /m)
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' })
  })

  test('in what would do something to a terminal', async ({ serve, expect }) => {
    const escapes = '\x1b]0;owned\x07\x1b[2J\x9b31mx'
    const { path: foreign } = await serve(field('hello', 'name', escapes))
    const { path: named } = await serve(field('hello', 'serial', escapes))
    const { path: restarts } = await serve({
      ...{ lie: 'after', topic: 'play', afterMs: 200 },
      text: `ready name=x reset=${escapes}`,
    })
    const { path: refuses } = await serve({
      ...{ lie: 'replaced', topic: 'play', text: `error busy ${escapes} {-1}` },
    })
    for (const ended of [
      await blinkup(['off', '--port', foreign]),
      await send(restarts),
      await send(refuses),
    ]) {
      expectTold(expect, ended)
    }
    const info = await blinkup(['firmware', 'info', '--port', named])
    const json = await blinkup(['firmware', 'info', '--port', named, '--json'])
    for (const { stdout, stderr } of [info, json]) expect(stdout + stderr).not.toMatch(CONTROL)
  })
})

describe.skipIf(needs('socat')).concurrent('a flood', () => {
  test.for(FLOODS)('of %s, from the greeting on', async (of, { serve, expect }) => {
    const { path } = await serve(
      { lie: 'mute', topic: 'hello' },
      { lie: 'flood', of, topic: 'hello' },
    )
    expectTold(expect, await blinkup(['off', '--port', path]))
  })
})

const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const

describe.skipIf(needs('socat')).concurrent.each(SIGNALS)('%s', (signal, exitCode) => {
  test('is heard while the last samples of a message are awaited', async ({ serve, expect }) => {
    // 0.4 s before the light ends
    const { board, path } = await serve({ lie: 'dropped', topic: 's', from: 55 })
    const run = start(['verify', '--port', path, ...OPEN_NETWORK])
    await until(() => board.light?.endedMs !== undefined, run)
    run.process.kill(signal)
    const { stderr, ...ended } = await run.ended
    expect(ended, stderr).toEqual({ exitCode, stdout: '' })
    expect(stderr).toMatch(new RegExp(`\nblinkup: interrupted by ${signal}; the LED is dark\n$`))
    expect(board.isLit).toBe(false)
  })

  test('nobody says that the LED is dark which hangs lit', async ({ serve, expect }) => {
    const { board, path } = await serve({ lie: 'hung', topic: 'play', afterMs: 300 })
    const run = start(['send', '--port', path, '--dummy', ...AT_142_HZ])
    await until(() => board.isHung, run)
    run.process.kill(signal)
    const { stderr, ...ended } = await run.ended
    expect(ended, stderr).toEqual({ exitCode, stdout: '' })
    expect(stderr).toMatch(/may be lit/)
    expect(stderr).not.toMatch(/the LED is dark/)
  })
})

describe.skipIf(needs('socat')).concurrent('when nothing answers any more', () => {
  test('a second Ctrl-C ends at once', async ({ serve, expect }) => {
    const { board, path } = await serve({ lie: 'hung', topic: 'play', afterMs: 300 })
    const run = start(['send', '--port', path, '--dummy', ...AT_142_HZ])
    await until(() => board.isHung, run)
    run.process.kill('SIGINT')
    await sleep(400)
    run.process.kill('SIGINT')
    const { exitCode, stderr } = await run.ended
    expect(exitCode).toBe(130)
    expect(stderr).toMatch(/\nblinkup: .*; the LED may be lit: check that it is dark\n$/)
  })

  test('a reader that stalls ends a capture, in bounded memory', async ({
    serve,
    folder,
    expect,
  }) => {
    const { path } = await serve()
    const fifo = folder.at('fifo')
    execFileSync('mkfifo', [fifo])
    const stalled = openSync(fifo, constants.O_RDWR)
    try {
      const run = start(['capture', '--port', path, '--sample-rate', '9000'], { stdout: stalled })
      const { exitCode, stderr } = await run.ended
      expect(exitCode, stderr).toBe(74)
      expect(stderr).toMatch(SENTENCES)
    } finally {
      closeSync(stalled)
    }
  })

  test('a cable that is pulled is told as such', async ({ serve, expect }) => {
    const { path } = await serve({ lie: 'unplugged', topic: 'play', afterMs: 300 })
    const { exitCode, stderr } = await send(path)
    expect(exitCode).toBe(74)
    expect(stderr).toMatch(
      new RegExp(`\nblinkup: ${path} is gone: plug the board in again[^\n]*\n$`),
    )
  })
})
