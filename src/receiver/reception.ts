import type { DecodedConfig } from '../packet/index.js'
import type { ReceptionFailure } from './failures.js'
import { type ReceivedLevels, type SignalQuality, swingOf, type TimingSpread } from './quality.js'

/** One message, or what there was instead of one. Times are on the clock of the samples. */
export interface Reception {
  readonly ok: boolean
  /** Null exactly when `ok`. */
  readonly reason: ReceptionFailure | null
  /** Black-to-lit edge of the first bit that was read: of an inverting sensor mostly the second. Without a sync, the first sample. */
  readonly startS: number
  /** Last lit-to-black edge that belongs to the message: where it ended or failed. Without a sync, the last sample. */
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
  readonly quality: SignalQuality
  /** One sentence that says what to change on the bench first. */
  readonly advice: string
}

/** What the light of a message shows by itself: other light is known to who saw the whole capture. */
export type Finding = Omit<Reception, 'quality' | 'advice'> & {
  readonly quality: Omit<SignalQuality, 'flicker'>
}

// Of two syncs without a marker, flicker is the darker one.
const CLEARLY_BRIGHTER = 1.5

/** Whether the light of one reception is no echo or flicker beside that of another, or of none. */
export function isClearlyBrighter(one: Finding, other: Finding | null): boolean {
  return swingOf(one.levels) > CLEARLY_BRIGHTER * (other ? swingOf(other.levels) : 0)
}
