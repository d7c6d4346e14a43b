import { readFile, stat } from 'node:fs/promises'
import { describe, expect } from 'vitest'
import { simulateChannel } from '../../src/channel/index.js'
import { modulate } from '../../src/modulation/index.js'
import { encodePacket } from '../../src/packet/index.js'
import { CSV_HEADER, csvLines } from '../../src/recording/csv.js'
import { BLINKUP, blinkup, startOnTerminal } from '../helpers/blinkup.js'
import { type Folder, test } from '../helpers/folder.js'
import { damaged } from '../helpers/receive.js'
import { needs } from '../helpers/requirements.js'

const VERIFY = ['verify', '--rig', 'emulated', '--dummy', '--rate', '142']
const PASSWORD = 'long enough'
const SECRET = encodePacket({ ssid: 'net', password: PASSWORD })
const OPEN = encodePacket({ ssid: 'net', password: '' })

/** A capture of packets one after another. */
function capture(folder: Folder, ...packets: Uint8Array[]): Promise<string> {
  const broken = (packet: Uint8Array) => Array.from(modulate(packet).levels)
  const block = simulateChannel(Uint8Array.from(packets.flatMap(broken)), { symbolRateHz: 60 })
  return folder.file('capture.csv', CSV_HEADER + csvLines(block))
}

const filesOf = (folder: Folder): readonly string[] =>
  ['--report', '--csv', '--junit'].flatMap((flag) => [flag, folder.at(`out${flag}`)])

describe('verify', () => {
  test('writes what it has seen as a page, a table and JUnit XML', async ({ folder }) => {
    const { exitCode, stderr } = await blinkup([...VERIFY, ...filesOf(folder)])
    expect(exitCode).toBe(0)
    expect(stderr).not.toContain('password')
    const page = await readFile(folder.at('out--report'), 'utf8')
    for (const text of ['verify: pass', 'SSID', 'emulated rig', 'Eye diagram', '142 Hz wanted']) {
      expect(page).toContain(text)
    }
    expect(await readFile(folder.at('out--csv'), 'utf8')).toMatch(/\nmessage,,40,/)
    expect(await readFile(folder.at('out--junit'), 'utf8')).toContain('tests="1" failures="0"')
  })

  test('that fails says so in all of them', async ({ folder }) => {
    const dim = ['--grey', '0.2', '--json']
    const { exitCode, stdout } = await blinkup([...VERIFY, ...dim, ...filesOf(folder)])
    expect(exitCode).toBe(1)
    const { reason } = JSON.parse(stdout)
    for (const flag of ['--report', '--csv', '--junit']) {
      expect(await readFile(folder.at(`out${flag}`), 'utf8')).toContain(reason)
    }
  })

  test('plays nothing if a file cannot be what it should', async ({ folder }) => {
    const path = await folder.file('there', 'already')
    const played = await blinkup([...VERIFY, '--junit', path])
    expect(played).toMatchObject({ exitCode: 64, stdout: '' })
    expect(played.stderr).toMatch(/^blinkup: .* already exists: [^\n]*\n$/)
    const twice = await blinkup([...VERIFY, '--capture', folder.at('a'), '--csv', folder.at('a')])
    expect(twice.exitCode).toBe(64)
    expect(twice.stderr).toContain('is written twice')
  })

  test.skipIf(needs('/dev/full'))(
    'tells in its document which file could not be written, and writes the others',
    async ({ folder }) => {
      const junit = folder.at('junit.xml')
      const args = [...VERIFY, '--json', '--report', '/dev/full', '--junit', junit]
      const { exitCode, stdout, stderr } = await blinkup(args)
      expect(exitCode).toBe(74)
      expect(JSON.parse(stdout)).toMatchObject({ verdict: 'pass', error: { code: 'output' } })
      expect(stderr).toContain('cannot write /dev/full')
      expect((await stat(junit)).size).toBeGreaterThan(0)
    },
  )
})

describe('verify with limits', () => {
  const limited = (...limits: string[]) =>
    blinkup([...VERIFY, '--json', ...limits.flatMap((limit) => ['--limit', limit])])

  test('passes within them, and its document says by which figures', async () => {
    const { exitCode, stdout } = await limited('margin-pct=50..100', 'grey-ratio=0.45..0.6')
    const { verdict, reason, figures, error } = JSON.parse(stdout)
    expect({ exitCode, verdict, reason, error }).toEqual({
      exitCode: 0,
      verdict: 'pass',
      reason: null,
      error: null,
    })
    const judged = figures.filter(({ limit }: { limit: unknown }) => limit)
    expect(judged).toMatchObject([
      { name: 'margin-pct', witness: 'samples', limit: [50, 100], verdict: 'pass' },
      { name: 'grey-ratio', witness: 'samples', limit: [0.45, 0.6], verdict: 'pass' },
    ])
  })

  test('fails beyond one, though the bytes came back, and says by how much', async ({ folder }) => {
    const files = filesOf(folder)
    const limit = ['--limit', 'swing-pct=0..10']
    const { exitCode, stdout } = await blinkup([...VERIFY, ...limit, ...files])
    expect(exitCode).toBe(1)
    const finding = /swing-pct by samples: [\d.]+ % is [\d.]+ % above 10 %/
    expect(stdout).toMatch(new RegExp(`^FAIL {2}${finding.source}\n`))
    expect(stdout).toMatch(/\nswing-pct by samples +[\d.]+ % \(.*10 %: FAIL\)\n/)
    for (const flag of ['--report', '--junit']) {
      expect(await readFile(folder.at(`out${flag}`), 'utf8')).toMatch(/[\d.]+ % is [\d.]+ % above/)
    }
    const { stdout: json, stderr } = await limited('swing-pct=0..10')
    expect(JSON.parse(json)).toMatchObject({
      verdict: 'fail',
      reason: null,
      error: { code: 'check-failed', exitCode: 1 },
    })
    expect(stderr).toMatch(finding)
  })

  test('what it could not measure fails', async () => {
    const { exitCode, stdout } = await limited('tie-rms-us=20')
    expect(exitCode).toBe(1)
    expect(JSON.parse(stdout).error.message).toBe(
      'tie-rms-us: it has a limit, but could not be measured',
    )
  })
})

