import { grade, LIGHT_LIMITS } from '../../light/limits.js'
import { DEFAULT_GREY_RATIO } from '../../modulation/index.js'
import { failureOf, type Reception } from '../reception.js'
import { isSaturated, RECEPTION_FAILURES } from './failures.js'
import { greyRatio, LOUD_FLICKER } from './quality.js'
import { seenPart } from './time-constant.js'

// A steady level within this part of full scale of either end is that of a dark sensor, or of a blinded one.
const NEAR_END = 0.07
const [DARK_GREY, BRIGHT_GREY] = LIGHT_LIMITS.greyRatio.good
// As a part of the swing: from where on a peak of flicker makes levels uncertain.
const HUGE_FLICKER = 0.25
// Time constant of a slow sensor, in symbols, with a dark grey: the fall of a very slow one is seen in part only.
const SLOW_DARK_SYMBOLS = 0.12
// Deviation of the edges, rms, in symbols; and what noise makes of it where half the step from grey to white is as large: that of
// the mean of a symbol's samples beside the rise of grey, which the levels of the two symbols that it is told by add to.
const UNEVEN_SYMBOLS = 0.1
const UNEVEN_BY_NOISE = 0.6
// From where on figures of the light are certain, and no bit is wrong but those that were sent so.
const CERTAIN_SNR_DB = 9
const GOOD_SNR_DB = 25

const SLOW = 'The sensor is slow: use a smaller gain resistor, or a lower symbol rate.'

/** What the capture has to do with a reception. */
interface Capture {
  /** Whether the light was lost where the capture ended. */
  readonly isCutOff: boolean
  /** Between two samples, roughly. */
  readonly sampleS: number
  /** Whether levels tell how near the sensor is to the ends of its range, and how much of it the light takes. */
  readonly isFullScaleKnown: boolean
}

/** A reception that has all but its advice. */
type Unadvised<R> = R extends Reception ? Omit<R, 'advice'> : never

