import type { JudgedFigure, Limit } from '../bench/figures.js'
import type { FoldedEdge } from '../bench/timing/edge-shape.js'
import type { MeasuredTiming } from '../bench/timing/measure.js'
import type { WitnessTiming } from '../bench/timing/witness-timing.js'
import { demodulate, SYMBOLS_PER_BYTE } from '../modulation/index.js'
import {
  type BenchReport,
  type Chart,
  type Course,
  type Eye,
  type Histogram,
  OF_FULL_SCALE,
  type ReportRow,
  type ReportTable,
  type Waveform,
  type WaveformMessage,
} from './bench-report.js'
import { figureFindings } from './bench-rows.js'

/** What a report of timing has to say beside what was measured. */
export interface TimingReportOptions {
  readonly madeAt: Date
  readonly figures: readonly JudgedFigure[]
  readonly settings: readonly ReportRow[]
  /** Whether messages were played, and whether they are secret. */
  readonly isMessage: boolean
  readonly isSecret: boolean
}

export const timingVerdict = (figures: readonly JudgedFigure[]): 'pass' | 'fail' =>
  figures.some(({ verdict }) => verdict === 'fail') ? 'fail' : 'pass'

/** Why it failed, and what else there is to be known of it, a sentence each. */
export function timingFindings(
  { faults, notes }: Pick<MeasuredTiming, 'faults' | 'notes'>,
  figures: readonly JudgedFigure[],
): string[] {
  return [
    ...figureFindings(figures),
    ...faults.map(({ witness, text }) => `${text}, by ${witness}`),
    ...notes,
  ]
}

/**
 * All that a timing run has to show. When each edge of a secret message was seen, and how surely, tells whether it is one to grey or to white: its
 * table is empty, and the charts of its edges are as secret as its light.
 */
export function timingReport(
  measured: MeasuredTiming,
  { madeAt, figures, settings, isMessage, isSecret }: TimingReportOptions,
): BenchReport {
  return {
    title: 'bench timing',
    madeAt,
    verdict: timingVerdict(figures),
    findings: [...timingFindings(measured, figures), ...(isSecret ? [LEFT_OUT] : [])],
    settings,
    figures,
    charts: chartsOf(measured, figures, isSecret),
    waveform: waveformOf(measured, isMessage, isSecret),
    table: tableOf(isSecret ? [] : measured.witnesses),
  }
}

const LEFT_OUT = 'the single edges of the message are left out, as they would tell its secrets'
const US_PER_S = 1e6
const TIE = { label: 'time interval error', unit: 'µs' } as const

function chartsOf(
  measured: MeasuredTiming,
  figures: readonly JudgedFigure[],
  isSecret: boolean,
): Chart[] {
  const { witnesses, shapes } = measured
  const limit = figures.find(({ name }) => name === 'tie-max-us')?.limit ?? null
  const eye = eyeOf(measured)
  return [
    ...(witnesses.some(({ fit }) => fit)
      ? [{ ...tieCourse(witnesses, limit), isSecret }, tieHistogram(witnesses)]
      : []),
    ...(eye ? [eye, levelHistogram(measured)] : []),
    ...(shapes ? [{ ...edgeShapes(shapes), isSecret }] : []),
  ]
}

const tiesOf = ({ rows }: WitnessTiming) =>
  rows.flatMap(({ seenS, tieS }) =>
    seenS === null || tieS === null ? [] : [{ seenS, tieUs: tieS * US_PER_S }],
  )

function tieCourse(witnesses: readonly WitnessTiming[], limit: Limit | null): Course {
  return {
    kind: 'course',
    title: 'Time interval error over time',
    text: 'By how much each edge is late, once offset and rate are taken out.',
    x: { label: 'time', unit: 's' },
    y: TIE,
    limits: limit ? [-limit[1], limit[1]] : [],
    series: witnesses.map((timing) => {
      const ties = tiesOf(timing)
      const startS = ties[0]?.seenS ?? 0
      return {
        name: timing.witness,
        xs: ties.map(({ seenS }) => seenS - startS),
        ys: ties.map(({ tieUs }) => tieUs),
      }
    }),
  }
}

function tieHistogram(witnesses: readonly WitnessTiming[]): Histogram {
  return {
    kind: 'histogram',
    title: 'Time interval error of the edges',
    text: 'How many edges are how late.',
    x: TIE,
    series: witnesses.map((timing) => ({
      name: timing.witness,
      values: tiesOf(timing).map(({ tieUs }) => tieUs),
    })),
  }
}

/** Symbols that an eye shows. */
const EYE_SYMBOLS = 2
/** More points show no more of it. */
const MOST_POINTS = 50_000

