import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect } from 'vitest'
import { blinkup } from '../helpers/blinkup.js'
import { type Folder, test } from '../helpers/folder.js'

const SOAK = ['bench', 'soak', '--rig', 'emulated', '--ssid', 'net', '--open', '--rate', '142']

/** What soaks have printed: of a good rig twice, of one with too little grey, of one that is not as bright. */
const SOAKS = { good: '', again: '', grey: '', dim: '' }

beforeAll(async () => {
  const soak = async (...options: string[]): Promise<string> =>
    (await blinkup([...SOAK, '--repeat', '6', '--json', ...options])).stdout
  SOAKS.good = await soak()
  SOAKS.again = await soak()
  SOAKS.grey = await soak('--grey', '0.2')
  SOAKS.dim = await soak('--brightness', '0.5')
})

async function compare(
  folder: Folder,
  before: string,
  after: string,
  ...options: string[]
): Promise<Awaited<ReturnType<typeof blinkup>>> {
  const [a, b] = [await folder.file('a.json', before), await folder.file('b.json', after)]
  return blinkup(['bench', 'compare', a, b, ...options])
}

describe('two soaks', () => {
  test('of the same rig are the same', async ({ folder }) => {
    const { exitCode, stdout, stderr } = await compare(folder, SOAKS.good, SOAKS.again)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toMatch(/^SAME {2}figures compared: \d+; /)
    expect(stdout).not.toMatch(/^(worse|better|setting)/m)
    expect(stdout).toMatch(
      /^same {5}pass-rate-pct: 100 before, 100 after \(\+0 %\); chance explains it$/m,
    )
  })

  test('without a figure that both have are not the same', async ({ folder }) => {
    const empty = JSON.stringify({ ...JSON.parse(SOAKS.good), figures: [] })
    const { exitCode, stdout, stderr } = await compare(folder, SOAKS.good, empty)
    expect({ exitCode, stdout }).toEqual({ exitCode: 65, stdout: '' })
    expect(stderr).toMatch(/ have no figure that can be compared: measure again\n$/)
  })

  test('of which one fails: it is worse, and the settings that differ are named first', async ({
    folder,
  }) => {
    const { exitCode, stdout } = await compare(folder, SOAKS.good, SOAKS.grey)
    expect(exitCode).toBe(1)
    const [first, setting, worse] = stdout.split('\n')
    expect(first).toMatch(/^WORSE /)
    expect(setting).toBe('setting greyRatio: 0.52 before, 0.2 after')
    expect(worse).toMatch(/^(changed|worse)/)
    expect(stdout).toMatch(
      /^worse {4}pass-rate-pct: 100 before, 0 after \(-100 %\); 9\d\.\d+ % sure$/m,
    )
    const back = await compare(folder, SOAKS.grey, SOAKS.good)
    expect(back.stdout).toMatch(/^better {3}pass-rate-pct: 0 before, 100 after /m)
  })

  test('as a document', async ({ folder }) => {
    const { exitCode, stdout } = await compare(folder, SOAKS.good, SOAKS.dim, '--json')
    const { changes, ...document } = JSON.parse(stdout)
    expect(exitCode).toBe(document.verdict === 'worse' ? 1 : 0)
    expect(document).toMatchObject({
      schema: 'blinkup.bench-compare/1',
      confidence: 0.95,
      comparedSchema: 'blinkup.bench-soak/1',
      differing: [{ name: 'brightness', before: 1, after: 0.5 }],
    })
    expect(changes.find(({ name }: { name: string }) => name === 'swing-pct')).toMatchObject({
      witness: 'samples',
      before: expect.closeTo(60, 0),
      after: expect.closeTo(30, 0),
      outcome: 'changed',
    })
  })

  test('one of them from standard input', async ({ folder }) => {
    const file = await folder.file('a.json', SOAKS.good)
    const { exitCode } = await blinkup(['bench', 'compare', file, '-'], { input: SOAKS.again })
    expect(exitCode).toBe(0)
  })
})

test('two verify runs, of one message each, prove no change', async ({ folder }) => {
  const verify = async (grey: string): Promise<string> =>
    (
      await blinkup([
        ...['verify', '--rig', 'emulated', '--ssid', 'net', '--open', '--rate', '142'],
        ...['--grey', grey, '--json'],
      ])
    ).stdout
  const { exitCode, stdout } = await compare(folder, await verify('0.52'), await verify('0.2'))
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^same {5}pass-rate-pct: 100 before, 0 after /m)
  expect(stdout).toMatch(
    /^unknown {2}snr-db by samples: .*; by how much it may be off is not known$/m,
  )
})

