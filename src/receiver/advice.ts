import { DEFAULT_GREY_RATIO } from '../modulation/index.js'
import { isSaturated, RECEPTION_FAILURES } from './failures.js'
import type { Reception } from './reception.js'

// Beyond these something is worth to be changed on the bench. A swing of 0.1 is what an imp needs (protocol.md
// section 4); grey is nominally 0.52 of white.
const LEAST_SWING = 0.1
const DARK_GREY = 0.4
const BRIGHT_GREY = 0.65
const LOUD_FLICKER = 0.05
const SLOW_SYMBOLS = 0.2
/** Rms of the edges' deviation, in symbols. */
const UNEVEN = 0.1
const LOW_SNR_DB = 16
/** Flicker so near to the swing makes levels uncertain. */
const HUGE_FLICKER = 0.25
// A sensor so slow that too little is seen of its fall makes grey darker.
const SLOW_DARK_SYMBOLS = 0.12
/** Levels are known from so much on. */
const CERTAIN_SNR_DB = 9
/** With as much no bit is wrong but those that were sent so. */
const GOOD_SNR_DB = 25
/** A steady level so near to an end is that of a dark sensor, or of a blinded one. */
const NEAR_END = 0.07

/**
 * What to change on the bench first, in one sentence.
 *
 * @param isCutOff whether the light was lost where the capture ended
 */
export function advise(
  { reason, levels, greyRatio, quality, symbolRateHz, timingSpread }: Omit<Reception, 'advice'>,
  isCutOff: boolean,
): string {
  const { swing, snrDb, flicker, timeConstantS, clipped } = quality
  const hasSync = symbolRateHz !== null
  const isCertain = snrDb === null || snrDb > CERTAIN_SNR_DB
  // Where nothing blinked, nothing tells whether the sensor's level rises or falls with light.
  if (!hasSync && levels.black !== null && levels.black < NEAR_END && swing < NEAR_END) {
    return 'Nothing blinked, and the level stays at the low end: if it rises with light, check that the LED lights up and that the sensor faces it; if it falls, keep other light away.'
  }
  if (!hasSync && levels.black !== null && levels.black > 1 - NEAR_END) {
    return 'Nothing blinked, and the level stays at the high end: if it rises with light, keep other light away; if it falls, check that the LED lights up and that the sensor faces it.'
  }
  if (isSaturated(levels)) {
    return 'The sensor saturates: reduce its gain resistor or the LED current, or keep other light away.'
  }
  if (reason === 'tlv') return RECEPTION_FAILURES[reason]
  if (reason === 'no-light') {
    return flicker
      ? `Nothing was seen but flicker of ${flicker.frequencyHz} Hz, as lamps on the mains have it: check that the LED lights up, and that the sensor faces it.`
      : RECEPTION_FAILURES[reason]
  }
  if (isCutOff && isCertain)
    return 'The capture ended within the message: capture until the light has ended.'
  const whiteSwing = levels.white === null ? swing / DEFAULT_GREY_RATIO : swing
  if (whiteSwing < LEAST_SWING) {
    // Of the light that a very slow sensor sees hardly anything changes.
    return isCertain
      ? 'The light is weak: move the sensor closer to the LED, or use a larger gain resistor.'
      : 'The light is weak beside its noise: use a lower symbol rate, or move the sensor closer to the LED.'
  }
  const lamp =
    flicker &&
    `Mains light flickers at ${flicker.frequencyHz} Hz: shield the sensor, or switch the lamp off.`
  if (lamp && flicker.peak > HUGE_FLICKER * swing) return lamp
  const isDark = (greyRatio ?? 1) < DARK_GREY
  const slowSymbols = (timeConstantS ?? 0) * (symbolRateHz ?? 0)
  if (isCertain && slowSymbols > (isDark ? SLOW_DARK_SYMBOLS : SLOW_SYMBOLS)) {
    return 'The sensor is slow: use a smaller gain resistor, or a lower symbol rate.'
  }
  const isInverted = (levels.white ?? 1) < (levels.black ?? 0)
  if (isDark && (isInverted ? clipped.high : clipped.low)) {
    return "Black is beyond the end of the sensor's range, so that grey seems dark: shift the offset of the sensor."
  }
  if (isCertain && greyRatio !== null && (isDark || greyRatio > BRIGHT_GREY)) {
    return `Grey is ${greyRatio.toFixed(2)} of white: set the grey ratio to about 0.52.`
  }
  if (lamp && flicker.peak > LOUD_FLICKER * swing) return lamp
  if (snrDb !== null && snrDb < LOW_SNR_DB) {
    return 'The light is noisy: bring the sensor closer, shield it, or use a lower symbol rate.'
  }
  if (timingSpread && timingSpread.rmsS * (symbolRateHz ?? 0) > UNEVEN) {
    return 'The symbols are not even: use an emitter that keeps time, or a lower symbol rate.'
  }
  if (reason === null) return 'The light is good: nothing needs to be changed.'
  if (reason === 'no-marker' && !hasSync) {
    return 'The level changed, but not like a sync: check that the LED plays the message, at 5 to 2,500 symbols a second and three samples of each or more, and capture from before it begins.'
  }
  const isGood = snrDb === null || snrDb > GOOD_SNR_DB
  if (isGood && reason === 'lost-symbol') {
    return 'The light was good, but broke off or skipped a symbol: check that the sender plays the whole message, evenly.'
  }
  if (isGood && (reason === 'crc' || reason === 'length')) {
    return 'The light was good, but not its bytes: check the program that made the symbols and that it sent them all, and keep other senders away.'
  }
  return RECEPTION_FAILURES[reason]
}
