import type { Figure, JudgedFigure } from '../bench/figures.js'
import type { AxisName, PointSettings } from '../bench/sweep/axes.js'
import { passRateInterval } from '../bench/sweep/sequential-test.js'
import type { PointResult, SweepQuestion, SweepResult } from '../bench/sweep/sweep.js'
import type { Axis, BenchReport, PassMap, ReportRow, ReportTable } from './bench-report.js'
import { figureFindings } from './bench-rows.js'

/** What a sweep has measured. */
export function sweepFigures(
  { lattice, confirmation: asked }: SweepQuestion,
  { points, proposal }: SweepResult,
): Figure[] {
  const rates = Array.from(points).flatMap(([number, { verdict }]) =>
    verdict === 'pass' ? [lattice.settingsOf(number).symbolRateHz] : [],
  )
  return [
    {
      name: 'highest-passing-rate-hz',
      witness: null,
      value: rates.length > 0 ? Math.max(...rates) : null,
      uncertainty: null,
    },
    { name: 'proposal-pass-rate-pct', witness: null, ...passRatePercent() },
  ]

  function passRatePercent(): Pick<Figure, 'value' | 'uncertainty'> {
    const { messages = 0, passes = 0 } = proposal?.confirmation ?? {}
    if (messages === 0) return { value: null, uncertainty: null }
    const tally = { passes, failures: messages - passes }
    const [least, most] = passRateInterval(tally, asked.confidence)
    const rate = passes / messages
    return { value: 100 * rate, uncertainty: 100 * Math.max(rate - least, most - rate) }
  }
}

/** Whether it has found settings that are confirmed, within all limits; and if not why, a sentence each. */
export function judgeSweep(
  { asked, confirmation }: SweepQuestion,
  { proposal }: SweepResult,
  figures: readonly JudgedFigure[],
): { readonly verdict: 'pass' | 'fail'; readonly findings: readonly string[] } {
  const percent = (part: number): string => `${Number((100 * part).toFixed(1))} %`
  const ofProposal = (): string[] => {
    if (!proposal) {
      return [
        `at no point do ${percent(asked.passRate)} of the messages pass: mend the light, or look at other settings`,
      ]
    }
    const { verdict, messages, passes } = proposal.confirmation
    if (verdict === 'pass') return []
    const what = `${passes} of ${messages} messages passed with the proposed settings`
    return [
      verdict === 'fail'
        ? `${what}, fewer than ${percent(confirmation.passRate)}: keep farther away from the edge, or mend the light`
        : `${what}, and whether that is ${percent(confirmation.passRate)} is undecided: keep farther away from the edge`,
    ]
  }
  const findings = [...ofProposal(), ...figureFindings(figures)]
  return { verdict: findings.length === 0 ? 'pass' : 'fail', findings }
}

const CHART_AXES: Readonly<Record<AxisName, Axis>> = {
  symbolRateHz: { label: 'symbol rate', unit: 'Hz' },
  greyRatio: { label: 'grey ratio', unit: '' },
  brightness: { label: 'brightness', unit: '' },
  sampleRateHz: { label: 'sample rate', unit: 'Hz' },
  messageBytes: { label: 'message', unit: 'bytes' },
}

/** The report of a sweep that has come to its end. */
export function sweepReport(
  question: SweepQuestion,
  result: SweepResult,
  figures: readonly JudgedFigure[],
  settings: readonly ReportRow[],
  madeAt: Date,
): BenchReport {
  return {
    title: 'bench sweep',
    madeAt,
    ...judgeSweep(question, result, figures),
    settings,
    figures,
    charts: sweepMaps(question, result),
    waveform: null,
    table: sweepTable(question, result),
  }
}

/** A map of the first two axes for each choice of values on the others. */
function sweepMaps({ lattice }: SweepQuestion, { points, proposal }: SweepResult): PassMap[] {
  const [x, y, ...others] = lattice.axes.map(({ name }) => name)
  if (!x) return []
  const slices = new Map<string, PassMap['points'][number][]>()
  const sliceOf = (settings: PointSettings): string =>
    others.map((name) => `${CHART_AXES[name].label} ${shown(settings[name], name)}`).join(', ')
  const placeOf = (settings: PointSettings) => ({
    x: settings[x] ?? 0,
    y: y ? (settings[y] ?? 0) : 0,
  })
  for (const [number, result] of points) {
    const settings = lattice.settingsOf(number)
    const slice = slices.get(sliceOf(settings)) ?? []
    slices.set(sliceOf(settings), slice)
    const verdict = result.verdict === 'unplayable' ? 'fail' : result.verdict
    slice.push({ ...placeOf(settings), passRate: passRateOf(result) ?? 0, verdict })
  }
  return Array.from(slices, ([slice, ofSlice]) => ({
    kind: 'map',
    title: ['passing region', slice].filter(Boolean).join(', '),
    text: `${ofSlice.filter(({ verdict }) => verdict === 'pass').length} of the ${ofSlice.length} points that were looked at pass.`,
    x: CHART_AXES[x],
    y: y ? CHART_AXES[y] : { label: '', unit: '' },
    points: ofSlice,
    proposed: proposal && sliceOf(proposal.settings) === slice ? placeOf(proposal.settings) : null,
  }))
}

const shown = (value: number | null, name: AxisName): string =>
  [value, CHART_AXES[name].unit].filter(Boolean).join(' ')

const passRateOf = ({ messages, passes }: PointResult): number | null =>
  messages === 0 ? null : passes / messages

function sweepTable({ lattice }: SweepQuestion, { points }: SweepResult): ReportTable {
  return {
    columns: [
      'symbol_rate_hz',
      'grey_ratio',
      'brightness',
      'sample_rate_hz',
      'message_bytes',
      'verdict',
      'messages',
      'passes',
      'confidence',
      'least_bit_margin',
      'least_eye_height',
      'least_eye_width_symbols',
      'least_snr_db',
      'failures',
    ],
    rows: Array.from(points)
      .sort(([a], [b]) => a - b)
      .map(([number, { verdict, bound, messages, passes, confidence, failures, margins }]) => {
        const settings = lattice.settingsOf(number)
        const { symbolRateHz, greyRatio, brightness, sampleRateHz, messageBytes } = settings
        const reasons = Object.entries(failures).map(([reason, times]) => `${times} ${reason}`)
        return [
          symbolRateHz,
          greyRatio,
          brightness,
          sampleRateHz,
          messageBytes,
          verdict,
          messages,
          passes,
          messages === 0 ? null : confidence,
          margins?.bit ?? null,
          margins?.eyeHeight ?? null,
          margins?.eyeWidth ?? null,
          margins?.snrDb ?? null,
          bound ?? reasons.join(', '),
        ]
      }),
  }
}
