import { LEAST_CHANGE, LIGHT_LIMITS } from '../../light/limits.js'
import { DEFAULT_GREY_RATIO } from '../../modulation/index.js'
import type { ReceivedLevels } from '../../receiver/index.js'

/** R7 of wiring.md for most LEDs. */
export const DEFAULT_GAIN_OHM = 4700

/** A smaller one would want light that hardly any LED makes; a larger one makes the sensor too slow (wiring.md). */
const USUAL_OHM = [1000, 68_000] as const
/** What an input may say of one. */
export const GAIN_OHM = [10, 10_000_000] as const

/** Preferred values of a decade, IEC 60063. */
const E12 = [10, 12, 15, 18, 22, 27, 33, 39, 47, 56, 68, 82]
const E6 = [10, 15, 22, 33, 47, 68]

/** Where white is best (wiring.md). */
const BEST_WHITE = 0.6
const [LEAST_WHITE, MOST_WHITE] = LIGHT_LIMITS.white.good
const [, MOST_BLACK] = LIGHT_LIMITS.black.good
const [, SATURATED] = LIGHT_LIMITS.white.marginal

/** R7 times C1 of wiring.md, the least C1 that holds the voltage still for the ADC, and what the phototransistor has of its own. */
const SENSOR_S = 220e-6
const LEAST_FARAD = 10e-9
const OWN_FARAD = 5e-9
/** Of a symbol, up to which the sensor's time constant hardly moves grey (wiring.md). */
const MOST_OF_SYMBOL = 0.15

export interface GainAdvice {
  /**
   * `keep` it; `change` it; or what helps instead, as no usual resistor does: `look` at white first, `aim` at the LED, come
   * `closer`, go `away`, `shield` it from other light.
   */
  readonly kind: 'keep' | 'change' | 'look' | 'aim' | 'closer' | 'away' | 'shield'
  /** To be built in, with the capacitor beside it; null unless it is to be changed. */
  readonly change: {
    readonly ohm: number
    readonly farad: number
    /** Of the E12 value, as parts of full scale; of white the least, where it saturates now. */
    readonly black: number
    readonly white: number
    /** Up to this symbol rate the sensor is fast enough. */
    readonly symbolRateHz: number
  } | null
  /** In words. */
  readonly text: string
}

/**
 * Which resistor turns the sensor's current into the best levels. The voltage is the current times the resistor, so each level
 * goes with it: level * ohm' / ohm. Of an inverting sensor that is true of 1 - level.
 *
 * @param levels in parts of full scale, seen with a resistor of `ohm`
 */
export function adviseGain(levels: ReceivedLevels, ohm: number): GainAdvice {
  const has = formatOhms(ohm)
  const light = lightOf(levels)
  if (!light) {
    return only('look', `with ${has}: hold white, or send a message, to know whether it is right`)
  }
  const { black, white } = light
  if (white - black < LEAST_CHANGE.ofMeans) {
    return only('aim', 'no resistor helps where no light is seen: aim first')
  }
  const isRight = ({ black, white }: Light): boolean =>
    white >= LEAST_WHITE && white <= MOST_WHITE && black <= MOST_BLACK
  if (isRight(light)) return only('keep', `${has} is right: white is at ${white.toFixed(2)}`)
  const scaled = (to: number): Light => ({ black: black * (to / ohm), white: white * (to / ohm) })
  const best = (ohm * BEST_WHITE) / white
  const [nearest] = usualResistors()
    .filter((to) => isRight(scaled(to)))
    .sort((a, b) => Math.abs(Math.log(a / best)) - Math.abs(Math.log(b / best)))
  if (nearest === undefined) return without({ light, best })
  const farad = capacitorFor(nearest)
  const change = {
    ohm: nearest,
    farad,
    ...scaled(nearest),
    symbolRateHz: MOST_OF_SYMBOL / (nearest * (farad + OWN_FARAD)),
  }
  const whiteText = change.white.toFixed(2)
  const text =
    `use ${formatOhms(nearest)} instead of ${has}, and ${Math.round(farad * 1e9)} nF beside it: white would be at ` +
    (isSaturated(levels) ? `${whiteText} or more, as it saturates now` : `about ${whiteText}`) +
    `, black at ${change.black.toFixed(2)}; fast enough for ${Number(change.symbolRateHz.toPrecision(2))} Hz`
  return { kind: 'change', change, text }
}

/** Such as "4.7 kΩ". */
export function formatOhms(ohm: number): string {
  const [per, unit] = ohm >= 1e6 ? [1e6, 'MΩ'] : ohm >= 1000 ? [1000, 'kΩ'] : [1, 'Ω']
  return `${Number((ohm / per).toPrecision(3))} ${unit}`
}

/** Both as parts of full scale above darkness. */
interface Light {
  readonly black: number
  readonly white: number
}

/** What the light makes of the sensor: white by grey where only that is known, or more certain. */
function lightOf(levels: ReceivedLevels): Light | null {
  const isInverted = (levels.white ?? levels.grey ?? 1) < (levels.black ?? 0)
  const [black, grey, white] = [levels.black, levels.grey, levels.white].map((level) =>
    level === null ? null : isInverted ? 1 - level : level,
  ) as [number | null, number | null, number | null]
  if (black === null) return null
  const byGrey =
    grey === null || grey > SATURATED ? null : black + (grey - black) / DEFAULT_GREY_RATIO
  if (white === null) return byGrey === null ? null : { black, white: byGrey }
  return { black, white: white > SATURATED ? Math.max(white, byGrey ?? 0) : white }
}

/** Whether white is more than can be told. */
const isSaturated = ({ black, grey, white }: ReceivedLevels): boolean =>
  grey === null && white !== null && (white < (black ?? 0) ? 1 - white : white) > SATURATED

const only = (kind: GainAdvice['kind'], text: string): GainAdvice => ({ kind, change: null, text })

/** What helps, as no usual resistor does. */
function without({ light: { black, white }, best }: { light: Light; best: number }): GainAdvice {
  if (black / white > MOST_BLACK / LEAST_WHITE) {
    return only('shield', 'no resistor helps beside so much other light: put a tube over both')
  }
  const [least, most] = USUAL_OHM
  return best > most
    ? only('closer', `more than ${formatOhms(most)} makes the sensor slow: move it closer`)
    : only('away', `less than ${formatOhms(least)} is of no use: move it away, or dim the LED`)
}

const usualResistors = (): number[] => {
  const [least, most] = USUAL_OHM
  return [100, 1000]
    .flatMap((decade) => E12.map((value) => value * decade))
    .filter((ohm) => ohm >= least && ohm <= most)
}

/** The preferred value nearest to the one with which the sensor is as fast as wiring.md's. */
function capacitorFor(ohm: number): number {
  const wanted = Math.max(LEAST_FARAD, SENSOR_S / ohm)
  const values = [1e-9, 1e-8].flatMap((decade) => E6.map((value) => value * decade))
  return values.sort(
    (a, b) => Math.abs(Math.log(a / wanted)) - Math.abs(Math.log(b / wanted)),
  )[0] as number
}
