import { randomNormal } from 'd3-random'
import { BLACK, GREY } from '../modulation/index.js'
import { type Channel, GOOD_CHANNEL } from './channel.js'
import { checkInput } from './check.js'
import { LedAndSensor } from './poles.js'
import { seededRandom } from './random.js'
import { sensorLevel } from './sensor-level.js'

/**
 * What a photodiode sees of the given symbols (0 black, 1 grey, 2 white), the same for the same seed.
 *
 * @returns samples as `Receiver.push` takes them: times in seconds, strictly increasing but for a clock with steps, levels 0..1 of full scale
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
  const edgesS = symbolEdgesS(symbols.length, c, random, gaussian)
  const durationS = (edgesS[symbols.length] ?? c.beforeS) + c.afterS
  const count = Math.floor(durationS * c.sampleRateHz)
  const timesS = new Float64Array(count)
  const levels = new Float64Array(count)
  const levelAt = sensorLevel(c, {
    uniform: random,
    gaussian,
    flickerPhase: 2 * Math.PI * random(),
    driftPhase: 2 * random(),
  })
  const path = new LedAndSensor({
    ledRiseS: c.ledRiseS,
    ledFallS: c.ledFallS,
    sensorRiseS: c.riseSymbols / c.symbolRateHz,
    sensorFallS: c.fallSymbols / c.symbolRateHz,
  })
  const lightOf = (symbol: number | undefined): number =>
    symbol === undefined || symbol === BLACK ? 0 : symbol === GREY ? c.greyRatio : 1

  let symbol = -1
  let light = 0
  let kept = 0
  let missing = 0
  const toSteps = 2 ** c.adcBits - 1
  for (let index = 0; index < count; index++) {
    const timeS = (index + (c.sampleJitter && c.sampleJitter * random())) / c.sampleRateHz
    while (symbol < symbols.length && (edgesS[symbol + 1] ?? Infinity) <= timeS) {
      const edgeS = edgesS[++symbol] ?? 0
      light = lightOf(symbols[symbol])
      path.set(light, edgeS)
    }
    let seen = path.at(timeS)
    if (c.pwmRipple) {
      const on = (timeS * c.pwmHz) % 1 < light ? 1 : 0
      seen += c.pwmRipple * (on - light)
    }
    const level = levelAt(timeS, seen)
    if (missing > 0) missing--
    else if (c.gaps && random() < c.gaps) missing = c.gapSamples
    if (missing > 0) continue
    timesS[kept] = c.startS + (c.clockStepS ? lastStepS(timeS, c.clockStepS) : timeS)
    levels[kept++] = Math.round(Math.min(Math.max(level, 0), 1) * toSteps) / toSteps
  }
  return { timesS: timesS.subarray(0, kept), levels: levels.subarray(0, kept) }
}

// What a jittered period leaves of a symbol, as none is left out.
const SHORTEST_JITTERED = 0.2

// So that a time that is a step is not rounded to the one before.
const ROUNDING = 1e-9

const lastStepS = (timeS: number, stepS: number): number =>
  stepS * Math.floor(timeS / stepS + ROUNDING)

/** When each symbol begins, never before the one before it; the last is the end of all. */
function symbolEdgesS(
  symbols: number,
  c: Channel,
  random: () => number,
  gaussian: () => number,
): Float64Array {
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
    if (c.shortestSymbol !== 1 || c.longestSymbol !== 1) {
      shiftSymbols += c.shortestSymbol * (c.longestSymbol / c.shortestSymbol) ** random() - 1
    }
    if (c.periodJitter) {
      shiftSymbols += Math.max(c.periodJitter * gaussian(), SHORTEST_JITTERED - 1)
    }
  }
  return edgesS
}
