import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { junitXml } from '../../src/report/junit.js'
import { CHROMIUM, withPage } from '../helpers/browser.js'
import { needs } from '../helpers/requirements.js'
import { exampleReport } from './example.js'

interface Suite {
  readonly fault: string | null
  readonly suite: Record<string, string>
  readonly cases: readonly { readonly name: string; readonly failure: string | null }[]
  readonly properties: Record<string, string>
  readonly output: string
}

/** What a browser's parser, which takes nothing but well-formed XML, reads of files. */
function parsed(files: readonly string[]): Promise<Suite[]> {
  return withPage(
    (page) =>
      page.evaluate(`${JSON.stringify(files)}.map((text) => {
        const xml = new DOMParser().parseFromString(text, 'application/xml')
        const all = (selector) => Array.from(xml.querySelectorAll(selector))
        const of = (element) => Object.fromEntries(Array.from(element?.attributes ?? [], ({ name, value }) => [name, value]))
        return {
          fault: xml.querySelector('parsererror')?.textContent ?? null,
          suite: of(xml.querySelector('testsuite')),
          cases: all('testcase').map((one) => ({
            name: of(one).name,
            failure: one.querySelector('failure')?.textContent ?? null,
          })),
          properties: Object.fromEntries(all('property').map(of).map(({ name, value }) => [name, value])),
          output: xml.querySelector('system-out')?.textContent ?? '',
        }
      })`) as Promise<Suite[]>,
  )
}

describe.skipIf(needs(CHROMIUM))('a run as JUnit XML', () => {
  test('has a case for the verdict and each figure that is judged, and tells by how much it failed', async () => {
    const [read] = await parsed([junitXml(exampleReport())])
    expect(read).toEqual({
      fault: null,
      suite: {
        name: 'blinkup bench timing',
        tests: '3',
        failures: '2',
        errors: '0',
        skipped: '0',
        time: '0',
        timestamp: '2026-11-29T12:00:00',
      },
      cases: [
        { name: 'verdict', failure: exampleReport().findings.join('\n') },
        { name: 'tie-rms-us by edge-input', failure: null },
        { name: 'swing-pct', failure: '42 % is 8 % below 50 %' },
      ],
      properties: {
        ...Object.fromEntries(exampleReport().settings),
        'tie-rms-us by samples': '12.35 ± 0.41 µs',
        'snr-db': '31.25 dB',
      },
      output: [
        'bench timing: fail',
        ...exampleReport().findings,
        'tie-rms-us by edge-input: 12.200 ± 0.060 µs, at most 20 µs',
        'swing-pct: 42 %, 50 to 100 %',
      ].join('\n'),
    })
  })

  test('of a run that passed has no failure', async () => {
    const report = exampleReport({ verdict: 'pass', figures: [], findings: [] })
    const [read] = await parsed([junitXml(report)])
    expect(read?.cases).toEqual([{ name: 'verdict', failure: null }])
    expect(read?.suite).toMatchObject({ tests: '1', failures: '0' })
  })

  test('holds any text, but what XML has no way to say', async () => {
    const texts = fc.sample(fc.string({ unit: 'binary' }), { numRuns: 300, seed: 1 })
    const hard = ['\0\x01\x0b\x1f', '\ud800 alone', '\ufffe\uffff', ']]>', '\r\n\t"\'<&>', '😀']
    const all = [...hard, ...texts]
    const report = exampleReport()
    const reports = all.map((text) => ({
      ...report,
      settings: [['text', text] as const],
      findings: [text],
    }))
    const read = await parsed(reports.map(junitXml))
    const kept = (text: string): string =>
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML 1.0 has not
      text.toWellFormed().replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd')
    expect(read.map(({ fault }) => fault)).toEqual(all.map(() => null))
    expect(read.map(({ properties }) => properties['text'])).toEqual(all.map(kept))
    expect(read.map(({ cases }) => cases[0]?.failure)).toEqual(
      all.map((text) => kept(text) || 'failed'),
    )
  })
})
