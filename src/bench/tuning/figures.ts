import { type Grade, grade, LIGHT_LIMITS } from '../../light/limits.js'
import { BLACK, GREY, WHITE } from '../../modulation/index.js'
import { AIM_ADVICE, type AimVerdict, type AimView, greyRatioOfView, judgeAim } from '../aiming.js'
import type { LampFlicker } from './lamp-flicker.js'

/** A figure of the light beside what it should be. */
export interface TuningFigure {
  readonly name: 'black' | 'grey' | 'white' | 'swing' | 'grey ratio' | 'flicker'
  /** As parts of full scale, or for grey ratio and flicker of white's swing; null where it is not known. */
  readonly value: number | null
  /** What is good; null for what has no bounds of its own. */
  readonly good: readonly [least: number, most: number] | null
  readonly grade: Grade | null
  /** What is to be done, or its frequency; null where there is nothing to say. */
  readonly note: string | null
}

/** All figures of what is known of the light, whether or not it is. */
export function tuningFigures(view: AimView, flicker: LampFlicker | null): TuningFigure[] {
  const { black, grey, white } = view
  const lit = white ?? grey
  const isInverted = lit !== null && black !== null && lit < black
  const fromDark = (level: number | null): number | null =>
    level === null ? null : isInverted ? 1 - level : level
  const swing = white === null || black === null ? null : Math.abs(white - black)
  const ratio = greyRatioOfView(view)
  const ofSwing = flicker === null || !swing ? null : flicker.peakToPeak / swing
  const [least] = LIGHT_LIMITS.white.good
  const [lowest] = LIGHT_LIMITS.greyRatio.good
  const whiteLevel = fromDark(white)
  return [
    graded('black', black, fromDark(black), LIGHT_LIMITS.black, 'other-light', 'blinded'),
    { name: 'grey', value: grey, good: null, grade: null, note: null },
    whiteLevel !== null && whiteLevel < least
      ? graded('white', white, whiteLevel, LIGHT_LIMITS.white, 'rather-dark', 'too-dark')
      : graded('white', white, whiteLevel, LIGHT_LIMITS.white, 'rather-bright', 'too-bright'),
    graded('swing', swing, swing, LIGHT_LIMITS.swing, 'too-dark', 'too-dark'),
    ratio !== null && ratio < lowest
      ? graded('grey ratio', ratio, ratio, LIGHT_LIMITS.greyRatio, 'rather-grey-dark', 'grey-dark')
      : graded(
          ...(['grey ratio', ratio, ratio, LIGHT_LIMITS.greyRatio] as const),
          ...(['rather-grey-bright', 'grey-bright'] as const),
        ),
    withFrequency(
      graded('flicker', ofSwing, ofSwing, LIGHT_LIMITS.flicker, 'flicker', 'flicker'),
      flicker,
    ),
  ]
}

function graded(
  name: TuningFigure['name'],
  value: number | null,
  judged: number | null,
  band: { readonly good: readonly [number, number]; readonly marginal: readonly [number, number] },
  marginal: AimVerdict,
  bad: AimVerdict,
): TuningFigure {
  const { good } = band
  if (value === null || judged === null) return { name, value, good, grade: null, note: null }
  const found = grade(band, judged)
  const note = found === 'good' ? null : AIM_ADVICE[found === 'marginal' ? marginal : bad]
  return { name, value, good, grade: found, note }
}

function withFrequency(figure: TuningFigure, flicker: LampFlicker | null): TuningFigure {
  if (!flicker) return figure
  const { frequencyHz, peakToPeak } = flicker
  const size = `${frequencyHz.toFixed(1)} Hz, ${peakToPeak.toFixed(3)} peak to peak`
  return { ...figure, note: [size, figure.note].filter(Boolean).join('; ') }
}

/** How good all that is known of the light is: of the held level first, then as if white and grey were held. */
export function judgeKnown(view: AimView): AimVerdict {
  const held = judgeAim(view)
  if (view.held === BLACK ? held !== 'dark' : held !== 'good') return held
  const others = [
    [WHITE, view.white],
    [GREY, view.grey],
  ] as const
  for (const [level, seen] of others) {
    if (seen === null || level === view.held) continue
    const verdict = judgeAim({ ...view, held: level, now: { level: seen, low: seen, high: seen } })
    if (verdict !== 'good') return verdict
  }
  return view.white === null ? held : 'good'
}

/** How good a verdict is. */
export function gradeOfAim(verdict: AimVerdict): Grade | null {
  if (verdict === 'waiting') return null
  if (verdict === 'good' || verdict === 'dark') return 'good'
  return verdict.startsWith('rather-') || verdict === 'other-light' || verdict === 'flicker'
    ? 'marginal'
    : 'bad'
}
