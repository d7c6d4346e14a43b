/** Whether a figure is better the lower, the higher, or the nearer to zero it is. */
export type Best = 'least' | 'most' | 'zero'

export interface FigureKind {
  /** As its name ends. */
  readonly unit: string
  readonly meaning: string
  readonly best: Best
}

/** Every figure that the bench measures, by its name, which is the same in limits, documents and reports. */
export const FIGURES = {
  'tie-rms-us': { unit: 'µs', best: 'least', meaning: 'time interval error of the edges, rms' },
  // Of the light, as it is tuned.
  'black-percent': { unit: '%', best: 'least', meaning: 'level with the LED dark' },
  'white-percent': { unit: '%', best: 'most', meaning: 'level with the LED white' },
  'grey-percent': { unit: '%', best: 'most', meaning: 'grey as a part of white' },
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
 * Judges figures by their limits, each by its most certain witness. A figure passes only where it is within its limit by its
 * uncertainty, too; one that has a limit and was not measured fails.
 *
 * @returns the figures in their order; then those that have a limit and were not there at all, which fail
 */
export function judgeFigures(figures: readonly Figure[], limits: Limits): JudgedFigure[] {
  const judged = figures.map((figure): JudgedFigure => {
    const limit = limits[figure.name] ?? null
    if (!limit || mostCertain(figures, figure.name) !== figure) {
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

function findingOf({ name, value, uncertainty }: Figure, [least, most]: Limit): string | null {
  const { unit } = FIGURES[name]
  const shown = (number: number): string => `${Number(number.toPrecision(3))} ${unit}`
  if (value === null) return 'it has a limit, but could not be measured'
  const off = uncertainty ?? 0
  if (value > most) return `${shown(value)} is ${shown(value - most)} above ${shown(most)}`
  if (value < least) return `${shown(value)} is ${shown(least - value)} below ${shown(least)}`
  if (value + off <= most && value - off >= least) return null
  const bound = value + off > most ? most : least
  return `${shown(value)} is within its limit of ${shown(bound)}, but it may be off by ${shown(off)}`
}
