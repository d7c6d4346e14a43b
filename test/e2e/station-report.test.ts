import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect } from 'vitest'
import { readRecords } from '../../src/factory/records/cycle-reader.js'
import { Records } from '../../src/factory/records/records.js'
import { blinkup } from '../helpers/blinkup.js'
import { test } from '../helpers/folder.js'
import { writeStation } from '../helpers/station-records.js'

/** By the clock of the computer, which the command goes by, too. */
const START = new Date(2026, 10, 29, 5).getTime()

let database: string
beforeAll(async () => {
  const path = await mkdtemp(join(tmpdir(), 'blinkup-'))
  database = join(path, 'records.db')
  writeStation(database, START, 30, 600)
  return () => rm(path, { recursive: true })
})

const report = (...args: string[]) =>
  blinkup(['station', 'report', '--database', database, ...args])

describe('blinkup station report', () => {
  test('tells of shifts, reasons, times and margins', async () => {
    const { stdout, stderr, exitCode } = await report()
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
    expect(stdout).toMatch(/^station +line 1\n/)
    expect(stdout).toMatch(/^2026-11-28 22:00 +4 pass.*; 4 units: yield 100.0 %; first pass/m)
    expect(stdout).toMatch(/^all +27 pass, 3 fail, 3 error, 3 timeout; 27 units: yield 100.0 %/m)
    expect(stdout).toMatch(/^no-device +3 \(timeout, network\)$/m)
    expect(stdout).toMatch(/^light +median 5\.\d\d s, 95 % within/m)
    expect(stdout).toMatch(/^margin-pct, left +mean 6\d\.\d+ %, least/m)
    expect(stdout).toMatch(/^going on +1$/m)
  })

  test('gives it as a document, of the rig, the time and the groups that are asked for', async () => {
    const since = '2026-11-29T05:30'
    const args = [
      '--json',
      '--since',
      since,
      '--until',
      '2026-11-30',
      '--rig',
      'left',
      '--by',
      'rig',
    ]
    const { stdout, exitCode } = await report(...args)
    expect(exitCode).toBe(0)
    using records = readRecords(database)
    const filter = { since: Date.parse(since), until: Date.parse('2026-11-30T00:00'), rig: 'left' }
    const ended = Array.from(records.cycles(filter)).filter(({ end }) => end !== null)
    expect(ended.length).toBeGreaterThan(5)
    expect(JSON.parse(stdout)).toMatchObject({
      station: 'line 1',
      since: new Date(since).toISOString(),
      rig: 'left',
      by: 'rig',
      shifts: ['06:00', '14:00', '22:00'],
      all: { name: 'all', cycles: ended.length },
      groups: [{ name: 'left', cycles: ended.length }],
      error: null,
    })
  })

  test('has shifts as they are told', async () => {
    const { stdout } = await report('--json', '--shifts', '18:30, 5:15')
    const { shifts, groups } = JSON.parse(stdout)
    expect(shifts).toEqual(['05:15', '18:30'])
    expect(groups.map(({ name }: { name: string }) => name)).toEqual([
      '2026-11-28 18:30',
      '2026-11-29 05:15',
    ])
  })

  test('writes a page, CSV, lines of JSON and JUnit XML, each for its owner only', async ({
    folder,
  }) => {
    const files = ['page.html', 'cycles.csv', 'cycles.jsonl', 'junit.xml'].map((name) =>
      folder.at(name),
    )
    const args = ['--report', '--csv', '--jsonl', '--junit'].flatMap((flag, i) => [
      flag,
      files[i] as string,
    ])
    expect(await report(...args)).toMatchObject({ exitCode: 0, stderr: '' })
    const [page = '', csv = '', jsonl = '', junit = ''] = await Promise.all(
      files.map((file) => readFile(file, 'utf8')),
    )
    using records = readRecords(database)
    const cycles = Array.from(records.cycles())
    expect(page).toContain('<h1>station line 1</h1>')
    expect(csv.trimEnd().split('\n')).toHaveLength(1 + cycles.length)
    expect(
      jsonl
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(cycles)
    expect(junit).toContain(`tests="${cycles.length - 1}" failures="3" errors="6"`)
    for (const file of files) expect((await stat(file)).mode & 0o777).toBe(0o600)
    const again = await report(...args)
    expect(again).toMatchObject({ exitCode: 64, stderr: expect.stringContaining('--force') })
    expect(await report(...args, '--force')).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test('warns of light that fades, before it fails', async ({ folder }) => {
    writeStation(folder.at('fades.db'), START, 60, 60)
    const args = ['station', 'report', '--database', folder.at('fades.db')]
    const { stdout, stderr, exitCode } = await blinkup([...args, '--json'])
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/^blinkup: warning: margin-pct of rig left falls by .* is below 20 %;/)
    const { margins, warnings } = JSON.parse(stdout)
    expect(margins[0]).toMatchObject({ rig: 'left', name: 'margin-pct', warning: warnings[0] })
  })

  test('reads the records of a station that is running, and leaves them alone', async ({
    folder,
  }) => {
    writeStation(folder.at('a.db'), START, 1)
    using running = Records.open(folder.at('a.db'), 'line 1', START)
    const { id } = running.begin(
      {
        rig: 'left',
        rigKind: 'bridge',
        rigName: '-',
        serialNumber: null,
        firmwareVersion: null,
        packageVersion: '0.1.0',
      },
      'key',
      START,
    )
    const args = ['station', 'report', '--database', folder.at('a.db'), '--json']
    const { stdout, exitCode } = await blinkup(args)
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ unfinished: 1 })
    running.enter(id, 'light', START)
  })

  test('says what is wrong in one sentence', async ({ folder }) => {
    const other = await folder.file('notes.txt', 'no database '.repeat(1000))
    for (const [args, exitCode, stderr] of [
      [['--database', folder.at('none.db')], 66, /^blinkup: there is no file .*none\.db: name/],
      [
        ['--database', other],
        65,
        /^blinkup: .*notes\.txt is no file of records: name another one\n$/,
      ],
      [['--csv', database], 64, /is also the input/],
      [['--csv', folder.at('none/a.csv')], 74, /none\/a\.csv/],
      [['--csv', folder.at('a'), '--junit', folder.at('a')], 64, /is written twice/],
      [['--since', '2026-02-30'], 64, /Give a time such as/],
      [['--until', 'yesterday'], 64, /Give a time such as/],
      [['--shifts', '06:00,25:00'], 64, /Give different times/],
      [['--shifts', '06:00,6:00'], 64, /Give different times/],
      [['--by', 'moon'], 64, /Allowed choices are shift, rig, day/],
    ] as const) {
      const ended = await report(...args)
      expect(ended).toMatchObject({ exitCode, stdout: '', stderr: expect.stringMatching(stderr) })
    }
    const json = await report('--database', folder.at('none.db'), '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'records.missing' } })
  })
})