describe.each([
  ['bench soak', ['--ssid', 'net', '--open', '--rate', '142', '--repeat', '2'], 'margin-pct', 3],
  [
    'bench sweep',
    [
      ...['--rates', '250,300', '--message-bytes', '16', '--margin', '1', '--confidence', '0.6'],
      ...['--confirm-rate', '0.5'],
    ],
    'highest-passing-rate-hz',
    3,
  ],
] as const)('%s', (command, options, figure, rows) => {
  const run = [...command.split(' '), '--rig', 'emulated', ...options]

  test('writes page, table and JUnit XML, and is judged by its limits', async ({ folder }) => {
    const limit = ['--limit', `${figure}=1..1000`]
    const { exitCode, stdout } = await blinkup([...run, ...limit, ...filesOf(folder)])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(new RegExp(`\n${figure}.* \\(1 to 1000 \\S+: PASS\\)\n`))
    const page = await readFile(folder.at('out--report'), 'utf8')
    for (const text of [`${command}: pass`, figure, 'emulated rig', 'Node.js']) {
      expect(page).toContain(text)
    }
    const table = await readFile(folder.at('out--csv'), 'utf8')
    expect(table.trimEnd().split('\n')).toHaveLength(rows)
    expect(await readFile(folder.at('out--junit'), 'utf8')).toContain('failures="0"')
  })

  test('fails beyond a limit, in all of them', async ({ folder }) => {
    const limit = ['--limit', `${figure}=1..2`, '--json']
    const { exitCode, stdout } = await blinkup([...run, ...limit, ...filesOf(folder)])
    expect(exitCode).toBe(1)
    const { verdict, error } = JSON.parse(stdout)
    expect(verdict).toBe('fail')
    expect(error.message).toMatch(new RegExp(`^${figure}.* above 2 `))
    for (const flag of ['--report', '--junit']) {
      expect(await readFile(folder.at(`out${flag}`), 'utf8')).toContain(error.message)
    }
  })

  test('plays nothing if a file is there already', async ({ folder }) => {
    const path = await folder.file('there', 'already')
    const played = await blinkup([...run, '--junit', path])
    expect(played).toMatchObject({ exitCode: 64, stdout: '' })
    expect(played.stderr).toContain('already exists')
  })

  test.skipIf(needs('/dev/full'))('a file that cannot be written decides', async ({ folder }) => {
    const files = ['--csv', '/dev/full', '--junit', folder.at('junit.xml')]
    const { exitCode, stdout } = await blinkup([
      ...run,
      '--limit',
      `${figure}=1..2`,
      '--json',
      ...files,
    ])
    expect(exitCode).toBe(74)
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'fail', error: { code: 'output' } })
    expect((await stat(folder.at('junit.xml'))).size).toBeGreaterThan(0)
  })
})

describe('decode', () => {
  test('writes a page that is as secret as what it has read, and says so', async ({ folder }) => {
    const file = await capture(folder, SECRET, damaged(SECRET))
    const { exitCode, stderr } = await blinkup(['decode', file, ...filesOf(folder)])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('out--report holds the light and with it the password')
    const page = await readFile(folder.at('out--report'), 'utf8')
    expect(page).toContain('This page is as secret as the password.')
    expect(page).toContain('1 of 2 messages could be read')
    expect(page).not.toContain(PASSWORD)
    const rows = (await readFile(folder.at('out--csv'), 'utf8')).trimEnd().split('\n')
    expect(rows.map((row) => row.split(',', 2))).toEqual([
      ['kind', 'reason'],
      ['message', ''],
      ['bad-packet', 'crc'],
    ])
  })

  test('leaves the light out, if that is wanted', async ({ folder }) => {
    const file = await capture(folder, SECRET)
    const { exitCode, stderr } = await blinkup([
      'decode',
      file,
      '--no-waveform',
      ...filesOf(folder),
    ])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    const page = await readFile(folder.at('out--report'), 'utf8')
    expect(page).toContain('The light was left out of this page.')
    expect(page).not.toContain('<canvas')
  })

  test('writes a report of symbols, too, which have no light', async ({ folder }) => {
    const { stdout: symbols } = await blinkup(['encode', '--dummy', '--format', 'symbols'])
    const options = { input: symbols }
    const { exitCode } = await blinkup(['decode', '-', ...filesOf(folder)], options)
    expect(exitCode).toBe(0)
    expect(await readFile(folder.at('out--csv'), 'utf8')).toMatch(/\nsymbols,,40,,,/)
  })

  test.skipIf(needs('script'))(
    'shows the light on a terminal, but not if it is a secret',
    async ({ folder }) => {
      const decode = async (packet: Uint8Array): Promise<string> => {
        const file = await capture(folder, packet)
        const command = `'${process.execPath}' '${BLINKUP}' decode '${file}'`
        const { stdout } = await startOnTerminal(command).ended
        return stdout
      }
      expect(await decode(OPEN)).toMatch(/light, 28 symbols from the marker on\r\n {2}[⠀-⣿]+\r\n/)
      const secret = await decode(SECRET)
      expect(secret).toContain('CRC right')
      expect(secret).not.toMatch(/[⠀-⣿█]/)
    },
  )
})
