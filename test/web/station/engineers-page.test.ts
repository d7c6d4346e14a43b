import { describe, expect } from 'vitest'
import type { CycleReason } from '../../../src/factory/records/cycle-record.js'
import { CHROMIUM } from '../../helpers/browser.js'
import { focusOrder, lowContrasts, namelessControls } from '../../helpers/page-checks.js'
import { needs } from '../../helpers/requirements.js'
import { cycleRecord, endedCycle, idOf, labelRecord, rigSnapshot } from './fake-station.js'
import { type Line, test, type Visit } from './page-test.js'

const ENDS: readonly (CycleReason | null)[] = [
  null,
  null,
  'test-failed',
  null,
  'no-device',
  'cancelled',
]
const rigs = [rigSnapshot('Left', { state: 'waiting' }), rigSnapshot('Right', { state: 'light' })]

/** A station with six cycles, and its page. */
async function visitSix({ station, open, visit }: Line, hash = ''): Promise<Visit> {
  station.records = ENDS.map((reason, n) => cycleRecord(n + 1, reason)).reverse()
  station.labelRecords = [labelRecord(3), { ...labelRecord(3), outcome: 'printed', detail: null }]
  station.light = {
    timesS: Float64Array.from({ length: 4000 }, (_, n) => n / 2000),
    levels: Float64Array.from({ length: 4000 }, (_, n) => (Math.floor(n / 100) % 2 ? 0.6 : 0.05)),
  }
  station.show(...rigs)
  return visit(`${(await open()).url}engineer${hash}`)
}

const cells = (selector: string): string =>
  `[...document.querySelectorAll('${selector} tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent))`

/** How many pixels of the picture are of the light's colour. */
const LIT = `(() => {
  const canvas = document.querySelector('canvas')
  const { width, height } = canvas
  if (width === 0 || height === 0) return 0
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })
  context.drawImage(canvas, 0, 0)
  const { data } = context.getImageData(0, 0, width, height)
  const trace = getComputedStyle(canvas).getPropertyValue('--trace').trim()
  const wanted = [1, 3, 5].map((at) => parseInt(trace.slice(at, at + 2), 16))
  let lit = 0
  for (let n = 0; n < data.length; n += 4) if (wanted.every((c, k) => data[n + k] === c)) lit++
  return lit
})()`

