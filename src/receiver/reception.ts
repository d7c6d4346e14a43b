import type { DecodedConfig } from '../packet/index.js'
import type { SignalQuality } from './quality.js'

/** Every reason why a reception can fail, with what it means and what to do about it. */
export const RECEPTION_FAILURES = {
  'no-light':
    'The light hardly changed: check that the LED lights up, that the sensor faces it, and that its gain resistor is large enough.',
  saturated:
    'The sensor is at the end of its range: use a smaller gain resistor, dim the LED, or keep other light away.',
  'grey-near-black':
    'Grey is too dark to be told from black: set the grey ratio to about 0.52 of white.',
  'grey-near-white':
    'Grey is too bright to be told from white: set the grey ratio to about 0.52 of white.',
  'lost-symbol':
    'A black-to-lit edge was missing or one too many: shield the sensor, use a lower symbol rate, and capture until the light has ended.',
  'no-marker':
    'There was light but no marker after a sync: check that a message was sent, with three levels and white brighter than grey.',
  length:
    'The length byte does not fit the bytes that came: send again, at a lower symbol rate or with less other light.',
  crc: 'The CRC does not fit the bytes: send again, at a lower symbol rate or with less other light.',
  tlv: 'The CRC is right but the settings inside are malformed: check the program that encoded them.',
  'bytes-differ': 'A valid packet came, but not the one that was sent: keep other senders away.',
} as const

export type ReceptionFailure = keyof typeof RECEPTION_FAILURES

/** Levels as parts of the sensor's full scale, 0..1; null for a level that was not seen. */
export interface ReceivedLevels {
  readonly black: number | null
  readonly grey: number | null
  readonly white: number | null
}

/** Deviation of the black-to-lit edges from the regular grid that fits them best, in seconds. */
export interface TimingSpread {
  readonly rmsS: number
  readonly maxS: number
}

/** One message, or what there was instead of one. Times are on the clock of the samples. */
export interface Reception {
  readonly ok: boolean
  /** Null exactly when `ok`. */
  readonly reason: ReceptionFailure | null
  /** First black-to-lit edge. */
  readonly startS: number
  /** Last lit-to-black edge that belongs to the message: where it ended or failed. */
  readonly endS: number
  /** Whole bits read after the marker; on 'lost-symbol' the index of the bit that was lost. */
  readonly packetBits: number
  /** The whole bytes after the marker: length, TLVs, CRC, right or wrong; null without a marker. */
  readonly packet: Uint8Array | null
  /** Null unless `ok`. */
  readonly config: DecodedConfig | null
  /**
   * A packet with a right CRC that differs from what was received in so many of the least certain bits; only on
   * 'crc', and never a pass: a repair is wrong with a probability of up to 0.5 %.
   */
  readonly repaired: {
    readonly bits: number
    readonly packet: Uint8Array
    readonly config: DecodedConfig
  } | null
  /** Of the grid that fits the edges best; null when no sync was seen. */
  readonly symbolRateHz: number | null
  /** Null when no sync was seen. */
  readonly timingSpread: TimingSpread | null
  readonly levels: ReceivedLevels
  /** (grey - black) / (white - black); null unless all three levels were seen. */
  readonly greyRatio: number | null
  /** Null when no sync was seen. */
  readonly quality: SignalQuality | null
  /** One sentence that says what to change on the bench first. */
  readonly advice: string
}

// A saturated phototransistor keeps its collector-emitter voltage, some tenths of a volt of 5 V or 3.3 V.
const CLIPPED = 0.93
/** Beyond these grey is not told from black, or from white. */
export const MIN_GREY_RATIO = 0.3
export const MAX_GREY_RATIO = 0.85

export function greyRatio({ black, grey, white }: ReceivedLevels): number | null {
  return black === null || grey === null || white === null ? null : (grey - black) / (white - black)
}

/** From black to the brightest level that was seen; 0 when none was. */
export function swingOf({ black, grey, white }: ReceivedLevels): number {
  return Math.abs((white ?? grey ?? black ?? 0) - (black ?? 0))
}

// Of two syncs without a marker, flicker is the darker one.
const CLEARLY_BRIGHTER = 1.5

/** Whether the light of one reception is no echo or flicker beside that of another, or of none. */
export function isClearlyBrighter(one: Reception, other: Reception | null): boolean {
  return swingOf(one.levels) > CLEARLY_BRIGHTER * (other ? swingOf(other.levels) : 0)
}

/** What is wrong with a grey ratio; null when nothing is, or it is not known. */
export function greyFailure(ratio: number | null): ReceptionFailure | null {
  if (ratio === null) return null
  if (ratio < MIN_GREY_RATIO) return 'grey-near-black'
  return ratio > MAX_GREY_RATIO ? 'grey-near-white' : null
}

/** Levels that no message can be read from explain a failure better than what they led to. */
export function diagnose(failure: ReceptionFailure, levels: ReceivedLevels): ReceptionFailure {
  const { black, grey, white } = levels
  // Without a marker the polarity is not known: the usual one is assumed.
  const inverted = white !== null && white < (black ?? 0)
  const isSaturated = inverted
    ? white <= 1 - CLIPPED
    : Math.max(black ?? 0, grey ?? 0, white ?? 0) >= CLIPPED
  if (isSaturated) return 'saturated'
  return greyFailure(greyRatio(levels)) ?? failure
}
