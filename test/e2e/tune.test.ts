import type { Browser, HTTPRequest, KeyInput, Page } from 'puppeteer-core'
import { describe, expect, test } from 'vitest'
import { type Run, start } from '../helpers/blinkup.js'
import { CHROMIUM, openBrowser } from '../helpers/browser.js'
import { test as inFolder } from '../helpers/folder.js'
import { needs } from '../helpers/requirements.js'

const TUNE = ['tune', '--rig', 'emulated']
const RATE = ['--rate', '142']

async function urlOf(run: Run): Promise<string> {
  await run.says('stdout', /\n/)
  return run.stdout.trim()
}

describe('the command', () => {
  test('prints where its page is, and frees the port at the end, dark', async () => {
    const run = start(TUNE)
    const url = await urlOf(run)
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/$/)
    const page = await fetch(url)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('blinkup tune')])
    expect((await fetch(new URL('/', url))).status).toBe(403)
    await run.says('stderr', /the rig is emulated\n/)
    const events = await fetch(new URL('events', url))
    run.process.kill('SIGINT')
    const { exitCode, stderr, stdout } = await run.ended
    expect([exitCode, stdout]).toEqual([130, `${url}\n`])
    expect(stderr).toMatch(/^blinkup: interrupted by SIGINT; the LED is dark\n$/m)
    expect(stderr).not.toContain('warning')
    await events.text().catch(() => {})
    await expect(fetch(url)).rejects.toThrow()
  })

  test('tells it in a document', async () => {
    const run = start([...TUNE, '--json'])
    await run.says('stdout', /\n/)
    run.process.kill('SIGTERM')
    const { exitCode, stdout } = await run.ended
    const [first = ''] = stdout.split('\n')
    expect([exitCode, JSON.parse(first)]).toEqual([
      143,
      { schema: 'blinkup.tune/1', url: expect.stringMatching(/^http:/), isLoopback: true },
    ])
  })

  test('says that others can reach it, where that was asked for', async () => {
    const run = start([...TUNE, '--host', '0.0.0.0'])
    const url = new URL(await urlOf(run))
    await run.says('stderr', /warning: other computers reach this page, .*encrypted\n/)
    url.hostname = '127.0.0.1'
    expect((await fetch(url)).status).toBe(200)
    run.process.kill('SIGINT')
    expect((await run.ended).exitCode).toBe(130)
  })

  test('ends with a sentence where the port is taken', async () => {
    const first = start(TUNE)
    const { port } = new URL(await urlOf(first))
    const { exitCode, stdout, stderr } = await start([...TUNE, '--http-port', port]).ended
    expect([exitCode, stdout]).toEqual([74, ''])
    expect(stderr).toMatch(
      /^blinkup: another program listens at port \d+ of 127\.0\.0\.1: give another --http-port$/m,
    )
    first.process.kill('SIGINT')
    await first.ended
  })

  test.for([
    [
      ['tune', '--rig', 'gpio', '--white-line', '17', '--grey-line', '27'],
      /say what sees the light, with --photodiode/,
    ],
    [['tune', '--rig', 'pwm', '--pin', '18'], /say what sees the light, with --photodiode/],
    [[...TUNE, '--gain', '1'], /Give a number of ohms from 10 to 10000000/],
    [[...TUNE, '--http-port', '70000'], /Give a number from 0 to 65535/],
    [[...TUNE, '--sample-rate', '10000'], /sample-rate must be a number from 250 to 9000/],
  ] as const)('%j is wrong usage', async ([args, sentence]) => {
    const { exitCode, stdout, stderr } = await start(args).ended
    expect([exitCode, stdout]).toEqual([64, ''])
    expect(stderr).toMatch(sentence)
  })
})

/** A page in a browser, and all that it asks for, logs and throws. */
class Visit {
  readonly asked: string[] = []
  readonly faults: string[] = []

  constructor(
    readonly page: Page,
    readonly url: string,
  ) {
    page.on('request', (request: HTTPRequest) => this.asked.push(request.url()))
    page.on('console', (message) => this.faults.push(message.text()))
    page.on('pageerror', (error) => this.faults.push(String(error)))
  }

  /** What an element says, as soon as it fits. */
  async shows(selector: string, pattern: RegExp): Promise<string> {
    const [name, source] = [JSON.stringify(selector), JSON.stringify(pattern.source)]
    const text = `document.querySelector(${name}).textContent`
    await this.page.waitForFunction(`new RegExp(${source}).test(${text})`)
    return (await this.page.evaluate(text)) as string
  }