describe.skipIf(needs(CHROMIUM))('the page of engineers', () => {
  test('shows cycles in figures, tables and a picture', async ({ line }) => {
    const { becomes, shows, asked, faults, page } = await visitSix(line)
    // Passes an hour are of the time between cycles, which may begin on two days.
    const figures = "[...document.querySelectorAll('#yield dd')].toSpliced(3, 1)"
    await becomes(`${figures}.map((e) => e.textContent)`, [
      ...['60.0 %', '60.0 %', '5', '3', '1', '0', '1', '1', '0'],
    ])
    await becomes(cells('#reasons'), [
      ['cancelled', 'operator', '1'],
      ['no-device', 'network', '1'],
      ['test-failed', 'device', '1'],
    ])
    await shows('#times', /light12\.6 s12\.6 s6/)
    await becomes("document.querySelectorAll('#chart circle.good').length", 6)
    await becomes(
      "document.querySelector('#chart').ariaLabel",
      'Margins of 6 cycles, from 54 to 59 %, at least 25 % wanted',
    )
    await becomes(
      `${cells('#cycles')}.map(([number, , rig, , end, margin]) => [number, rig, end, margin].join())`,
      [
        '6,Right,■ stopped: cancelled,54.0 %',
        '5,Left,◆ timeout: no-device,55.0 %',
        '4,Right,✓ pass,56.0 %',
        '3,Left,✕ fail: test-failed,57.0 %',
        '2,Right,✓ pass,58.0 %',
        '1,Left,✓ pass,59.0 %',
      ],
    )
    expect(await page.title()).toBe('Line 1: figures')
    expect(faults).toEqual([])
    const base = page.url().replace(/engineer$/, '')
    expect(asked.filter((at) => !at.startsWith(base) && !at.startsWith('data:'))).toEqual([])
  })

  test('shows a cycle, with its light, and goes back to the list', async ({ line }) => {
    const { page, shows, becomes, faults } = await visitSix(line)
    await shows('#cycles tbody', /^6/)
    await page.click(`a[href="#${idOf(3)}"]`)
    await shows('#cycle-title', /^Cycle 3, Left$/)
    await shows('#cycle-end', /^✕ fail: test-failed: It ended for test-failed: look there\.$/)
    await shows('#setting', /firmware1\.3\.1/)
    await shows(
      '#setting',
      /label.* failed printer zebra is stopped: look after it; [^;]* printed$/,
    )
    await becomes(`${cells('#phases')}[2]`, ['light', '0.60 s', '12.6 s'])
    await becomes(`${cells('#measurements')}[0]`, ['margin-pct', '57 %', 'at least 25', 'pass'])
    await becomes(`${cells('#results')}[0].slice(1)`, [
      '✕ no',
      'matched',
      '{"note":"<b>all</b> & well"}',
    ])
    await becomes(`${LIT} > 5000`, true)
    const before = await page.evaluate(LIT)
    await page.focus('#canvas')
    for (const key of ['+', '+', '+', 'ArrowLeft'] as const) await page.keyboard.press(key)
    expect(await page.evaluate(LIT)).not.toBe(before)
    expect(
      await page.evaluate("document.querySelector('tr[aria-current=true] a').textContent"),
    ).toBe('3')
    await page.click('#close')
    await becomes("document.querySelector('#cycle').hidden", true)
    expect(await page.evaluate('document.activeElement.textContent')).toBe('3')
    expect(faults).toEqual([])
  })

  test('opens at a cycle, whose light may be gone, and says where there is none', async ({
    line,
  }) => {
    const { page, shows, becomes } = await visitSix(line, `#${idOf(2)}`)
    await shows('#cycle-title', /^Cycle 2, Right$/)
    line.station.light = null
    await page.goto(page.url().replace(/#.*/, `#${idOf(4)}`))
    await shows('#cycle-title', /^Cycle 4, Right$/)
    await becomes(
      "[document.querySelector('#light').hidden, document.querySelector('#no-light').hidden]",
      [true, false],
    )
    await page.goto(page.url().replace(/#.*/, '#"]<b>'))
    await shows('#fault', /^there is no cycle of that ID$/)
    await becomes("document.querySelector('#cycle').hidden", true)
  })

  test('looks again when a cycle has ended, and at one rig alone', async ({ line }) => {
    const { page, shows, becomes } = await visitSix(line)
    await shows('#cycles tbody', /^6/)
    line.station.records.unshift(cycleRecord(7, 'no-result'))
    line.station.show(
      rigSnapshot('Left', { state: 'waiting', recent: [endedCycle(7, 'no-result')] }),
      ...rigs.slice(1),
    )
    await shows('#cycles tbody', /^7/)
    await page.select('#rig', 'Right')
    await becomes(`${cells('#cycles')}.map(([number]) => number)`, ['6', '4', '2'])
    await page.select('#hours', '1')
    await becomes(cells('#cycles'), [['none in that time']])
    await becomes("document.querySelector('#chart').ariaLabel", 'No margins')
  })

  test('says that the station is not reached', async ({ line }) => {
    const site = await line.open()
    const { url } = site
    const { shows } = await line.visit(`${url}engineer`)
    await shows('#link', /^connected$/)
    await site[Symbol.asyncDispose]()
    await shows('#link', /^the station is not reached: trying again$/)
    await line.open({ port: Number(new URL(url).port) })
    await shows('#link', /^connected$/)
  })

  test.for([
    ['light', 1440],
    ['dark', 390],
  ] as const)('has contrast, names and focus, %s at %d px', async ([value, width], { line }) => {
    const { page, shows, becomes } = await visitSix(line, `#${idOf(3)}`)
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }])
    await page.setViewport({ width, height: 900 })
    await shows('#cycle-title', /^Cycle 3/)
    await becomes(`${LIT} > 1000`, true)
    await shows('#cycles tbody', /^6/)
    expect(await lowContrasts(page)).toEqual([])
    expect(await namelessControls(page)).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    await page.focus('header a')
    const order = await focusOrder(page)
    expect(order.map(({ name }) => name)).toEqual([
      ...['hours', 'rig', 'Look again', 'close', 'Level over time'],
      ...['6', '5', '4', '3', '2', '1'],
    ])
    expect(order.filter(({ isSeen }) => !isSeen)).toEqual([])
  })
})
