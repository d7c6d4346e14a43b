import { readFile, stat, symlink } from 'node:fs/promises'
import { afterEach, describe, expect } from 'vitest'
import { checkReportOutputs, writeReports } from '../../src/cli/report-options.js'
import { test } from '../helpers/folder.js'
import { needs } from '../helpers/requirements.js'
import { exampleReport } from '../report/example.js'

const options = { waveform: true }
afterEach(() => {
  process.exitCode = undefined
})

describe('files that reports are written to', () => {
  test('may be new or empty', async ({ folder }) => {
    const csv = await folder.file('a.csv', '')
    const junit = folder.at('a.xml')
    expect(() => checkReportOutputs({ ...options, csv, junit }, ['in.csv'])).not.toThrow()
  })

  test('are not written twice, under whatever name', async ({ folder }) => {
    const csv = await folder.file('a', '')
    await symlink(csv, folder.at('b'))
    const twice = (other: object, outputs: string[] = []) =>
      expect(() => checkReportOutputs({ ...options, csv, ...other }, [], outputs)).toThrow(
        /is written twice: give each output its own file$/,
      )
    twice({ report: csv })
    twice({ junit: folder.at('b') })
    twice({}, [csv])
    const fresh = folder.at('new')
    expect(() => checkReportOutputs({ ...options, report: fresh, junit: fresh }, [])).toThrow(
      /is written twice/,
    )
  })

  test('are no inputs, and are overwritten only if that is wanted', async ({ folder }) => {
    const report = await folder.file('a.html', 'something')
    expect(() => checkReportOutputs({ ...options, report }, [report])).toThrow(/is also the input/)
    expect(() => checkReportOutputs({ ...options, report }, [])).toThrow(/already exists/)
    expect(() => checkReportOutputs({ ...options, report, force: true }, [])).not.toThrow()
  })

  test('can be written, which is found out before there is light', async ({ folder }) => {
    const refused = (report: string, message: RegExp) =>
      expect(() => checkReportOutputs({ ...options, report, force: true }, [])).toThrow(message)
    const file = await folder.file('file', 'something')
    refused(folder.at('.'), /^cannot write .*: it is a folder$/)
    refused('', /^cannot write '': it is a folder$/)
    refused(folder.at('none/a.html'), /^cannot write .*: no such file or directory$/)
    refused(`${file}/a.html`, /^cannot write .*: not a directory$/)
  })

  test('are all for their owner only', async ({ folder }) => {
    const [report, csv, junit] = ['a.html', 'a.csv', 'a.xml'].map((name) => folder.at(name)) as [
      string,
      string,
      string,
    ]
    expect(await writeReports(exampleReport(), { ...options, report, csv, junit })).toBe(null)
    for (const [path, begin] of [
      [report, '<!doctype html>'],
      [csv, 'edge,tie_us\n'],
      [junit, '<?xml version="1.0"'],
    ] as const) {
      expect((await stat(path)).mode & 0o777).toBe(0o600)
      expect(await readFile(path, 'utf8')).toMatch(new RegExp(`^${begin.replace(/[?.]/g, '\\$&')}`))
    }
    expect(process.exitCode).toBe(undefined)
  })

  test.skipIf(needs('/dev/full'))(
    'are all written but the one that cannot be',
    async ({ folder }) => {
      const [csv, junit] = [folder.at('a.csv'), folder.at('a.xml')]
      const failure = await writeReports(exampleReport(), {
        ...options,
        report: '/dev/full',
        csv,
        junit,
      })
      expect(failure).toMatchObject({ code: 'output', exitCode: 74 })
      expect(failure?.message).toMatch(/^cannot write \/dev\/full: /)
      expect(process.exitCode).toBe(74)
      expect((await stat(csv)).size).toBeGreaterThan(0)
      expect((await stat(junit)).size).toBeGreaterThan(0)
    },
  )
})
