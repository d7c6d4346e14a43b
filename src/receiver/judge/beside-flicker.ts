import { SYMBOLS_PER_BIT } from '../../modulation/index.js'
import type { KnownFlicker } from '../flicker/flicker.js'
import { type SignalQuality, TWO_SIDED_95 } from './quality.js'
import { firstFallOf, timeConstantError } from './time-constant.js'

// Of the light of a lit symbol in a message with as many ones as zeros, as a part of the swing.
const MEAN_LIGHT = 0.76

/**
 * The quality of a message beside flicker: what that adds to each bit alike is taken for levels, and for the sensor's fall. A figure
 * that it may have made alone is none.
 *
 * @param bits of how many its figures are means
 */
export function besideFlicker(
  quality: Omit<SignalQuality, 'flicker'>,
  { frequencyHz, peak, peakRms }: KnownFlicker,
  symbolRateHz: number,
  bits: number,
): SignalQuality {
  const { uncertainty, swing } = quality
  // From bit to bit its phase turns, so that on the mean little is left, unless it turns by whole periods.
  const turn = (Math.PI * frequencyHz * SYMBOLS_PER_BIT) / symbolRateHz
  const alike = peak * Math.min(1, 1 / (bits * Math.abs(Math.sin(turn))))
  const quarterPeriods = frequencyHz / (4 * symbolRateHz)
  const fall = (2 * alike * Math.sin(Math.PI * quarterPeriods) ** 2) / (Math.PI * quarterPeriods)
  const timeConstantS = constantError(quality, symbolRateHz, fall)
  const isClear = quality.timeConstantS !== null && quality.timeConstantS > (timeConstantS ?? 0)
  return {
    ...quality,
    flicker: { frequencyHz, peak },
    timeConstantS: isClear ? quality.timeConstantS : null,
    uncertainty: {
      ...uncertainty,
      swing: and(uncertainty.swing, 2 * alike),
      greyRatio: and(uncertainty.greyRatio, (2 * alike) / swing),
      timeConstantS: isClear ? timeConstantS : null,
      flickerPeak: TWO_SIDED_95 * peakRms,
    },
  }
}

/** Of a sensor's time constant, where each quarter of a symbol may fall by so much more. */
function constantError(
  { timeConstantS, swing, uncertainty }: Omit<SignalQuality, 'flicker'>,
  symbolRateHz: number,
  fall: number,
): number | null {
  if (timeConstantS === null) return null
  const symbols = timeConstantS * symbolRateHz
  const left = Math.exp(-1 / (4 * symbols))
  const first = firstFallOf(symbols, MEAN_LIGHT * swing)
  const error = timeConstantError({ first, second: left * first }, fall) / symbolRateHz
  return Math.hypot(uncertainty.timeConstantS ?? 0, error)
}

const and = (one: number | null, other: number): number | null =>
  one === null ? null : Math.hypot(one, other)
