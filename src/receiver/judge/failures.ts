import { LIGHT_LIMITS, READABLE_GREY } from '../../light/limits.js'
import { greyRatio, type ReceivedLevels } from './quality.js'

/** Every reason why a reception can fail, with what it means and what to do about it. */
export const RECEPTION_FAILURES = {
  'no-light':
    'The light hardly changed: check that the LED lights up, that the sensor faces it, and that its gain resistor is large enough.',
  saturated:
    "The level is at the end of the sensor's range: use a smaller gain resistor, dim the LED, or keep other light away.",
  'grey-near-black':
    'Grey is too dark to be told from black: set the grey ratio to about 0.52 of white.',
  'grey-near-white':
    'Grey is too bright to be told from white: set the grey ratio to about 0.52 of white.',
  'lost-symbol':
    'A black-to-lit edge was missing, or there was one too many: shield the sensor, use a lower symbol rate, and capture until the light has ended.',
  'no-marker':
    'There was light but no marker after a sync: check that a message was sent, with three levels and white brighter than grey, and capture from before it begins.',
  length:
    'The length byte does not match the bytes that arrived: send again, at a lower symbol rate or with less other light.',
  crc: 'The CRC does not match the bytes: send again, at a lower symbol rate or with less other light.',
  uncertain:
    'The CRC fits, but noise or something that changed the light may have made the packet of another one: send again, with nothing in the way of the light, at a lower symbol rate or with less other light.',
  tlv: 'The CRC is right but the settings inside are malformed: check the program that encoded them.',
} as const

export type ReceptionFailure = keyof typeof RECEPTION_FAILURES

const [MIN_GREY_RATIO, MAX_GREY_RATIO] = READABLE_GREY
const [, BRIGHTEST] = LIGHT_LIMITS.white.marginal

/** What is wrong with a grey ratio; null when nothing is, or it is not known. */
export function greyFailure(ratio: number | null): ReceptionFailure | null {
  if (ratio === null) return null
  if (ratio < MIN_GREY_RATIO) return 'grey-near-black'
  return ratio > MAX_GREY_RATIO ? 'grey-near-white' : null
}

/** Whether the brightest level that was seen is at the end of the sensor's range: the upper end, if there is but one level. */
export function isSaturated({ black, grey, white }: ReceivedLevels): boolean {
  const brightest = white ?? grey ?? black
  if (brightest === null || black === null) return false
  return brightest < black ? 1 - brightest > BRIGHTEST : brightest > BRIGHTEST
}

/**
 * Levels that no message can be read from explain a failure better than what they led to.
 *
 * @param isFullScaleKnown whether levels tell how near the sensor is to the end of its range
 */
export function diagnose(
  failure: ReceptionFailure,
  levels: ReceivedLevels,
  isFullScaleKnown: boolean,
): ReceptionFailure {
  const grey = greyFailure(greyRatio(levels))
  // White alone at the end is read, as long as grey is not near it.
  const without = grey === 'grey-near-white' ? levels : { ...levels, white: null }
  return isFullScaleKnown && isSaturated(without) ? 'saturated' : (grey ?? failure)
}
