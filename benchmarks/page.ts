// How large a report is, how soon it is open, and how smoothly its waveform zooms, in Chromium without a GPU.
// With chromium: `npm run bench:report [-- --json] [-- --write]`
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launch } from 'puppeteer-core'
import { simulateChannel } from '../src/channel/index.js'
import { modulate } from '../src/modulation/index.js'
import { encodePacket } from '../src/packet/index.js'
import { Receiver } from '../src/receiver/index.js'
import { htmlPage } from '../src/report/html/page.js'
import { LightKeeper } from '../src/report/light-keeper.js'
import { receptionReport } from '../src/report/reception-report.js'
import { progress, quantiles, report, round } from './report.js'

const RUNS = 9
const FRAMES = 240
const PACKET = encodePacket({ ssid: 'Blink', password: 'no secret at all' })

/** Noise of many steps, and times that are not regular. */
const HARD_TO_PACK = { noiseRms: 0.01, flicker: 0.05, adcBits: 12, sampleJitter: 0.1 }

/** The page of so much light of messages one after another. */
function pageOf(messages: number, symbolRateHz: number, sampleRateHz: number): Promise<string> {
  const { levels } = modulate(PACKET)
  const all = new Uint8Array(messages * levels.length)
  for (let n = 0; n < messages; n++) all.set(levels, n * levels.length)
  const block = simulateChannel(all, { ...HARD_TO_PACK, symbolRateHz, sampleRateHz })
  const receiver = new Receiver()
  const kept = new LightKeeper()
  kept.push(block)
  return htmlPage(
    receptionReport({
      title: 'decode',
      madeAt: new Date(),
      verdict: 'pass',
      findings: [],
      settings: [],
      receptions: [...receiver.push(block), ...receiver.end()],
      kept,
      isSecret: false,
    }),
    { waveform: true },
  )
}

const MESSAGE_SYMBOLS = modulate(PACKET).levels.length
const PAGES: Readonly<Record<string, () => Promise<string>>> = {
  'one minute at 8 kHz': () => pageOf(Math.round((60 * 60) / MESSAGE_SYMBOLS), 60, 8000),
  '1,000 messages at 1 kHz': () => pageOf(1000, 142, 1000),
}

/** Milliseconds from the navigation's start until the waveform is on the screen. */
const OPENED = `new Promise((done) => {
  const look = () => document.getElementById('waveform')?.dataset.fromS
    ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())))
    : requestAnimationFrame(look)
  look()
})`

/** Milliseconds between frames while the waveform zooms in, moves and zooms out, a step a frame. */
const ZOOMED = `new Promise((done) => {
  const canvas = document.getElementById('waveform')
  const press = (key) => canvas.dispatchEvent(new KeyboardEvent('keydown', { key }))
  const keys = ['+', '+', '+', '+', '+', '+', 'ArrowRight', 'ArrowLeft', '-', '-', '-', '-', '-', '-']
  const frames = []
  let before = performance.now()
  let frame = 0
  press('Home')
  requestAnimationFrame(function step(now) {
    if (frame > 1) frames.push(now - before)
    before = now
    if (frame++ === ${FRAMES}) return done(frames)
    press(keys[frame % keys.length])
    requestAnimationFrame(step)
  })
})`

const folder = mkdtempSync(join(tmpdir(), 'blinkup-'))
const browser = await launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})
const rows = []
for (const [what, make] of Object.entries(PAGES)) {
  progress(what)
  const text = await make()
  const file = join(folder, 'report.html')
  writeFileSync(file, text)
  const openMs: number[] = []
  const frameMs: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const page = await browser.newPage()
    await page.setViewport({ width: 1280, height: 900 })
    await page.goto(`file://${file}`, { waitUntil: 'domcontentloaded' })
    openMs.push((await page.evaluate(OPENED)) as number)
    await (await page.$('#waveform'))?.scrollIntoView()
    frameMs.push(...((await page.evaluate(ZOOMED)) as number[]))
    await page.close()
  }
  const [open, frame] = [quantiles(openMs), quantiles(frameMs)]
  rows.push({
    what,
    sizeMB: round(Buffer.byteLength(text) / 1e6, 2),
    openMedianMs: round(open.median, 0),
    openMaxMs: round(open.max, 0),
    framesASecond: round((1000 * frameMs.length) / frameMs.reduce((sum, ms) => sum + ms), 1),
    frameMedianMs: round(frame.median, 1),
    frameP99Ms: round(frame.p99, 1),
  })
}
await browser.close()
rmSync(folder, { recursive: true })
report('blinkup.bench-report/1', { 'a report in Chromium, without a GPU': rows })
