import type { JudgedFigure } from '../../bench/figures.js'
import { FIGURES } from '../../bench/figures.js'
import {
  type BenchReport,
  OF_FULL_SCALE,
  type ReportTable,
  type Waveform,
} from '../bench-report.js'
import { limitText, valueText } from '../bench-rows.js'
import { html, Markup } from './markup.js'
import { chartsSection, madeAtLine, pageFile, rowsSection, wholePage } from './page-parts.js'
import { waveformData } from './waveform-data.js'

export interface PageOptions {
  /** Whether the light is in it; without, the page holds no secret. */
  readonly waveform: boolean
  /** Whether the fields under the waveform say what is secret; defaults to false. */
  readonly showSecrets?: boolean
}

/** More rows of a table are for the CSV file. */
const MOST_ROWS = 200

/** A report as one page of HTML. */
export async function htmlPage(report: BenchReport, options: PageOptions): Promise<string> {
  const shown = options.waveform && report.waveform ? report : withoutLight(report)
  const { waveform } = shown
  const script = waveform && waveform.timesS.length > 0 ? await pageFile('waveform.js') : ''
  const content = html`${waveform?.isSecret ? SECRET : null}
${header(report)}
${figuresSection(report.figures)}
${chartsSection(shown.charts)}
${script && waveform ? waveformSection(waveform, options.showSecrets ?? false) : null}
${options.waveform || !report.waveform ? null : html`<p class="note">The light was left out of this page.</p>`}
${rowsSection('How it was measured', report.settings)}
${tableSection(report.table)}`
  return wholePage(`${report.title}: ${report.verdict}`, content, script)
}

/** An eye has all samples of the light in it, though not their order. */
const withoutLight = (report: BenchReport): BenchReport => ({
  ...report,
  charts: report.charts.filter(({ kind, isSecret }) => kind !== 'eye' && !isSecret),
  waveform: null,
})

const SECRET = html`<p class="secret" role="note"><strong>This page is as secret as the password.</strong> The waveform in it is the light
of real credentials: whoever has this file can read them. To pass it on, leave the light out.</p>`

const SIGNS = { pass: '✓', fail: '✗' } as const

const badge = (verdict: 'pass' | 'fail'): Markup =>
  html`<span class="badge ${verdict}"><span aria-hidden="true">${SIGNS[verdict]}</span> ${verdict}</span>`

function header({ title, verdict, madeAt, findings }: BenchReport): Markup {
  const items = findings.map((finding) => html`<li>${finding}</li>`)
  return html`<header>
<h1>${title} ${badge(verdict)}</h1>
${madeAtLine(madeAt)}
${items.length > 0 ? html`<ul class="findings ${verdict}">${items}</ul>` : null}
</header>`
}

function figuresSection(figures: readonly JudgedFigure[]): Markup | null {
  if (figures.length === 0) return null
  const isJudged = figures.some(({ limit }) => limit)
  const rows = figures.map((figure) => {
    const { name, witness, limit, verdict, finding } = figure
    return html`<tr${verdict === 'fail' ? new Markup(' class="failed"') : null}>
<th scope="row">${name}<small>${FIGURES[name].meaning}${witness && `, by ${witness}`}${finding && html`<br><b>${finding}</b>`}</small></th>
<td class="value">${valueText(figure)}</td>
${isJudged ? html`<td>${limit && limitText(name, limit)}</td><td>${verdict && badge(verdict)}</td>` : null}</tr>
`
  })
  return html`<section>
<h2>Figures</h2>
<table class="figures">
<thead><tr><th scope="col">figure</th><th scope="col">value</th>${isJudged ? html`<th scope="col">limit</th><th scope="col">verdict</th>` : null}</tr></thead>
<tbody>
${rows}</tbody>
</table>
</section>`
}

function waveformSection(waveform: Waveform, showSecrets: boolean): Markup {
  const { timesS, messages, unit = OF_FULL_SCALE } = waveform
  const lengthS = (timesS.at(-1) ?? 0) - (timesS[0] ?? 0)
  const data = JSON.stringify(waveformData(waveform, showSecrets)).replaceAll('<', '\\u003c')
  const name = `Waveform of ${lengthS.toFixed(3)} s with ${messages.length} ${messages.length === 1 ? 'message' : 'messages'}`
  return html`<section class="waveform">
<h2>Waveform <small>level, ${unit}</small></h2>
<div class="tools">
<button type="button" data-key="Home">All</button>
<button type="button" data-key="+" aria-label="Zoom in">+</button>
<button type="button" data-key="-" aria-label="Zoom out">−</button>
<button type="button" data-key="ArrowLeft" aria-label="Earlier">←</button>
<button type="button" data-key="ArrowRight" aria-label="Later">→</button>
<button type="button" data-key="PageUp" aria-label="Message before">‹ message</button>
<button type="button" data-key="PageDown" aria-label="Next message">message ›</button>
</div>
<canvas id="waveform" tabindex="0" role="application" aria-label="${name}" aria-describedby="waveform-help"></canvas>
<p id="waveform-range" role="status"></p>
<p id="waveform-help" class="help">Drag over a stretch to see it larger; a double click shows all again. Keys: <kbd>←</kbd> <kbd>→</kbd> move, <kbd>+</kbd> <kbd>-</kbd>
zoom, <kbd>Home</kbd> shows all, <kbd>Page Up</kbd> <kbd>Page Down</kbd> go from message to message.</p>
<noscript><p class="note">The waveform is drawn by a script, which this browser does not run.</p></noscript>
<script type="application/json" id="waveform-data">${new Markup(data)}</script>
</section>`
}

function tableSection({ columns, rows }: ReportTable): Markup | null {
  if (rows.length === 0) return null
  const cells = (row: ReportTable['rows'][number]): Markup[] =>
    row.map((cell) =>
      typeof cell === 'number'
        ? html`<td class="number">${Number(cell.toPrecision(8))}</td>`
        : html`<td>${cell}</td>`,
    )
  const lines = rows.slice(0, MOST_ROWS).map((row) => html`<tr>${cells(row)}</tr>\n`)
  const left = rows.length - lines.length
  return html`<details>
<summary>Single measurements (${rows.length})</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Single measurements"><table>
<thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${lines}</tbody>
</table></div>
${left > 0 ? html`<p class="note">${left} more are left out here: the CSV file has them all.</p>` : null}
</details>`
}
