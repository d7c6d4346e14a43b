import type { SampleBlock } from '../../src/receiver/index.js'

/** A light path from LED to ADC. Everything is a part of the white-black swing unless its name has a unit. */
export interface LightPath {
  symbolRateHz: number
  sampleRateHz: number
  /** White above black and black itself, as parts of the sensor's full scale. */
  swing: number
  black: number
  greyRatio: number
  noiseRms: number
  /** Peak of a 100 Hz sine. */
  flicker: number
  /** Other light that gets brighter by this within one second and darker by it within the next. */
  drift: number
  /** One pole: time constants as parts of a symbol. */
  riseSymbols: number
  fallSymbols: number
  adcBits: number
  /** Each sample is late by up to this part of a sample period, each symbol by this part of a symbol. */
  sampleJitter: number
  symbolJitter: number
  /** Darkness around the symbols. */
  beforeS: number
  afterS: number
  startS: number
  seed: number
}

export const GOOD_LIGHT: LightPath = {
  symbolRateHz: 60,
  sampleRateHz: 1000,
  swing: 0.6,
  black: 0.1,
  greyRatio: 0.52,
  noiseRms: 0,
  flicker: 0,
  drift: 0,
  riseSymbols: 0,
  fallSymbols: 0,
  adcBits: 10,
  sampleJitter: 0,
  symbolJitter: 0,
  beforeS: 0.3,
  afterS: 0.3,
  startS: 0,
  seed: 1,
}

/** Samples of the given symbols (0 black, 1 grey, 2 white), the same for the same seed. */
export function synthesise(symbols: ArrayLike<number>, path: Partial<LightPath> = {}): SampleBlock {
  const p = { ...GOOD_LIGHT, ...path }
  const random = seededRandom(p.seed)
  const gaussian = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const symbolS = 1 / p.symbolRateHz
  const durationS = p.beforeS + symbols.length * symbolS + p.afterS
  const count = Math.floor(durationS * p.sampleRateHz)
  const timesS = new Float64Array(count)
  const levels = new Float64Array(count)
  const flickerPhase = 2 * Math.PI * random()
  const driftPhase = 2 * random()

  const edgeS = (symbol: number) => p.beforeS + (symbol + p.symbolJitter * random()) * symbolS
  let symbol = 0
  let nextEdgeS = edgeS(0)
  let lastS = 0
  let target = 0
  let light = 0
  const settle = (timeS: number) => {
    const tauS = (target > light ? p.riseSymbols : p.fallSymbols) * symbolS
    light = target + (light - target) * (tauS > 0 ? Math.exp(-(timeS - lastS) / tauS) : 0)
    lastS = timeS
  }
  for (let index = 0; index < count; index++) {
    const timeS = (index + p.sampleJitter * random()) / p.sampleRateHz
    while (symbol <= symbols.length && nextEdgeS <= timeS) {
      settle(nextEdgeS)
      target = [0, p.greyRatio, 1][symbols[symbol] ?? 0] ?? 0
      nextEdgeS = edgeS(++symbol)
    }
    settle(timeS)
    const other =
      p.noiseRms * gaussian() +
      p.flicker * Math.sin(2 * Math.PI * 100 * timeS + flickerPhase) +
      p.drift * Math.abs(((timeS + driftPhase) % 2) - 1)
    timesS[index] = p.startS + timeS
    levels[index] = digitise(p.black + p.swing * (light + other), p.adcBits)
  }
  return { timesS, levels }
}

/** One capture of several, one after the other. */
export function concatenate(...blocks: SampleBlock[]): SampleBlock {
  const timesS: number[] = []
  const levels: number[] = []
  for (const block of blocks) {
    const offsetS = (timesS.at(-1) ?? 0) + 0.001
    for (const timeS of block.timesS) timesS.push(offsetS + timeS)
    for (const level of block.levels) levels.push(level)
  }
  return { timesS: Float64Array.from(timesS), levels: Float64Array.from(levels) }
}

/** The samples of a block that `keep` says yes to, so that a gap remains of the others. */
export function filter(
  block: SampleBlock,
  keep: (timeS: number, level: number) => boolean,
): SampleBlock {
  const kept = [...block.timesS.keys()].filter((n) =>
    keep(block.timesS[n] as number, block.levels[n] as number),
  )
  return {
    timesS: Float64Array.from(kept, (n) => block.timesS[n] as number),
    levels: Float64Array.from(kept, (n) => block.levels[n] as number),
  }
}

/** Uniform in 0..1: mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function digitise(level: number, bits: number): number {
  const steps = 2 ** bits - 1
  return Math.round(Math.min(Math.max(level, 0), 1) * steps) / steps
}
