import { describe, expect, test } from 'vitest'
import { judgeFigures } from '../../src/bench/figures.js'
import { analyseTiming } from '../../src/bench/timing/analyse.js'
import { makePattern } from '../../src/bench/timing/patterns.js'
import { modulate } from '../../src/modulation/index.js'
import { encodePacket } from '../../src/packet/index.js'
import { htmlPage } from '../../src/report/html/page.js'
import { timingReport } from '../../src/report/timing-report.js'
import { syntheticPlay } from '../bench/timing/synthetic.js'

const PACKET = encodePacket({ ssid: 'net', password: 'long enough' })

function report(sequence = makePattern('clock', 101), isMessage = false) {
  const measured = { ...analyseTiming([syntheticPlay({ sequence })]), notes: ['a note'] }
  const figures = judgeFigures(measured.figures, { 'tie-max-us': [0, 1] })
  const options = { madeAt: new Date(0), figures, settings: [], isMessage, isSecret: isMessage }
  return timingReport(measured, options)
}

describe('the report of a timing run', () => {
  test('says why it failed, and shows what was seen', () => {
    const { verdict, findings, charts, table, waveform } = report()
    expect(verdict).toBe('fail')
    expect(findings).toEqual([
      expect.stringMatching(/^tie-max-us by samples: \d+(\.\d+)? µs is \d+(\.\d+)? µs above 1 µs$/),
      'a note',
    ])
    expect(charts.map(({ kind, title }) => [kind, title])).toEqual([
      ['course', 'Time interval error over time'],
      ['histogram', 'Time interval error of the edges'],
      ['eye', 'Eye diagram'],
      ['histogram', 'Levels of the light'],
      ['course', 'Edges of the light'],
    ])
    // 10 and 90 % of an edge are no limits.
    expect(charts.at(-1)).toMatchObject({ limits: [], marks: [0.1, 0.9] })
    expect(table.rows.length).toBe(100)
    expect(table.rows[0]).toEqual([
      'samples',
      1,
      1,
      'to lit',
      expect.any(Number),
      expect.any(Number),
      expect.any(Number),
    ])
    expect(waveform).toMatchObject({ messages: [], isSecret: false })
  })

  test('shows a message where it is in the light', () => {
    const { waveform } = report(modulate(PACKET), true)
    const [message] = waveform?.messages ?? []
    expect(message).toMatchObject({ packet: PACKET, verdict: 'pass' })
    // After half a second, 48 symbols of sync, the marker and the dark half of the first bit; and the sensor's delay.
    const packetS = 0.5 + (48 + 16 + 1) / 142
    expect(message?.packetS).toBeGreaterThan(packetS)
    expect(message?.packetS).toBeLessThan(packetS + 0.0003)
    expect(message?.symbolRateHz).toBeCloseTo(142, 2)
    expect(waveform?.isSecret).toBe(true)
  })

  test('tells the bits of a secret message nowhere but in its light', async () => {
    const secret = report(modulate(PACKET), true)
    expect(secret.table.rows).toEqual([])
    expect(secret.findings).toContain(
      'the single edges of the message are left out, as they would tell its secrets',
    )
    const page = await htmlPage(secret, { waveform: false })
    const titles = Array.from(page.matchAll(/<h3>([^<]*)<\/h3>/g), ([, title]) => title)
    expect(titles).toEqual(['Time interval error of the edges', 'Levels of the light'])
    expect(page).not.toContain('Single measurements')
    const whole = await htmlPage(secret, { waveform: true })
    expect(whole).toContain('This page is as secret as the password.')
    expect(whole.match(/<h3>/g)).toHaveLength(5)
  })

  test('of what is no secret leaves out no more than the light', async () => {
    const page = await htmlPage(report(), { waveform: false })
    expect(page.match(/<h3>/g)).toHaveLength(4)
    expect(page).toContain('Single measurements (100)')
  })

  test('is drawn on a page', async () => {
    const page = await htmlPage(report(), { waveform: true, showSecrets: false })
    expect(page.match(/role="img"/g)?.length).toBeGreaterThanOrEqual(5)
  })
})
