import { type Grade, grade, LEAST_CHANGE, LIGHT_LIMITS } from '../light/limits.js'
import { type Check, failure, ok, warning } from '../rig/check.js'
import type { Remedy } from '../rig/errors.js'
import type { LightLevels } from './light-levels.js'

/** Judges light by `LIGHT_LIMITS`, and says how to mend it: what is marginal is a warning, what is worse a failure. */
export function checkLight({ black, flicker, grey, white, greyRatio }: LightLevels): Check[] {
  const part = (level: number): string => level.toFixed(3)
  const swing = Math.abs(white - black)
  // Of an inverting sensor, as if its level rose with light.
  const fromDark = (level: number): number => (white < black ? 1 - level : level)
  if (!(swing >= LEAST_CHANGE.ofMeans)) {
    const finding = `the sensor does not see the LED: ${part(black)} dark, ${part(white)} lit`
    const repair = 'check that the LED lights up, and that the sensor faces it'
    return [failure('light', finding, repair)]
  }
  const whiteLevel = fromDark(white)
  const isWeak = grade(LIGHT_LIMITS.swing, swing) === 'bad'
  const isDim = isWeak || whiteLevel < LIGHT_LIMITS.white.good[0]
  return [
    graded(
      'black',
      grade(LIGHT_LIMITS.black, fromDark(black)),
      `${part(black)} of full scale, with the LED dark`,
      'keep other light away, or check that the LED is really dark',
    ),
    graded(
      'flicker',
      grade(LIGHT_LIMITS.flicker, flicker / swing),
      `${part(flicker)} peak to peak, with a swing of ${part(swing)}`,
      'put a tube over LED and sensor',
    ),
    graded(
      'white',
      isWeak ? 'bad' : grade(LIGHT_LIMITS.white, whiteLevel),
      `${part(white)}, a swing of ${part(swing)}`,
      isDim
        ? 'too little light: aim better, move closer, or use a larger gain resistor'
        : 'the sensor saturates, or nearly: use a smaller gain resistor, or less current in the LED',
    ),
    graded(
      'grey',
      grade(LIGHT_LIMITS.greyRatio, greyRatio),
      `${part(grey)}, ${part(greyRatio)} of white`,
      'set it to about 0.52, or change the resistors',
      'set-grey-ratio',
    ),
  ]
}

function graded(
  name: string,
  grade: Grade,
  finding: string,
  repair: string,
  remedy?: Remedy,
): Check {
  if (grade === 'good') return ok(name, finding)
  return (grade === 'marginal' ? warning : failure)(name, finding, repair, remedy)
}