  /** Presses a key when the rig is ready, again if it was lost since, until the verdict fits: a busy machine may lose a board. */
  async does(key: KeyInput, verdict: RegExp): Promise<void> {
    const does = async (): Promise<string> => {
      const shown = await this.shows('#verdict', /./)
      if (/Dark/.test(shown)) await this.page.keyboard.press(key)
      return shown
    }
    await expect.poll(does, { interval: 1000 }).toMatch(verdict)
  }

  /** How many of the pixels of the picture have the colour of the light. */
  async litPixels(): Promise<number> {
    return (await this.page.evaluate(`(() => {
      const canvas = document.querySelector('canvas')
      const copy = new OffscreenCanvas(canvas.width, canvas.height)
      const context = copy.getContext('2d', { willReadFrequently: true })
      context.drawImage(canvas, 0, 0)
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
      const trace = getComputedStyle(canvas).getPropertyValue('--trace').trim()
      const [r, g, b] = [1, 3, 5].map((at) => parseInt(trace.slice(at, at + 2), 16))
      let lit = 0
      for (let n = 0; n < data.length; n += 4) {
        if (data[n] === r && data[n + 1] === g && data[n + 2] === b) lit++
      }
      return lit
    })()`)) as number
  }

  async focused(): Promise<string> {
    return (await this.page.evaluate(
      'document.activeElement.id || document.activeElement.textContent.trim()',
    )) as string
  }
}

