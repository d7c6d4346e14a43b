/** Whether a figure is better the lower, the higher, or the nearer to zero it is; or that depends on its limit. */
export type Best = 'least' | 'most' | 'zero' | 'limit'

export interface FigureKind {
  /** As its name ends. */
  readonly unit: string
  readonly meaning: string
  readonly best: Best
  /** What it can be, where that has ends. */
  readonly range?: Limit
  /** Whether each witness is judged: one that has seen all does not excuse another that has not. */
  readonly isOfEach?: true
}

/** Every figure that the bench measures, by its name, which is the same in limits, documents and reports. */
export const FIGURES = {
  'tie-rms-us': { unit: 'µs', best: 'least', meaning: 'time interval error of the edges, rms' },

  // Of many messages: what is not said to be the least or the most is the mean.
  messages: { unit: 'messages', best: 'most', meaning: 'messages that were judged' },
  'pass-rate-pct': { unit: '%', best: 'most', range: [0, 100], meaning: 'messages that passed' },
  'rig-errors': { unit: 'errors', best: 'least', meaning: 'times that the rig failed or was lost' },
  'margin-pct': { unit: '%', best: 'most', meaning: 'margin of the least certain bit' },
  'margin-least-pct': { unit: '%', best: 'most', meaning: 'least margin of any bit' },
  'margin-drift-pct-per-h': { unit: '%/h', best: 'zero', meaning: 'change of the margin' },
  'eye-height-pct': { unit: '%', best: 'most', meaning: 'height of the eye' },
  'eye-height-least-pct': { unit: '%', best: 'most', meaning: 'least height of the eye' },
  'snr-db': {
    unit: 'dB',
    best: 'most',
    meaning: 'half the step from grey to white over the noise',
  },
  'snr-least-db': { unit: 'dB', best: 'most', meaning: 'the same, of the noisiest message' },
  'grey-ratio': { unit: '1', best: 'limit', meaning: 'grey as a part of white, both above black' },
  'grey-ratio-drift-per-h': { unit: '1/h', best: 'zero', meaning: 'change of the grey ratio' },
  'black-pct': { unit: '%', best: 'least', meaning: 'level with the LED dark, of full scale' },
  'black-drift-pct-per-h': { unit: '%/h', best: 'zero', meaning: 'change of that level' },
  'swing-pct': { unit: '%', best: 'limit', meaning: 'from black to white, of full scale' },
  'swing-drift-pct-per-h': { unit: '%/h', best: 'zero', meaning: 'change of the swing' },
  'flicker-peak-pct': {
    unit: '%',
    best: 'least',
    meaning: "peak of lamps' flicker, of full scale",
  },
  'rate-error-ppm': { unit: 'ppm', best: 'zero', meaning: 'symbol rate, seen over played, less 1' },
  'rate-drift-ppm-per-h': { unit: 'ppm/h', best: 'zero', meaning: 'change of that error' },
  'timing-spread-us': { unit: 'µs', best: 'least', meaning: 'edges off their grid, rms' },
  'begin-late-us': { unit: 'µs', best: 'zero', meaning: 'by how much messages began late' },
  'eye-width-pct': {
    unit: '%',
    best: 'most',
    meaning: 'the part of a symbol that no edge came into',
  },
  'tie-p99-us': { unit: 'µs', best: 'least', meaning: 'what 99 % of their errors do not exceed' },
  'tie-p999-us': {
    unit: 'µs',
    best: 'least',
    meaning: 'what 99.9 % of their errors do not exceed',
  },
  'tie-max-us': { unit: 'µs', best: 'least', meaning: 'the largest of their errors' },
  'period-jitter-rms-us': { unit: 'µs', best: 'least', meaning: 'deviation of periods, rms' },
  'period-jitter-pp-us': { unit: 'µs', best: 'least', meaning: 'the same, peak to peak' },
  'cycle-jitter-rms-us': {
    unit: 'µs',
    best: 'least',
    meaning: 'difference of a period from the one before it, rms',
  },
  'cycle-jitter-pp-us': { unit: 'µs', best: 'least', meaning: 'the same, peak to peak' },
  'frequency-error-ppm': {
    unit: 'ppm',
    best: 'zero',
    meaning: "by how much the emitter's clock is faster than the witness's",
  },
  'rise-time-us': { unit: 'µs', best: 'least', meaning: 'from 10 to 90 % of an edge to lit' },
  'fall-time-us': { unit: 'µs', best: 'least', meaning: 'from 90 to 10 % of an edge to dark' },
  'asymmetry-pct': {
    unit: '%',
    best: 'zero',
    meaning: 'by how much a lit level is too long, of a symbol',
  },
  'droop-pct': {
    unit: '%',
    best: 'zero',
    meaning: 'by how much white falls within a symbol, of the swing',
  },
  'drift-pct': {
    unit: '%',
    best: 'zero',
    meaning: 'by how much white rises from beginning to end, of the swing',
  },
  'flicker-pct': {
    unit: '%',
    best: 'least',
    meaning: 'of the dark level, peak to peak without the rarest 2 %, of the swing',
  },
  'missed-edges': {
    unit: 'edges',
    best: 'least',
    isOfEach: true,
    meaning: 'edges that were not seen',
  },
  'extra-edges': {
    unit: 'edges',
    best: 'least',
    isOfEach: true,
    meaning: 'edges that nobody has made',
  },
  'witness-disagreement-rms-us': {
    unit: 'µs',
    best: 'least',
    meaning: 'by how much two witnesses differ on an edge, rms',
  },
  'witness-disagreement-max-us': {
    unit: 'µs',
    best: 'least',
    meaning: 'by how much two witnesses differ on an edge, at most',
  },
  'lateness-median-us': {
    unit: 'µs',
    best: 'least',
    meaning: 'by how much an edge was written late, by the schedule of its emitter, the median',
  },
  'lateness-p99-us': { unit: 'µs', best: 'least', meaning: 'what 99 % of them do not exceed' },
  'lateness-p999-us': { unit: 'µs', best: 'least', meaning: 'what 99.9 % of them do not exceed' },
  'lateness-max-us': { unit: 'µs', best: 'least', meaning: 'the latest of them' },
  'length-error-us': {
    unit: 'µs',
    best: 'zero',
    meaning: 'by how much the light was longer than its schedule',
  },
  'highest-passing-rate-hz': {
    unit: 'Hz',
    best: 'most',
    meaning:
      'highest symbol rate of a sweep at which the share of messages that was asked for passed',
  },
  'proposal-pass-rate-pct': {
    unit: '%',
    best: 'most',
    meaning: 'messages that passed with the settings that a sweep proposes',
  },
  'grey-pct': { unit: '%', best: 'limit', meaning: 'level with the LED grey, of full scale' },
  'white-pct': { unit: '%', best: 'limit', meaning: 'level with the LED white, of full scale' },
} as const satisfies Readonly<Record<string, FigureKind>>

