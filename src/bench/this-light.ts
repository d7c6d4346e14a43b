import type { ClockMap } from '../light/clock.js'
import { grade, LIGHT_LIMITS, READABLE_GREY } from '../light/limits.js'
import { BLACK, type SymbolSequence, WHITE } from '../modulation/index.js'
import type { ReceivedMessage, Reception } from '../receiver/index.js'
import type { PlayReport } from '../rig/rig.js'

/**
 * By how much of a symbol a light that was seen may differ from the one that was played. A slow or noisy sensor, with
 * which the receiver still reads a message, moves its ends by 0.65 at most (`npm run bench:receiver`).
 */
const MOST_SYMBOLS_OFF = 0.75
/** Of two clocks that were not compared, ceramic resonators of half a per cent; beside the uncertainty of the figure. */
const MOST_RATE_ERROR = 0.01
/** From here on what was seen is other light than a message that was read in part. */
const OTHER_RATE = 0.05

/** Of two clocks: ten times what USB and a busy computer make of five readings. A neighbour may play as shortly after. */
const MOST_UNCERTAIN_S = 0.1

/** How the light that was seen differs from the one that was played, by the photodiode's clock. */
export interface LightComparison {
  /** By how much its first symbol, or a later one of the sync that was read first, and its last were late. */
  readonly beginLateS: number
  readonly endLateS: number
  /** Seen and played, less one. */
  readonly rateError: number
  /** Seen less played; null where either is not known. */
  readonly greyError: number | null
  /** What the times may be off: a part of a symbol, and what is not known of two clocks. */
  readonly toleranceS: number
}

/**
 * Compares a message that was received with the light that was played.
 *
 * @returns the figures, and what differs, in words: nothing for the light of this rig
 */
export function compareLight(
  { levels }: SymbolSequence,
  play: PlayReport,
  reception: ReceivedMessage,
  clocks: ClockMap,
): { light: LightComparison; differences: string[] } {
  const playedHz = play.symbolRateHz / clocks.rate
  const seenHz = reception.symbolRateHz
  const playedS = (symbol: number): number => play.startS + symbol / play.symbolRateHz
  const timeS = (symbol: number): number => clocks.at(playedS(symbol), play.clock)
  const firstLit = levels.findIndex((level) => level !== BLACK)
  const uncertaintyS = Math.max(
    ...[0, levels.length].map((symbol) => clocks.uncertaintyS(playedS(symbol))),
  )
  const toleranceS = MOST_SYMBOLS_OFF / playedHz + uncertaintyS
  const bitS = 2 / playedHz
  const sinceFirstS = reception.startS - timeS(firstLit)
  // The first bits of the sync may have been missed.
  const missedBits = Math.round(sinceFirstS / bitS)
  const isInSync = missedBits >= 0 && firstLit + 2 * missedBits <= levels.indexOf(WHITE)
  const beginLateS = isInSync ? sinceFirstS - missedBits * bitS : sinceFirstS
  const endLateS = reception.endS - timeS(1 + levels.findLastIndex((level) => level !== BLACK))
  const rateError = seenHz / playedHz - 1
  const greyError =
    play.greyRatio === null || reception.greyRatio === null
      ? null
      : reception.greyRatio - play.greyRatio
  const { low, high } = reception.quality.clipped
  const { uncertainty } = reception.quality
  // What noise may have made of it is no other light.
  const leastGreyError =
    Math.sign(greyError ?? 0) * Math.max(0, Math.abs(greyError ?? 0) - (uncertainty.greyRatio ?? 0))
  const isGreyKnown = greyError !== null && !low && !high

  const differences: string[] = []
  if (!(uncertaintyS <= MOST_UNCERTAIN_S)) {
    differences.push(`its time is known only to within ${uncertaintyS.toFixed(3)} s`)
  }
  if (!(Math.abs(beginLateS) <= toleranceS)) differences.push(`it began ${late(beginLateS)}`)
  if (!(Math.abs(endLateS) <= toleranceS)) differences.push(`it ended ${late(endLateS)}`)
  const rateUncertainty = (uncertainty.symbolRateHz ?? 0) / seenHz
  if (!(Math.abs(rateError) <= MOST_RATE_ERROR + rateUncertainty)) {
    differences.push(`its symbol rate is ${seenHz.toFixed(3)} Hz, not ${playedHz.toFixed(3)} Hz`)
  }
  if (isGreyKnown && grade(LIGHT_LIMITS.greyError, leastGreyError) === 'bad') {
    differences.push(
      `its grey ratio is ${reception.greyRatio?.toFixed(3)}, not ${play.greyRatio?.toFixed(3)}`,
    )
  }
  return { light: { beginLateS, endLateS, rateError, greyError, toleranceS }, differences }
}

/**
 * Why the light that was played cannot have been seen as it was, in a sentence: known from what was played, whatever the receiver
 * makes of what came of it. Null where that may be so.
 */
export function whyUnreadable(
  play: PlayReport,
  reception: Reception,
  clocks: ClockMap,
  sampleRateHz: number,
): string | null {
  const playedHz = play.symbolRateHz / clocks.rate
  const samples = sampleRateHz / playedHz
  if (grade(LIGHT_LIMITS.samplesPerSymbol, samples) === 'bad') {
    return `There were only ${samples.toFixed(1)} samples of each symbol that was played: take three or more, or use a lower symbol rate.`
  }
  const { greyRatio } = play
  const [darkest, brightest] = READABLE_GREY
  if (greyRatio !== null && (greyRatio < darkest || greyRatio > brightest)) {
    return `Grey was played at ${greyRatio.toFixed(2)} of white, which is not to be told from black or white: set the grey ratio to about 0.52.`
  }
  const seenHz = reception.kind === 'no-sync' ? playedHz : reception.symbolRateHz
  const errorHz = reception.quality.uncertainty.symbolRateHz ?? 0
  if (Math.abs(seenHz - playedHz) > OTHER_RATE * playedHz + errorHz) {
    return `What was seen at ${seenHz.toFixed(1)} Hz is not the message, which was played at ${playedHz.toFixed(1)} Hz: check that the LED lights up and that the sensor faces it, and keep other light away.`
  }
  return null
}

function late(seconds: number): string {
  return `${Math.abs(seconds).toFixed(3)} s too ${seconds > 0 ? 'late' : 'early'}`
}
