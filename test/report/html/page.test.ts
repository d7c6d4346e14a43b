import { stat } from 'node:fs/promises'
import type { Page, Viewport } from 'puppeteer-core'
import { describe, expect } from 'vitest'
import { seededRandom } from '../../../src/channel/index.js'
import type { BenchReport } from '../../../src/report/bench-report.js'
import { htmlPage } from '../../../src/report/html/page.js'
import { CHROMIUM, withPage } from '../../helpers/browser.js'
import { type Folder, test as inFolder } from '../../helpers/folder.js'
import { needs } from '../../helpers/requirements.js'
import { exampleReport, PASSWORD, SSID, waveformOf } from '../example.js'

/** What the page has drawn since it was asked last: its texts, and the points of its lines. */
const RECORDER = `
  window.drawn = { texts: [], points: [] }
  const { fillText, lineTo } = CanvasRenderingContext2D.prototype
  CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
    drawn.texts.push(text)
    return fillText.call(this, text, ...place)
  }
  CanvasRenderingContext2D.prototype.lineTo = function (x, y) {
    drawn.points.push([x, y])
    return lineTo.call(this, x, y)
  }
`
interface Drawn {
  readonly texts: readonly string[]
  readonly points: readonly (readonly [x: number, y: number])[]
}

/** A report that is open in a browser, and what went wrong or was asked of others there. */
class Opened {
  readonly asked: string[] = []
  readonly faults: string[] = []

  constructor(readonly page: Page) {
    page.on('request', (request) => this.asked.push(request.url()))
    page.on('console', (line) => this.faults.push(line.text()))
    page.on('pageerror', (error) => this.faults.push(String(error)))
  }

  /** The stretch that is shown, when it has been drawn. */
  async range(): Promise<[number, number]> {
    await this.frame()
    const { fromS, toS } = (await this.page.evaluate(
      "({ ...document.getElementById('waveform').dataset })",
    )) as Record<string, string>
    return [Number(fromS), Number(toS)]
  }

  async frame(): Promise<void> {
    await this.page.waitForFunction("document.getElementById('waveform').dataset.fromS")
    await this.page.evaluate(
      'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))',
    )
  }

  /** What was drawn while that was done. */
  async drawn(work: () => Promise<unknown>): Promise<Drawn> {
    await this.frame()
    await this.page.evaluate('drawn.texts = []; drawn.points = []')
    await work()
    await this.frame()
    return (await this.page.evaluate('drawn')) as Drawn
  }

  async press(...keys: Parameters<Page['keyboard']['press']>[0][]): Promise<void> {
    await this.page.focus('#waveform')
    for (const key of keys) await this.page.keyboard.press(key)
  }

  /** Drags over a part of the waveform, both ends in parts of its width. */
  async drag(from: number, to: number): Promise<void> {
    const canvas = await this.page.$('#waveform')
    await canvas?.scrollIntoView()
    const { x = 0, y = 0, width = 0 } = (await canvas?.boundingBox()) ?? {}
    const { mouse } = this.page
    await mouse.move(x + from * width, y + 50)
    await mouse.down()
    await mouse.move(x + to * width, y + 60, { steps: 3 })
    await mouse.up()
  }
}

async function open<T>(
  folder: Folder,
  report: BenchReport,
  work: (opened: Opened) => Promise<T>,
  viewport: Viewport = { width: 1000, height: 800 },
): Promise<T> {
  const file = await folder.file('report.html', await htmlPage(report, { waveform: true }))
  return withPage(async (page) => {
    const opened = new Opened(page)
    await page.evaluateOnNewDocument(RECORDER)
    await page.setViewport(viewport)
    await page.goto(`file://${file}`)
    const result = await work(opened)
    expect(opened.faults).toEqual([])
    expect(opened.asked).toEqual([`file://${file}`])
    return result
  })
}

const test = inFolder