export type FigureName = keyof typeof FIGURES

/** What has timed or seen it: samples of the photodiode, the edge input, or the emitter itself. */
export const WITNESSES = ['samples', 'edge-input', 'emitter'] as const
export type Witness = (typeof WITNESSES)[number]

export interface Figure {
  readonly name: FigureName
  /** Null for a figure that is of no witness, such as a count of messages. */
  readonly witness: Witness | null
  /** In the unit of its name; null where it could not be measured. */
  readonly value: number | null
  /** By how much it may be off with 95 % confidence, by method and chance; null where that is not known. */
  readonly uncertainty: number | null
}

/** The bounds belong to what is allowed. */
export type Limit = readonly [least: number, most: number]
export type Limits = Readonly<Partial<Record<FigureName, Limit>>>

/** A figure and what its limit makes of it. */
export interface JudgedFigure extends Figure {
  readonly limit: Limit | null
  /** Null where there is no limit, or a more certain witness of the same figure is judged by it. */
  readonly verdict: 'pass' | 'fail' | null
  /** By how much it failed, in words; null unless it did. */
  readonly finding: string | null
}

/**
 * Judges figures by their limits, each by its most certain witness; missed and extra edges by every witness. A figure passes only where it is within its limit by its
 * uncertainty, too; one that has a limit and was not measured fails.
 *
 * @returns the figures in their order; then those that have a limit and were not there at all, which fail
 */
export function judgeFigures(figures: readonly Figure[], limits: Limits): JudgedFigure[] {
  const judged = figures.map((figure): JudgedFigure => {
    const limit = limits[figure.name] ?? null
    const { isOfEach }: FigureKind = FIGURES[figure.name]
    if (!limit || !(isOfEach || mostCertain(figures, figure.name) === figure)) {
      return { ...figure, limit, verdict: null, finding: null }
    }
    const finding = findingOf(figure, limit)
    return { ...figure, limit, verdict: finding === null ? 'pass' : 'fail', finding }
  })
  const lacking = (Object.keys(limits) as FigureName[])
    .filter((name) => limits[name] && !figures.some((figure) => figure.name === name))
    .map((name): JudgedFigure => {
      const figure = { name, witness: null, value: null, uncertainty: null }
      const limit = limits[name] as Limit
      return { ...figure, limit, verdict: 'fail', finding: findingOf(figure, limit) }
    })
  return [...judged, ...lacking]
}

function mostCertain(figures: readonly Figure[], name: FigureName): Figure | undefined {
  const rank = ({ value, uncertainty }: Figure): number =>
    value === null ? Number.MAX_VALUE : (uncertainty ?? Number.MAX_VALUE / 2)
  return figures.filter((figure) => figure.name === name).sort((a, b) => rank(a) - rank(b))[0]
}

const ANY: Limit = [-Infinity, Infinity]
const NOT_BELOW_0: Limit = [0, Infinity]

function findingOf({ name, value, uncertainty }: Figure, [least, most]: Limit): string | null {
  const { unit, best, range = best === 'least' ? NOT_BELOW_0 : ANY }: FigureKind = FIGURES[name]
  const shown = (number: number): string =>
    `${Number(number.toPrecision(3))} ${unit === '1' ? '' : unit}`.trimEnd()
  if (value === null) return 'it has a limit, but could not be measured'
  const off = uncertainty ?? 0
  if (value > most) return `${shown(value)} is ${shown(value - most)} above ${shown(most)}`
  if (value < least) return `${shown(value)} is ${shown(least - value)} below ${shown(least)}`
  const isAbove = Math.min(value + off, range[1]) > most
  if (!isAbove && Math.max(value - off, range[0]) >= least) return null
  const bound = isAbove ? most : least
  return `${shown(value)} is within its limit of ${shown(bound)}, but it may be off by ${shown(off)}`
}
