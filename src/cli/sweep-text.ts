import type { AxisName, PointSettings } from '../bench/sweep/axes.js'
import type { PlayFailure } from '../bench/sweep/player.js'
import type {
  PointResult,
  SweepProgress,
  SweepQuestion,
  SweepResult,
} from '../bench/sweep/sweep.js'
import type { Row } from './reception.js'
import { AXIS_OPTIONS } from './sweep-axes.js'

/** What a point of a map is drawn as. Small ones were not looked at: what is around them shows them. */
const MARKS = {
  proposed: 'O',
  pass: '#',
  fail: 'x',
  undecided: '?',
  unplayable: '-',
  around: { pass: '+', fail: '.', unknown: ' ' },
} as const
const LEGEND =
  '# passes, x fails, ? undecided, - cannot be played; not looked at: + inside, . outside; O proposed'

/** The maps: the first axis from left to right, the second from the bottom up, and one for each choice of values on the others. */
export function mapText({ lattice }: SweepQuestion, result: SweepResult): string {
  const [columns, rows, ...others] = lattice.axes
  if (!columns) return ''
  const maps = new Map<string, string[][]>()
  for (let number = 0; number < lattice.size; number++) {
    const settings = lattice.settingsOf(number)
    const [column = 0, row = 0] = lattice.pointOf(number)
    const title = others.map(({ name }) => namedValue(settings, name)).join(', ')
    const map = maps.get(title) ?? (rows?.values ?? [0]).map(() => [])
    maps.set(title, map)
    const marks = map[row]
    if (marks) marks[column] = markOf(result, number)
  }
  const labels = (rows?.values ?? []).map(String)
  const labelWidth = Math.max(0, ...labels.map(({ length }) => length))
  const columnLabels = columns.values.map(String)
  const width = Math.max(...columnLabels.map(({ length }) => length)) + 1
  const text = Array.from(maps, ([title, map]) => [
    ...(title ? [title] : []),
    ...map
      .map((marks, row) =>
        [(labels[row] ?? '').padStart(labelWidth), ...marks.map((mark) => mark.padStart(width))]
          .join('')
          .trimEnd(),
      )
      .reverse(),
    ' '.repeat(labelWidth) + columnLabels.map((label) => label.padStart(width)).join(''),
    '',
  ])
  const { label, unit } = AXIS_OPTIONS[columns.name]
  const across = `${label}${unit && ` in ${unit}`} from left to right`
  const up = rows && `, ${AXIS_OPTIONS[rows.name].label} from the bottom up`
  return [...text.flat(), `${across}${up ?? ''}`, LEGEND].join('\n')
}

function markOf({ points, passes, proposal }: SweepResult, number: number): string {
  if (proposal?.number === number) return MARKS.proposed
  const point = points.get(number)
  if (point) return MARKS[point.verdict]
  const around = passes[number] ?? null
  return around === null ? MARKS.around.unknown : around ? MARKS.around.pass : MARKS.around.fail
}

/** What there is to say beside the maps. */
export function sweepRows(
  { lattice, asked, confirmation: confirmed }: SweepQuestion,
  { points, proposal }: SweepResult,
): Row[] {
  const results = [...points.values()]
  const count = (verdict: PointResult['verdict']): number =>
    results.filter((result) => result.verdict === verdict).length
  const counts = [
    `${count('pass')} pass`,
    `${count('fail')} fail`,
    `${count('undecided')} undecided`,
    `${count('unplayable')} cannot be played`,
  ]
  const bounds = new Set(results.flatMap(({ bound }) => (bound ? [bound] : [])))
  const messages = results.reduce((sum, result) => sum + result.messages, 0)
  return [
    ['points', `${points.size} of ${lattice.size} were looked at: ${counts.join(', ')}`],
    ['bounds', bounds.size > 0 ? [...bounds].join(', ') : null],
    ['asked', `${percent(asked.passRate)} of messages, with confidence ${asked.confidence}`],
    ['messages', `${messages} for the map`],
    ['failures', failuresText(results) || null],
    [
      'proposed',
      proposal
        ? proposalText(
            lattice.axes.map(({ name }) => name),
            proposal.settings,
          )
        : null,
    ],
    [
      'margin',
      proposal
        ? `${counted(proposal.steps, 'step')} from the nearest point that does not pass`
        : null,
    ],
    ['confirmed', proposal ? confirmationText(proposal.confirmation, confirmed.passRate) : null],
    ['weakest bit', marginText(proposal?.confirmation)],
  ]
}

function confirmationText(
  { verdict, messages, passes, confidence }: PointResult,
  passRate: number,
): string {
  const came = `${passes} of ${messages} messages passed`
  if (verdict === 'pass') {
    return `${came}: at least ${percent(passRate)} do, with confidence ${shownConfidence(confidence)}`
  }
  return verdict === 'fail' ? `no: ${came}` : `undecided: ${came}`
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/** Never more than there is. */
const shownConfidence = (confidence: number): string =>
  (Math.floor(1000 * confidence) / 1000).toString()

function marginText(result: PointResult | undefined): string | null {
  const bit = result?.margins?.bit ?? null
  return bit === null ? null : `${Math.round(100 * bit)} % of its margin`
}

function failuresText(results: readonly PointResult[]): string {
  const reasons = new Map<string, number>()
  for (const { failures } of results) {
    for (const [reason, times] of Object.entries(failures) as [PlayFailure, number][]) {
      reasons.set(reason, (reasons.get(reason) ?? 0) + times)
    }
  }
  return Array.from(reasons, ([reason, times]) => `${times} ${reason}`).join(', ')
}

const proposalText = (axes: readonly AxisName[], settings: PointSettings): string =>
  axes.map((name) => namedValue(settings, name)).join(', ')

function namedValue(settings: PointSettings, name: AxisName): string {
  const { label, unit } = AXIS_OPTIONS[name]
  return [label, settings[name], unit].filter((word) => word !== '').join(' ')
}

const percent = (part: number): string => `${Number((100 * part).toFixed(1))} %`

/** How far it is, and how long it will take. */
export function progressText({
  stage,
  points,
  pointsNeeded,
  messages,
  leftS,
}: SweepProgress): string {
  const where =
    stage === 'map' ? `${points} of at least ${pointsNeeded} points` : 'confirming the proposal'
  const left =
    leftS === null ? '' : `, ${stage === 'map' ? 'at least ' : ''}${timeText(leftS)} left`
  return `${where}, ${messages} messages${left}`
}

function timeText(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 120) return `${whole} s`
  const minutes = Math.ceil(whole / 60)
  return minutes < 120 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`
}