describe.skipIf(needs(CHROMIUM))('a report in a browser', () => {
  test('shows verdict, findings, figures, charts and settings, and asks nobody for anything', async ({
    folder,
  }) => {
    await open(folder, exampleReport(), async ({ page }) => {
      const texts = (selector: string): Promise<string[]> =>
        page.$$eval(selector, (all) => all.map((one) => one.textContent?.trim() ?? ''))
      expect(await page.title()).toBe('bench timing: fail')
      expect(await texts('.secret strong')).toEqual(['This page is as secret as the password.'])
      expect(await texts('h1')).toEqual(['bench timing ✗ fail'])
      expect(await texts('.findings li')).toEqual(exampleReport().findings)
      expect(await texts('.figures .value')).toEqual([
        '12.35 ± 0.41 µs',
        '12.200 ± 0.060 µs',
        '42 %',
        '31.25 dB',
      ])
      expect(await texts('.figures .failed .badge')).toEqual(['✗ fail'])
      expect(await texts('.figures .failed b')).toEqual(['42 % is 8 % below 50 %'])
      expect(await texts('dd')).toContain(`{"ssid":"${SSID}","password":"********"}`)
      expect(await texts('summary')).toEqual(['Single measurements (2400)'])
      const charts = await page.$$eval('.charts svg', (all) =>
        all.map((svg) => ({
          named: (svg.getAttribute('aria-labelledby') ?? '')
            .split(' ')
            .map((id: string) => svg.querySelector(`#${id}`)?.textContent),
          role: svg.getAttribute('role'),
          marks: svg.querySelectorAll('path, rect, circle, line').length,
        })),
      )
      expect(charts.map(({ named }) => named)).toEqual(
        exampleReport().charts.map(({ title, text }) => [title, text]),
      )
      expect(charts.every(({ marks, role }) => marks > 5 && role === 'img')).toBe(true)
    })
  })

  test('may not ask anybody, nor run what is not its own', async ({ folder }) => {
    const file = await folder.file(
      'report.html',
      await htmlPage(exampleReport(), { waveform: true }),
    )
    await withPage(async (page) => {
      await page.goto(`file://${file}`)
      const refused = (await page.evaluate(`new Promise((done) => {
        const refused = []
        addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
          if (refused.push(effectiveDirective) === 4) done(refused)
        })
        fetch('http://127.0.0.1:9/').catch(() => {})
        document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:9/' }))
        document.body.append(Object.assign(document.createElement('script'), { textContent: '1' }))
        document.body.append(Object.assign(document.createElement('style'), { textContent: 'a {}' }))
      })`)) as string[]
      expect(refused.toSorted()).toEqual([
        'connect-src',
        'img-src',
        'script-src-elem',
        'style-src-elem',
      ])
    })
  })

  test('zooms by dragging and by keys, and goes from message to message', async ({ folder }) => {
    const report = exampleReport()
    await open(folder, report, async (opened) => {
      const { timesS, messages } = report.waveform ?? waveformOf(1, 1000)
      const all = [timesS[0], timesS.at(-1)].map((timeS) => expect.closeTo(timeS ?? 0, 3))
      expect(await opened.range()).toEqual(all)
      await opened.drag(0.25, 0.75)
      const [from, to] = await opened.range()
      const lengthS = timesS.at(-1) ?? 0
      expect(from / lengthS).toBeCloseTo(0.21, 1)
      expect(to / lengthS).toBeCloseTo(0.75, 1)
      await opened.press('+')
      const [nearFrom, nearTo] = await opened.range()
      expect(nearTo - nearFrom).toBeCloseTo((to - from) / 2, 6)
      await opened.press('ArrowRight')
      expect((await opened.range())[0]).toBeCloseTo(nearFrom + 0.2 * (nearTo - nearFrom), 6)
      await opened.press('ArrowLeft', '-')
      expect(await opened.range()).toEqual([expect.closeTo(from, 6), expect.closeTo(to, 6)])
      await opened.press('Home')
      expect(await opened.range()).toEqual(all)
      for (const { packetS } of messages) {
        await opened.press('PageDown')
        const [start, end] = await opened.range()
        expect(start).toBeLessThan(packetS)
        expect(end - start).toBeGreaterThan(5)
        expect(end - start).toBeLessThan(14)
      }
      const last = await opened.range()
      await opened.press('PageDown')
      expect(await opened.range()).toEqual(last)
      await opened.page.$eval('#waveform', (canvas) => canvas.dispatchEvent(new Event('dblclick')))
      expect(await opened.range()).toEqual(all)
      await opened.page.click('button[data-key="+"]')
      expect((await opened.range())[1]).toBeLessThan(lengthS)
    })
  })

  test('draws bits, bytes and fields under the light, with secrets masked', async ({ folder }) => {
    await open(folder, exampleReport(), async (opened) => {
      const { texts: fields } = await opened.drawn(() => opened.press('PageDown'))
      expect(fields).toContain(`SSID: ${SSID}`)
      expect(fields).toContain('password: ********')
      expect(fields.join(' ')).not.toContain(PASSWORD)
      const { texts: near } = await opened.drawn(() => opened.press('+', '+', '+', '+', '+', '+'))
      expect(near.filter((text) => /^[01]$/.test(text)).length).toBeGreaterThan(5)
      expect(near).toContain('**')
    })
  })

  test('draws each sample where it is, and leaves gaps open', async ({ folder }) => {
    const random = seededRandom(3)
    let timeS = 40
    const timesS = Float64Array.from({ length: 60 }, (_, i) => {
      timeS += i === 30 ? 0.5 : 1e-3 + 1e-4 * random()
      return timeS
    })
    const levels = timesS.map(() => random())
    const waveform = { timesS, levels, messages: [], isSecret: false }
    await open(folder, exampleReport({ waveform }), async (opened) => {
      const { points } = await opened.drawn(() => opened.press('Home'))
      // Two points of each line of the axes come first; each stretch begins with a move, which is not recorded.
      const samples = points.slice(-(timesS.length - 2))
      const seen = Array.from(timesS, (x, i) => [x, levels[i] as number] as const).filter(
        (_, i) => i !== 0 && i !== 30,
      )
      for (const axis of [0, 1] as const) {
        const values = seen.map((one) => one[axis])
        const drawn = samples.map((point) => point[axis])
        const least = values.indexOf(Math.min(...values))
        const most = values.indexOf(Math.max(...values))
        const [low = 0, high = 0] = [values[least], values[most]]
        const [at = 0, end = 0] = [drawn[least], drawn[most]]
        const wanted = values.map((value) => at + ((end - at) * (value - low)) / (high - low))
        expect(Math.abs(end - at)).toBeGreaterThan(150)
        expect(drawn).toEqual(wanted.map((place) => expect.closeTo(place, 0)))
      }
    })
  })

  test('fits a phone, is dark where that is wanted, and goes on paper', async ({ folder }) => {
    const phone = { width: 360, height: 720, isMobile: true, hasTouch: true }
    const look = async (opened: Opened): Promise<void> => {
      const { page } = opened
      await page.click('summary')
      await opened.frame()
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
      const back = (): Promise<unknown> =>
        page.evaluate('getComputedStyle(document.body).backgroundColor')
      expect(await back()).toBe('rgb(255, 255, 255)')
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }])
      expect(await back()).toBe('rgb(20, 23, 27)')
      const { texts } = await opened.drawn(() => page.pdf({ path: folder.at('report.pdf') }))
      expect(texts.length).toBeGreaterThan(5)
      expect((await stat(folder.at('report.pdf'))).size).toBeGreaterThan(20_000)
      await page.screenshot({ path: folder.at('phone.png'), fullPage: true })
      expect((await stat(folder.at('phone.png'))).size).toBeGreaterThan(20_000)
    }
    await open(folder, exampleReport(), look, phone)
  })
})

