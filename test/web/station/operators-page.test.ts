import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { describe, expect } from 'vitest'
import {
  CYCLE_REASONS,
  CYCLE_STATES,
  type CycleReason,
} from '../../../src/factory/records/cycle-record.js'
import { instructionFor } from '../../../src/factory/station/instructions.js'
import type { ShownLabel } from '../../../src/factory/station/snapshot.js'
import { CHROMIUM } from '../../helpers/browser.js'
import {
  cutElements,
  focusOrder,
  lowContrasts,
  namelessControls,
} from '../../helpers/page-checks.js'
import { needs } from '../../helpers/requirements.js'
import { endedCycle, endOf, type RigFacts, rigSnapshot } from './fake-station.js'
import { test } from './page-test.js'

const endedFor = (reason: CycleReason | null, number = 3): RigFacts => ({
  state: 'waiting',
  recent: [endedCycle(number, reason), endedCycle(2, null), endedCycle(1, 'test-failed')],
})

/** What a rig does, and what is read of it from afar. */
const FACES: readonly (readonly [word: string, shape: string, facts: RigFacts])[] = [
  ['READY', 'ready', { state: 'waiting' }],
  ['WAIT', 'wait', { state: 'lockout' }],
  ['WAIT', 'wait', { state: 'opening' }],
  ['NO RIG', 'lost', { ...endedFor(null), state: 'lost', why: 'it was unplugged' }],
  ...CYCLE_STATES.map((state) => ['BUSY', 'busy', { ...endedFor(null), state }] as const),
  ['PASS', 'pass', endedFor(null)],
  ['FAIL', 'fail', endedFor('test-failed', 4)],
  ['ERROR', 'error', endedFor('light-failed', 5)],
  ['TIMEOUT', 'timeout', endedFor('no-device', 6)],
  ['STOPPED', 'aborted', endedFor('cancelled', 7)],
]
const SHOWN = FACES.filter(([word], n) => FACES.findIndex(([other]) => other === word) === n)
const LABELS = { printed: 3, failed: 0, last: null }
/** With the longest sentences that operators are told, the longest last. */
const eightRigs = (Object.keys(CYCLE_REASONS) as CycleReason[])
  .map((reason) => ({
    reason,
    instruction: instructionFor({ state: 'waiting' }, { cycleId: '', end: endOf(reason) }),
  }))
  .toSorted((one, other) => one.instruction.length - other.instruction.length)
  .slice(-8)
  .map(({ reason, instruction }, n) =>
    rigSnapshot(`Rig ${n + 1}`, { ...endedFor(reason), instruction, labels: LABELS }),
  )

