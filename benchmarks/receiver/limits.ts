import { readFileSync, writeFileSync } from 'node:fs'
import type { Channel } from '../../src/channel/index.js'
import { progress } from '../report.js'
import { limitsFigure } from './plots.js'
import { arrives, type Section } from './trial.js'

export const LIMITS_FILE = new URL('../receiver-limits.json', import.meta.url)

export interface Sweep {
  readonly name: string
  /** From easy to hard. */
  readonly values: readonly number[]
  readonly channel: (value: number) => Partial<Channel>
  readonly syncSymbols?: (value: number) => number
  /** Another sender's white beside the own one. */
  readonly neighbour?: (value: number) => number
}

const SMALL_TO_LARGE = [
  0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.5, 2,
]
const at = (symbolRateHz: number, samplesASymbol: number): Partial<Channel> => ({
  symbolRateHz,
  sampleRateHz: symbolRateHz * samplesASymbol,
})
const flicker = (symbolRateHz: number, more: Partial<Channel> = {}): Sweep['channel'] => {
  return (value) => ({
    ...at(symbolRateHz, 16),
    swing: 0.2,
    black: 0.5,
    flicker: value,
    beforeS: 1.5,
    ...more,
  })
}

export const SWEEPS: readonly Sweep[] = [
  {
    name: 'slowest symbol rate, Hz, 1,000 samples a second',
    values: [60, 30, 20, 10, 7, 5, 4.8, 4.5, 4],
    channel: (symbolRateHz) => ({ symbolRateHz }),
  },
  {
    name: 'fastest symbol rate, Hz, 10 samples a symbol',
    values: [250, 500, 1000, 1500, 2000, 2500, 2600, 3000],
    channel: (symbolRateHz) => at(symbolRateHz, 10),
  },
  {
    name: 'fewest samples a symbol, regular clock',
    values: [10, 6, 5, 4.5, 4, 3.7, 3.5, 3.3, 3.1, 3, 2.9, 2.8, 2.7, 2.6, 2.5, 2.4, 2.3, 2.2],
    channel: (samples) => at(60, samples),
  },
  {
    name: 'fewest samples a symbol, symbols jittered by 0.1',
    values: [20, 10, 8, 6, 5, 4.5, 4, 3.5, 3.1, 3, 2.9, 2.8, 2.7, 2.6, 2.5, 2.4],
    channel: (samples) => ({ ...at(60, samples), symbolJitter: 0.1 }),
  },
  {
    name: 'noise rms, 16.7 samples a symbol',
    values: [0.03, 0.05, 0.08, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.22, 0.25, 0.3],
    channel: (noiseRms) => ({ noiseRms, swing: 0.2, black: 0.4, adcBits: 12 }),
  },
  {
    name: 'noise rms, 3.009 samples a symbol, so that one slowly passes an edge',
    values: [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.1],
    channel: (noiseRms) => ({ ...at(60, 3.009), noiseRms, swing: 0.2, black: 0.4, adcBits: 12 }),
  },
  {
    name: 'least swing, part of full scale of a 10-bit ADC',
    values: [0.1, 0.05, 0.03, 0.02, 0.015, 0.01, 0.008, 0.006, 0.005, 0.004, 0.003, 0.002],
    channel: (swing) => ({ swing, black: 0.3, noiseRms: 0.02 }),
  },
  ...[12, 16].map((adcBits) => ({
    name: `least swing, part of full scale of a ${adcBits}-bit ADC`,
    values: [0.1, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001, 0.00005],
    channel: (swing: number) => ({ swing, black: 0.3, adcBits, noiseRms: 0.02 }),
  })),
  {
    name: 'least swing, part of full scale of an 8-bit ADC',
    values: [0.1, 0.07, 0.05, 0.04, 0.03, 0.025, 0.02, 0.015, 0.01],
    channel: (swing) => ({ swing, black: 0.3, adcBits: 8, noiseRms: 0.02 }),
  },
  {
    name: 'darkest grey, part of white',
    values: [0.5, 0.45, 0.4, 0.36, 0.34, 0.32, 0.31, 0.3, 0.29],
    channel: (greyRatio) => ({ greyRatio }),
  },
  {
    name: 'brightest grey, part of white',
    values: [0.52, 0.6, 0.7, 0.75, 0.8, 0.82, 0.84, 0.86],
    channel: (greyRatio) => ({ greyRatio }),
  },
  { name: '100 Hz flicker, peak, at 30 Hz', values: SMALL_TO_LARGE, channel: flicker(30) },
  { name: '100 Hz flicker, peak, at 60 Hz', values: SMALL_TO_LARGE, channel: flicker(60) },
  { name: '100 Hz flicker, peak, at 142 Hz', values: SMALL_TO_LARGE, channel: flicker(142) },
  { name: '100 Hz flicker, peak, at 500 Hz', values: SMALL_TO_LARGE, channel: flicker(500) },
  {
    name: '120 Hz flicker with harmonics of 0.3 and 0.1, peak, at 60 Hz',
    values: SMALL_TO_LARGE,
    channel: flicker(60, { flickerHz: 120, flickerHarmonics: [0.3, 0.1] }),
  },
  {
    name: '100.4 Hz flicker with harmonics of 0.3 and 0.1, peak, at 142 Hz',
    values: SMALL_TO_LARGE,
    channel: flicker(142, { flickerHz: 100.4, flickerHarmonics: [0.3, 0.1] }),
  },
  {
    name: '119.6 Hz flicker with harmonics, peak, at 142 Hz, 7 samples a symbol',
    values: SMALL_TO_LARGE,
    channel: flicker(142, { ...at(142, 7), flickerHz: 119.6, flickerHarmonics: [0.3, 0.1] }),
  },
  {
    name: '100.4 Hz flicker, peak, at 200 Hz',
    values: SMALL_TO_LARGE,
    channel: flicker(200, { flickerHz: 100.4 }),
  },
  {
    name: '100 Hz flicker, peak, at 200 Hz',
    values: SMALL_TO_LARGE,
    channel: flicker(200),
  },
  { name: '100 Hz flicker, peak, at 800 Hz', values: SMALL_TO_LARGE, channel: flicker(800) },
  { name: '100 Hz flicker, peak, at 2,500 Hz', values: SMALL_TO_LARGE, channel: flicker(2500) },
  ...[50, 60].flatMap((flickerHz) =>
    [60, 142, 500].map((symbolRateHz) => ({
      name: `${flickerHz} Hz pick-up with harmonics of 0.3, 0.2, 0.1 and 0.1, peak, at ${symbolRateHz} Hz`,
      values: SMALL_TO_LARGE,
      channel: flicker(symbolRateHz, { flickerHz, flickerHarmonics: [0.3, 0.2, 0.1, 0.1] }),
    })),
  ),
  {
    name: 'flicker of an 83 Hz lamp with harmonics of 0.3 and 0.1, peak, at 142 Hz',
    values: SMALL_TO_LARGE,
    channel: flicker(142, { flickerHz: 83, flickerHarmonics: [0.3, 0.1] }),
  },
  {
    name: 'flicker of a 166.7 Hz lamp with harmonics of 0.3 and 0.1, peak, at 142 Hz',
    values: SMALL_TO_LARGE,
    channel: flicker(142, { flickerHz: 166.7, flickerHarmonics: [0.3, 0.1] }),
  },
  {
    name: 'flicker of a 400 Hz lamp, peak, at 500 Hz',
    values: SMALL_TO_LARGE,
    channel: flicker(500, { flickerHz: 400 }),
  },
  {
    name: 'flicker of a 1,300 Hz lamp, peak, at 500 Hz',
    values: SMALL_TO_LARGE,
    channel: flicker(500, { flickerHz: 1300 }),
  },
  {
    name: 'least time before a message in flicker of the swing, s, at 142 Hz',
    values: [1, 0.7, 0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1],
    channel: (beforeS) => flicker(142, { flickerHarmonics: [0.3, 0.1], beforeS })(1),
  },
  {
    name: 'drift a second',
    values: [0.1, 0.2, 0.5, 0.7, 0.8, 0.9, 1, 1.2, 1.5, 2, 3],
    channel: (drift) => ({ drift, swing: 0.08, black: 0.05 }),
  },
  {
    name: 'rise and fall time, symbols',
    values: [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2],
    channel: (tau) => ({ riseSymbols: tau, fallSymbols: tau }),
  },
  {
    name: 'fall time, symbols, with a rise time of 0.1',
    values: [0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.5, 2],
    channel: (fallSymbols) => ({ riseSymbols: 0.1, fallSymbols }),
  },
  {
    name: 'a lamp that is switched on within the packet, part',
    values: [0.1, 0.2, 0.3, 0.5, 0.7, 1],
    channel: (lamp) => ({ lamp, lampS: [4], swing: 0.2, black: 0.05 }),
  },
  {
    name: 'a lamp that is switched off within the packet, part',
    values: [0.1, 0.2, 0.3, 0.5, 0.7, 1],
    channel: (lamp) => ({ lamp, lampS: [0, 4], swing: 0.2, black: 0.05 }),
  },
  {
    name: 'gain that is switched within the packet, factor up',
    values: [1.1, 1.25, 1.5, 1.75, 1.92, 2],
    channel: (gain) => ({ gain, gainS: [4], swing: 0.2, black: 0.05 }),
  },
  {
    name: 'gain that is switched within the packet, factor down',
    values: [0.9, 0.8, 0.7, 0.6, 0.52, 0.5],
    channel: (gain) => ({ gain, gainS: [4], swing: 0.2, black: 0.05 }),
  },
  {
    name: "a neighbour's message at 0.3 to 3 times the rate, its white",
    values: [0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5],
    channel: () => ({ swing: 0.2, black: 0.05, adcBits: 12 }),
    neighbour: (part) => part,
  },
  {
    name: 'rise time, symbols, with a fall time of 0.1',
    values: [0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
    channel: (riseSymbols) => ({ riseSymbols, fallSymbols: 0.1 }),
  },
  {
    name: 'samples hit by impulses of the swing, part',
    values: [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1],
    channel: (impulses) => ({ impulses, swing: 0.3, black: 0.35 }),
  },
  {
    name: 'symbol jitter, symbols',
    values: [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6],
    channel: (symbolJitter) => ({ symbolJitter }),
  },
  {
    name: 'symbols a frame too long, part, two frames a symbol',
    values: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2],
    channel: (repeatedFrames) => ({ framesPerSymbol: 2, repeatedFrames }),
  },
  {
    name: 'symbols a frame too short, part, two frames a symbol',
    values: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2],
    channel: (droppedFrames) => ({ framesPerSymbol: 2, droppedFrames }),
  },
  {
    name: 'symbols twice as long, part, one frame a symbol',
    values: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1],
    channel: (repeatedFrames) => ({ framesPerSymbol: 1, repeatedFrames }),
  },
  {
    name: 'period jitter that adds up, rms, symbols',
    values: [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5],
    channel: (periodJitter) => ({ periodJitter }),
  },
  {
    name: 'longest symbol, symbols, of random lengths from 0.2 on',
    values: [1, 1.5, 2, 3, 5, 10, 15, 20, 30, 50],
    channel: (longestSymbol) => ({ shortestSymbol: 0.2, longestSymbol }),
  },
  {
    name: 'shortest symbol, symbols, of random lengths up to 20',
    values: [1, 0.7, 0.5, 0.3, 0.2, 0.15, 0.1],
    channel: (shortestSymbol) => ({ shortestSymbol, longestSymbol: 20 }),
  },
  {
    name: 'noise rms, symbols of 0.5 to 5, 16.7 samples a symbol',
    values: [0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1],
    channel: (noiseRms) => ({
      noiseRms,
      shortestSymbol: 0.5,
      longestSymbol: 5,
      swing: 0.4,
      black: 0.3,
    }),
  },
  {
    name: 'sensor time constant, symbols, of random lengths from 0.5 to 5',
    values: [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8],
    channel: (tau) => ({
      riseSymbols: tau,
      fallSymbols: tau,
      shortestSymbol: 0.5,
      longestSymbol: 5,
    }),
  },
  {
    name: 'clock of the samples, step, ms',
    values: [1, 2, 5, 10, 15, 20],
    channel: (ms) => ({ clockStepS: ms / 1000 }),
  },
  {
    name: 'change of the symbol period over the message, part',
    values: [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5],
    channel: (rateChange) => ({ rateChange }),
  },
  {
    name: 'sample jitter, sample periods, 4 samples a symbol',
    values: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
    channel: (sampleJitter) => ({ ...at(60, 4.1), sampleJitter }),
  },
  {
    name: 'gaps of 4 samples, 16.7 samples a symbol, a sample',
    values: [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1],
    channel: (gaps) => ({ gaps, gapSamples: 5 }),
  },
  {
    name: 'white clipped, part of the swing that is left',
    values: [0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.62, 0.6, 0.58],
    channel: (clip) => ({ swing: 0.6, black: 0.1, clipHigh: 0.1 + 0.6 * clip }),
  },
  {
    name: 'black clipped, part of the swing that is lost',
    values: [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35],
    channel: (clip) => ({ swing: 0.6, black: 0.1, clipLow: 0.1 + 0.6 * clip }),
  },
  {
    name: 'a hand for 1 s, least part of the light that it leaves',
    values: [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2],
    channel: (handTransmission) => ({ handStartS: 4, handS: 1, handTransmission }),
  },
  {
    name: 'a hand for 1 s, at 30 Hz, least part of the light that it leaves',
    values: [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2],
    channel: (handTransmission) => ({
      symbolRateHz: 30,
      handStartS: 4,
      handS: 1,
      handTransmission,
    }),
  },
  {
    name: 'a hand for 0.6 s in the sync and the marker, least part of the light that it leaves',
    values: [0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4],
    channel: (handTransmission) => ({
      handStartS: 1.2,
      handS: 0.6,
      handTransmission,
      swing: 0.3,
      black: 0.3,
    }),
  },
  {
    name: 'automatic gain, shortest time constant, s',
    values: [10, 5, 2, 1, 0.5, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02],
    channel: (automaticGainS) => ({ automaticGainS, swing: 0.3, black: 0.2 }),
  },
  {
    name: 'PWM ripple of 1,007 Hz, part that the sensor leaves',
    values: SMALL_TO_LARGE.filter((value) => value <= 1),
    channel: (pwmRipple) => ({ pwmRipple, pwmHz: 1007, swing: 0.3, black: 0.2 }),
  },
  {
    name: 'fewest zero bits before the marker',
    values: [24, 20, 16, 14, 12, 11, 10, 9, 8],
    channel: () => ({ noiseRms: 0.02 }),
    syncSymbols: (bits) => 2 * bits,
  },
]

