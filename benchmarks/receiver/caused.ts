import {
  type Channel,
  GOOD_CHANNEL,
  seededRandom,
  simulateChannel,
} from '../../src/channel/index.js'
import { modulate } from '../../src/modulation/index.js'
import { randomPacket, receive } from './trial.js'

/** What advice says that names the cause. */
const TOLD = {
  'good light': /nothing needs/,
  'a lamp flickers': /light flickers/,
  noise: /is noisy/,
  'a dark grey': /Grey is 0\.3/,
  'a bright grey': /Grey is 0\.[67]/,
  'weak light': /is weak/,
  // Not every one is slow enough to be worth a word.
  'a slow sensor': /sensor is slow|nothing needs/,
  'a lamp is switched within the packet': /was switched on or off within/,
  // Before levels are known nothing tells it from drift.
  'a lamp is switched before it': /was switched on or off within|nothing needs/,
} as const satisfies Readonly<Record<string, RegExp>>

export type Cause = keyof typeof TOLD
export const CAUSES = Object.keys(TOLD) as Cause[]

const MOST_RATE_ERROR = 0.002

const TLV_BYTES = 10
const HEAD_SYMBOLS = 64
// Nothing after the last lit symbol tells that the light behind it is another.
const TAIL_SYMBOLS = 8

/**
 * A light path with one cause, clearly beyond its limit, or with none, and all else well within what is good: 10 to 330 symbols and
 * 1,000 to 8,000 samples a second, 100 and 120 Hz, sensors of both polarities.
 */
export function causedPath(cause: Cause, seed: number, symbols: number): Channel {
  const random = seededRandom(seed)
  for (let n = 0; n < 5; n++) random()
  const between = (least: number, most: number) => least + (most - least) * random()
  const symbolRateHz = seed % 2 === 0 ? Math.round(between(10, 330)) : between(10, 330)
  const sampleRateHz = Math.max(
    [1000, 2000, 4000, 8000][Math.floor(between(0, 4))] as number,
    1000 * Math.ceil((4 * symbolRateHz) / 1000),
  )
  const greyRatio =
    cause === 'a dark grey'
      ? between(0.34, 0.37)
      : cause === 'a bright grey'
        ? between(0.69, 0.76)
        : 0.52
  const snrDb = cause === 'noise' ? 13.5 : between(24, 50)
  const fast = between(0, 0.06)
  const path = {
    ...GOOD_CHANNEL,
    symbolRateHz,
    sampleRateHz,
    greyRatio,
    flickerHz: seed % 3 === 0 ? 120 : 100,
    flicker: cause === 'a lamp flickers' ? between(0.08, 0.5) : between(0, 0.03),
    noiseRms: (((1 - greyRatio) / 2) * Math.sqrt(sampleRateHz / symbolRateHz)) / 10 ** (snrDb / 20),
    riseSymbols: fast,
    fallSymbols: fast,
    swing: cause === 'weak light' ? between(0.05, 0.08) : 0.2,
    black: 0.4,
    adcBits: 12,
    inverted: random() < 0.3,
    beforeS: between(0.6, 1),
    seed,
  }
  if (cause === 'a slow sensor') {
    const slow = between(0.06, 0.6)
    const [riseSymbols, fallSymbols] = [
      [slow, slow],
      [fast, slow],
      [slow, fast],
    ][Math.floor(between(0, 3))] as [number, number]
    return { ...path, riseSymbols, fallSymbols }
  }
  if (cause !== 'a lamp is switched before it' && cause !== 'a lamp is switched within the packet')
    return path
  const { beforeS } = path
  const [fromS, toS] =
    cause === 'a lamp is switched before it'
      ? [0, beforeS]
      : [
          beforeS + (HEAD_SYMBOLS + 1) / symbolRateHz,
          beforeS + (symbols - TAIL_SYMBOLS) / symbolRateHz,
        ]
  const switchS = between(fromS, toS)
  return {
    ...path,
    lamp: between(0.2, 1),
    // On, or off.
    lampS: random() < 0.5 ? [switchS] : [0, switchS],
  }
}

export interface Fault {
  /** 'missed' where the cause is not named, and no other one either. */
  readonly kind: 'rate' | 'start' | 'missed' | 'another cause'
  readonly what: string
}

/** What was told of a message of 13 bytes with one cause, and what of that is false. */
export function tell(cause: Cause, seed: number) {
  const symbols = modulate(randomPacket(seed, TLV_BYTES)).levels
  const path = causedPath(cause, seed, symbols.length)
  const receptions = receive(simulateChannel(symbols, path))
  const faults: Fault[] = []
  for (const reception of receptions) {
    const { advice } = reception
    const isMissed = TOLD['good light'].test(advice)
    if (!TOLD[cause].test(advice))
      faults.push({ kind: isMissed ? 'missed' : 'another cause', what: advice })
    if (reception.kind !== 'message') continue
    const { symbolRateHz, startS } = reception
    // The first lit symbol is the second one.
    const lateSymbols = (startS - path.beforeS) * path.symbolRateHz - 1
    const rateError = symbolRateHz / path.symbolRateHz - 1
    if (!(Math.abs(rateError) < MOST_RATE_ERROR))
      faults.push({ kind: 'rate', what: `rate ${(100 * rateError).toFixed(2)} % off` })
    if (!(Math.abs(lateSymbols) < 1))
      faults.push({ kind: 'start', what: `start ${lateSymbols.toFixed(1)} symbols late` })
  }
  return { path, receptions, faults }
}
