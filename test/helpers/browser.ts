import { launch, type Page } from 'puppeteer-core'

export const CHROMIUM = '/usr/bin/chromium'

/** Works with a page of a browser of its own. */
export async function withPage<T>(work: (page: Page) => Promise<T>): Promise<T> {
  // Chromium has no sandbox as root, and the pages are ours.
  const browser = await launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox'],
    timeout: 0,
    protocolTimeout: 600_000,
  })
  try {
    const page = await browser.newPage()
    page.setDefaultTimeout(0)
    return await work(page)
  } finally {
    await browser.close()
  }
}
