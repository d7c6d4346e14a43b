import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { type Run, start, untilCaptured } from '../helpers/blinkup.js'
import { test } from '../helpers/folder.js'

/** Half a minute even on the emulated rig, which does not keep to real time without a terminal. */
const LONG = ['--rig', 'emulated', '--dummy', '--sync', '3600', '--rate', '10']

const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const

async function end(run: Run, signal: NodeJS.Signals): Promise<Awaited<Run['ended']>> {
  run.process.kill(signal)
  return await run.ended
}

describe.each(SIGNALS)('%s', (signal, exitCode) => {
  const sentence = `blinkup: interrupted by ${signal}; the LED is dark\n`

  test('while verify plays', async ({ folder }) => {
    const file = await folder.file('capture.csv', '')
    const run = start(['verify', ...LONG, '--capture', file])
    await untilCaptured(run, file, 3000) // 3 s: the upload takes less than one
    const { stderr, ...ended } = await end(run, signal)
    expect(ended.exitCode).toBe(exitCode)
    expect(stderr.split('\n').slice(-2).join('\n')).toBe(sentence)
    expect(stderr).not.toContain('holds the light')
  })

  test('while the board is prepared', async () => {
    for (const command of ['send', 'verify']) {
      const run = start([command, ...LONG])
      await run.says('stderr', /the message takes/)
      const ended = await end(run, signal)
      expect(ended).toMatchObject({ exitCode, stdout: '' })
      // Before the board has said that it is dark nobody knows.
      expect(ended.stderr).toMatch(
        new RegExp(`\nblinkup: interrupted by ${signal}(; the LED is dark)?\n$`),
      )
    }
  })

  test('while capture writes: the lines in the file are whole', async ({ folder }) => {
    const file = await folder.file('capture.csv', '')
    const run = start(['capture', file, '--rig', 'emulated'])
    await untilCaptured(run, file, 1000)
    expect(await end(run, signal)).toEqual({
      exitCode,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^blinkup: \\d+ samples\n${sentence}$`)),
    })
    expect(await readFile(file, 'utf8')).toMatch(/^time_s,level\n(\d+\.\d{6},\d\.\d{5}\n)+$/)
  })

  // A signal during the start of Node.js ends it at once, without a sentence; the LED is dark then.
  test.for([0, 30, 60, 100, 150, 200, 250, 300, 350, 400])('%i ms after the start', async (ms) => {
    const runs = ['send', 'verify'].map((command) => start([command, ...LONG]))
    await sleep(ms)
    for (const ended of await Promise.all(runs.map((run) => end(run, signal)))) {
      expect(ended).toMatchObject({ exitCode, stdout: '' })
      expect(
        ended.stderr.replace(/^blinkup: (the message takes|warning: an imp) .*\n/gm, ''),
      ).toMatch(new RegExp(`^(blinkup: interrupted by ${signal}(; the LED is dark)?\n)?$`))
    }
  })
})

test.for([
  ['SIGINT', 'SIGTERM'],
  ['SIGHUP', 'SIGTERM'],
] as const)(
  '%s and %s together, as from a program that passes it on, are one',
  async ([first, second], { folder }) => {
    const file = await folder.file('capture.csv', '')
    const run = start(['verify', ...LONG, '--capture', file])
    await untilCaptured(run, file, 3000)
    run.process.kill('SIGSTOP') // so that it hears both at once, in either order, however late
    run.process.kill(first)
    run.process.kill(second)
    const { stderr } = await end(run, 'SIGCONT')
    expect(stderr).toMatch(
      new RegExp(`\nblinkup: interrupted by (${first}|${second}); the LED is dark\n$`),
    )
  },
)

test('a second Ctrl-C ends at once, and says no more than is known', async ({ folder }) => {
  const file = await folder.file('capture.csv', '')
  const run = start(['verify', ...LONG, '--capture', file])
  await untilCaptured(run, file, 3000)
  run.process.kill('SIGINT')
  await sleep(300)
  const { exitCode, stderr } = await end(run, 'SIGINT')
  expect(exitCode).toBe(130)
  expect(stderr).toMatch(
    /\nblinkup: interrupted by SIGINT; the LED (is dark|may be lit: check that it is dark)\n$/,
  )
})