describe('the file of a report', () => {
  test('has no secret in it that can be read, unless it is to be shown', async () => {
    const report = exampleReport()
    expect(await htmlPage(report, { waveform: true })).not.toContain(PASSWORD)
    expect(await htmlPage(report, { waveform: true, showSecrets: true })).toContain(PASSWORD)
  })

  test('has nothing of the light in it, if that is left out', async () => {
    const text = await htmlPage(exampleReport(), { waveform: false })
    expect(text).toContain('The light was left out of this page.')
    for (const word of ['<canvas', '<script', 'Eye diagram', 'class="secret"']) {
      expect(text).not.toContain(word)
    }
  })

  test('says so where the light is secret, and only there', async () => {
    const waveform = { ...waveformOf(1, 1000), isSecret: false }
    const text = await htmlPage(exampleReport({ waveform }), { waveform: true })
    expect(text).not.toContain('class="secret"')
  })

  test('shows what there is of a report that is nearly empty', async () => {
    const text = await htmlPage(
      {
        title: '</title><script>alert(1)</script>',
        madeAt: new Date(0),
        verdict: 'pass',
        findings: [],
        settings: [],
        figures: [],
        charts: [
          { kind: 'histogram', title: 'none', text: '', x: { label: '', unit: '' }, series: [] },
          {
            kind: 'map',
            title: 'none',
            text: '',
            x: { label: '', unit: '' },
            y: { label: '', unit: '' },
            points: [],
            proposed: null,
          },
        ],
        waveform: {
          timesS: new Float64Array(),
          levels: new Float64Array(),
          messages: [],
          isSecret: false,
        },
        table: { columns: [], rows: [] },
      },
      { waveform: true },
    )
    expect(text).not.toContain('<script>alert')
    expect(text.match(/There is nothing to draw/g)).toHaveLength(2)
  })
})
