import type { JudgedFigure } from '../bench/figures.js'
import type { Soaked } from '../bench/soak.js'
import { type SoakMessage, TREND_NAMES, type TrendName } from '../bench/soak-tally.js'
import { RigError } from '../rig/errors.js'
import type { BenchReport, Chart, Course, ReportRow, ReportTable } from './bench-report.js'
import { figureFindings } from './bench-rows.js'

/** What a soak was, and what came of it. */
export interface SoakRun {
  readonly soaked: Soaked
  readonly figures: readonly JudgedFigure[]
}

/** `error` is of the rig, not of the light; `aborted` of whoever has ended it before its end. */
export type SoakVerdict = 'pass' | 'fail' | 'error' | 'aborted'

/** A pass only where all messages were played, all passed, and so did the figures that have limits. */
export function soakVerdict({ soaked, figures }: SoakRun): SoakVerdict {
  const { messages, passed, rigErrors, stoppedBy } = soaked
  if (passed < messages || figures.some(({ verdict }) => verdict === 'fail')) return 'fail'
  if (stoppedBy !== null && !(stoppedBy instanceof RigError)) return 'aborted'
  return rigErrors > 0 || stoppedBy !== null || messages === 0 ? 'error' : 'pass'
}

/** The verdict in sentences, without a full stop, that which decides first. */
export function soakFindings({ soaked, figures }: SoakRun): string[] {
  const { messages, passed, passShare, reasons, rigErrors, errors, stoppedBy } = soaked
  const why = Array.from(reasons, ([reason, count]) => `${reason} ${count}`).join(', ')
  const failed = messages - passed
  const share = passShare?.map((part) => (100 * part).toFixed(1))
  return [
    ...(failed > 0 ? [`${failed} of ${messages} messages failed: ${why}`] : []),
    ...figureFindings(figures),
    ...(stoppedBy === null ? [] : [`it was ended before its end: ${sentenceOf(stoppedBy)}`]),
    ...(rigErrors > 0
      ? [`the rig failed ${times(rigErrors)}, first with: ${errors[0]?.error.message}`]
      : []),
    share
      ? `${passed} of ${messages} messages passed: with 95 % confidence ${share[0]} to ${share[1]} % of all such messages do`
      : 'no message was judged',
  ]
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)

const sentenceOf = (reason: unknown): string =>
  reason instanceof Error ? reason.message : String(reason)

/** How each value is told. */
const TOLD: Readonly<Record<TrendName, string>> = {
  'margin-pct': 'Margin of the least certain bit',
  'eye-height-pct': 'Height of the eye',
  'eye-width-pct': 'Width of the eye',
  'snr-db': 'Signal to noise',
  'grey-ratio': 'Grey ratio',
  'black-pct': 'Black',
  'grey-pct': 'Grey',
  'white-pct': 'White',
  'swing-pct': 'Swing',
  'flicker-peak-pct': 'Flicker of other light, peak',
  'rate-error-ppm': 'Symbol rate, seen over played',
  'timing-spread-us': 'Edges off their grid, rms',
  'begin-late-us': 'Beginning, late by',
}

/** Values that share an axis. */
const COURSES: readonly {
  readonly title: string
  readonly unit: string
  readonly of: readonly TrendName[]
}[] = [
  {
    title: 'Margin and eye over time',
    unit: '%',
    of: ['margin-pct', 'eye-height-pct', 'eye-width-pct'],
  },
  { title: 'Signal to noise over time', unit: 'dB', of: ['snr-db'] },
  {
    title: 'Levels over time',
    unit: '% of full scale',
    of: ['black-pct', 'grey-pct', 'white-pct', 'swing-pct'],
  },
  { title: 'Grey ratio over time', unit: '', of: ['grey-ratio'] },
  { title: 'Other light over time', unit: '% of full scale', of: ['flicker-peak-pct'] },
  { title: 'Rate error over time', unit: 'ppm', of: ['rate-error-ppm'] },
  { title: 'Timing over time', unit: 'µs', of: ['timing-spread-us', 'begin-late-us'] },
]

