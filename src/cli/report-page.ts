import type { BenchReport } from '../report/bench-report.js'

/** A report as a page of words. */
export async function htmlPage(report: BenchReport): Promise<string> {
  const { title, madeAt, verdict, findings, settings, figures } = report
  const list = (items: readonly string[]): string => `<ul>${items.map(item).join('')}</ul>`
  const item = (text: string): string =>
    `<li>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</li>`
  return `<!doctype html><meta charset="utf-8"><title>${title}</title>
<h1>${title}: ${verdict}</h1><p>${madeAt.toISOString()}</p>
${list(findings)}${list(settings.map(([label, text]) => `${label}: ${text}`))}
${list(figures.map(({ name, value }) => `${name}: ${value ?? 'not measured'}`))}`
}