describe.skipIf(needs(CHROMIUM))('the page in a browser', () => {
  const page = inFolder.extend<{ browser: Browser; visit: (url: string) => Promise<Visit> }>({
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
    browser: async ({}, use) => {
      const browser = await openBrowser()
      await use(browser)
      await browser.close()
    },
    visit: async ({ browser }, use) => {
      await use(async (url) => {
        const visit = new Visit(await browser.newPage(), url)
        visit.page.setDefaultTimeout(0)
        await visit.page.goto(url)
        return visit
      })
    },
  })

  page(
    'draws the light, sends a message, reads it, and asks nobody else for anything',
    async ({ visit }) => {
      const run = start([...TUNE, ...RATE, '--sample-rate', '8000'])
      const seen = await visit(await urlOf(run))
      await seen.shows('#rig', /^emulated, firmware .*, 8000 samples a second$/)
      await expect.poll(() => seen.litPixels()).toBeGreaterThan(500)
      await seen.shows('#verdict', /Dark/)
      await seen.page.click('#send')
      await seen.shows('#verdict', /Test message passed/)
      await seen.shows('#list', /^1\. Message read, at \d/)
      expect(await seen.shows('#detail', /symbol rate/)).toContain(
        '{"ssid":"Blink","password":"********","planId":"fedcba9876543210","token":"********"}',
      )
      await seen.shows('#freeze', /Back to now/)
      await seen.shows('#announcement', /Test message passed: its 40 bytes came back/)
      await seen.shows('#figures', /white0\.6[456]\d0\.3 to 0\.9✓ good/)
      await seen.shows('#gain-text', /^4\.7 kΩ is right: white is at 0\.6[456]$/)

      const capture = await fetch(new URL('capture.csv?seconds=100', seen.url))
      expect(capture.headers.get('content-disposition')).toContain('blinkup-capture.csv')
      const decoded = start(['decode', '-'], { input: await capture.text() })
      expect((await decoded.ended).stdout).toContain('Blink')
      const report = await fetch(new URL('report.html', seen.url))
      const text = await report.text()
      for (const part of ['4.7 kΩ is right', 'Node.js', 'Eye diagram', '<canvas']) {
        expect(text).toContain(part)
      }
      expect(text).not.toContain('as secret as the password')

      expect(seen.faults).toEqual([])
      expect(
        seen.asked.filter((url) => !url.startsWith(seen.url) && !url.startsWith('data:')),
      ).toEqual([])
      run.process.kill('SIGINT')
      await run.ended
      await seen.shows('#verdict', /No connection/)
    },
  )

  page('turns the LED dark when the last page is closed', async ({ visit }) => {
    const run = start([...TUNE, '--sample-rate', '4000'])
    const url = await urlOf(run)
    const seen = await visit(url)
    await seen.does('w', /Good/)
    await seen.page.close()
    await expect
      .poll(
        async () => {
          const look = new AbortController()
          const { body } = await fetch(new URL('events', url), { signal: look.signal })
          const { value } = (await body?.getReader().read()) ?? {}
          look.abort()
          return Buffer.from(value ?? []).toString()
        },
        { interval: 5000 },
      )
      .toContain('"activity":"black"')
    run.process.kill('SIGINT')
    expect((await run.ended).exitCode).toBe(130)
  })

  page('works by keyboard alone', async ({ visit }) => {
    const run = start([...TUNE, '--rate', '400', '--sample-rate', '4000'])
    const seen = await visit(await urlOf(run))
    const { keyboard } = seen.page
    await seen.shows('#verdict', /Dark/)

    const order: string[] = []
    for (let n = 0; n < 20; n++) {
      await keyboard.press('Tab')
      order.push(await seen.focused())
      const outline = await seen.page.evaluate(
        'getComputedStyle(document.activeElement).outlineStyle',
      )
      if (order.at(-1) !== 'blinkup tune')
        expect([order.at(-1), outline]).toEqual([order.at(-1), 'solid'])
      if (order.at(-1) === 'shortcuts') break
    }
    expect(order).toEqual([
      ...['canvas', 'freeze', 'trigger', 'span', 'Black b', 'Grey g', 'White w', 'send', 'stop'],
      ...['ohm', 'seconds', 'capture', 'report', 'shortcuts'],
    ])
    await keyboard.press('w')
    await seen.shows('#verdict', /Good/)
    expect(
      await seen.page.evaluate("document.querySelector('[data-hold=white]').ariaPressed"),
    ).toBe('true')
    await seen.shows('#announcement', /^Good: leave it like this$/)
    await keyboard.press('Space') // single keys do nothing any more
    await keyboard.press('b')
    await keyboard.press('Space')
    expect(
      await seen.page.evaluate("document.querySelector('[data-hold=white]').ariaPressed"),
    ).toBe('true')
    await keyboard.press('f')
    await seen.shows('#freeze', /Back to now/)
    const before = await seen.litPixels()
    await seen.page.focus('#canvas')
    for (let n = 0; n < 9; n++) await keyboard.press('+')
    await expect.poll(() => seen.litPixels()).not.toBe(before)
    await keyboard.press('f')
    await keyboard.press('m')
    await seen.shows('#verdict', /Test message passed/)
    await keyboard.press('s')
    await seen.shows('#verdict', /Stopped/)
    await keyboard.press('s')
    await seen.shows('#stop', /Stop/)

    await seen.page.focus('#ohm')
    await keyboard.down('Control')
    await keyboard.press('a')
    await keyboard.up('Control')
    await keyboard.type('10000')
    await keyboard.press('Enter')
    await seen.shows('#gain-text', /^10 kΩ is right/)
    expect(seen.faults).toEqual([])
    run.process.kill('SIGINT')
    await run.ended
  })

  page.skipIf(needs('socat'))(
    'tells that the board is unplugged, and goes on when it is plugged in again',
    async ({ visit, folder }) => {
      const link = folder.at('board')
      const plugIn = async (): Promise<Run> => {
        const board = start(['emulate', '--link', link])
        await board.says('stderr', /the emulated board is at .*\n/)
        return board
      }
      const run = start(['tune', '--port', link, '--rate', '400', '--sample-rate', '2000'])
      const seen = await visit(await urlOf(run))
      await seen.shows('#verdict', /No rig/)
      const first = await plugIn()
      await seen.does('w', /Good/)
      first.process.kill('SIGKILL')
      await first.exited
      await seen.shows('#verdict', /No rig/)
      await expect
        .poll(() => seen.page.evaluate("document.querySelector('#send').ariaDisabled"))
        .toBe('true')
      const second = await plugIn()
      await seen.does('m', /Test message passed/)
      await seen.shows('#list', /^\d+\. Message read/)
      // A busy machine may lose the board once more, just before a key is pressed.
      const refused = /^Failed to load resource: .* status of 409 \(Conflict\)$/
      expect(seen.faults.filter((fault) => !refused.test(fault))).toEqual([])
      run.process.kill('SIGINT')
      expect(await run.ended).toMatchObject({
        exitCode: 130,
        stderr: expect.stringMatching(/LED is dark\n$/),
      })
      second.process.kill('SIGINT')
      await second.ended
    },
  )
})
