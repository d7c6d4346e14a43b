// Renews the pictures of the README, of an example's report in Chromium: `npm run pictures`
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { htmlPage } from '../src/report/html/page.js'
import { withPage } from '../test/helpers/browser.js'
import { exampleReport, waveformOf } from '../test/report/example.js'

const docs = fileURLToPath(new URL('../docs/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'blinkup-'))
const file = join(folder, 'report.html')
const waveform = { ...waveformOf(3, 1000), isSecret: false }
const report = exampleReport({ waveform })
writeFileSync(file, await htmlPage(report, { waveform: true }))
await withPage(async (page) => {
  await page.setViewport({ width: 900, height: 1000 })
  await page.goto(`file://${file}`)
  await page.waitForFunction("document.getElementById('waveform').dataset.fromS")
  const clip = { x: 0, y: 0, width: 900, height: 945 }
  await page.screenshot({ path: join(docs, 'report.png'), clip, captureBeyondViewport: true })
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }])
  await page.focus('#waveform')
  for (const key of ['PageDown', '+', '+', '+', '+', '+'] as const) await page.keyboard.press(key)
  await page.evaluate('document.activeElement.blur()')
  await page.evaluate(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
  )
  const section = await page.$('.waveform')
  await section?.screenshot({ path: join(docs, 'report-waveform.png') })
})
rmSync(folder, { recursive: true })
