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
const NARROW_EYE = 0.5
const LOW_SNR_DB = 16

/** What to change on the bench first, in one sentence. */
export function advise({
  reason,
  levels,
  greyRatio,
  quality,
  symbolRateHz,
}: Omit<Reception, 'advice'>): string {
  const { swing, snrDb, flicker, eyeWidth, timeConstantS } = quality
  if (isSaturated(levels)) {
    return 'The sensor saturates: reduce its gain resistor or the LED current, or keep other light away.'
  }
  if (reason === 'tlv' || reason === 'bytes-differ') return RECEPTION_FAILURES[reason]
  if (reason === 'no-light') {
    return flicker
      ? `Nothing was seen but flicker of ${flicker.frequencyHz} Hz, as lamps on the mains have it: check that the LED lights up, and that the sensor faces it.`
      : RECEPTION_FAILURES[reason]
  }
  const whiteSwing = levels.white === null ? swing / DEFAULT_GREY_RATIO : swing
  if (whiteSwing < LEAST_SWING) {
    return 'The light is weak: move the sensor closer to the LED, or use a larger gain resistor.'
  }
  if (greyRatio !== null && (greyRatio < DARK_GREY || greyRatio > BRIGHT_GREY)) {
    return `Grey is ${greyRatio.toFixed(2)} of white: set the grey ratio to about 0.52.`
  }
  if (flicker && flicker.peak > LOUD_FLICKER * swing) {
    return `Mains light flickers at ${flicker.frequencyHz} Hz: shield the sensor, or switch the lamp off.`
  }
  if (timeConstantS && symbolRateHz && timeConstantS * symbolRateHz > SLOW_SYMBOLS) {
    return 'The sensor is slow: use a smaller gain resistor, or a lower symbol rate.'
  }
  if (eyeWidth !== null && eyeWidth < NARROW_EYE) {
    return 'The symbols are not even: use an emitter that keeps time, or a lower symbol rate.'
  }
  if (snrDb !== null && snrDb < LOW_SNR_DB) {
    return 'The light is noisy: bring the sensor closer, shield it, or use a lower symbol rate.'
  }
  return reason === null
    ? 'The light is good: nothing needs to be changed.'
    : RECEPTION_FAILURES[reason]
}