/** What to change on the bench first, in one sentence. */
export function advise(
  reception: Unadvised<Reception>,
  { isCutOff, sampleS, isFullScaleKnown }: Capture,
): string {
  const { levels, quality } = reception
  const reason = failureOf(reception)
  const ratio = greyRatio(levels)
  const hasSync = reception.kind !== 'no-sync'
  const symbolRateHz = hasSync ? reception.symbolRateHz : 0
  const { swing, snrDb, flicker, timeConstantS, clipped, uncertainty } = quality
  const { black, white } = levels
  const steady = hasSync ? null : black
  const held = isFullScaleKnown ? steady : null
  // Light that shows no noise is better than any bound.
  const isCertain = snrDb === null || snrDb > CERTAIN_SNR_DB
  // What a figure may be off by is no one's fault; of a failure noise is the likeliest cause all the same.
  const snrErrorDb = reason === null ? (uncertainty.snrDb ?? 0) : 0
  const isNoisy = snrDb !== null && grade(LIGHT_LIMITS.snrDb, snrDb + snrErrorDb) !== 'good'
  const isGood = snrDb === null || snrDb > GOOD_SNR_DB
  // Without white, grey may be as dark as is good.
  const part = white === null ? (steady === null ? DARK_GREY : DEFAULT_GREY_RATIO) : 1
  const mostSwing = (swing + (uncertainty.swing ?? 0)) / part
  const [constant, constantError] = [timeConstantS ?? 0, uncertainty.timeConstantS ?? 0]
  // A sensor that is too slow to show all of the light needs no more of it: a larger gain resistor would make it slower.
  const ofLight = seenPart(symbolRateHz * (constant + constantError))
  const isWeak = isFullScaleKnown && mostSwing < LIGHT_LIMITS.swing.good[0] * ofLight
  const isInverted = (white ?? 1) < (black ?? 0)
  const isBlackClipped = isInverted ? clipped.high : clipped.low
  const ratioError = uncertainty.greyRatio ?? 0
  const isDark = ratio !== null && ratio + ratioError < DARK_GREY
  const isBright = ratio !== null && ratio - ratioError > BRIGHT_GREY
  // A fall that is certain is what makes grey dark, though that is not certain alone.
  const seemsDark = ratio !== null && ratio < DARK_GREY
  const slowSymbols = symbolRateHz * (constant - constantError)
  const isSlow =
    isCertain && slowSymbols > (seemsDark ? SLOW_DARK_SYMBOLS : LIGHT_LIMITS.timeConstant.good[1])
  const unevenSymbols = hasSync ? reception.timingSpread.rmsS * symbolRateHz : 0
  const ofNoise = snrDb === null ? 0 : UNEVEN_BY_NOISE / 10 ** (snrDb / 20)
  const isUneven = unevenSymbols > Math.hypot(UNEVEN_SYMBOLS, ofNoise)
  const samplesASymbol = 1 / (symbolRateHz * sampleS)
  const flickerPart = ((flicker?.peak ?? 0) - (uncertainty.flickerPeak ?? 0)) / mostSwing
  const shield = `Other light flickers at ${flicker?.frequencyHz} Hz: shield the sensor, or switch the lamp off.`

  // Causes come before what they cause.
  // Where nothing blinked, nothing tells whether the sensor's level rises or falls with light.
  if (held !== null && held < NEAR_END && swing < NEAR_END)
    return 'Nothing blinked, and the level stays at the low end: if it rises with light, check that the LED lights up and that the sensor faces it; if it falls, keep other light away.'
  if (held !== null && held > 1 - NEAR_END)
    return 'Nothing blinked, and the level stays at the high end: if it rises with light, keep other light away; if it falls, check that the LED lights up and that the sensor faces it.'
  if (isFullScaleKnown && isSaturated(levels) && reason !== 'no-marker')
    return 'The sensor saturates: use a smaller gain resistor, dim the LED, or keep other light away.'
  if (reason === 'tlv') return RECEPTION_FAILURES.tlv
  if (reason === 'no-light' && flicker)
    return `Nothing was seen but flicker of ${flicker.frequencyHz} Hz, as from a lamp: check that the LED lights up, and that the sensor faces it.`
  if (reason === 'no-light') return RECEPTION_FAILURES['no-light']
  if (isCutOff && isCertain)
    return 'The capture ended within the message: capture until the light has ended.'
  if (hasSync && grade(LIGHT_LIMITS.samplesPerSymbol, samplesASymbol) === 'bad')
    return `There were only ${samplesASymbol.toFixed(1)} samples a symbol: take three or more, or use a lower symbol rate.`
  if (isWeak && isCertain)
    return 'The light is weak: move the sensor closer to the LED, or use a larger gain resistor.'
  if (isWeak)
    return 'The light is weak beside its noise: use a lower symbol rate, or move the sensor closer to the LED.'
  if (flickerPart > HUGE_FLICKER) return shield
  if (isSlow) return 'The sensor is slow: use a smaller gain resistor, or a lower symbol rate.'
  if (isDark && isBlackClipped)
    return "Black is beyond the end of the sensor's range, so that grey seems dark: shift the offset of the sensor."
  if (isCertain && isDark)
    return `Grey is ${ratio.toFixed(2)} of white: set the grey ratio to about 0.52, or, if it is, use a lower symbol rate, as the sensor may be slow.`
  // Below the end of its range a sensor may saturate too, at the supply of what is behind it.
  if (isCertain && isBright)
    return `Grey is ${ratio.toFixed(2)} of white: set the grey ratio to about 0.52, or, if it is, keep the sensor from saturating.`
  if (flickerPart > LOUD_FLICKER) return shield
  // What it hits may be lost, and seem noise. An LED that stays on is lost, too, and seems other light.
  if (reason === null && quality.lightSwitches > 0)
    return 'The light is good, but other light was switched on or off within the message: keep it away.'
  if (reason !== 'lost-symbol' && quality.lightSwitches > 0)
    return 'Other light was switched on or off within the message: keep it away, and send again.'
  // A slow sensor's tail is not all that noise is.
  if (isNoisy && symbolRateHz * constant > LIGHT_LIMITS.timeConstant.good[1]) return SLOW
  if (isNoisy)
    return 'The light is noisy: bring the sensor closer, shield it, or use a lower symbol rate.'
  if (isUneven)
    return 'The symbols come at uneven times: use an emitter that keeps time, or a lower symbol rate.'
  if (reason === null) return 'The light is good: nothing needs to be changed.'
  if (reason === 'no-marker' && !hasSync)
    return 'The level changed, but not like a sync: check that the LED plays the message, at 5 to 2,500 symbols a second and with three samples or more of each, and capture from before it begins.'
  if (reason === 'no-marker' && isGood)
    return 'The light was good, but had one lit level and no marker: check that the sender sends a message of grey and white, that the sensor does not saturate, and capture from before the message begins.'
  if (reason === 'lost-symbol' && isGood)
    return 'The light was good, but broke off or skipped a symbol: check that the sender plays the whole message, evenly.'
  if ((reason === 'crc' || reason === 'length') && isGood)
    return 'The light was good, but its bytes were not: check the program that made the symbols and that it sent them all, and keep other senders away.'
  return RECEPTION_FAILURES[reason]
}
