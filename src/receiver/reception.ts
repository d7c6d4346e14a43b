import type { DecodedConfig } from '../packet/index.js'
import type { ReceptionFailure } from './failures.js'
import { type ReceivedLevels, type SignalQuality, swingOf, type TimingSpread } from './quality.js'

/** One message, or what there was instead of one. Times are on the clock of the samples. */
export interface Reception {
  readonly ok: boolean
  /** Null exactly when `ok`. */
  readonly reason: ReceptionFailure | null
  /** Black-to-lit edge of the first bit that was read, with an inverting sensor mostly the second; without a sync, the first sample. */
  readonly startS: number
  /** Last lit-to-black edge that was read, where the message ended or failed; without a sync, the last sample. */
  readonly endS: number
  /** Whole bits read after the marker; on 'lost-symbol' the index of the bit that was lost. */
  readonly packetBits: number
  /** The whole bytes after the marker: length, TLVs, CRC, right or wrong; null without a marker. */
  readonly packet: Uint8Array | null
  /** Null unless `ok`. */
  readonly config: DecodedConfig | null
  /**
   * A packet with a right CRC that differs from what was received in so many doubtful bits; only on 'crc', and never a pass.
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
  readonly quality: SignalQuality
  /** One sentence that says what to change on the bench first. */
  readonly advice: string
}

/** A reception without what only the whole capture tells: the flicker of other light, and so the advice. */
export type Finding = Omit<Reception, 'quality' | 'advice'> & {
  readonly quality: Omit<SignalQuality, 'flicker'>
}

const CLEARLY_BRIGHTER = 1.5

/** Whether the light of one reception swings so much more that the other may be flicker beside it; null swings not at all. */
export function isClearlyBrighter(one: Finding, other: Finding | null): boolean {
  return swingOf(one.levels) > CLEARLY_BRIGHTER * (other ? swingOf(other.levels) : 0)
}