/**
 * What a soak has to show. Its table has a row for each message, and of a long soak one for every so-manieth and all that is kept
 * of failures.
 *
 * @param settings what was measured, and with what
 */
export function soakReport(
  run: SoakRun,
  settings: readonly ReportRow[],
  madeAt: Date,
): BenchReport {
  const { soaked, figures } = run
  return {
    title: 'bench soak',
    madeAt,
    verdict: soakVerdict(run) === 'pass' ? 'pass' : 'fail',
    findings: soakFindings(run),
    settings,
    figures,
    charts: [...courses(run), ...marginHistogram(soaked)],
    waveform: null,
    table: table(soaked),
  }
}

function courses({ soaked, figures }: SoakRun): Chart[] {
  return COURSES.flatMap(({ title, unit, of }): Course[] => {
    const shown = of.filter((name) => soaked.trends[name].trend.bins.length > 0)
    if (shown.length === 0) return []
    return [
      {
        kind: 'course',
        title,
        text: shown.map((name) => inWords(soaked, name)).join('. '),
        x: { label: 'time', unit: 's' },
        y: { label: '', unit },
        series: shown.flatMap((name) => seriesOf(soaked, name)),
        limits: figures
          .filter(({ name }) => (of as readonly string[]).includes(name))
          .flatMap(({ limit }) => limit ?? [])
          .filter(Number.isFinite),
      },
    ]
  })
}

/** The mean, and where bins are of several messages what they range over. */
function seriesOf(soaked: Soaked, name: TrendName): Course['series'] {
  const { bins } = soaked.trends[name].trend
  const xs = bins.map(({ fromS, toS }) => (fromS + toS) / 2)
  const told = TOLD[name]
  const mean = { name: told, xs, ys: bins.map((bin) => bin.mean) }
  if (bins.every(({ count }) => count === 1)) return [mean]
  return [
    mean,
    { name: `${told}, least`, xs, ys: bins.map(({ min }) => min) },
    { name: `${told}, most`, xs, ys: bins.map(({ max }) => max) },
  ]
}

function inWords(soaked: Soaked, name: TrendName): string {
  const { trend, perHour } = soaked.trends[name]
  const { all } = trend
  if (!all) return `${TOLD[name]}: not seen`
  const [min, mean, max] = [all.min, all.mean, all.max].map((value) => value.toPrecision(3))
  const drift =
    perHour?.uncertainty != null && Math.abs(perHour.value) > perHour.uncertainty
      ? `it changes by ${perHour.value.toPrecision(2)} ± ${perHour.uncertainty.toPrecision(2)} an hour`
      : 'no steady change is seen'
  return `${TOLD[name]}: ${min} to ${max}, mean ${mean}; ${drift}`
}

function marginHistogram({ sampled, everyNth }: Soaked): Chart[] {
  const values = sampled.flatMap((message) => message.values['margin-pct'] ?? [])
  if (values.length === 0) return []
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(0))
  const which = everyNth === 1 ? 'each message' : `every ${everyNth}th message`
  return [
    {
      kind: 'histogram',
      title: 'Margins',
      text: `The margin of the least certain bit of ${which}: ${least} to ${most} %`,
      x: { label: 'margin of the least certain bit', unit: '%' },
      series: [{ name: 'messages', values }],
    },
  ]
}

/** Columns are named as the trends, with the unit at the end. */
function table({ sampled, failures }: Soaked): ReportTable {
  const rows = new Map<number, SoakMessage>()
  for (const message of [...sampled, ...failures]) rows.set(message.number, message)
  return {
    columns: [
      'message',
      'time_s',
      'failure',
      ...TREND_NAMES.map((name) => name.replaceAll('-', '_')),
    ],
    rows: [...rows.values()]
      .sort((a, b) => a.number - b.number)
      .map(({ number, timeS, reason, values }) => [
        number,
        timeS,
        reason,
        ...TREND_NAMES.map((name) => values[name]),
      ]),
  }
}