describe.skipIf(needs(CHROMIUM))('the page of operators', () => {
  test('shows each state by a word, a shape and a colour', async ({ line }) => {
    const { url } = await line.open()
    line.station.show(rigSnapshot('<b>Left</b>', { state: 'waiting' }))
    const { page, shows, becomes, asked, faults } = await line.visit(url)
    const colours = new Map<string, unknown>()
    for (const [word, shape, facts] of FACES) {
      line.station.show(
        rigSnapshot('<b>Left</b>', { ...facts, instruction: `Now: ${facts.state}.` }),
      )
      await shows('.instruction', new RegExp(`^Now: ${facts.state}\\.$`))
      await shows('.word', new RegExp(`^${word}$`))
      await becomes("document.querySelector('.face use').getAttribute('href')", `#shape-${shape}`)
      colours.set(
        word,
        await page.evaluate("getComputedStyle(document.querySelector('.face')).backgroundColor"),
      )
    }
    expect(new Set(colours.values()).size).toBe(SHOWN.length)
    const shapes = `new Set([...document.querySelectorAll('symbol')].map((s) => s.innerHTML)).size`
    expect(await page.evaluate(shapes)).toBe(10)
    await shows('.tile h2', /^<b>Left<\/b>$/)
    await shows('.text', /^Unit 7, ready for the next$/)
    await becomes("[...document.querySelectorAll('.counts dd')].map((e) => e.textContent)", [
      ...['1', '1', '0', '0', '1'],
    ])
    await shows('.recent li:first-child', /^unit 7: STOPPED, /)
    await shows('#announcement', /^<b>Left<\/b>: STOPPED\. Now: waiting\.$/)
    expect(await page.title()).toBe('Line 1')
    expect(faults).toEqual([])
    expect(asked.filter((at) => !at.startsWith(url) && !at.startsWith('data:'))).toEqual([])
  })

  test('starts and cancels by touch, and says what was refused', async ({ line }) => {
    const { station } = line
    const { url } = await line.open()
    station.show(
      rigSnapshot('Left', { state: 'waiting' }),
      rigSnapshot('Right', { state: 'waiting' }),
    )
    const { page, shows, becomes, faults } = await line.visit(url, 100)
    await becomes("document.querySelectorAll('.start[aria-disabled=false]').length", 2)
    await page.click('.cancel') // in no cycle
    await page.click('section:nth-of-type(2) .start')
    await expect.poll(() => station.done).toEqual(['trigger Right'])
    station.show(
      rigSnapshot('Left', { state: 'light' }),
      rigSnapshot('Right', { state: 'lockout' }),
    )
    await becomes("document.querySelector('.cancel').ariaDisabled", 'false')
    await page.click('.start')
    await page.click('section:nth-of-type(2) .start')
    await page.click('.cancel')
    await shows('.cancel', /^Cancel: sure\?$/)
    await page.click('.cancel')
    await expect.poll(() => station.done).toEqual(['trigger Right', 'cancel Left'])
    await shows('.cancel', /^Cancel$/)
    station.isWilling = false
    await page.click('.cancel')
    await page.click('.cancel')
    await shows('#fault', /^Left is in no cycle$/)
    expect(await page.evaluate("document.querySelector('#fault').hidden")).toBe(false)
    expect(faults.filter((fault) => !/status of 409 \(Conflict\)$/.test(fault))).toEqual([])
  })

  test('shows the label of the unit, and prints it again', async ({ line }) => {
    const { station } = line
    const { url } = await line.open()
    const { page, shows, becomes, faults } = await line.visit(url, 100)
    const disabled = "document.querySelector('.reprint').ariaDisabled"
    const show = (state: ShownLabel['state'], rig: RigFacts['state'] = 'waiting'): void => {
      const last = { cycleId: endedCycle(3, null).cycleId, number: 3, state, why: null }
      station.show(
        rigSnapshot('Left', { ...endedFor(null), state: rig, labels: { ...LABELS, last } }),
      )
    }
    station.show(rigSnapshot('Left', endedFor(null)))
    await shows('.word', /^PASS$/)
    expect(await page.evaluate("document.querySelector('.reprint').hidden")).toBe(true)
    show('printing', 'label')
    await shows('.text', /^Unit 3, label is being printed$/)
    await shows('.word', /^PASS$/)
    await becomes(disabled, 'true')
    await becomes("document.querySelector('.start').ariaDisabled", 'true')
    await page.click('.reprint')
    show('failed')
    await shows('.text', /^Unit 3, without its label$/)
    await becomes(disabled, 'false')
    await page.click('.reprint')
    await expect.poll(() => station.done).toEqual(['reprint Left'])
    show('printed')
    await shows('.text', /^Unit 3, ready for the next$/)
    station.isWilling = false
    await page.click('.reprint')
    await shows('#fault', /^Left has no label to print now$/)
    expect(faults.filter((fault) => !/status of 409 \(Conflict\)$/.test(fault))).toEqual([])
  })

  test('works by keyboard', async ({ line }) => {
    const { station } = line
    const { url } = await line.open()
    station.show(
      rigSnapshot('Left', { state: 'waiting' }),
      rigSnapshot('Right', { state: 'light' }),
    )
    const { page, becomes } = await line.visit(url, 100)
    await becomes("document.querySelectorAll('.start[aria-disabled=false]').length", 1)
    const order = await focusOrder(page)
    expect(order.map(({ name }) => name)).toEqual([
      ...['shortcuts', 'Figures', 'Start Left', 'Cancel Left', 'Start Right', 'Cancel Right'],
    ])
    expect(order.filter(({ isSeen }) => !isSeen)).toEqual([])
    await page.keyboard.press('2') // in a cycle
    await page.keyboard.press('9') // there is none
    await page.keyboard.press('1')
    await expect.poll(() => station.done).toEqual(['trigger Left'])
    await page.click('#shortcuts')
    await page.keyboard.press('1')
    await page.focus('section:nth-of-type(2) .cancel')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Enter')
    await expect.poll(() => station.done).toEqual(['trigger Left', 'cancel Right'])
  })

  test('says that the station is not reached, and goes on by itself when it is', async ({
    line,
  }) => {
    const first = await line.open()
    const { url } = first
    line.station.show(rigSnapshot('Left', endedFor(null)))
    const { page, shows, becomes } = await line.visit(url)
    await shows('.word', /^PASS$/)
    await becomes("document.querySelector('#link').hidden", true)
    await first[Symbol.asyncDispose]()
    await shows('.word', /^NO LINK$/)
    await shows('#link', /^The station is not reached since .*: trying again\.$/)
    await becomes("document.querySelector('.start').ariaDisabled", 'true')
    line.station.show(
      rigSnapshot('Left', endedFor('test-failed')),
      rigSnapshot('Right', { state: 'light' }),
    )
    await line.open({ port: Number(new URL(url).port) })
    await shows('.word', /^FAIL$/)
    await becomes("document.querySelectorAll('.tile').length", 2)
    await becomes("document.querySelector('#link').hidden", true)
    expect(page.url()).toBe(url)
  })

  test('does not take silence for a station where nothing happens', async ({ line }) => {
    const site = await line.open()
    const through: [Socket, Socket][] = []
    const join = ([one, other]: [Socket, Socket]) => one.pipe(other).pipe(one)
    const proxy = createServer((socket) => {
      const onward = connect(Number(new URL(site.url).port), '127.0.0.1')
      for (const end of [socket, onward]) end.on('error', () => {})
      join([socket, onward])
      through.push([socket, onward])
    }).listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const url = new URL(site.url)
    url.port = String((proxy.address() as { port: number }).port)
    line.station.show(rigSnapshot('Left', endedFor(null)))
    const { shows } = await line.visit(url.href)
    await shows('.word', /^PASS$/)
    // The network is gone, and nobody says so.
    for (const end of through.flat()) end.unpipe().pause()
    await shows('.word', /^NO LINK$/)
    for (const ends of through) join(ends)
    await shows('.word', /^PASS$/)
    for (const end of through.flat()) end.destroy()
    proxy.close()
  })

  test.for([
    [1920, 1080, 1, 150, 70],
    [1920, 1080, 2, 90, 70],
    [1920, 1080, 3, 80, 48],
    [1920, 1080, 4, 80, 36],
    [1920, 1080, 6, 80, 36],
    [1920, 1080, 8, 60, 36],
    [1024, 768, 8, 30, 18],
  ] as const)(
    'at %d x %d with %d rigs has all in sight, the word of %d px, what to do of %d px',
    async ([width, height, count, wordPx, instructionPx], { line }) => {
      const { url } = await line.open()
      line.station.show(...eightRigs.slice(0, count))
      const { page, becomes } = await line.visit(url)
      await page.setViewport({ width, height, hasTouch: true })
      await becomes("document.querySelectorAll('.tile:not([data-face=away])').length", count)
      const sizeOf = (selector: string) =>
        page.evaluate(
          `parseFloat(getComputedStyle(document.querySelector('${selector}')).fontSize)`,
        )
      expect(await sizeOf('.word')).toBeGreaterThanOrEqual(wordPx)
      expect(await sizeOf('.instruction')).toBeGreaterThanOrEqual(instructionPx)
      expect(
        await cutElements(
          page,
          'html, .tile, .word, .text, .instruction, .head, .counts, .recent, button',
        ),
      ).toEqual([])
      const least = `Math.min(...[...document.querySelectorAll('button:not([hidden])')].map((b) => b.clientHeight))`
      expect(await page.evaluate(least)).toBeGreaterThanOrEqual(44)
    },
  )

  test('can be read on a phone, from above to below', async ({ line }) => {
    const { url } = await line.open()
    line.station.show(...eightRigs)
    const { page, becomes } = await line.visit(url)
    await page.setViewport({ width: 390, height: 844, isMobile: true, hasTouch: true })
    await becomes("document.querySelectorAll('.tile:not([data-face=away])').length", 8)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    expect(await cutElements(page, '.tile, .word, .text, .instruction, .counts, .recent')).toEqual(
      [],
    )
  })

  test.for(['light', 'dark'])('has contrast and names, %s', async (value, { line }) => {
    const { url } = await line.open()
    line.station.show(...SHOWN.map(([word, , facts]) => rigSnapshot(word, facts)))
    const { page, shows, becomes } = await line.visit(url, 100)
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }])
    await becomes("document.querySelectorAll('.tile:not([data-face=away])').length", SHOWN.length)
    expect(await lowContrasts(page)).toEqual([])
    expect(await namelessControls(page)).toEqual([])
    await page.setOfflineMode(true)
    await page.evaluate('window.dispatchEvent(new Event("offline"))')
    line.station.isWilling = false
    await page.click('.start:not([aria-disabled=true])')
    await shows('#fault', /./)
    expect(await lowContrasts(page)).toEqual([])
  })
})
