import type { Browser, Page } from 'puppeteer-core'
import { test as base, expect } from 'vitest'
import { StationSite, type StationSiteOptions } from '../../../src/web/station/site.js'
import { openBrowser } from '../../helpers/browser.js'
import { FakeStation } from './fake-station.js'

/** A page of a station in a browser, and all that it asks for, logs and throws. */
export interface Visit {
  readonly page: Page
  readonly asked: string[]
  readonly faults: string[]
  /** What an element says, as soon as it fits. */
  shows(selector: string, pattern: RegExp): Promise<string>
  /** The value of an expression in the page, as soon as it is what is wanted. */
  becomes(expression: string, wanted: unknown): Promise<void>
}

export interface Line {
  readonly station: FakeStation
  /** Opens its site, anew where it was closed. */
  open(options?: Partial<StationSiteOptions>): Promise<StationSite>
  /** @param slower by what its timers are: a busy machine must not be too slow for what a page undoes by itself */
  visit(url: string, slower?: number): Promise<Visit>
}

const TOKEN = 'a-token-that-is-long-enough'

export const test = base.extend<{ line: Line; browser: Browser }>({
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
    async ({}, use) => {
      const browser = await openBrowser()
      await use(browser)
      await browser.close()
    },
    { scope: 'file' },
  ],
  line: async ({ browser }, use) => {
    const station = new FakeStation({ station: 'Line 1', rigs: [] })
    const sites: StationSite[] = []
    const pages: Page[] = []
    const failures: unknown[] = []
    await use({
      station,
      open: async (options) => {
        const site = await StationSite.open({
          view: station,
          counters: () => ({ reportAnswers: new Map() }),
          token: TOKEN,
          onFailure: (error) => failures.push(error),
          ...options,
        })
        sites.push(site)
        return site
      },
      visit: async (url, slower = 1) => {
        const page = await browser.newPage()
        pages.push(page)
        page.setDefaultTimeout(0)
        const asked: string[] = []
        const faults: string[] = []
        page.on('request', (request) => asked.push(request.url()))
        page.on('console', (message) => faults.push(message.text()))
        page.on('pageerror', (error) => faults.push(String(error)))
        await page.setViewport({ width: 1920, height: 1080 })
        await page.evaluateOnNewDocument(`
          const { setTimeout } = window
          window.setTimeout = (call, ms) => setTimeout(call, ${slower} * ms)`)
        await page.goto(url)
        const becomes = async (expression: string, wanted: unknown): Promise<void> => {
          await expect.poll(() => page.evaluate(expression)).toEqual(wanted)
        }
        return {
          ...{ page, asked, faults, becomes },
          shows: async (selector, pattern) => {
            const text = `document.querySelector(${JSON.stringify(selector)})?.textContent ?? ''`
            await expect.poll(() => page.evaluate(text)).toMatch(pattern)
            return (await page.evaluate(text)) as string
          },
        }
      },
    })
    for (const page of pages) await page.close()
    for (const site of sites) await site[Symbol.asyncDispose]()
    expect(failures).toEqual([])
  },
})
