import type { SampleBlock } from '../light/samples.js'
import type { SymbolSequence } from '../light/symbols.js'

/** A time of a clock, and between which times of this computer's CLOCK_MONOTONIC that was. All in seconds. */
export interface ClockReading {
  readonly timeS: number
  readonly fromS: number
  readonly toS: number
}

/** A clock that parts of a rig tell their times of. The same clock is the same object. */
export interface Clock {
  /** Errors: RigError. */
  read(): Promise<ClockReading>
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
  /** Start of the first symbol in seconds, on the emitter's clock. */
  readonly startS: number
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
  /** Turns the LED dark and releases the hardware. Rejects with a RigError that says that the LED may be lit, where nothing says that it is dark. */
  close(): Promise<void>
}

/** Gives samples of the light, with times. */
export interface Photodiode {
  readonly clock: Clock
  readonly sampleRateHz: number
  /** Samples from now until `signal` aborts, which ends the iteration normally. */
  samples(options: { signal: AbortSignal }): AsyncIterable<SampleBlock>
  close(): Promise<void>
}

/** A change of a logic level. */
export interface Edge {
  readonly timeS: number
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

/** What makes light and what there is to see it. */
export interface Rig {
  readonly emitter: Emitter
  readonly photodiode?: Photodiode
  readonly edgeInput?: EdgeInput
  /** Closes all of it; the LED is dark afterwards, or it rejects as the emitter's `close` does. Safe to call twice. */
  close(): Promise<void>
}
