import { readFile, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'smol-toml'
import { describe, expect } from 'vitest'
import { blinkup, start } from '../helpers/blinkup.js'
import { test } from '../helpers/folder.js'
import { needs } from '../helpers/requirements.js'

/** Of little light: 16 bytes, and tests that few messages decide. */
const QUICK = [
  'bench',
  'sweep',
  '--message-bytes',
  '16',
  '--pass-rate',
  '0.5',
  '--confidence',
  '0.6',
]
const EMULATED = [...QUICK, '--rig', 'emulated', '--confirm-rate', '0.5']
const RATES = ['--rates', '250,300,350,500', '--margin', '1']

/** Resolves when a state file has so many points, or the sweep has ended without them. */
async function untilKept(
  { ended }: { readonly ended: Promise<unknown> },
  file: string,
  points: number,
): Promise<void> {
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  const lines = async () => (await readFile(file, 'utf8').catch(() => '')).split('\n').length - 2
  while (!isOver && (await lines()) < points) await sleep(20)
}

describe('a sweep', () => {
  test('finds settings, confirms them and writes them into a fixture file', async ({ folder }) => {
    const fixture = await folder.file(
      'bench.toml',
      '# ours\nrig = "emulated"\nrate = 60 # slow\n',
      0o640,
    )
    const args = ['--fixture', fixture, '--write', fixture, '--json']
    const { exitCode, stdout, stderr } = await blinkup([
      ...QUICK,
      '--confirm-rate',
      '0.5',
      ...RATES,
      ...args,
    ])
    const { error, verdict, axes, points, proposal, figures } = JSON.parse(stdout)
    expect({ exitCode, error, verdict }).toEqual({ exitCode: 0, error: null, verdict: 'pass' })
    expect(axes).toEqual([
      { name: 'symbolRateHz', values: [250, 300, 350, 500] },
      { name: 'messageBytes', values: [16] },
    ])
    const seen = points.map(({ symbolRateHz, played }: never) => [
      symbolRateHz,
      (played as { verdict: string } | null)?.verdict,
    ])
    expect(seen).toContainEqual([250, 'pass'])
    expect(seen).toContainEqual([500, 'unplayable'])
    expect(proposal).toMatchObject({
      symbolRateHz: expect.any(Number),
      steps: expect.any(Number),
      confirmation: { verdict: 'pass', messages: 3, passes: 3 },
    })
    expect(figures).toMatchObject([
      { name: 'highest-passing-rate-hz', verdict: null },
      { name: 'proposal-pass-rate-pct', value: 100 },
    ])
    expect(stderr).toContain('has the proposed settings')
    const text = await readFile(fixture, 'utf8')
    expect(text).toMatch(/^# ours\nrig = "emulated"\nrate = \d+ # slow\n/)
    expect(parse(text)).toEqual({
      rig: 'emulated',
      rate: proposal.symbolRateHz,
      grey: proposal.greyRatio,
      brightness: 1,
      'sample-rate': 1000,
    })
    expect((await stat(fixture)).mode & 0o777).toBe(0o640)
  })

  test('fails where nothing passes, and writes nothing', async ({ folder }) => {
    const fixture = folder.at('new.toml')
    const args = ['--rates', '300', '--greys', '0.9', '--write', fixture]
    const { exitCode, stdout, stderr } = await blinkup([...EMULATED, ...args])
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^FAIL {2}at no point do 50 % of the messages pass/)
    expect(stdout).toMatch(/^0\.9 +x$/m)
    expect(stderr).toContain('there is nothing confirmed to write into it')
    await expect(stat(fixture)).rejects.toThrow('ENOENT')
  })
})

describe('a sweep that is broken off', () => {
  const SLOW = ['--rates', '250..350/4', '--grid']

  test('goes on where it was, after a kill that it cannot hear', async ({ folder }) => {
    const file = folder.at('state')
    const args = [...EMULATED, ...SLOW, '--state', file, '--margin', '1']
    const killed = start(args)
    await untilKept(killed, file, 2)
    killed.process.kill('SIGKILL')
    await killed.ended
    const kept = (await readFile(file, 'utf8')).split('\n').slice(0, -1)
    const { exitCode, stdout, stderr } = await blinkup([...args, '--json'])
    const { verdict, points } = JSON.parse(stdout)
    expect({ exitCode, verdict }).toEqual({ exitCode: 0, verdict: 'pass' })
    expect(stderr).toContain(`has ${kept.length - 1} points of this sweep already`)
    expect(points.every(({ played }: never) => played !== null)).toBe(true)
    const whole = (await readFile(file, 'utf8')).split('\n')
    expect(whole.slice(0, kept.length)).toEqual(kept)
    const again = await blinkup([...args, '--json'])
    expect(JSON.parse(again.stdout).points).toEqual(points)
    expect(await readFile(file, 'utf8')).toBe(whole.join('\n'))
  })

  test('by Ctrl-C leaves the LED dark, and tells what it knows', async ({ folder }) => {
    const file = folder.at('state')
    const run = start([...EMULATED, ...SLOW, '--state', file, '--json'])
    await untilKept(run, file, 1)
    run.process.kill('SIGINT')
    const { exitCode, stdout, stderr } = await run.ended
    expect(exitCode).toBe(130)
    expect(stderr).toContain('interrupted by SIGINT; the LED is dark')
    const { verdict, error, points } = JSON.parse(stdout)
    expect({ verdict, code: error.code }).toEqual({ verdict: null, code: 'interrupted' })
    expect(points.some(({ played }: never) => played !== null)).toBe(true)
    expect((await readFile(file, 'utf8')).split('\n').length).toBeGreaterThan(2)
  })

  test.skipIf(needs('socat'))(
    'as its board is gone, ends with what the rig says',
    async ({ folder }) => {
      const link = folder.at('board')
      const board = start(['emulate', '--link', link])
      await board.says('stderr', /./)
      const file = folder.at('state')
      const args = ['--rates', '350,300,250', '--grid', '--port', link, '--state', file]
      const run = start([...QUICK, ...args])
      await untilKept(run, file, 1)
      board.process.kill('SIGKILL')
      const { exitCode, stdout, stderr } = await run.ended
      expect(exitCode).toBe(74)
      expect(stderr).toMatch(/^blinkup: .*(unplugged|connection|gone|ended)/m)
      expect(stdout).toMatch(/^BROKEN OFF/)
      expect(stdout).not.toContain('FAIL')
      expect((await readFile(file, 'utf8')).split('\n').length).toBeGreaterThan(2)
    },
  )

  test.skipIf(needs('/dev/full'))('as its state cannot be kept, says so', async () => {
    const { exitCode, stderr } = await blinkup([...EMULATED, ...RATES, '--state', '/dev/full'])
    expect(exitCode).toBe(74)
    expect(stderr).toContain('cannot write /dev/full: no space left on device')
  })
})

describe('before there is any light', () => {
  test('the state of another sweep is refused', async ({ folder }) => {
    const file = folder.at('state')
    await blinkup([...EMULATED, '--rates', '500', '--state', file])
    const { exitCode, stderr } = await blinkup([...EMULATED, '--rates', '501', '--state', file])
    expect({ exitCode, stderr }).toEqual({
      exitCode: 64,
      stderr: `blinkup: ${file} is of a sweep with other settings: give the same settings, or another file\n`,
    })
  })

  const GPIO = ['--rig', 'gpio', '--white-line', '17', '--grey-line', '27']
  test.each([
    [['--rig', 'emulated', '--rates', '5..100'], '--rates: 5 must be a number from 10 to 2000'],
    [['--rig', 'emulated', '--rates', 'fast'], '--rates must be values such as 1,2,3'],
    [['--rig', 'emulated', '--rates', '100..30'], '--rates must be values such as 1,2,3'],
    [['--rig', 'emulated', '--rates', '60', '--rate', '60'], 'give --rate or --rates, not both'],
    [['--rig', 'emulated', '--greys', '0.99'], '--greys: 0.99'],
    [['--rig', 'emulated', '--message-bytes', '300'], 'must be a whole number from 16 to 120'],
    [['--rig', 'emulated', '--confidence', '1'], 'Give a part above 0 and below 1'],
    [GPIO, 'say what sees the light, with --photodiode'],
    [[...GPIO, '--photodiode', 'adc', '--greys', '0.5'], '--greys is not for rig gpio'],
  ])('%j is refused', async (args, sentence) => {
    const { exitCode, stdout, stderr } = await blinkup(['bench', 'sweep', ...args])
    expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' })
    expect(stderr).toContain(sentence)
  })

  test('a fixture file that cannot be written is told', async ({ folder }) => {
    const broken = await folder.file('broken.toml', 'rate = = 1\n')
    const wrong = await blinkup([...EMULATED, '--rates', '300', '--write', broken])
    expect(wrong).toMatchObject({
      exitCode: 78,
      stdout: '',
      stderr: expect.stringContaining('is not valid TOML'),
    })
    const nowhere = await blinkup([
      ...EMULATED,
      '--rates',
      '300',
      '--write',
      folder.at('no/such.toml'),
    ])
    expect({ ...nowhere, stderr: '' }).toEqual({ exitCode: 74, stdout: '', stderr: '' })
    expect(nowhere.stderr).toContain('no such file or directory')
  })
})
