import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, launch, type Page } from 'puppeteer-core'
import { describe, expect } from 'vitest'
import { needs } from '../../helpers/requirements.js'
import { test as base } from './cloud-test.js'
import { DUT_ID, TestDevice } from './link-client.js'

const PAGE = new URL('enroll-page.html', import.meta.url)

const CHROMIUM = '/usr/bin/chromium'

/** A browser, and the address of a page of another origin than the server's. */
const test = base.extend<{ page: Page; pageUrl: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
  page: async ({}, use) => {
    // Chromium has no sandbox as root, and this page is ours.
    const browser: Browser = await launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox'],
      timeout: 0,
      protocolTimeout: 600_000,
    })
    const page = await browser.newPage()
    page.setDefaultTimeout(0)
    await use(page)
    await browser.close()
  },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
  pageUrl: async ({}, use) => {
    const html = await readFile(PAGE)
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'text/html').end(html)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    await use(`http://localhost:${(server.address() as AddressInfo).port}/`)
    server.close()
    server.closeAllConnections()
  },
})

/** What the page shows, as soon as it fits. */
async function shows(page: Page, pattern: RegExp): Promise<string[]> {
  await page.waitForFunction(
    `new RegExp(${JSON.stringify(pattern.source)}).test(document.getElementById('state').textContent)`,
  )
  const text = await page.evaluate("document.getElementById('state').textContent")
  return pattern.exec(text as string) ?? []
}

describe.skipIf(needs(CHROMIUM))('a page in a browser', () => {
  test('gets its token, and sees the device come', async ({ serve, page, pageUrl }) => {
    const { cloud } = await serve()
    const hash = new URLSearchParams({ server: cloud.url, key: cloud.account.enrollmentKey })
    await page.goto(`${pageUrl}#${hash}`)
    const [, token = '', planId = ''] = await shows(page, /^token (\w+) of plan (\w+)$/)
    const { agentUrl } = await new TestDevice(cloud.url, DUT_ID, { planId, token }).connect()
    const [, deviceId, url] = await shows(page, /^device (\w+) at (.*)$/)
    expect([deviceId, url]).toEqual([DUT_ID, agentUrl])
  })

  test('with another key is told so, not that nobody is there', async ({
    serve,
    page,
    pageUrl,
  }) => {
    const { cloud } = await serve()
    const hash = new URLSearchParams({ server: cloud.url, key: 'another' })
    await page.goto(`${pageUrl}#${hash}`)
    expect((await shows(page, /^failed: .*$/))[0]).toBe('failed: the server says 401')
  })

  test('cannot be a device, nor use impCentral', async ({ serve, page, pageUrl }) => {
    const { cloud } = await serve()
    await page.goto(`${pageUrl}#server=${cloud.url}`)
    const code = (path: string) =>
      `fetch('${cloud.url}${path}', { method: 'POST', body: '{}' }).then(() => 'answered', () => 'kept from it')`
    for (const path of ['/link/connect', '/v5/auth']) {
      expect(await page.evaluate(code(path))).toBe('kept from it')
    }
  })
})
