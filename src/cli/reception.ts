import type { DeviceConfig } from '../packet/index.js'
import { RECEPTION_FAILURES, type ReceptionFailure } from '../receiver/index.js'
import type { Decoded, Measured } from './file-decoder.js'
import { shownHex, shownSettings } from './secrets.js'

/** What there is to say under a label; null for nothing. */
export type Row = readonly [label: string, text: string | null]

/** Lines of text, one for each row that says something. */
export function formatRows(rows: readonly Row[]): string[] {
  return rows.flatMap(([label, text]) => (text === null ? [] : [label.padEnd(13) + text]))
}

/** A failure in words: its name, what it means and what to do about it. */
export function formatFailure(reason: ReceptionFailure): string {
  return `${reason}: ${RECEPTION_FAILURES[reason]}`
}

/** Settings in words. */
export function formatSettings(config: DeviceConfig, showSecrets: boolean): string {
  return JSON.stringify(shownSettings(config, showSecrets))
}

/** What a reception shows of its light, and the advice unless the failure's own sentence is the same. */
export function receptionRows(reception: Decoded, showSecrets: boolean): Row[] {
  const { reason, repaired, advice = null } = reception
  return [
    ...(isMeasured(reception) ? lightRows(reception) : []),
    [
      'repaired',
      repaired
        ? `with ${repaired.bits} ${repaired.bits === 1 ? 'bit' : 'bits'} changed it would be ${formatSettings(repaired.config, showSecrets)}; that is a guess, no pass`
        : null,
    ],
    ['advice', reason && advice === RECEPTION_FAILURES[reason] ? null : advice],
  ]
}

/** What a reception shows of its light, as members of a JSON document: null for what was not measured. */
export function receptionFigures(
  { levels, scaleV, timingSpread, quality, repaired, advice }: Decoded,
  showSecrets: boolean,
) {
  return {
    levels: levels ?? null,
    ...(scaleV && { scaleV }),
    timingSpread: timingSpread ?? null,
    quality: quality ?? null,
    repaired: repaired
      ? {
          bits: repaired.bits,
          packetHex: shownHex(repaired.packet, showSecrets),
          config: shownSettings(repaired.config, showSecrets),
        }
      : null,
    advice: advice ?? null,
  }
}

/** Whether a reception is one of light, not of symbols. */
export function isMeasured(reception: Decoded): reception is Measured {
  return reception.quality !== undefined
}

function lightRows(reception: Measured): Row[] {
  const { levels, scaleV, greyRatio, symbolRateHz, timingSpread, quality } = reception
  const { swing, snrDb, eyeHeight, eyeWidth, leastCertainBit, flicker, timeConstantS, clipped } =
    quality
  const { zero, full } = scaleV ?? { zero: 0, full: 1 }
  const unit = scaleV ? 'V' : 'of full scale'
  const size = (part: number): string => ((full - zero) * part).toFixed(3)
  const seen = Object.entries(levels).map(
    ([name, level]) =>
      `${name} ${level === null ? 'not seen' : (zero + (full - zero) * level).toFixed(3)}`,
  )
  const grey = greyRatio === null ? '' : `; grey ratio ${greyRatio.toFixed(3)}`
  const height = eyeHeight === null ? '' : `${percent(eyeHeight)} high, `
  // Beyond some quarter of a symbol it may be of a slower sensor (see SignalQuality).
  const isLong = (timeConstantS ?? 0) * (symbolRateHz ?? 0) > 0.25
  const ends = [clipped.low && 'low', clipped.high && 'high'].filter(Boolean)
  return [
    ['levels', `${seen.join(', ')}, swing ${size(swing)} ${unit}${grey}`],
    [
      'symbol rate',
      symbolRateHz && timingSpread
        ? `${symbolRateHz.toFixed(3)} Hz; edges ${ms(timingSpread.rmsS)} rms off their grid, ${ms(timingSpread.maxS)} at most`
        : 'no sync was seen',
    ],
    [
      'noise',
      snrDb === null ? null : `${snrDb.toFixed(1)} dB below half the step from grey to white`,
    ],
    ['eye', eyeWidth === null ? null : `${height}${percent(eyeWidth)} wide`],
    [
      'weakest bit',
      leastCertainBit && `${leastCertainBit.bit}, ${percent(leastCertainBit.margin)} of its margin`,
    ],
    ['flicker', flicker && `${flicker.frequencyHz} Hz, peak ${size(flicker.peak)} ${unit}`],
    [
      'sensor',
      timeConstantS === null
        ? null
        : `time constant ${isLong ? 'at least' : 'about'} ${ms(timeConstantS, 2)}`,
    ],
    ['clipped', ends.length === 0 ? null : ends.join(' and ')],
  ]
}

const percent = (part: number): string => `${(100 * part).toFixed(0)} %`

const ms = (seconds: number, digits = 3): string => `${(1000 * seconds).toFixed(digits)} ms`
