import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Chart, ReportRow } from '../bench-report.js'
import { chartSvg } from './charts.js'
import { html, Markup } from './markup.js'

/**
 * A page of HTML that needs nothing else and asks nobody for anything: its policy forbids it. It fits a phone, paper, light and dark.
 *
 * @param script the only one that may run; empty for none
 */
export async function wholePage(title: string, content: Markup, script: string): Promise<string> {
  const style = await pageFile('report.css')
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(style)}'`,
    `script-src ${script ? `'${hashOf(script)}'` : "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<main>
${content}
</main>
${script ? html`<script type="module">${new Markup(script)}</script>` : null}
</body>
</html>
`.text
}

/** A file of the page's own. */
export const pageFile = (name: string): Promise<string> =>
  readFile(new URL(`./page/${name}`, import.meta.url), 'utf8')

const hashOf = (text: string): string =>
  `sha256-${createHash('sha256').update(text).digest('base64')}`

/** When a report was made. */
export function madeAtLine(madeAt: Date): Markup {
  const time = madeAt.toISOString()
  return html`<p class="made">made at <time datetime="${time}">${time.slice(0, 19).replace('T', ' ')} UTC</time></p>`
}

export function chartsSection(charts: readonly Chart[]): Markup | null {
  if (charts.length === 0) return null
  const figures = charts.map((chart, n) => {
    const drawn = chartSvg(chart, `chart-${n}`)
    const keys = drawn && drawn.keys.length > 1 ? drawn.keys : []
    return html`<figure>
<h3>${chart.title}</h3>
${drawn ? new Markup(drawn.svg) : html`<p class="note">There is nothing to draw.</p>`}
<figcaption>
${keys.length > 0 ? html`<p class="keys ${chart.kind}">${keys.map((key, i) => html`<span class="key-${(i % 4) + 1}">${key}</span> `)}</p>` : null}
<p>${chart.text} ${drawn?.note ?? null}</p></figcaption>
</figure>
`
  })
  return html`<section><h2>Charts</h2><div class="charts">${figures}</div></section>`
}

export function rowsSection(title: string, rows: readonly ReportRow[]): Markup | null {
  if (rows.length === 0) return null
  const items = rows.map(([label, text]) => html`<div><dt>${label}</dt><dd>${text}</dd></div>\n`)
  return html`<section><h2>${title}</h2><dl>${items}</dl></section>`
}
