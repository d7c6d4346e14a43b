import { grade, LEAST_CHANGE, LIGHT_LIMITS } from '../light/limits.js'
import { BLACK, DEFAULT_GREY_RATIO, GREY, type SymbolLevel, WHITE } from '../modulation/index.js'
import type { ReceivedLevels, SampleBlock } from '../receiver/index.js'
import type { Remedy } from '../rig/errors.js'
import { inOrder, mean, quantileOf } from './descriptive-statistics.js'

/** What is to be done about the light, in words for whoever holds LED and sensor in their hands. */
export const AIM_ADVICE = {
  waiting: 'waiting for the sensor',
  good: 'good: leave it like this',
  dark: 'good: it is dark',
  'no-light': 'no light is seen: check that the LED lights up, and that the sensor faces it',
  'too-dark': 'too dark: aim better, move it closer, or use a larger resistor',
  'rather-dark': 'a little dark: move it closer, or use a larger resistor',
  'rather-bright': 'a little bright: move it away, or use a smaller resistor',
  'too-bright': 'too bright: move it away, or use a smaller resistor',
  'other-light': 'too much other light: put a tube over LED and sensor',
  blinded: 'at the end of its range with the LED dark: block other light, or check the resistor',
  flicker: 'a lamp flickers: put a tube over LED and sensor',
  'rather-grey-dark': 'grey is a little dark compared with white: about 0.52 of it is best',
  'rather-grey-bright': 'grey is a little bright compared with white: about 0.52 of it is best',
  'grey-dark':
    'grey is too dark compared with white: raise the grey ratio, or change the LED resistors',
  'grey-bright':
    'grey is too bright compared with white: make white less bright, lower the grey ratio, or change the LED resistors',
} as const

export type AimVerdict = keyof typeof AIM_ADVICE

/** Where this package can help. */
export const AIM_REMEDIES: Readonly<Partial<Record<AimVerdict, Remedy>>> = {
  'grey-dark': 'set-grey-ratio',
  'grey-bright': 'set-grey-ratio',
}

/** What the sensor shows of a level, in parts of its full scale. */
export interface LevelReading {
  readonly level: number
  /** Ends of its range but for the rarest hundredth at each. */
  readonly low: number
  readonly high: number
}

/** What is known of the light: of the held level, and of the others as they were last. */
export interface AimView {
  readonly held: SymbolLevel
  /** Null until there are samples of it. */
  readonly now: LevelReading | null
  readonly black: number | null
  readonly grey: number | null
  readonly white: number | null
}

/** Samples of so long make a reading: some periods of mains flicker, and hardly a delay for the eye. */
export const READING_S = 0.25

/** Keeps what the sensor shows of each level while one after another is held. */
export class Aiming {
  #held: SymbolLevel = BLACK
  #samples: { timeS: number; level: number }[] = []
  /** By the number of the level, as each was last. */
  #levels: readonly (number | null)[] = [null, null, null]

  /** The samples to come are of this level. */
  hold(level: SymbolLevel): void {
    const { black, grey, white } = this.view
    this.#levels = [black, grey, white]
    this.#held = level
    this.#samples = []
  }

  /** Takes the levels that were seen otherwise, such as in a message. */
  know({ black, grey, white }: ReceivedLevels): void {
    this.#levels = [black, grey, white].map((level, n) => level ?? this.#levels[n] ?? null)
  }

  push({ timesS, levels }: SampleBlock): void {
    for (const [n, timeS] of timesS.entries()) {
      this.#samples.push({ timeS, level: levels[n] as number })
    }
    const newestS = this.#samples.at(-1)?.timeS ?? 0
    this.#samples = this.#samples.filter(({ timeS }) => timeS > newestS - READING_S)
  }

  get view(): AimView {
    const now = readingOf(this.#samples.map(({ level }) => level))
    const [black = null, grey = null, white = null] = this.#levels.map((level, n) =>
      n === this.#held ? (now?.level ?? level) : level,
    )
    return { held: this.#held, now, black, grey, white }
  }
}

/** Null without samples. */
export function readingOf(levels: readonly number[]): LevelReading | null {
  if (levels.length === 0) return null
  const sorted = inOrder(levels)
  return { level: mean(levels), low: quantileOf(sorted, 0.01), high: quantileOf(sorted, 0.99) }
}

/** From black to the held level, or of black to white; null when one of them is not known. */
export function swingOfView({ held, now, black, white }: AimView): number | null {
  const lit = held === BLACK ? white : (now?.level ?? null)
  return lit === null || black === null ? null : Math.abs(lit - black)
}

/** (grey - black) / (white - black); null unless all three are known. */
export function greyRatioOfView({ black, grey, white }: AimView): number | null {
  if (black === null || grey === null || white === null || white === black) return null
  return (grey - black) / (white - black)
}

/** How good the light is, by `LIGHT_LIMITS`. Causes come before what they cause. */
export function judgeAim(view: AimView): AimVerdict {
  const { held, now, white, grey } = view
  if (now === null) return 'waiting'
  const black = view.black ?? 0
  const lit = held === BLACK ? (white ?? grey ?? black) : now.level
  // Of a sensor whose level falls with light, as if it rose.
  const fromDark = (level: number): number => (lit < black ? 1 - level : level)
  const swing = swingOfView(view)
  const whiteSwing =
    swing === null || held !== GREY
      ? swing
      : white === null
        ? swing / DEFAULT_GREY_RATIO
        : Math.abs(white - black)
  const flickers =
    whiteSwing !== null &&
    whiteSwing >= LEAST_CHANGE.ofMeans &&
    grade(LIGHT_LIMITS.flicker, (now.high - now.low) / whiteSwing) !== 'good'

  if (grade(LIGHT_LIMITS.black, fromDark(black)) === 'bad') return 'blinded'
  if (held !== BLACK) {
    if (swing === null || swing < LEAST_CHANGE.ofMeans) return 'no-light'
    if (fromDark(now.level) > LIGHT_LIMITS.white.marginal[1]) return 'too-bright'
  }
  if (grade(LIGHT_LIMITS.black, fromDark(black)) !== 'good') return 'other-light'
  if (held !== BLACK && grade(LIGHT_LIMITS.swing, whiteSwing ?? 0) === 'bad') return 'too-dark'
  if (flickers) return 'flicker'
  if (held === BLACK) return 'dark'
  return held === WHITE ? judgeWhite(fromDark(now.level)) : judgeGrey(greyRatioOfView(view))
}

/** Whether nothing is to be changed. */
export function isGood(view: AimView): boolean {
  const verdict = judgeAim(view)
  return verdict === 'good' || verdict === 'dark'
}

function judgeWhite(level: number): AimVerdict {
  const [least, most] = LIGHT_LIMITS.white.good
  return level < least ? 'rather-dark' : level > most ? 'rather-bright' : 'good'
}

function judgeGrey(ratio: number | null): AimVerdict {
  if (ratio === null) return 'good'
  const graded = grade(LIGHT_LIMITS.greyRatio, ratio)
  if (graded === 'good') return 'good'
  const verdict = ratio < DEFAULT_GREY_RATIO ? 'grey-dark' : 'grey-bright'
  return graded === 'bad' ? verdict : `rather-${verdict}`
}
