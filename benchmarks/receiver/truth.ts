import type { Channel } from '../../src/channel/index.js'
import type { ReceivedMessage } from '../../src/receiver/index.js'
import { progress, type Row, round } from '../report.js'
import { CAUSES, type Cause, tell } from './caused.js'
import type { Section } from './trial.js'

/** Of each cause, and the number of the first: they divide the work among processes. */
const MESSAGES = Number(process.env.TRUTH_COUNT ?? 1000)
const FIRST = Number(process.env.TRUTH_FIRST ?? 1)

/** A figure, what it is off by, and what it may be; null where there is none. */
type Figure = (
  message: ReceivedMessage,
  path: Channel,
) => readonly [off: number, uncertainty: number | null]

const FIGURES: Readonly<Record<string, Figure>> = {
  'symbol rate': ({ symbolRateHz, quality }, path) => [
    symbolRateHz - path.symbolRateHz,
    quality.uncertainty.symbolRateHz,
  ],
  swing: ({ quality }, path) => [quality.swing - path.swing, quality.uncertainty.swing],
  'grey ratio': ({ greyRatio, quality }, path) => [
    (greyRatio ?? Number.NaN) - path.greyRatio,
    quality.uncertainty.greyRatio,
  ],
  'signal-to-noise ratio': ({ quality }, path) => [
    (quality.snrDb ?? Number.NaN) - snrDbOf(path),
    quality.uncertainty.snrDb,
  ],
  'time constant': ({ quality }, { riseSymbols, fallSymbols, symbolRateHz }) => [
    (quality.timeConstantS ?? Number.NaN) - Math.max(riseSymbols, fallSymbols) / symbolRateHz,
    quality.uncertainty.timeConstantS,
  ],
  'peak of flicker': ({ quality }, { flicker, swing }) => [
    (quality.flicker?.peak ?? Number.NaN) - flicker * swing,
    quality.uncertainty.flickerPeak,
  ],
}

/** Half the step from grey to white over the noise of a symbol's mean, that of the ADC's steps included. */
function snrDbOf(path: Channel): number {
  const step = 1 / (2 ** path.adcBits - 1) / path.swing
  const sampleRms = Math.hypot(path.noiseRms, step / Math.sqrt(12))
  const rms = sampleRms / Math.sqrt(path.sampleRateHz / path.symbolRateHz)
  return 20 * Math.log10((1 - path.greyRatio) / 2 / rms)
}

/** A slow sensor does not show all of the light: what it does show is told. And where noise is low, it is not all that bits deviate by. */
function isComparable(cause: Cause, figure: string): boolean {
  if (figure === 'signal-to-noise ratio') return cause === 'noise'
  return cause !== 'a slow sensor' || ['symbol rate', 'time constant'].includes(figure)
}

/** What is told of messages with one cause each: what of it is false, and how often figures are as near as they say. */
export function truth(): Section {
  const coverage = Object.fromEntries(
    Object.keys(FIGURES).map((name) => [name, { figures: 0, within: 0 }]),
  )
  const causes = CAUSES.map((cause): Row => {
    const counts = { lost: 0, rate: 0, start: 0, missed: 0, 'another cause': 0 }
    for (let seed = FIRST; seed < FIRST + MESSAGES; seed++) {
      progress(`truth: ${cause}, message ${seed}`)
      const { path, receptions, faults } = tell(cause, seed)
      for (const kind of new Set(faults.map((fault) => fault.kind))) counts[kind]++
      const message = receptions.find((reception) => reception.kind === 'message')
      if (!message) counts.lost++
      for (const [name, figure] of Object.entries(message ? FIGURES : {})) {
        const counted = coverage[name]
        const [off, uncertainty] = figure(message as ReceivedMessage, path)
        if (!counted || uncertainty === null || !isComparable(cause, name)) continue
        counted.figures++
        if (Math.abs(off) <= uncertainty) counted.within++
      }
    }
    return { cause, messages: MESSAGES, ...counts }
  })
  return {
    tables: {
      'What is told of messages with one cause each: how many are lost, have a false figure, do not name the cause, name another':
        causes,
      'Figures that are as near to the truth as their 95 % uncertainty says': Object.entries(
        coverage,
      ).map(([figure, { figures, within }]) => ({
        figure,
        figures,
        within: round(within / figures, 3),
      })),
    },
  }
}
