import { type Best, FIGURES, type Figure, type FigureKind, type FigureName } from './figures.js'
import { compareCounts, fisherExact, holm, student95, studentTails } from './statistics.js'

/** With which it is said of any figure that it became worse or better, over all of them together. */
export const COMPARE_CONFIDENCE = 0.95

export type Setting = string | number | boolean | null

/** What a run of the bench has measured, as far as another can be compared with it. */
export interface MeasuredRun {
  /** What it was measured with. */
  readonly settings: Readonly<Record<string, Setting>>
  readonly figures: readonly Figure[]
  /** Of messages that were tried; null where there was no such number. */
  readonly passes: { readonly passed: number; readonly tried: number } | null
  /** Degrees of freedom of the figures' uncertainties; null for so many that it is no matter. */
  readonly freedom: number | null
  /** How much of what can go wrong there was, such as messages or seconds; for counts. */
  readonly exposure: number
}

/**
 * What became of a figure: `changed` where no direction is better, `same` as far as chance lets see it, `unknown` where nothing tells by how
 * much it may be off.
 */
export type Outcome = 'worse' | 'better' | 'changed' | 'same' | 'unknown'

export interface Change extends Pick<Figure, 'name' | 'witness'> {
  readonly before: number
  readonly after: number
  /** By how much the difference may be off, with 95 % confidence; null where that is not known, and of counts. */
  readonly uncertainty: number | null
  /** How likely this, or more, is by chance alone, with all figures allowed for; null where that is not known. */
  readonly chance: number | null
  readonly outcome: Outcome
}

export interface Comparison {
  /** Worst first: what is worse, better, changed, the same, unknown; in each the surest first. */
  readonly changes: readonly Change[]
  /** Settings that are not the same: they may be what makes the difference. */
  readonly differing: readonly {
    readonly name: string
    readonly before: Setting
    readonly after: Setting
  }[]
  /** Figures that only one of them has. */
  readonly lacking: readonly (Pick<Figure, 'name' | 'witness'> & {
    readonly from: 'before' | 'after'
  })[]
}

/** How many were asked for, which says nothing of the rig. */
const NO_QUALITY: ReadonlySet<FigureName> = new Set(['messages'])
/** Units of what is counted. */
const COUNTED: ReadonlySet<string> = new Set(['edges', 'errors'])
const ORDER: readonly Outcome[] = ['worse', 'better', 'changed', 'same', 'unknown']

/**
 * Says what became worse and what better, beyond what chance explains. However many figures are compared, two runs of the same
 * rig have any that is said to have become worse or better in at most one of twenty comparisons.
 */
export function compareRuns(before: MeasuredRun, after: MeasuredRun): Comparison {
  const pairs = before.figures.flatMap((figure) => {
    const other = find(after, figure)
    const isCompared = !NO_QUALITY.has(figure.name) && figure.value !== null
    return isCompared && other && other.value !== null ? [{ figure, other }] : []
  })
  const tested = pairs.map(({ figure, other }) => testPair(before, after, figure, other))
  const known = tested.flatMap(({ chance }) => chance ?? [])
  const corrected = holm(known)
  const changes = tested
    .map((change): Change => {
      if (change.chance === null) return { ...change, outcome: 'unknown' }
      const chance = corrected.shift() as number
      return { ...change, chance, outcome: outcomeOf(change, chance) }
    })
    .sort(
      (a, b) =>
        ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome) || (a.chance ?? 1) - (b.chance ?? 1),
    )
  return {
    changes,
    differing: differences(before.settings, after.settings),
    lacking: [
      ...missing(before, after).map((figure) => ({ ...figure, from: 'after' as const })),
      ...missing(after, before).map((figure) => ({ ...figure, from: 'before' as const })),
    ],
  }
}

const find = ({ figures }: MeasuredRun, { name, witness }: Figure): Figure | undefined =>
  figures.find((figure) => figure.name === name && figure.witness === witness)

/** Figures with a value that another run has not. */
const missing = (run: MeasuredRun, other: MeasuredRun): Pick<Figure, 'name' | 'witness'>[] =>
  run.figures
    .filter((figure) => figure.value !== null && (find(other, figure)?.value ?? null) === null)
    .map(({ name, witness }) => ({ name, witness }))

const kindOf = (name: FigureName): FigureKind => FIGURES[name]

/** A pair of figures by itself, as if there were no others. */
function testPair(
  before: MeasuredRun,
  after: MeasuredRun,
  { name, witness, ...a }: Figure,
  b: Figure,
): Omit<Change, 'outcome'> {
  const change = { name, witness, before: a.value as number, after: b.value as number }
  if (name === 'pass-rate-pct' && before.passes && after.passes) {
    const { passed, tried } = before.passes
    const chance = fisherExact([passed, tried], [after.passes.passed, after.passes.tried])
    return { ...change, uncertainty: null, chance }
  }
  if (COUNTED.has(kindOf(name).unit)) {
    const counts = [change.before, before.exposure] as const
    const chance = compareCounts(counts, [change.after, after.exposure])
    return { ...change, uncertainty: null, chance }
  }
  if (a.uncertainty === null || b.uncertainty === null) {
    return { ...change, uncertainty: null, chance: null }
  }
  const difference = Math.abs(value(name, change.after) - value(name, change.before))
  const errors = [
    { error: a.uncertainty / student95(before.freedom ?? Infinity), run: before },
    { error: b.uncertainty / student95(after.freedom ?? Infinity), run: after },
  ]
  const square = errors.reduce((sum, { error }) => sum + error ** 2, 0)
  // Welch and Satterthwaite: what the less certain one knows counts most.
  const freedom =
    square ** 2 /
    errors.reduce((sum, { error, run }) => sum + error ** 4 / (run.freedom ?? Infinity), 0)
  const standardError = Math.sqrt(square)
  const known = Number.isFinite(freedom) ? Math.max(1, freedom) : Infinity
  return {
    ...change,
    uncertainty: student95(known) * standardError,
    chance: difference === 0 ? 1 : studentTails(difference / standardError, known),
  }
}

/** What is best near zero is as bad on either side. */
const value = (name: FigureName, of: number): number =>
  kindOf(name).best === 'zero' ? Math.abs(of) : of

function outcomeOf({ name, before, after }: Omit<Change, 'outcome'>, chance: number): Outcome {
  if (chance > 1 - COMPARE_CONFIDENCE) return 'same'
  const { best }: { best: Best } = kindOf(name)
  if (best === 'limit') return 'changed'
  const isMore = value(name, after) > value(name, before)
  return isMore === (best === 'most') ? 'better' : 'worse'
}

function differences(
  before: MeasuredRun['settings'],
  after: MeasuredRun['settings'],
): Comparison['differing'] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names]
    .map((name) => ({ name, before: before[name] ?? null, after: after[name] ?? null }))
    .filter((one) => one.before !== one.after)
}
