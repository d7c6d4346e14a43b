import type { AmbientLight } from '../../bench/light-levels.js'
import { grade, LIGHT_LIMITS } from '../../light/limits.js'

/** What the sensor made of the last message that passed, in parts of its full scale. */
export interface KnownLight {
  readonly black: number
  readonly white: number
}

/**
 * Judges the light that there is before any of ours, by `LIGHT_LIMITS`.
 *
 * @param known null before the first message: nobody knows then how bright ours is
 * @returns what is wrong and what to do, in a sentence; null for light that a message can be read in
 */
export function judgeAmbient(
  { black, flicker }: AmbientLight,
  known: KnownLight | null,
): string | null {
  if (!known) return null
  const swing = Math.abs(known.white - known.black)
  // Of an inverting sensor, as if its level rose with light.
  const level = known.white < known.black ? 1 - black : black
  const percent = (part: number): string => `${Math.round(100 * part)} %`
  if (grade(LIGHT_LIMITS.black, level) === 'bad') {
    return `other light blinds the sensor (${percent(level)} of its range): cover it`
  }
  if (grade(LIGHT_LIMITS.flicker, flicker / swing) === 'bad') {
    return `other light flickers by ${percent(flicker / swing)} of ours: cover the sensor, or switch the lamp off`
  }
  return null
}
