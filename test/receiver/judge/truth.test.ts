import { expect, it } from 'vitest'
import { seededRandom } from '../../../src/channel/index.js'
import { message, randomPacket, receive } from '../../helpers/receive.js'

const TRIALS = 60
const CAUSES = ['good', 'flicker', 'noise', 'dark', 'bright', 'weak'] as const
type Cause = (typeof CAUSES)[number]

const TOLD: Readonly<Record<Cause, RegExp>> = {
  good: /nothing needs/,
  flicker: /light flickers/,
  noise: /is noisy/,
  dark: /Grey is 0\.3/,
  bright: /Grey is 0\.[67]/,
  weak: /is weak/,
}

/** A light path with one cause, beyond its limit and clear of it, or with none; all else well within what is good. */
function pathWith(cause: Cause, seed: number) {
  const random = seededRandom(seed)
  for (let n = 0; n < 5; n++) random()
  const between = (least: number, most: number) => least + (most - least) * random()
  const symbolRateHz = seed % 2 === 0 ? Math.round(between(10, 330)) : between(10, 330)
  const sampleRateHz = Math.max(
    [1000, 2000, 4000, 8000][Math.floor(between(0, 4))] as number,
    1000 * Math.ceil((4 * symbolRateHz) / 1000),
  )
  const greyRatio =
    cause === 'dark' ? between(0.34, 0.37) : cause === 'bright' ? between(0.69, 0.76) : 0.52
  const snrDb = cause === 'noise' ? 13.5 : between(24, 50)
  const symbols = between(0, 0.06)
  return {
    symbolRateHz,
    sampleRateHz,
    greyRatio,
    flickerHz: seed % 3 === 0 ? 120 : 100,
    flicker: cause === 'flicker' ? between(0.08, 0.5) : between(0, 0.03),
    noiseRms: (((1 - greyRatio) / 2) * Math.sqrt(sampleRateHz / symbolRateHz)) / 10 ** (snrDb / 20),
    riseSymbols: symbols,
    fallSymbols: symbols,
    swing: cause === 'weak' ? between(0.05, 0.08) : 0.2,
    black: 0.4,
    adcBits: 12,
    inverted: random() < 0.3,
    beforeS: between(0.6, 1),
    seed,
  }
}

it.each(CAUSES)('tells the truth of light that is %s', (cause) => {
  const wrong: string[] = []
  for (let trial = 1; trial <= TRIALS; trial++) {
    const seed = 1000 * CAUSES.indexOf(cause) + trial
    const path = pathWith(cause, seed)
    const receptions = receive(message(randomPacket(seed, 8), path))
    const [reception] = receptions
    if (reception?.kind !== 'message' || receptions.length > 1) {
      // Where a message is lost its advice is as true.
      const told = receptions.map((other) => other.advice)
      if (!told.every((advice) => TOLD[cause].test(advice))) wrong.push(`${seed}: ${told}`)
      continue
    }
    const { symbolRateHz, startS, advice } = reception
    const offSymbols = (startS - path.beforeS) * path.symbolRateHz - 1
    if (!(Math.abs(symbolRateHz / path.symbolRateHz - 1) < 0.002)) wrong.push(`${seed}: rate`)
    if (!(Math.abs(offSymbols) < 1)) wrong.push(`${seed}: start, ${offSymbols.toFixed(1)} symbols`)
    if (!TOLD[cause].test(advice)) wrong.push(`${seed}: ${advice}`)
  }
  expect(wrong).toEqual([])
})