/** The samples while there was light, by their place in the grid of symbols as it was seen. */
function samplesInLight({ plays, symbolRateHz, witnesses }: MeasuredTiming) {
  const fit = witnesses.find(({ witness }) => witness === 'samples')?.fit
  const symbols: number[] = []
  const levels: number[] = []
  for (const { samples, report } of plays) {
    if (!samples || !fit) continue
    const startS = fit.at(report.startS, true)
    const symbolS = (1 + fit.rateError.value) / symbolRateHz
    for (let n = 0; n < samples.timesS.length; n++) {
      const symbol = ((samples.timesS[n] as number) - startS) / symbolS
      if (symbol < 0 || symbol >= report.symbols) continue
      symbols.push(symbol)
      levels.push(samples.levels[n] as number)
    }
  }
  const every = Math.ceil(levels.length / MOST_POINTS)
  const isKept = (_: number, n: number): boolean => n % every === 0
  return { symbols: symbols.filter(isKept), levels: levels.filter(isKept) }
}

function eyeOf(measured: MeasuredTiming): Eye | null {
  const { symbols, levels } = samplesInLight(measured)
  if (levels.length === 0) return null
  return {
    kind: 'eye',
    title: 'Eye diagram',
    text: 'All samples of the light laid over one another, by their place in two symbols: edges at 0, 1 and 2.',
    phases: symbols.map((symbol) => symbol % EYE_SYMBOLS),
    levels,
  }
}

function levelHistogram(measured: MeasuredTiming): Histogram {
  return {
    kind: 'histogram',
    title: 'Levels of the light',
    text: 'How many samples have which level: a peak for each level that is held.',
    x: { label: 'level', unit: OF_FULL_SCALE },
    series: [{ name: 'samples', values: samplesInLight(measured).levels }],
  }
}

/** Of a curve that is smooth. */
const MOST_EDGE_POINTS = 2000

function edgeShapes(shapes: { readonly rise: FoldedEdge; readonly fall: FoldedEdge }): Course {
  const seriesOf = (name: string, { timesS, parts }: FoldedEdge) => {
    const every = Math.ceil(timesS.length / MOST_EDGE_POINTS)
    const kept = Array.from(timesS.keys()).filter((n) => n % every === 0)
    return {
      name,
      xs: kept.map((n) => (timesS[n] as number) * US_PER_S),
      ys: kept.map((n) => parts[n] as number),
    }
  }
  return {
    kind: 'course',
    title: 'Edges of the light',
    text: 'All edges to lit and all to dark laid over one another, from 0 before to 1 after.',
    x: { label: 'time since the edge', unit: 'µs' },
    y: { label: 'part of the step', unit: '' },
    limits: [],
    marks: [0.1, 0.9],
    series: [seriesOf('to lit', shapes.rise), seriesOf('to dark', shapes.fall)],
  }
}

/** The light of the first sequence. */
function waveformOf(
  { plays, witnesses, symbolRateHz }: MeasuredTiming,
  isMessage: boolean,
  isSecret: boolean,
): Waveform | null {
  const [play] = plays
  if (!play?.samples) return null
  const { timesS, levels } = play.samples
  const timing = witnesses.find(({ witness }) => witness === 'samples')
  const messages: WaveformMessage[] = []
  if (isMessage && timing?.fit) {
    const { fit, rows } = timing
    const { packet, syncSymbols } = demodulate(play.sequence)
    const firstLit = syncSymbols + SYMBOLS_PER_BYTE + 1
    const isComplete = rows.every(({ play, seenS }) => play > 0 || seenS !== null)
    messages.push({
      packetS: fit.at(play.report.startS + firstLit / symbolRateHz, true),
      symbolRateHz: symbolRateHz / (1 + fit.rateError.value),
      packet,
      verdict: isComplete ? 'pass' : 'fail',
    })
  }
  return {
    timesS: Float64Array.from(timesS),
    levels: Float64Array.from(levels),
    messages,
    isSecret,
  }
}

const tableOf = (witnesses: readonly WitnessTiming[]): ReportTable => ({
  columns: ['witness', 'sequence', 'symbol', 'edge', 'seen_s', 'tie_us', 'uncertainty_us'],
  rows: witnesses.flatMap(({ witness, rows }) =>
    rows.map(({ play, symbol, rising, seenS, tieS, uncertaintyS }) => [
      witness,
      play + 1,
      symbol,
      rising ? 'to lit' : 'to dark',
      seenS,
      tieS === null ? null : tieS * US_PER_S,
      uncertaintyS === null ? null : uncertaintyS * US_PER_S,
    ]),
  ),
})
