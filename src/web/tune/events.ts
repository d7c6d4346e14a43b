import type { TuningFigure } from '../../bench/tuning/figures.js'
import type { GainAdvice } from '../../bench/tuning/gain-resistor.js'
import type { Grade } from '../../light/limits.js'
import type { PageLight } from '../page-light.js'

/** What there is to say under a label; null for nothing. */
export type Row = readonly [label: string, text: string | null]

/** How good it is, in a word or two and in a sentence. */
export interface TuneVerdict {
  readonly grade: Grade | null
  readonly title: string
  readonly text: string
}

/** All that is known now, but the light itself and the messages. */
export interface TuneState {
  readonly rig: {
    readonly state: 'opening' | 'ready' | 'lost' | 'closed'
    readonly text: string
    readonly sampleRateHz: number | null
  }
  readonly activity: 'black' | 'grey' | 'white' | 'sending' | 'stopped'
  /** Of the message that is being sent, 0 to 1. */
  readonly progress: number
  readonly verdict: TuneVerdict
  /** What the sensor shows now, and the ends of its range; null without samples. */
  readonly now: { readonly level: number; readonly low: number; readonly high: number } | null
  readonly figures: readonly TuningFigure[]
  readonly gainOhm: number
  readonly gain: GainAdvice
  readonly lostSamples: number
}

/** A message that was seen, good or failed. Secrets in it are masked. */
export interface TuneMessage {
  readonly id: number
  readonly opening: number
  readonly startS: number
  readonly endS: number
  readonly verdict: TuneVerdict
  /** What it says, in JSON; null where it was not read. */
  readonly settings: string | null
  readonly rows: readonly Row[]
}

export type TuneEvent =
  | { readonly name: 'state'; readonly data: TuneState }
  | { readonly name: 'light'; readonly data: PageLight }
  | { readonly name: 'reception'; readonly data: TuneMessage }
