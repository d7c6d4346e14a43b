import { readFile, stat } from 'node:fs/promises'
import { describe, expect } from 'vitest'
import { blinkup } from '../helpers/blinkup.js'
import { test } from '../helpers/folder.js'

const VERIFY = ['verify', '--rig', 'emulated', '--dummy', '--rate', '142']
const FULL_HEX = /^250105426c696e6b060a[\da-f]{20}05101032547698badcfe[\da-f]{20}$/
const MASKED_HEX = /^250105426c696e6b060a(\*\*){10}05101032547698badcfe(\*\*){10}$/

/** What stands under each label of a text, or of the indented lines of one. */
const rowsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.trimStart())
      .map((line) => [line.slice(0, 13).trimEnd(), line.slice(13)]),
  )

test('a message goes once round', async () => {
  const { exitCode, stdout, stderr } = await blinkup(VERIFY)
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(
    /^PASS {2}40 bytes came back as they were sent; that proves the light, not that a device has read it\n/,
  )
  expect(rowsOf(stdout)).toEqual({
    settings: expect.stringContaining('"password":"********"'),
    played: expect.stringMatching(/^142\.0\d\d Hz, 142 Hz wanted; grey ratio 0\.52\d$/),
    levels: expect.stringMatching(
      /^black 0\.0[45]\d, grey 0\.36\d, white 0\.65\d, swing 0\.60\d ± 0\.00\d of full scale; grey ratio 0\.52\d ± 0\.00\d$/,
    ),
    'symbol rate': expect.stringMatching(
      /^142\.0\d\d ± 0\.00\d Hz; edges 0\.\d{3} ms rms off their grid, 0\.\d{3} ms at most$/,
    ),
    noise: expect.stringMatching(/^3\d\.\d ± 0\.\d dB below half the step from grey to white$/),
    eye: expect.stringMatching(/^9\d % high, 8\d % wide$/),
    'weakest bit': expect.stringMatching(/^\d+, \d\d % of its margin$/),
    flicker: expect.stringMatching(/^100 Hz, peak 0\.01\d ± 0\.00\d of full scale$/),
    advice: 'The light is good: nothing needs to be changed.',
  })
  expect(stderr).toBe('blinkup: the message takes 5.0 s: 710 symbols at 142 Hz\n')
})

describe('the verdict in JSON', () => {
  test('holds what was sent, played and seen, with the secrets masked', async () => {
    const { exitCode, stdout } = await blinkup([...VERIFY, '--json'])
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      pacing: null,
      schema: 'blinkup.verify/1',
      verdict: 'pass',
      gaps: [],
      warnings: [],
      reason: null,
      sentHex: expect.stringMatching(MASKED_HEX),
      receivedHex: expect.stringMatching(MASKED_HEX),
      config: {
        ssid: 'Blink',
        password: '********',
        planId: 'fedcba9876543210',
        token: '********',
      },
      rig: 'emulated',
      symbols: 710,
      durationS: expect.closeTo(5, 3),
      symbolRateHz: { wanted: 142, played: expect.closeTo(142, 1), seen: expect.closeTo(142, 1) },
      greyRatio: { played: expect.closeTo(0.52, 2), seen: expect.closeTo(0.52, 2) },
      levels: {
        black: expect.closeTo(0.05, 2),
        grey: expect.closeTo(0.36, 2),
        white: expect.closeTo(0.65, 2),
      },
      timingSpread: { rmsS: expect.any(Number), maxS: expect.any(Number) },
      quality: expect.objectContaining({
        swing: expect.closeTo(0.6, 2),
        snrDb: expect.any(Number),
        eyeHeight: expect.any(Number),
        eyeWidth: expect.any(Number),
        leastCertainBit: { bit: expect.any(Number), margin: expect.any(Number) },
        flicker: { frequencyHz: 100, peak: expect.closeTo(0.011, 2) },
        timeConstantS: null, // the sensor is too fast to be seen
        clipped: { low: false, high: false },
      }),
      advice: 'The light is good: nothing needs to be changed.',
      startS: { played: expect.any(Number), seen: expect.any(Number) },
      light: {
        beginLateS: expect.closeTo(0, 2),
        endLateS: expect.closeTo(0, 2),
        rateError: expect.closeTo(0, 3),
        greyError: expect.closeTo(0, 2),
        toleranceS: expect.closeTo(0.75 / 142, 4),
      },
      differences: [],
      figures: expect.arrayContaining([
        {
          name: 'swing-pct',
          witness: 'samples',
          value: expect.closeTo(60, 0),
          uncertainty: null,
          limit: null,
          verdict: null,
          finding: null,
        },
      ]),
      error: null,
    })
  })

  test('--show-secrets shows them', async () => {
    const { sentHex, receivedHex, config } = JSON.parse(
      (await blinkup([...VERIFY, '--json', '--show-secrets'])).stdout,
    )
    expect(sentHex).toMatch(FULL_HEX)
    expect(receivedHex).toBe(sentHex)
    expect(config).toMatchObject({ token: '0123456789abcdef' })
  })

  test('names the reason when the message does not come back', async () => {
    const { exitCode, stdout, stderr } = await blinkup([...VERIFY, '--json', '--grey', '0.2'])
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'fail',
      reason: 'grey-near-black',
      quality: { swing: expect.closeTo(0.6, 2) },
      advice: expect.stringMatching(/^[A-Z].*\.$/),
    })
    expect(stderr).toMatch(
      /^blinkup: the message takes 5\.0 s: 710 symbols at 142 Hz\nblinkup: grey-near-black: Grey is too dark .*\.\n$/,
    )
  })
})

