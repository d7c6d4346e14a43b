import { readFile } from 'node:fs/promises'
import { describe, expect } from 'vitest'
import { blinkup, start } from '../helpers/blinkup.js'
import { test } from '../helpers/folder.js'

const TIMING = ['bench', 'timing', '--rig', 'emulated', '--rate', '142']
const SHORT = [...TIMING, '--duration', '1']

test('a clock is timed by samples and edge input', async () => {
  const { exitCode, stdout, stderr } = await blinkup(SHORT)
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^PASS {2}142 symbols in 1\.000 s, at 142\.0\d\d\d Hz/)
  expect(stdout).toMatch(/\ntie-rms-us by edge-input +0\.000 ± 0\.0\d\d µs\n/)
  expect(stdout).toMatch(/\ntie-rms-us by samples +\d+ ± \d+ µs\n/)
  expect(stdout).toMatch(/\nmissed-edges by samples +0 edges \(at most 0 edges: PASS\)\n/)
  expect(stderr).toBe('blinkup: the light takes 1.0 s: 142 symbols at 142 Hz\n')
})

describe('limits', () => {
  test('make the verdict, which names the figure that failed and by how much', async ({
    folder,
  }) => {
    const toml = 'rig = "emulated"\nrate = 142\n[limits]\ntie-rms-us = 1\nflicker-pct = 1\n'
    const fixture = await folder.file('fixture.toml', toml)
    const args = ['bench', 'timing', '--duration', '1', '--fixture', fixture, '--json']
    const { exitCode, stdout, stderr } = await blinkup(args)
    expect(exitCode).toBe(1)
    const { verdict, error, figures, faults, warnings } = JSON.parse(stdout)
    expect({ verdict, faults, warnings }).toEqual({ verdict: 'fail', faults: [], warnings: [] })
    const message = expect.stringMatching(
      /^flicker-pct by samples: 4\.\d+ % is 3\.\d+ % above 1 %$/,
    )
    expect(error).toMatchObject({ code: 'check-failed', exitCode: 1, message })
    expect(stderr).toContain(error.message)
    const judged = figures.filter(({ verdict }: { verdict: unknown }) => verdict !== null)
    expect(
      judged.map(({ name, witness, verdict }: Record<string, string>) => [name, witness, verdict]),
    ).toEqual([
      ['tie-rms-us', 'edge-input', 'pass'],
      ['missed-edges', 'edge-input', 'pass'],
      ['extra-edges', 'edge-input', 'pass'],
      ['missed-edges', 'samples', 'pass'],
      ['extra-edges', 'samples', 'pass'],
      ['flicker-pct', 'samples', 'fail'],
    ])
    const beaten = await blinkup([...args, '--limit', 'flicker-pct=10'])
    expect(beaten.exitCode).toBe(0)
  })

  test('a line that is driven does not pass for light that nobody sees', async () => {
    const { exitCode, stdout } = await blinkup([...SHORT, '--swing', '0.001'])
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^FAIL/)
    expect(stdout).toContain('missed-edges by samples: 140 edges is 140 edges above 0 edges')
  })

  test('what passes by chance does not pass, and what was not measured neither', async () => {
    const limits = ['--limit', 'droop-pct=0.01', '--limit', 'lateness-max-us=100']
    const { exitCode, stdout } = await blinkup([...SHORT, ...limits])
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^FAIL/)
    expect(stdout).toMatch(/droop-pct by samples: .* but it may be off by|droop-pct .* above/)
    expect(stdout).toContain('lateness-max-us: it has a limit, but could not be measured')
  })
})

test('a message is timed by samples, as grey is PWM; its reports are written', async ({
  folder,
}) => {
  const [page, csv, junit] = ['a.html', 'a.csv', 'a.xml'].map((name) => folder.at(name))
  const files = ['--report', page, '--csv', csv, '--junit', junit] as string[]
  const { exitCode, stdout } = await blinkup([
    ...TIMING,
    ...['--pattern', 'message', '--dummy', '--repeat', '2', '--json'],
    ...files,
  ])
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    pattern: 'message',
    sequences: 2,
    symbols: 1420,
    notes: [expect.stringContaining('the edge input is left out')],
  })
  expect(await readFile(page as string, 'utf8')).toContain('Eye diagram')
  const rows = (await readFile(csv as string, 'utf8')).trimEnd().split('\n')
  expect(rows[0]).toBe('witness,sequence,symbol,edge,seen_s,tie_us,uncertainty_us')
  expect(rows.length).toBeGreaterThan(1300)
  expect(await readFile(junit as string, 'utf8')).toContain('missed-edges by samples')
})

test('of a message with real credentials nothing but the light on its page tells an edge', async ({
  folder,
}) => {
  const credentials = '{"ssid": "net", "password": "long enough"}'
  const config = await folder.file('config.json', credentials, 0o600)
  const [page, csv] = ['a.html', 'a.csv'].map((name) => folder.at(name)) as [string, string]
  const message = [...TIMING, '--pattern', 'message', '--config', config]
  const files = ['--report', page, '--csv', csv, '--no-waveform', '--json']
  const { exitCode, stdout, stderr } = await blinkup([...message, ...files])
  expect(exitCode).toBe(0)
  expect(stderr).not.toContain('password')
  expect(await readFile(csv, 'utf8')).toMatch(/^witness,sequence,[^\n]+\r?\n$/)
  const text = await readFile(page, 'utf8')
  expect(text).toContain('the single edges of the message are left out')
  expect(text).not.toMatch(/Eye diagram|error over time|Edges of the light|<canvas/)
  for (const { text } of JSON.parse(stdout).faults) expect(text).not.toMatch(/symbol \d/)
})

test.for([
  [['--dummy'], 'credentials are for --pattern message'],
  [['--plan-id', 'fedcba9876543210'], 'credentials are for --pattern message'],
  [['--pattern', 'message'], 'say what to send'],
  [['--pattern', 'square'], 'Allowed choices are clock, random, message'],
  [['--repeat', '0'], 'Give a whole number from 1 on'],
  [['--repeat', '2', '--duration', '1'], 'cannot be used with'],
  [['--duration', '1e999'], 'Give a number of seconds above 0'],
  [['--repeat', '1000000000'], 'symbols, and 1000000 can be timed at once'],
  [['--pattern', 'message', '--dummy', '--duration', '100000000'], 'can be timed at once'],
  [['--limit', 'tie-rms=1'], 'tie-rms is no figure: take tie-rms-us'],
] as const)('%j is wrong usage', async ([args, message]) => {
  const { exitCode, stderr } = await blinkup([...TIMING, ...args])
  expect(exitCode).toBe(64)
  expect(stderr).toContain(message)
})

test('Ctrl-C ends it', async () => {
  const run = start([...TIMING, '--duration', '60'])
  await run.says('stderr', /the light takes \d+/)
  run.process.kill('SIGINT')
  const { exitCode, stderr } = await run.ended
  expect(exitCode).toBe(130)
  expect(stderr).toContain('interrupted by SIGINT')
})
