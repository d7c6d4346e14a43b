import { randomNormal } from 'd3-random'
import { BLACK, GREY } from '../modulation/index.js'
import { type Channel, GOOD_CHANNEL } from './channel.js'
import { checkInput } from './check.js'
import { seededRandom } from './random.js'

/**
 * What a photodiode sees of the given symbols (0 black, 1 grey, 2 white), the same for the same seed.
 *
 * @returns samples as `Receiver.push` takes them: times in seconds, levels 0..1 of full scale
 * @throws RangeError for another symbol, and for a field that is out of its range or no number; the sentence names it
 */
export function simulateChannel(
  symbols: ArrayLike<number>,
  channel: Partial<Channel> = {},
): { timesS: Float64Array; levels: Float64Array } {
  const c = { ...GOOD_CHANNEL, ...channel }
  checkInput(symbols, c)
  const random = seededRandom(c.seed)
  const gaussian = randomNormal.source(random)()
  const edgesS = symbolEdgesS(symbols.length, c, random)
  const durationS = (edgesS[symbols.length] ?? c.beforeS) + c.afterS
  const count = Math.floor(durationS * c.sampleRateHz)
  const timesS = new Float64Array(count)
  const levels = new Float64Array(count)
  const flickerPhase = 2 * Math.PI * random()
  const driftPhase = 2 * random()
  const lightOf = (symbol: number | undefined): number =>
    symbol === undefined || symbol === BLACK ? 0 : symbol === GREY ? c.greyRatio : 1

  let symbol = -1
  let light = 0
  let sensor = 0
  let sensedS = 0
  const sense = (timeS: number): void => {
    const tauS = (light > sensor ? c.riseSymbols : c.fallSymbols) / c.symbolRateHz
    sensor = light + (sensor - light) * (tauS > 0 ? Math.exp(-(timeS - sensedS) / tauS) : 0)
    sensedS = timeS
  }
  let kept = 0
  let missing = 0
  let meanLevel: number | null = null
  let startLevel = 0
  const toSteps = 2 ** c.adcBits - 1
  for (let index = 0; index < count; index++) {
    const timeS = (index + (c.sampleJitter && c.sampleJitter * random())) / c.sampleRateHz
    while (symbol < symbols.length && (edgesS[symbol + 1] ?? Infinity) <= timeS) {
      sense(edgesS[++symbol] ?? 0)
      light = lightOf(symbols[symbol])
    }
    sense(timeS)
    let level = c.black / c.swing + sensor
    if (c.pwmRipple) {
      const on = (timeS * c.pwmHz) % 1 < light ? 1 : 0
      level += c.pwmRipple * (on - light)
    }
    if (c.drift) level += c.drift * Math.abs(((timeS + driftPhase) % 2) - 1)
    if (c.flicker) level += c.flicker * flickerAt(2 * Math.PI * c.flickerHz * timeS + flickerPhase)
    if (c.handS) level *= handAt(timeS)
    if (c.noiseRms) level += c.noiseRms * gaussian()
    if (c.impulses && random() < c.impulses) level += c.impulseSize * (random() < 0.5 ? 1 : -1)
    level *= c.swing
    if (c.automaticGainS) {
      meanLevel ??= startLevel = Math.max(level, 0.01)
      const gain = startLevel / Math.max(meanLevel, 0.01)
      meanLevel += (level - meanLevel) * Math.min(1, 1 / (c.automaticGainS * c.sampleRateHz))
      level *= gain
    }
    level = Math.min(Math.max(level, c.clipLow), c.clipHigh)
    if (c.inverted) level = 1 - level
    if (missing > 0) missing--
    else if (c.gaps && random() < c.gaps) missing = c.gapSamples
    if (missing > 0) continue
    timesS[kept] = c.startS + timeS
    levels[kept++] = Math.round(Math.min(Math.max(level, 0), 1) * toSteps) / toSteps
  }
  return { timesS: timesS.subarray(0, kept), levels: levels.subarray(0, kept) }

  function flickerAt(phase: number): number {
    return c.flickerHarmonics.reduce(
      (sum, size, index) => sum + size * Math.sin((index + 2) * phase),
      Math.sin(phase),
    )
  }

  /** A raised cosine: the hand comes and goes smoothly. */
  function handAt(timeS: number): number {
    const part = (timeS - c.handStartS) / c.handS
    if (part <= 0 || part >= 1) return 1
    return 1 - (1 - c.handTransmission) * Math.sin(Math.PI * part) ** 2
  }
}

/** When each symbol begins, never before the one before it; the last is the end of all. */
function symbolEdgesS(symbols: number, c: Channel, random: () => number): Float64Array {
  const edgesS = new Float64Array(symbols + 1)
  const symbolS = 1 / c.symbolRateHz
  let shiftSymbols = 0
  let edgeS = c.beforeS
  for (let symbol = 0; symbol <= symbols; symbol++) {
    const slowedDown = (c.rateChange * symbol * (symbol - 1)) / (2 * symbols || 1)
    const late = c.symbolJitter && c.symbolJitter * random()
    edgeS = Math.max(edgeS, c.beforeS + (symbol + slowedDown + shiftSymbols + late) * symbolS)
    edgesS[symbol] = edgeS
    if (c.framesPerSymbol) {
      const repeated = random() < c.repeatedFrames ? 1 : 0
      const dropped = random() < c.droppedFrames ? 1 : 0
      shiftSymbols += (repeated - dropped) / c.framesPerSymbol
    }
  }
  return edgesS
}
