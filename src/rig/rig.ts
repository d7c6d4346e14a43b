import type { ClockId, ClockMap } from '../light/clock.js'
import type { SampleBlock } from '../light/samples.js'
import type { SymbolSequence } from '../light/symbols.js'

/** A clock that parts of a rig tell their times of. */
export interface Clock {
  readonly id: ClockId
  /** Tells its times by this computer's CLOCK_MONOTONIC, as both are known now. Errors: RigError. */
  toHost(): Promise<ClockMap>
}

export interface PlayOptions {
  /** Wanted symbol rate in Hz; the report tells the true one. */
  readonly symbolRateHz: number
  /** Aborting turns the LED dark at once and rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** Called now and then with the number of symbols that have begun. */
  readonly onProgress?: (symbolsPlayed: number) => void
}

export interface PlayReport {
  readonly symbols: number
  /** The rate the emitter really made, in Hz. */
  readonly symbolRateHz: number
  /** Grey as a part of white, as the emitter really made it; null where the rig's parts make it. */
  readonly greyRatio: number | null
  /** Start of the first symbol in seconds, and whose. */
  readonly startS: number
  readonly clock: ClockId
  /** How well a computer kept to the schedule; a microcontroller's timer keeps to it exactly. */
  readonly pacing?: PacingReport
}

/** How well the changes of the light kept to their schedule, where a computer times them. */
export interface PacingReport {
  /** Changes of the level. */
  readonly edges: number
  /** By how much they came late, when they had been written. */
  readonly medianS: number
  readonly p99S: number
  readonly p999S: number
  readonly maxS: number
  /** Those that came late by more than a quarter of a symbol, with which a message has failed. */
  readonly lateSymbols: number
  /** By how much the time from the first edge to the last one is longer than it should be. */
  readonly lengthErrorS: number
  /** The part of one CPU that the pacing took. */
  readonly cpuPart: number
  readonly scheduling: Scheduling
}

/** What the machine has granted to the process that has to be in time. */
export interface Scheduling {
  readonly realTime: boolean
  /** The isolated CPU (isolcpus=) that it had for itself; null for none. */
  readonly isolatedCpu: number | null
  /** Why it had less than it could have. */
  readonly refusals: readonly string[]
}

/** Plays symbol sequences as light. The LED is dark whenever `play` is not running. */
export interface Emitter {
  readonly clock: Clock
  play(sequence: SymbolSequence, options: PlayOptions): Promise<PlayReport>
  /** Turns the LED dark now, whatever is playing. */
  off(): Promise<void>
}

/** Gives samples of the light, with times. */
export interface Photodiode {
  readonly clock: Clock
  readonly sampleRateHz: number
  /** Samples from now until `signal` aborts, which ends the iteration normally. */
  samples(options: { signal: AbortSignal }): AsyncIterable<SampleBlock>
}

/** A change of a logic level. */
export interface Edge {
  readonly timeS: number
  readonly clock: ClockId
  /** The level after the edge. */
  readonly high: boolean
  /** Edges before this one came too fast and were lost; how many is unknown. */
  readonly afterLoss: boolean
}

/** Times the edges of a logic level, such as a line that something else drives. */
export interface EdgeInput {
  /** Edges from now until `signal` aborts, which ends the iteration normally. */
  edges(options: { signal: AbortSignal }): AsyncIterable<Edge>
}

/** Who makes or sees the light. */
export interface PartInfo {
  /** Where it is, such as "/dev/ttyACM0" or "BCM 17 and 27". */
  readonly name: string
  /** What its owner has named it; null for none. */
  readonly serialNumber: string | null
  readonly firmwareVersion: string | null
  /** Whose times it tells. */
  readonly clock: ClockId
}

export interface PhotodiodeInfo extends PartInfo {
  readonly sampleRateHz: number
}

/** Who a rig is, of its emitter first. */
export interface RigInfo extends PartInfo {
  readonly kind: 'emulated' | 'bridge' | 'gpio' | 'pwm'
  /** Of this package. */
  readonly packageVersion: string
  /** The least and the most that it plays. */
  readonly symbolRatesHz: readonly [least: number, most: number]
  /** Of one sequence; null for as many as there is memory. */
  readonly maxSymbols: number | null
  readonly photodiode: PhotodiodeInfo | null
}

/**
 * What makes light and what there is to see it. Disposing closes all of it, once, however often: the LED is dark
 * afterwards, or it rejects with a RigError 'may-be-lit', where nothing says that it is dark.
 */
export interface Rig extends AsyncDisposable {
  readonly info: RigInfo
  /** Aborts when the rig cannot be used any more, though nobody has closed it. Its reason is a RigError, with which every later call rejects. */
  readonly lost: AbortSignal
  readonly emitter: Emitter
  readonly photodiode?: Photodiode
  readonly edgeInput?: EdgeInput
  [Symbol.asyncDispose](): Promise<void>
}

/** The light's way: of a rig, or of its emitter and something that shares its photodiode, such as a `SampleFanOut`. */
export type LightPath = Pick<Rig, 'emitter' | 'photodiode'>
