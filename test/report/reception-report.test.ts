import { describe, expect, test } from 'vitest'
import { simulateChannel } from '../../src/channel/index.js'
import { modulate } from '../../src/modulation/index.js'
import { encodePacket } from '../../src/packet/index.js'
import type { SampleBlock } from '../../src/receiver/index.js'
import type { Measured } from '../../src/recording/ranging.js'
import { LightKeeper } from '../../src/report/light-keeper.js'
import {
  isSecretReception,
  placeInLight,
  receptionReport,
  waveformMessage,
} from '../../src/report/reception-report.js'
import { damaged, message, packetOf, receive } from '../helpers/receive.js'

const PACKET = encodePacket({ ssid: 'net', password: 'long enough' })

function reportOf(
  block: SampleBlock,
  kept = new LightKeeper(),
  receptions: readonly Measured[] = receive(block),
) {
  kept.push(block)
  return receptionReport({
    title: 'decode',
    madeAt: new Date(0),
    verdict: 'pass',
    findings: ['fine'],
    settings: [],
    receptions,
    kept,
    isSecret: receptions.some(isSecretReception),
  })
}

/** The level at a time. */
const levelAt = ({ timesS, levels }: SampleBlock, timeS: number): number =>
  levels[timesS.findIndex((time) => time >= timeS)] ?? Number.NaN

describe('where a message is in the light', () => {
  test.each([
    [60, 1000, 'pass'],
    [142, 8000, 'pass'],
    [30, 300, 'pass'],
  ])('its bits are, at %d Hz seen by %d samples a second', (symbolRateHz, sampleRateHz) => {
    const block = message(PACKET, { symbolRateHz, sampleRateHz, black: 0.1, swing: 0.6 })
    const [found] = reportOf(block).waveform?.messages ?? []
    const bits = Array.from(PACKET, (byte) => byte.toString(2).padStart(8, '0')).join('')
    const read = Array.from(bits, (_, bit) => {
      const litS = (found?.packetS ?? 0) + (2 * bit + 0.5) / symbolRateHz
      expect(levelAt(block, litS - 1 / symbolRateHz)).toBeLessThan(0.2)
      return levelAt(block, litS) > 0.55 ? '1' : '0'
    })
    expect(read.join('')).toBe(bits)
    expect(found).toMatchObject({ packet: PACKET, verdict: 'pass' })
  })

  test('those of one that failed are, too', () => {
    const wrong = damaged(PACKET)
    const block = message(wrong)
    const [found] = reportOf(block).waveform?.messages ?? []
    const [good] = reportOf(message(PACKET)).waveform?.messages ?? []
    expect(found).toMatchObject({ packet: wrong, verdict: 'fail' })
    expect(found?.packetS).toBeCloseTo(good?.packetS ?? 0, 3)
  })

  test('its marker is before its packet', () => {
    const receptions = receive(message(PACKET, { symbolRateHz: 60 }))
    const [first] = receptions
    if (first?.kind !== 'message') throw new Error('there is no message')
    const { startS = 0 } = placeInLight(receptions) ?? {}
    expect(waveformMessage(first).packetS - startS).toBeCloseTo(17 / 60, 4)
  })
})

test('the report has the figures of the worst message, a row for each, and an eye of all', () => {
  const both = [message(PACKET, { noiseRms: 0.002 }), message(PACKET, { noiseRms: 0.02 })]
  const { levels } = modulate(PACKET)
  const block = simulateChannel(Uint8Array.of(...levels, ...levels, ...levels), { noiseRms: 0.004 })
  const report = reportOf(block)
  expect(report.table.rows).toHaveLength(3)
  expect(report.charts.map(({ kind }) => kind)).toEqual(['eye', 'histogram', 'course'])
  const snr = (of: ReturnType<typeof reportOf>): number =>
    of.figures.find(({ name }) => name === 'snr-db')?.value ?? Number.NaN
  const [clear, noisy] = both.map((one) => snr(reportOf(one)))
  expect(noisy).toBeLessThan(clear ?? 0)
  expect(report.figures.map(({ name }) => name)).toEqual([
    'swing-pct',
    'snr-db',
    'eye-height-pct',
    'eye-width-pct',
    'margin-pct',
    'timing-spread-us',
  ])
  const [eye] = report.charts
  if (eye?.kind !== 'eye') throw new Error('there is no eye')
  const bitSamples = (3 * 2 * 8 * PACKET.length * 1000) / 60
  expect(eye.phases.length / bitSamples).toBeCloseTo(1, 1)
  const black = Array.from(eye.levels).filter((_, i) => {
    const phase = eye.phases[i] as number
    return phase > 0.2 && phase < 0.8
  })
  expect(Math.max(...black)).toBeLessThan(0.2)
})

test('darkness has no figure but its swing, and no eye', () => {
  const report = reportOf(simulateChannel([], { afterS: 2 }))
  expect(report.charts.map(({ kind }) => kind)).toEqual(['histogram'])
  expect(report.waveform?.messages).toEqual([])
  expect(report.figures.map(({ name }) => name)).toEqual(['swing-pct'])
})

describe('what levels are parts of', () => {
  const block = message(PACKET)

  test.each([
    ['full scale, where nothing else is said', null, 'of full scale'],
    ['full scale that is known', { zero: 0, full: 5, unit: 'V', isKnown: true }, 'of full scale'],
    [
      'a range that was guessed from what was seen',
      { zero: -0.51234, full: 3.4, unit: 'V', isKnown: false },
      'of the range from -0.512 to 3.4 V',
    ],
    [
      'one without a unit',
      { zero: 20, full: 1000, unit: null, isKnown: false },
      'of the range from 20 to 1000',
    ],
  ])('is %s', (_, scale, unit) => {
    const kept = new LightKeeper()
    kept.scale = scale
    const receptions = receive(block).map((found) => (scale ? { ...found, scale } : found))
    const report = reportOf(block, kept, receptions)
    const [eye, histogram] = report.charts
    expect(report.waveform).toMatchObject({ unit })
    expect(eye).toMatchObject({ kind: 'eye', unit })
    expect(histogram).toMatchObject({ x: { unit } })
    // Of a guess a swing in parts says nothing.
    const hasSwing = report.figures.some(({ name }) => name === 'swing-pct')
    expect(hasSwing).toBe(unit === 'of full scale')
  })
})

test('no more light is kept than has room, and the report says so', () => {
  const block = message(PACKET)
  const report = reportOf(block, new LightKeeper(1000))
  expect(report.waveform?.levels).toEqual(block.levels.subarray(0, 1000))
  expect(report.findings).toEqual([
    'fine',
    `The first 1000 samples are in this report; ${block.levels.length - 1000} came after them.`,
  ])
})

test.each([
  ['a password', PACKET, true],
  ['an open network', encodePacket({ ssid: 'net', password: '' }), false],
  ['an order to clear', encodePacket({ clear: true }), false],
  ['a TLV that nobody knows', packetOf(200, 2, 1, 2), true],
  ['what could not be read', damaged(PACKET), true],
])('%s is as secret as it should be', (_, packet, isSecret) => {
  expect(receive(message(packet)).map(isSecretReception)).toEqual([isSecret])
})