const SWEPT = 25

/** How many of the first messages arrive at one value, at both polarities of the sensor. */
export function arrivedOf(
  { name, channel, syncSymbols, neighbour }: Sweep,
  value: number,
  messages: number,
): number {
  progress(`limits: ${name}: ${value}`)
  let count = 0
  for (let seed = 1; seed <= messages; seed++) {
    const path = { ...channel(value), inverted: seed % 2 === 0 }
    count += Number(arrives(path, seed, syncSymbols?.(value), neighbour?.(value)))
  }
  return count
}

/** Of 25 messages at each value, those that arrive; up to where none does. */
function sweptOf(sweep: Sweep): number[] {
  const arrived: number[] = []
  for (const value of sweep.values) {
    arrived.push(arrivedOf(sweep, value, SWEPT))
    if (arrived.at(-1) === 0) break
  }
  return arrived
}

/** Each impairment alone: where the first message is lost, compared with the limits that are kept. */
export function limits(): Section {
  const kept: Record<string, number | null> = JSON.parse(readFileSync(LIMITS_FILE, 'utf8'))
  const measured = SWEEPS.map((sweep) => {
    const arrived = sweptOf(sweep)
    const failsAt = arrived.findIndex((count) => count < SWEPT)
    // Places among the values, -1 for none of them.
    const limit = (failsAt < 0 ? arrived.length : failsAt) - 1
    const before = sweep.values.indexOf(kept[sweep.name] ?? Number.NaN)
    const change = !(sweep.name in kept)
      ? 'new'
      : limit < before
        ? 'WORSE'
        : limit > before
          ? 'better'
          : ''
    return { ...sweep, arrived, limit, before, change }
  })
  if (measured.some(({ change }) => change === 'WORSE')) process.exitCode = 1
  if (process.argv.includes('--update')) {
    const file = Object.fromEntries(
      measured.map(({ name, values, limit }) => [name, values[limit] ?? null]),
    )
    writeFileSync(LIMITS_FILE, `${JSON.stringify(file, null, 2)}\n`)
  }
  return {
    tables: {
      [`Each impairment alone: the hardest at which ${SWEPT} of ${SWEPT} messages arrive`]:
        measured.map(({ name, values, limit, before, change }) => ({
          impairment: name,
          limit: values[limit] ?? 'none',
          before: values[before] ?? 'none',
          change,
        })),
      [`Beyond the limits, of ${SWEPT} messages`]: measured.flatMap(
        ({ name, values, arrived, limit }) =>
          arrived.slice(limit + 1).map((count, n) => ({
            impairment: name,
            value: values[limit + 1 + n] as number,
            arrived: count,
          })),
      ),
    },
    figures: [limitsFigure(measured, SWEPT)],
  }
}
