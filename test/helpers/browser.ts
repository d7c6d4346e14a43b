import { type Browser, launch, type Page } from 'puppeteer-core'

export const CHROMIUM = '/usr/bin/chromium'

export const openBrowser = (): Promise<Browser> =>
  launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox'], // Chromium has none as root, and the pages are ours
    timeout: 0,
    protocolTimeout: 600_000,
  })

/** Works with a page of a browser of its own. */
export async function withPage<T>(work: (page: Page) => Promise<T>): Promise<T> {
  const browser = await openBrowser()
  try {
    const page = await browser.newPage()
    page.setDefaultTimeout(0)
    return await work(page)
  } finally {
    await browser.close()
  }
}
