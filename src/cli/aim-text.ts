import {
  AIM_ADVICE,
  AIM_REMEDIES,
  type AimVerdict,
  type AimView,
  greyRatioOfView,
  judgeAim,
  swingOfView,
} from '../bench/aiming.js'
import { BLACK } from '../modulation/index.js'
import { clippingOf } from '../receiver/judge/quality.js'
import type { Made } from './document.js'
import { withRemedy } from './remedies.js'

/** The levels by their numbers. */
export const LEVEL_NAMES = ['black', 'grey', 'white'] as const

const MOST_BAR = 40
const LEAST_BAR = 4
const BAR_ENDS = 2

/** The view as two lines for a terminal, neither wider than its columns: a bar with numbers, and what to do. */
export function aimLines(view: AimView, columns: number): readonly [bar: string, advice: string] {
  const level = view.now?.level ?? 0
  const name = LEVEL_NAMES[view.held]
  const shown = view.now === null ? '–' : level.toFixed(2)
  const all = [shown, ...details(view, 2)].join('  ')
  const room = columns - name.length - BAR_ENDS - 2 * ' '.length
  const numbers = all.length + LEAST_BAR <= room ? all : shown
  const width = Math.min(MOST_BAR, Math.max(0, room - numbers.length))
  const bar = '█'.repeat(Math.round(level * width)).padEnd(width)
  return [
    `${name} ▕${bar}▏ ${numbers}`.slice(0, columns),
    adviceOf(judgeAim(view)).slice(0, columns),
  ]
}

/** The view as one line of plain text. */
export function aimLine(view: AimView): string {
  const level = view.now === null ? 'not seen' : view.now.level.toFixed(3)
  const parts = [`${LEVEL_NAMES[view.held]} ${level}`, ...details(view, 3)]
  return `${parts.join(', ')}: ${adviceOf(judgeAim(view))}\n`
}

/** The view as members of a JSON document: null for what was not seen. */
export function aimFigures(
  view: AimView,
): Omit<Made<'blinkup.aim/1'>, 'schema' | 'rig' | 'lostSamples' | 'error'> {
  const { held, now, black, grey, white } = view
  const verdict = now && judgeAim(view)
  return {
    held: LEVEL_NAMES[held],
    levels: { black, grey, white },
    swing: swingOfView(view),
    greyRatio: greyRatioOfView(view),
    flicker: now && now.high - now.low,
    clipped: now && clippingOf(now.low, now.high),
    verdict,
    advice: verdict && adviceOf(verdict),
  }
}

const adviceOf = (verdict: AimVerdict): string =>
  withRemedy(AIM_ADVICE[verdict], AIM_REMEDIES[verdict])

function details(view: AimView, digits: number): string[] {
  const { held, now, black } = view
  const isLit = held !== BLACK
  const figures: readonly [name: string, value: number | null][] = [
    ['swing', isLit ? swingOfView(view) : null],
    ['black', isLit ? black : null],
    ['grey ratio', isLit ? greyRatioOfView(view) : null],
    ['flicker', now && now.high - now.low],
  ]
  return figures.flatMap(([name, value]) =>
    value === null ? [] : [`${name} ${value.toFixed(digits)}`],
  )
}
