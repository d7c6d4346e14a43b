import { describe, expect } from 'vitest'
import { stationPage } from '../../../src/report/html/station-page.js'
import type { StationReport, StationTally } from '../../../src/report/station-document.js'
import { CHROMIUM, withPage } from '../../helpers/browser.js'
import { test } from '../../helpers/folder.js'
import { needs } from '../../helpers/requirements.js'

const tally = (name: string, more: Partial<StationTally> = {}): StationTally => ({
  name,
  cycles: 12,
  outcomes: { pass: 9, fail: 1, error: 0, timeout: 2, aborted: 0 },
  withoutDevice: 1,
  units: 10,
  finalYield: 0.9,
  firstPassYield: 0.8,
  workedS: 3600,
  passesPerHour: 9,
  cycleTime: { count: 9, medianS: 26.25, p95S: 30, maxS: 31 },
  phases: [{ state: 'light', count: 12, medianS: 5.3, p95S: 6, maxS: 7 }],
  reasons: [{ reason: 'no-device', outcome: 'timeout', cause: 'network', cycles: 2 }],
  ...more,
})
const REPORT: StationReport = {
  schema: 'blinkup.station-report/1',
  station: '<line> & 1',
  since: null,
  until: null,
  rig: null,
  by: 'shift',
  shifts: ['06:00', '14:00'],
  all: tally('all'),
  groups: [tally('2026-11-30 06:00'), tally('2026-11-30 14:00', { finalYield: null })],
  unfinished: 1,
  margins: [
    {
      rig: 'left',
      name: 'margin-pct',
      unit: '%',
      cycles: 12,
      min: 30,
      mean: 45,
      max: 60,
      least: 20,
      perHour: -2,
      perHourUncertainty: 0.1,
      hoursLeft: 5,
      warning: 'margin-pct of rig left falls: clean it',
      bins: Array.from({ length: 12 }, (_, n) => {
        const [fromS, value] = [1e9 + 300 * n, 60 - 2.5 * n]
        return { fromS, toS: fromS, count: 1, min: value, mean: value, max: value }
      }),
    },
  ],
}

describe.skipIf(needs(CHROMIUM))('the page of a station in a browser', () => {
  test('shows counts, yields, reasons, times and margins, and asks nobody for anything', async ({
    folder,
  }) => {
    const file = await folder.file('a.html', await stationPage(REPORT, new Date(0)))
    await withPage(async (page) => {
      const asked: string[] = []
      const faults: string[] = []
      page.on('request', (request) => asked.push(request.url()))
      page.on('console', (line) => faults.push(line.text()))
      page.on('pageerror', (error) => faults.push(String(error)))
      await page.setViewport({ width: 360, height: 720, isMobile: true })
      await page.goto(`file://${file}`)
      const texts = (selector: string): Promise<string[]> =>
        page.$$eval(selector, (all) => all.map((one) => one.textContent?.trim() ?? ''))
      expect(await texts('h1')).toEqual(['station <line> & 1'])
      expect(await texts('.findings li')).toEqual(['margin-pct of rig left falls: clean it'])
      expect(await texts('h2')).toEqual([
        'In all',
        'Shifts',
        'Why cycles did not pass',
        'Times',
        'Charts',
        'What was counted',
      ])
      const row = ['12', '9', '90.0 %', '80.0 %', '9', '10', '1', '0', '2', '0', '26.3 s']
      expect(await texts('section:nth-of-type(1) td')).toEqual(row)
      expect(await texts('section:nth-of-type(2) tbody th')).toEqual([
        '2026-11-30 06:00',
        '2026-11-30 14:00',
      ])
      expect(await texts('section:nth-of-type(2) tr:nth-of-type(2) td')).toEqual(row.with(2, '–'))
      expect(await texts('section:nth-of-type(3) td')).toEqual([
        'timeout',
        'network',
        '2',
        '16.7 %',
      ])
      expect(await texts('section:nth-of-type(4) tbody th')).toEqual([
        'light',
        'a cycle that passed',
      ])
      expect(await page.$$eval('.charts svg circle', (all) => all.length)).toBe(12)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
      expect(faults).toEqual([])
      expect(asked).toEqual([`file://${file}`])
    })
  })
})

test('the page of a station that has done nothing says so', async () => {
  const text = await stationPage(
    {
      ...REPORT,
      by: 'rig',
      groups: [],
      margins: [],
      all: tally('all', { reasons: [], phases: [], cycleTime: null, passesPerHour: null }),
    },
    new Date(0),
  )
  expect(text).toContain('No cycle has ended.')
  for (const word of ['Charts', 'Times', 'Why cycles', 'class="findings']) {
    expect(text).not.toContain(word)
  }
})