describe('documents of other commands, of the emulated rig', () => {
  const printed = async (command: string, ...options: string[]): Promise<string> =>
    (await blinkup(['bench', ...command.split(' '), '--rig', 'emulated', '--json', ...options]))
      .stdout

  test('two of timing: what differs is named, and more noise found', async ({ folder }) => {
    const timing = (...options: string[]) =>
      printed('timing --rate 142 --duration 2', '--limit', 'flicker-pct=100', ...options)
    const before = await timing()
    const same = await compare(folder, before, await timing())
    expect(same.exitCode).toBe(0)
    expect(same.stdout).toMatch(/^SAME /)
    expect(same.stdout).not.toMatch(/^setting/m)
    const { exitCode, stdout } = await compare(folder, before, await timing('--noise-rms', '0.02'))
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^setting [\w.]*noiseRms: .* before, 0\.02 after$/m)
    expect(stdout).toMatch(/^worse {4}flicker-pct by samples: .* sure$/m)
  })

  test('two of sweeps: what was asked differently is named', async ({ folder }) => {
    const sweep = (rates: string) =>
      printed(
        'sweep --message-bytes 16 --margin 1 --confidence 0.6 --confirm-rate 0.5',
        ...['--rates', rates],
      )
    const { exitCode, stdout } = await compare(
      folder,
      await sweep('250,300'),
      await sweep('200,250'),
    )
    expect(exitCode).toBe(0)
    expect(stdout).toContain('\nsetting symbolRateHz: "250, 300" before, "200, 250" after\n')
    expect(stdout).not.toMatch(/^setting (?!symbolRateHz)/m)
    expect(stdout).toMatch(/highest-passing-rate-hz: 300 before, 250 after/)
  })

  test('two of soaks: doubled noise', async ({ folder }) => {
    const soak = (noiseRms: string) =>
      printed('soak --ssid net --open --rate 142 --repeat 15', '--noise-rms', noiseRms)
    const { exitCode, stdout } = await compare(folder, await soak('0.01'), await soak('0.02'))
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^setting [\w.]*noiseRms: 0\.01 before, 0\.02 after$/m)
    expect(stdout).toMatch(/^worse {4}snr-db by samples: .* sure$/m)
  })
})

describe('what cannot be compared is told in a sentence', () => {
  test.for<[what: string, after: (good: string) => string, says: string]>([
    ['nothing', () => '', 'b.json is no whole JSON document'],
    ['a part of it', (good) => good.slice(0, 5000), 'b.json is no whole JSON document'],
    ['something else', () => '[1, 2]', 'b.json is no JSON document of blinkup'],
    ['another program', () => '{"schema": "other/1"}', 'b.json is no JSON document of blinkup'],
    [
      'another version',
      (good) => good.replace('bench-soak/1', 'bench-soak/2'),
      'b.json is a blinkup.bench-soak/2: what can be compared are ',
    ],
    [
      'what is missing',
      (good) => good.replace('"figures"', '"numbers"'),
      'b.json is no whole blinkup.bench-soak/1: figures is missing or wrong',
    ],
    [
      'what is wrong',
      (good) => good.replace('"passed": 6', '"passed": "all"'),
      'b.json is no whole blinkup.bench-soak/1: messages.passed is missing or wrong',
    ],
    [
      'a run that failed',
      () =>
        '{"schema": "blinkup.error/1", "error": {"code": "rig.missing", "exitCode": 69, "message": "no board is plugged in"}}',
      'b.json is of a run that measured nothing: no board is plugged in',
    ],
  ])('%s', async ([, after, says], { folder }) => {
    const ended = await compare(folder, SOAKS.good, after(SOAKS.good), '--json')
    expect(ended.exitCode).toBe(65)
    expect(JSON.parse(ended.stdout).error).toMatchObject({ code: 'no-document' })
    expect(ended.stderr).toContain(says)
    expect(ended.stderr).toMatch(/^blinkup: [^\n]+\n$/)
  })

  test('another command', async ({ folder }) => {
    const verify = await readFile(
      new URL('../../manual/examples/verify.json', import.meta.url),
      'utf8',
    )
    const ended = await compare(folder, SOAKS.good, verify)
    expect(ended).toMatchObject({ exitCode: 65, stdout: '' })
    expect(ended.stderr).toMatch(
      / is a blinkup\.bench-soak\/1, and .* a blinkup\.verify\/1: compare two runs of one command\n$/,
    )
  })

  test('no such file', async ({ folder }) => {
    const file = await folder.file('a.json', SOAKS.good)
    const ended = await blinkup(['bench', 'compare', file, folder.at('no.json')])
    expect(ended).toMatchObject({ exitCode: 66, stdout: '' })
  })

  test('members that a later program has added are no matter', async ({ folder }) => {
    const later = SOAKS.good.replace('"figures"', '"later": 1, "figures"')
    expect((await compare(folder, SOAKS.good, later)).exitCode).toBe(0)
  })
})
