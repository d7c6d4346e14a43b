import { VERDICT_FAILURES, type VerdictFailure } from '../bench/verdict.js'
import type { DeviceConfig } from '../packet/index.js'
import type { ReceptionFailure } from '../receiver/index.js'
import type { Decoded } from '../recording/file-decoder.js'
import type { Measured } from '../recording/ranging.js'
import type { LightFigures } from '../report/documents.js'
import { shownSettings } from './secrets.js'

/** What there is to say under a label; null for nothing. */
export type Row = readonly [label: string, text: string | null]

/** Lines of text, one for each row that says something. */
export function formatRows(rows: readonly Row[]): string[] {
  const shown = rows.filter(([, text]) => text !== null)
  const width = Math.max(13, ...shown.map(([label]) => label.length + 2))
  return shown.map(([label, text]) => label.padEnd(width) + text)
}

/** A failure in words: its name, what it means and what to do about it. */
export function formatFailure(reason: VerdictFailure): string {
  return `${reason}: ${VERDICT_FAILURES[reason]}`
}

/** Why there is no message; null where there is one. */
export const failureOfDecoded = (decoded: Decoded): ReceptionFailure | null =>
  'reason' in decoded ? decoded.reason : null

/** Settings in words. */
export function formatSettings(config: DeviceConfig, showSecrets: boolean): string {
  return JSON.stringify(shownSettings(config, showSecrets))
}

/** What a reception shows of its light, and the advice unless the failure's own sentence is the same. */
export function receptionRows(
  decoded: Decoded,
  failure: VerdictFailure | null = failureOfDecoded(decoded),
): Row[] {
  if (!isMeasured(decoded)) return []
  return [
    ...lightRows(decoded),
    ['advice', failure && decoded.advice === VERDICT_FAILURES[failure] ? null : decoded.advice],
  ]
}

/** What a reception shows of its light, as members of a JSON document. */
export function lightFigures(reception: Measured): LightFigures {
  const { levels, quality, advice } = reception
  return {
    levels,
    timingSpread: 'timingSpread' in reception ? reception.timingSpread : null,
    quality,
    advice,
  }
}

/** How the light was read, one row a reading, where that was asked for. */
export function traceRows(decoded: Decoded): Row[] {
  const trace = ('trace' in decoded && decoded.trace) || []
  return trace.map(
    (
      { cutBy, lit, lessFlicker, symbolRateHz, startS, markerS, logLikelihood, end, verdict },
      n,
    ) => [
      n === 0 ? 'tried' : '',
      [
        `by ${cutBy}, lit ${lit}${lessFlicker ? ', less flicker' : ''}`,
        `${symbolRateHz.toFixed(2)} Hz from ${startS.toFixed(3)} s`,
        markerS === null ? 'no marker' : `marker at ${markerS.toFixed(3)} s`,
        `${logLikelihood.toFixed(0)} nats`,
        `${end}: ${verdict}`,
      ].join('; '),
    ],
  )
}

/** Whether a reception is one of light, not of symbols. */
export const isMeasured = (decoded: Decoded): decoded is Measured => 'quality' in decoded

function lightRows(reception: Measured): Row[] {
  const { levels, scale, quality } = reception
  const { swing, snrDb, eyeHeight, eyeWidth, leastCertainBit, flicker, timeConstantS, clipped } =
    quality
  const { uncertainty } = quality
  const { zero, full } = scale ?? PARTS
  const digits = digitsOf(full - zero)
  const sizes = Math.abs(full - zero)
  /** A difference of levels, in the file's own unit and, where that is known, as a part of full scale. */
  const size = (part: number, error: number | null): string => {
    const parts = `${withError(part, error)} of full scale`
    if (!scale || (zero === 0 && full === 1 && scale.unit === null)) return parts
    const own = withError(sizes * part, error && sizes * error, digits)
    return [
      scale.unit === null ? own : `${own} ${scale.unit}`,
      ...(scale.isKnown ? [parts] : []),
    ].join(', ')
  }
  const seen = Object.entries(levels).map(
    ([name, level]) =>
      `${name} ${level === null ? 'not seen' : withoutSign((zero + (full - zero) * level).toFixed(digits))}`,
  )
  const ratio = 'greyRatio' in reception ? reception.greyRatio : null
  const grey = ratio === null ? '' : `; grey ratio ${withError(ratio, uncertainty.greyRatio)}`
  const height = eyeHeight === null ? '' : `${percent(eyeHeight)} high, `
  const symbolRateHz = reception.kind === 'no-sync' ? 0 : reception.symbolRateHz
  // Beyond some quarter of a symbol it may be of a slower sensor (see SignalQuality).
  const isLong = (timeConstantS ?? 0) * symbolRateHz > 0.25
  const ends = [clipped.low && 'low', clipped.high && 'high'].filter(Boolean)
  return [
    ['levels', `${seen.join(', ')}, swing ${size(swing, uncertainty.swing)}${grey}`],
    [
      'symbol rate',
      reception.kind === 'no-sync'
        ? 'no sync was seen'
        : `${withError(symbolRateHz, uncertainty.symbolRateHz)} Hz; edges ${ms(reception.timingSpread.rmsS)} rms off their grid, ${ms(reception.timingSpread.maxS)} at most`,
    ],
    [
      'noise',
      snrDb === null
        ? null
        : `${withError(snrDb, uncertainty.snrDb, 1)} dB below half the step from grey to white`,
    ],
    ['eye', eyeWidth === null ? null : `${height}${percent(eyeWidth)} wide`],
    [
      'weakest bit',
      leastCertainBit && `${leastCertainBit.bit}, ${percent(leastCertainBit.margin)} of its margin`,
    ],
    [
      'flicker',
      flicker && `${flicker.frequencyHz} Hz, peak ${size(flicker.peak, uncertainty.flickerPeak)}`,
    ],
    [
      'sensor',
      timeConstantS === null
        ? null
        : isLong
          ? `time constant at least ${ms(timeConstantS, 2)}`
          : `time constant ${withError(1000 * timeConstantS, 1000 * (uncertainty.timeConstantS ?? 0), 2)} ms`,
    ],
    ['clipped', ends.length === 0 ? null : ends.join(' and ')],
  ]
}

const PARTS = { zero: 0, full: 1 }

/** As many as show a thousandth of a scale, three at least. */
const digitsOf = (range: number): number =>
  Math.min(Math.max(3, 3 - Math.floor(Math.log10(Math.abs(range) || 1))), 15)

/** Without the sign of a zero that was rounded. */
const withoutSign = (shown: string): string =>
  Number(shown) === 0 ? shown.replace('-', '') : shown

/** A figure and what it may be off by with 95 % confidence, where that many digits show it. */
function withError(value: number, error: number | null, digits = 3): string {
  const shown = (error ?? 0).toFixed(digits)
  return Number(shown) > 0 ? `${value.toFixed(digits)} ± ${shown}` : value.toFixed(digits)
}

const percent = (part: number): string => `${(100 * part).toFixed(0)} %`

const ms = (seconds: number, digits = 3): string => `${(1000 * seconds).toFixed(digits)} ms`

/** When a reception began, where it has a time. */
export const placeOf = (decoded: Decoded): string =>
  'startS' in decoded ? ` at ${decoded.startS.toFixed(3)} s` : ''
