import type { Chart } from '../bench-report.js'
import { shortNumber, withUnit } from '../bench-rows.js'
import { type StationReport, type StationTally, stationName } from '../station-document.js'
import { html, type Markup } from './markup.js'
import { chartsSection, madeAtLine, rowsSection, wholePage } from './page-parts.js'

const BY = { shift: 'Shifts', rig: 'Rigs', day: 'Days', station: 'Stations' } as const

/** What a station has done, as one page of HTML. */
export function stationPage(report: StationReport, madeAt: Date): Promise<string> {
  const { station, all, groups, by, margins } = report
  const title = stationName(station)
  const content = html`<header>
<h1>${title}</h1>
${madeAtLine(madeAt)}
${warningsList(margins.flatMap(({ warning }) => warning ?? []))}
</header>
<section><h2>In all</h2>
${talliesTable([all])}</section>
<section><h2>${BY[by]}</h2>
${talliesTable(groups)}</section>
${reasonsSection(all)}
${timesSection(all)}
${chartsSection(marginCharts(report))}
${rowsSection('What was counted', scopeRows(report))}`
  return wholePage(title, content, '')
}

function warningsList(warnings: readonly string[]): Markup | null {
  if (warnings.length === 0) return null
  return html`<ul class="findings fail">${warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`
}

/** A table that may be wider than a phone: columns of words, then columns of numbers. */
const table = (
  label: string,
  words: readonly string[],
  numbers: readonly string[],
  rows: readonly Markup[],
): Markup =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table class="counts">
<thead><tr>${words.map((name) => html`<th scope="col">${name}</th>`)}${numbers.map((name) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
<tbody>${rows}</tbody>
</table></div>
`

const numbers = (texts: readonly string[]): Markup[] =>
  texts.map((text) => html`<td class="number">${text}</td>`)

function talliesTable(tallies: readonly StationTally[]): Markup {
  if (tallies.length === 0) return html`<p class="note">No cycle has ended.</p>`
  const rows = tallies.map((tally) => {
    const { outcomes, cycleTime, passesPerHour } = tally
    const cells = [
      `${tally.cycles}`,
      `${outcomes.pass}`,
      percent(tally.finalYield),
      percent(tally.firstPassYield),
      passesPerHour === null ? '–' : shortNumber(Number(passesPerHour.toPrecision(3))),
      `${tally.units}`,
      ...(['fail', 'error', 'timeout', 'aborted'] as const).map((one) => `${outcomes[one]}`),
      cycleTime === null ? '–' : seconds(cycleTime.medianS),
    ]
    return html`<tr><th scope="row">${tally.name}</th>${numbers(cells)}</tr>\n`
  })
  return table(
    'Counts',
    [''],
    [
      'cycles',
      'pass',
      'yield',
      'first-pass yield',
      'passes an hour',
      'units',
      'fail',
      'error',
      'timeout',
      'aborted',
      'cycle, median',
    ],
    rows,
  )
}

function reasonsSection({ reasons, cycles }: StationTally): Markup | null {
  if (reasons.length === 0) return null
  const rows = reasons.map(
    ({ reason, outcome, cause, cycles: count }) =>
      html`<tr><th scope="row">${reason}</th><td>${outcome}</td><td>${cause}</td>${numbers([`${count}`, percent(count / cycles)])}</tr>\n`,
  )
  return html`<section><h2>Why cycles did not pass</h2>
${table('Reasons', ['reason', 'outcome', 'look at the'], ['cycles', 'of all'], rows)}</section>`
}

function timesSection({ phases, cycleTime }: StationTally): Markup | null {
  const times = [
    ...phases.map(({ state, ...times }) => ({ name: state, ...times })),
    ...(cycleTime ? [{ name: 'a cycle that passed', ...cycleTime }] : []),
  ]
  if (times.length === 0) return null
  const rows = times.map(
    ({ name, count, medianS, p95S, maxS }) =>
      html`<tr><th scope="row">${name}</th>${numbers([`${count}`, seconds(medianS), seconds(p95S), seconds(maxS)])}</tr>\n`,
  )
  return html`<section><h2>Times</h2>
${table('Times', ['in'], ['how often', 'median', '95 %', 'longest'], rows)}</section>`
}

/** One chart for what shares a unit, with a line for each rig. Its time counts from the first cycle that was measured. */
function marginCharts({ margins }: StationReport): Chart[] {
  const startS = Math.min(...margins.map(({ bins }) => bins[0]?.fromS ?? Infinity))
  return Array.from(new Set(margins.map(({ name }) => name)), (name): Chart => {
    const of = margins.filter((margin) => margin.name === name)
    const unit = of[0]?.unit ?? ''
    return {
      kind: 'course',
      title: `${name} over time`,
      text: of
        .map(
          ({ rig, min, mean, max, least }) =>
            `${rig}: ${shortNumber(min)} to ${shortNumber(max)}, mean ${withUnit(shortNumber(mean), unit)}, at least ${shortNumber(least)} are wanted.`,
        )
        .join(' '),
      x: { label: 'time', unit: 'h' },
      y: { label: name, unit },
      series: of.map(({ rig, bins }) => ({
        name: rig,
        xs: bins.map(({ fromS, toS }) => ((fromS + toS) / 2 - startS) / 3600),
        ys: bins.map(({ mean }) => mean),
      })),
      limits: Array.from(new Set(of.map(({ least }) => least))),
    }
  })
}

function scopeRows({ since, until, rig, by, shifts, unfinished, all }: StationReport) {
  return [
    ['from', since ?? 'the first cycle'],
    ['until', until ?? 'now'],
    ['rig', rig ?? 'all'],
    ...(by === 'shift' ? [['shifts begin', shifts.join(', ')] as const] : []),
    ['going on', `${unfinished}, not counted`],
    ['without device', `${all.withoutDevice}, of no unit`],
    [
      'a unit',
      'is a device ID, counted where its first cycle is; yield: its last cycle passed; first-pass yield: its first one did; aborted cycles are left out',
    ],
    ['an hour', 'of the time from the first cycle of each shift to the end of its last'],
  ] as const
}

const percent = (part: number | null): string =>
  part === null ? '–' : `${(100 * part).toFixed(1)} %`

const seconds = (timeS: number): string => `${timeS.toFixed(timeS < 10 ? 2 : 1)} s`
