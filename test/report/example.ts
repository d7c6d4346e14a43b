import { judgeFigures } from '../../src/bench/figures.js'
import { seededRandom, simulateChannel } from '../../src/channel/index.js'
import { DIALECTS } from '../../src/light/dialects.js'
import { modulate, SYMBOLS_PER_BYTE } from '../../src/modulation/index.js'
import { encodePacket } from '../../src/packet/index.js'
import type { BenchReport, Waveform } from '../../src/report/bench-report.js'

export const PASSWORD = 'correct horse battery'
export const SSID = 'Werk <3> & "Söhne"'

/** Light of messages one after another, and where they are in it. */
export function waveformOf(messages: number, sampleRateHz: number, symbolRateHz = 60): Waveform {
  const packet = encodePacket({ ssid: SSID, password: PASSWORD })
  const { levels } = modulate(packet)
  const beforeS = 0.5
  const all = new Uint8Array(messages * levels.length)
  for (let n = 0; n < messages; n++) all.set(levels, n * levels.length)
  const block = simulateChannel(all, {
    symbolRateHz,
    sampleRateHz,
    beforeS,
    noiseRms: 0.006,
    adcBits: 10,
    seed: 4,
  })
  const markerSymbols = DIALECTS['sdk-0.3.0'].syncSymbols
  return {
    timesS: block.timesS,
    levels: block.levels,
    isSecret: true,
    messages: Array.from({ length: messages }, (_, n) => ({
      packetS: beforeS + (n * levels.length + markerSymbols + SYMBOLS_PER_BYTE + 1) / symbolRateHz,
      symbolRateHz,
      packet,
      verdict: 'pass',
    })),
  }
}

/** A run that has one of each. */
export function exampleReport(overrides: Partial<BenchReport> = {}): BenchReport {
  const random = seededRandom(5)
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const tieUs = Float64Array.from({ length: 2400 }, (_, i) => 12 * normal() + 4 * Math.sin(i / 90))
  const hours = Float64Array.from({ length: 48 }, (_, i) => i / 4)
  const waveform = waveformOf(3, 1000)
  return {
    title: 'bench timing',
    madeAt: new Date('2026-11-29T12:00:00Z'),
    verdict: 'fail',
    findings: [
      'swing-pct: 42 % is 8 % below 50 %',
      'Raise the brightness, or move the sensor nearer.',
    ],
    settings: [
      ['rig', 'emulated'],
      ['settings', `{"ssid":"${SSID}","password":"********"}`],
      ['firmware', '1.3.0'],
    ],
    figures: judgeFigures(
      [
        { name: 'tie-rms-us', witness: 'samples', value: 12.3456, uncertainty: 0.41 },
        { name: 'tie-rms-us', witness: 'edge-input', value: 12.2, uncertainty: 0.06 },
        { name: 'swing-pct', witness: null, value: 42, uncertainty: null },
        { name: 'snr-db', witness: null, value: 31.25, uncertainty: null },
      ],
      { 'tie-rms-us': [0, 20], 'swing-pct': [50, 100] },
    ),
    charts: [
      {
        kind: 'course',
        title: 'Time interval error',
        text: 'Of each edge over the time: it wanders by 4 µs, and is within its limits.',
        x: { label: 'time', unit: 's' },
        y: { label: 'error', unit: 'µs' },
        series: [{ name: 'samples', xs: tieUs.map((_, i) => i / 120), ys: tieUs }],
        limits: [-50, 50],
      },
      {
        kind: 'histogram',
        title: 'Time interval error, how often',
        text: 'The edge input sees less of it than the samples, and 15 µs later.',
        x: { label: 'error', unit: 'µs' },
        series: [
          { name: 'samples', values: tieUs },
          { name: 'edge input', values: tieUs.map((value) => 0.3 * value + 15) },
        ],
      },
      {
        kind: 'course',
        title: 'Levels over the day',
        text: 'White fades by 6 % in the first hours.',
        x: { label: 'time', unit: 'h' },
        y: { label: 'level', unit: 'of full scale' },
        series: [
          { name: 'white', xs: hours, ys: hours.map((h) => 0.65 - 0.04 * (1 - Math.exp(-h / 2))) },
          { name: 'grey', xs: hours, ys: hours.map((h) => 0.36 - 0.02 * (1 - Math.exp(-h / 2))) },
          { name: 'black', xs: hours, ys: hours.map((h) => 0.05 + 0.03 * Math.sin(h / 4)) },
        ],
        limits: [],
      },
      {
        kind: 'eye',
        title: 'Eye diagram',
        text: 'The eye is wide open.',
        phases: waveform.timesS.map((timeS) => ((timeS - 0.5) * 60 + 2) % 2),
        levels: waveform.levels,
      },
      {
        kind: 'map',
        title: 'Where messages pass',
        text: 'Up to 120 Hz at full brightness, less when it is dimmed.',
        x: { label: 'symbol rate', unit: 'Hz' },
        y: { label: 'brightness', unit: '' },
        points: Array.from({ length: 60 }, () => [30 + 170 * random(), random()] as const).map(
          ([x, y]) => {
            const margin = y - 0.15 - ((x - 30) / 170) ** 2
            return {
              x,
              y,
              passRate: margin > 0 ? 1 : margin > -0.05 ? 0.9 : 0.1,
              verdict: margin > 0.02 ? 'pass' : margin < -0.03 ? 'fail' : 'undecided',
            }
          },
        ),
        proposed: { x: 70, y: 0.7 },
      },
    ],
    waveform,
    table: {
      columns: ['edge', 'tie_us'],
      rows: Array.from(tieUs, (value, i) => [i, value] as const),
    },
    ...overrides,
  }
}
