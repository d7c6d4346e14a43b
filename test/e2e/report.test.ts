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
        const { stdout } = await startOnTerminal(`${process.execPath} ${BLINKUP} decode ${file}`)
          .ended
        return stdout
      }
      expect(await decode(OPEN)).toMatch(/light, 28 symbols from the marker on\r\n {2}[⠀-⣿]+\r\n/)
      const secret = await decode(SECRET)
      expect(secret).toContain('CRC right')
      expect(secret).not.toMatch(/[⠀-⣿█]/)
    },
  )
})
