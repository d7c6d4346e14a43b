// The live page at 8,000 samples a second, in Chromium: memory of page and command, frames and samples, early and late.
// `npm run bench:tune [-- --json] [-- --seconds S]`
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { launch } from 'puppeteer-core'
import { progress, type Row, report, round } from './report.js'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    write: { type: 'boolean' },
    seconds: { type: 'string', default: '600' },
  },
})
const SECONDS = Number(values.seconds)
const SAMPLE_RATE_HZ = 8000
/** Rows of the table; before the first the page has filled what it keeps. */
const LOOKS = 8
const FILLED_S = Math.min(70, SECONDS / 4)
const MIB = 2 ** 20

const blinkup = fileURLToPath(new URL('../bin/blinkup', import.meta.url))
const args = ['tune', '--rig', 'emulated', '--sample-rate', String(SAMPLE_RATE_HZ)]
const command = spawn(process.execPath, [blinkup, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
const [url] = await once(command.stdout.setEncoding('utf8'), 'data')
const browser = await launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
const page = await browser.newPage()
await page.evaluateOnNewDocument(`
  window.frames_ = 0
  const count = () => { window.frames_++; requestAnimationFrame(count) }
  requestAnimationFrame(count)
  const Source = window.EventSource
  window.light = { samples: 0, lost: 0 }
  window.EventSource = class extends Source {
    constructor(...args) {
      super(...args)
      this.addEventListener('light', ({ data }) => {
        window.light.samples += (JSON.parse(data).levels.length * 3) / 8
      })
      this.addEventListener('state', ({ data }) => { window.light.lost = JSON.parse(data).lostSamples })
    }
  }`)
await page.goto(String(url).trim())
const devTools = await page.createCDPSession()

interface HeapUsage {
  readonly usedSize: number
  readonly backingStorageSize: number
}

interface Light {
  readonly samples: number
  readonly lost: number
  readonly frames: number
}
const lightOf = async (): Promise<Light> =>
  (await page.evaluate('({ ...window.light, frames: window.frames_ })')) as Light

/** Resolves when the page has got so much light in all. */
async function until(seconds: number): Promise<void> {
  for (;;) {
    const { samples } = await lightOf()
    progress(`${Math.floor(samples / SAMPLE_RATE_HZ)} s of light`)
    if (samples >= seconds * SAMPLE_RATE_HZ) return
    await sleep(500)
  }
}

const rows: Row[] = []
let before: Light = { samples: 0, lost: 0, frames: 0 }
let beforeMs = performance.now()
for (let look = 0; look <= LOOKS; look++) {
  await until(FILLED_S + (look * (SECONDS - FILLED_S)) / LOOKS)
  await devTools.send('HeapProfiler.collectGarbage')
  // The samples are in buffers beside the heap.
  const { usedSize, backingStorageSize } = (await devTools.send(
    'Runtime.getHeapUsage',
  )) as HeapUsage
  const status = readFileSync(`/proc/${command.pid}/status`, 'utf8')
  const rssKiB = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1])
  const light = await lightOf()
  const nowMs = performance.now()
  const wallS = (nowMs - beforeMs) / 1000
  rows.push({
    lightS: round(light.samples / SAMPLE_RATE_HZ, 0),
    pageHeapMiB: round(usedSize / MIB, 1),
    pageBuffersMiB: round(backingStorageSize / MIB, 1),
    commandRssMiB: round(rssKiB / 1024, 0),
    samplesASecond: round((light.samples - before.samples) / wallS, 0),
    framesASecond: round((light.frames - before.frames) / wallS, 0),
    lostSamples: light.lost,
  })
  before = light
  beforeMs = nowMs
}
await browser.close()
command.kill('SIGINT')
await once(command, 'exit')

report('blinkup.bench-tune/1', { 'The live page': rows })
