import type { JudgedFigure } from '../bench/figures.js'

/**
 * What a bench run has to show, whatever it was: the page, the JUnit file and the CSV file are all made of it. It holds no
 * secret but the waveform, and the charts that are marked.
 */
export interface BenchReport {
  /** Such as `bench timing`. */
  readonly title: string
  readonly madeAt: Date
  readonly verdict: 'pass' | 'fail'
  /** Why it failed, a sentence each; what is to be known of a pass. */
  readonly findings: readonly string[]
  /** What was measured, and with what: command, rig, settings of light, machine, firmware and versions. Secrets are masked. */
  readonly settings: readonly ReportRow[]
  readonly figures: readonly JudgedFigure[]
  readonly charts: readonly Chart[]
  readonly waveform: Waveform | null
  /** All single measurements, such as each edge or each message, for the CSV file. */
  readonly table: ReportTable
}

export type ReportRow = readonly [label: string, text: string]

export interface ReportTable {
  /** With units in their names, such as `tie_us`. */
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number | null)[])[]
}

/** An axis: what it shows and in which unit; empty for a plain number. */
export interface Axis {
  readonly label: string
  readonly unit: string
}

interface OfChart {
  readonly title: string
  /** What there is to see in it, in a sentence, for one who does not see it. */
  readonly text: string
  /** It shows single edges of a message that is a secret, which tell its bits as the waveform does. */
  readonly isSecret?: boolean
}

/** How often each value came. */
export interface Histogram extends OfChart {
  readonly kind: 'histogram'
  readonly x: Axis
  readonly series: readonly { readonly name: string; readonly values: ArrayLike<number> }[]
}

/** Values over another, such as time interval error or a trend over time. */
export interface Course extends OfChart {
  readonly kind: 'course'
  readonly x: Axis
  readonly y: Axis
  readonly series: readonly {
    readonly name: string
    readonly xs: ArrayLike<number>
    readonly ys: ArrayLike<number>
  }[]
  /** Limits to draw, in the unit of y. */
  readonly limits: readonly number[]
  /** Other values to draw, which nothing is judged by. */
  readonly marks?: readonly number[]
}

/** Samples laid over one another, by their place in two symbols. */
export interface Eye extends OfChart {
  readonly kind: 'eye'
  /** In symbols, 0 to 2. */
  readonly phases: ArrayLike<number>
  readonly levels: ArrayLike<number>
  /** Of the levels; default parts of full scale. */
  readonly unit?: string | undefined
}

/** Points of a plane, with the part that passed at each. */
export interface PassMap extends OfChart {
  readonly kind: 'map'
  readonly x: Axis
  readonly y: Axis
  readonly points: readonly {
    readonly x: number
    readonly y: number
    /** 0 to 1. */
    readonly passRate: number
    readonly verdict: 'pass' | 'fail' | 'undecided'
  }[]
  readonly proposed: { readonly x: number; readonly y: number } | null
}

export type Chart = Histogram | Course | Eye | PassMap

/** Of levels, as a sensor on a bench shows them. */
export const OF_FULL_SCALE = 'of full scale'

/** The light itself, which shows the password to whoever has it. */
export interface Waveform {
  /** Strictly increasing, in seconds. */
  readonly timesS: Float64Array
  /** 0 to 1. */
  readonly levels: Float64Array
  /** Of the levels; default parts of full scale. */
  readonly unit?: string | undefined
  readonly messages: readonly WaveformMessage[]
  /** Whether the messages hold what only its sender and the device should know. */
  readonly isSecret: boolean
}

/** Where a message is in the light, and what it says. */
export interface WaveformMessage {
  /** Black-to-lit edge of the first bit after the marker: bit n begins 2 n symbols later. */
  readonly packetS: number
  readonly symbolRateHz: number
  /** Of the packet, after the marker. */
  readonly packet: Uint8Array
  readonly verdict: 'pass' | 'fail'
}
