import type { DecodedConfig } from '../packet/index.js'
import type { ReceptionFailure } from './judge/failures.js'
import {
  type ReceivedLevels,
  type SignalQuality,
  swingOf,
  type TimingSpread,
} from './judge/quality.js'

/** What there was to see, whatever it was. Times are on the clock of the samples. */
interface Seen {
  /** Black-to-lit edge of the first bit that was read, with an inverting sensor mostly the second; without a sync, the first sample. */
  readonly startS: number
  /** Last lit-to-black edge that was read, where the message ended or failed; without a sync, the last sample. */
  readonly endS: number
  readonly levels: ReceivedLevels
  readonly quality: SignalQuality
  /** One sentence that says what to change on the bench first. */
  readonly advice: string
  /** Where it was asked for: what was tried with light up to here since the reception before, oldest first. */
  readonly trace?: readonly TracedReading[]
}

interface InSync extends Seen {
  /** Of the grid that fits the edges best. */
  readonly symbolRateHz: number
  readonly timingSpread: TimingSpread
}

interface WithPacket extends InSync {
  /** The whole bytes after the marker: length, TLVs and CRC. */
  readonly packet: Uint8Array
  /** (grey - black) / (white - black); null where one of the three was not seen. */
  readonly greyRatio: number | null
}

/** A packet that is right. */
export interface ReceivedMessage extends WithPacket {
  readonly kind: 'message'
  readonly config: DecodedConfig
}

/** A marker, and after it no packet that is right: the bytes are those that came before it failed. */
export interface BadPacket extends WithPacket {
  readonly kind: 'bad-packet'
  readonly reason: ReceptionFailure
  /** Whole bits read after the marker; on 'lost-symbol' the index of the bit that was lost. */
  readonly packetBits: number
}

/** A sync, and no marker after it. */
export interface BareSync extends InSync {
  readonly kind: 'bare-sync'
  readonly reason: ReceptionFailure
}

/** A capture in which nothing was like a sync: darkness, steady light, or light that changes otherwise. */
export interface NoSync extends Seen {
  readonly kind: 'no-sync'
  readonly reason: ReceptionFailure
}

/** What a chain is of, and what may be said of its light. */
export interface ChainKind {
  /** Whether its samples are those less other light's flicker. */
  readonly lessFlicker: boolean
  readonly isFullScaleKnown: boolean
}

/** One of the ways to read the same light. */
export interface Way {
  readonly cutBy: 'clock' | 'edges'
  /** Whether the sensor's level rises or falls with light. */
  readonly lit: 'brighter' | 'darker'
  /** Whether other light's flicker was taken away before. */
  readonly lessFlicker: boolean
}

/** One way in which light was read, and what became of it. */
export interface TracedReading extends Way {
  /** Of the first bit, and of the marker's last one; null without a marker. */
  readonly startS: number
  readonly markerS: number | null
  readonly symbolRateHz: number
  /** Of grey and white against no message, in nats; 0 without a bit after the marker. */
  readonly logLikelihood: number
  /** What the reading ended with; 'open' for one that was given up. */
  readonly end: 'message' | ReceptionFailure | 'open'
  /**
   * 'reported'; 'beaten' by a reading of the same light; 'flicker' for what is left of it; 'no message' for what had no marker.
   */
  readonly verdict: 'reported' | 'beaten' | 'flicker' | 'no message'
}

/** One message, or what there was instead of one. */
export type Reception = ReceivedMessage | BadPacket | BareSync | NoSync

/** Why it is no message; null for one. */
export const failureOf = (reception: Finding): ReceptionFailure | null =>
  reception.kind === 'message' ? null : reception.reason

/** The bits of a packet that were read and failed; a right one has no such. */
export const failedBits = (reception: Finding): number =>
  reception.kind === 'bad-packet' ? reception.packetBits : 0

/** A reception without what only the whole capture tells: the flicker of other light, and so the advice. */
export type Finding = WithoutCapture<Reception>

type WithoutCapture<R> = R extends Reception
  ? Omit<R, 'quality' | 'advice' | 'trace'> & { readonly quality: Omit<SignalQuality, 'flicker'> }
  : never

const CLEARLY_BRIGHTER = 1.5

/** Whether the light of one reception swings so much more that the other may be flicker beside it; null swings not at all. */
export function isClearlyBrighter(one: Finding, other: Finding | null): boolean {
  return swingOf(one.levels) > CLEARLY_BRIGHTER * (other ? swingOf(other.levels) : 0)
}