test('a failure is told with its reason, what to do, and the light', async () => {
  const { exitCode, stdout } = await blinkup([...VERIFY, '--grey', '0.2'])
  expect(exitCode).toBe(1)
  expect(stdout).toMatch(/^FAIL {2}grey-near-black: Grey is too dark .*: set the grey ratio/)
  expect(rowsOf(stdout)).toMatchObject({
    played: expect.stringMatching(/; grey ratio 0\.(199|20\d)$/),
    levels: expect.stringMatching(
      /, swing 0\.60\d ± 0\.00\d of full scale; grey ratio 0\.(199|20\d) ± 0\.00\d$/,
    ),
    noise: expect.stringContaining('dB'),
    eye: expect.stringContaining('wide'),
    advice: expect.stringMatching(/^Grey was played at 0\.20 of white, .*\.$/),
  })
})

test('a fixture file names the rig, and a flag beats it', async ({ folder }) => {
  const fixture = await folder.file('fixture.toml', 'rig = "emulated"\nrate = 10\ngrey = 0.5\n')
  const { stdout } = await blinkup([
    ...['verify', '--dummy', '--json', '--fixture', fixture, '--rate', '142'],
  ])
  expect(JSON.parse(stdout)).toMatchObject({
    verdict: 'pass',
    symbolRateHz: { wanted: 142 },
    greyRatio: { played: expect.closeTo(0.5, 2) },
  })
})

test('clear goes the same way', async () => {
  const { exitCode, stdout } = await blinkup(['clear', '--rig', 'emulated', '--json'])
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ schema: 'blinkup.send/2', symbols: 150, warnings: [] })
})

test('a message that is longer than an imp listens is sent with a warning', async () => {
  const { exitCode, stdout, stderr } = await blinkup([
    ...['clear', '--rig', 'emulated', '--sync', '4000', '--json'],
  ])
  expect(exitCode).toBe(0)
  const warning = 'an imp listens for 60 s after a cold start: raise the symbol rate, or send less'
  expect(stderr).toContain(`blinkup: warning: ${warning}\n`)
  expect(JSON.parse(stdout).warnings).toEqual([warning])
})

describe('a capture', () => {
  const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777

  test('of verify is decoded again, and is told to be a secret', async ({ folder }) => {
    const file = folder.at('capture.csv')
    const { stdout: verdict, stderr } = await blinkup([...VERIFY, '--capture', file])
    expect(stderr).toContain(`blinkup: ${file} holds the light and with it the password\n`)
    expect(await modeOf(file)).toBe(0o600)

    const { exitCode, stdout } = await blinkup(['decode', file, '--json', '--show-secrets'])
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout).receptions).toEqual([
      expect.objectContaining({
        ok: true,
        reason: null,
        packetHex: expect.stringMatching(FULL_HEX),
        symbolRateHz: expect.closeTo(142, 1),
      }),
    ])
    const { played, ...seen } = rowsOf(verdict)
    const { channel, ...decoded } = rowsOf((await blinkup(['decode', file])).stdout)
    expect(channel).toBe('level')
    expect(Object.keys(decoded)).toEqual(Object.keys(seen))
    expect(decoded).toMatchObject({ settings: seen.settings, advice: seen.advice })
  })

  test('of the time given replaces an older file with --force, and closes it to others', async ({
    folder,
  }) => {
    const file = await folder.file('capture.csv', 'older\n'.repeat(1000), 0o644)
    expect(await modeOf(file)).toBe(0o644)
    const { exitCode, stderr } = await blinkup([
      ...['capture', file, '--rig', 'emulated', '--seconds', '0.5', '--force'],
    ])
    expect(exitCode).toBe(0)
    expect(await modeOf(file)).toBe(0o600)
    const [header, ...rows] = (await readFile(file, 'utf8')).trimEnd().split('\n')
    expect(header).toBe('time_s,level')
    const timesS = rows.map((row) => Number(row.split(',')[0]))
    const lengthS = (timesS.at(-1) ?? 0) - (timesS[0] ?? 0)
    expect(lengthS).toBeGreaterThanOrEqual(0.5)
    expect(stderr).toBe(`blinkup: ${rows.length} samples\n`)
  })

  test('without a file goes to standard output', async () => {
    const { stdout } = await blinkup(['capture', '--rig', 'emulated', '--seconds', '0.1'])
    expect(stdout).toMatch(/^time_s,level\n(\d\.\d{6},\d\.\d{5}\n)+$/)
  })
})
