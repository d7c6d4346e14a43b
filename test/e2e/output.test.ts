import { once } from 'node:events'
import { type FileHandle, open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { blinkup, type Run, start } from '../helpers/blinkup.js'
import { test as base } from '../helpers/folder.js'
import { needs } from '../helpers/requirements.js'

const VERIFY = ['verify', '--rig', 'emulated', '--dummy', '--rate', '142']
const NO_SPACE = 'blinkup: cannot write the output: no space left on device\n'

describe.skipIf(needs('/dev/full'))('a full disk ends with 74', () => {
  const test = base.extend<{ full: FileHandle }>({
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
    full: async ({}, use) => {
      const full = await open('/dev/full', 'w')
      await use(full)
      await full.close()
    },
  })

  test.for([
    [['encode', '--dummy']],
    [[...VERIFY, '--json']],
    [['capture', '--rig', 'emulated']],
    [['simulate', '--dummy']],
    [['clear', '--rig', 'emulated']],
  ] as const)('under the standard output of %j', async ([args], { full }) => {
    const { exitCode, stderr } = await blinkup(args, { stdout: full.fd })
    expect(exitCode).toBe(74)
    expect(stderr.replace(/^blinkup: the message takes .*\n/, '')).toBe(NO_SPACE)
  })

  test('under the help', async ({ full }) => {
    expect(await blinkup(['--help'], { stdout: full.fd })).toMatchObject({ exitCode: 74 })
  })

  test.for([
    [['capture', '/dev/full', '--rig', 'emulated']],
    [['simulate', '/dev/full', '--dummy']],
    [[...VERIFY, '--capture', '/dev/full']],
  ] as const)('under the file of %j', async ([args]) => {
    const { exitCode, stdout, stderr } = await blinkup(args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 74, stdout: '' })
    expect(stderr).toContain('blinkup: cannot write /dev/full: no space left on device\n')
  })

  test('but messages that nobody can read change nothing', async ({ full }) => {
    const { exitCode, stdout } = await blinkup(VERIFY, { stderr: full.fd })
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^PASS/)
  })
})

describe('a reader that ends early', () => {
  base.for([
    [['capture', '--rig', 'emulated']],
    [['encode', '--dummy', '--format', 'csv', '--sync', '100000', '--rate', '2000']],
  ] as const)('ends %j with one sentence', async ([args]) => {
    const run = start(args)
    await run.says('stdout', /^time_s,.*\n/)
    run.process.stdout?.destroy()
    const { exitCode, stderr } = await run.ended
    expect({ exitCode, stderr }).toEqual({
      exitCode: 74,
      stderr: 'blinkup: cannot write the output: broken pipe\n',
    })
  })

  base('is no matter on standard error', async () => {
    const run = start(VERIFY)
    run.process.stderr?.destroy()
    expect(await run.ended).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^PASS/) })
  })
})

describe.concurrent('a reader that takes nothing', () => {
  const UNREAD =
    'blinkup: nothing has read the output for 10 s: check the program that should read it\n'

  /** A program whose output goes into a pipe that stays open and is full from the start, or soon. */
  function startUnread(args: readonly string[]): Run {
    const run = start(args)
    run.process.stdout?.removeAllListeners('data').pause()
    return run
  }

  base.for([
    [['capture', '--rig', 'emulated']],
    [['encode', '--dummy', '--format', 'csv', '--sync', '100000', '--rate', '2000']],
  ] as const)('ends %j with 74', async ([args]) => {
    const run = startUnread(args)
    await run.exited
    expect(run.process.exitCode).toBe(74)
    expect(run.stderr).toBe(UNREAD)
  })

  base('is waited for when it takes a little now and then', async () => {
    const run = start(['encode', '--dummy', '--format', 'csv', '--sync', '20000', '--rate', '2000'])
    run.process.stdout?.pause()
    const goOn = setInterval(() => {
      run.process.stdout?.resume()
      setImmediate(() => run.process.stdout?.pause())
    }, 2000)
    await run.exited
    clearInterval(goOn)
    run.process.stdout?.resume()
    expect((await run.ended).exitCode).toBe(0)
    expect(run.stdout.split('\n')).toHaveLength(20_664)
  })

  base('leaves capture to the signals', async () => {
    for (const [signal, exitCode] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ] as const) {
      const run = startUnread(['capture', '--rig', 'emulated'])
      await once(run.process.stdout as Readable, 'readable') // before that it may not hear signals
      await sleep(2000) // the pipe is full, and the program's patience with its reader far from over
      run.process.kill(signal)
      await run.exited
      expect(run.process.exitCode).toBe(exitCode)
      expect(run.stderr).toContain(`blinkup: interrupted by ${signal}`)
    }
  })
})

base('without a terminal there is no progress and no colour', async () => {
  const { stdout, stderr } = await blinkup(VERIFY)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  const terminalOnly = /[\r\x1b▕▒█]/
  expect(stdout).not.toMatch(terminalOnly)
  expect(stderr).not.toMatch(terminalOnly)
})
