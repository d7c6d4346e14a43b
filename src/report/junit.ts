import type { JudgedFigure } from '../bench/figures.js'
import type { BenchReport } from './bench-report.js'
import { limitText, nameText, valueText } from './bench-rows.js'
import { attributes, escaped } from './xml.js'

/**
 * A run as JUnit XML, as Jenkins and GitLab read it: one suite, with a case for the verdict and one for each figure that is judged by
 * a limit. What is not judged stands among the properties, as a case that always passes would say nothing. The time is in UTC.
 */
export function junitXml(report: BenchReport): string {
  const { title, madeAt, verdict, findings, settings, figures } = report
  const judged = figures.filter((figure) => figure.verdict !== null)
  const failures = judged.filter((figure) => figure.verdict === 'fail').length
  const classname = `blinkup.${title.replace(/\W+/g, '-')}`
  const cases = [
    caseXml(classname, 'verdict', verdict === 'fail' ? findings.join('\n') || 'failed' : null),
    ...judged.map((figure) => caseXml(classname, nameText(figure), failureText(figure))),
  ]
  const properties = [
    ...settings,
    ...figures.filter((figure) => figure.verdict === null).map((f) => [nameText(f), valueText(f)]),
  ].map(([name = '', value = '']) => `      <property${attributes({ name, value })}/>`)
  const suite = {
    name: `blinkup ${title}`,
    tests: cases.length,
    failures: failures + (verdict === 'fail' ? 1 : 0),
    errors: 0,
    skipped: 0,
    time: 0,
    timestamp: madeAt.toISOString().slice(0, 19),
  }
  const output = [
    `${title}: ${verdict}`,
    ...findings,
    ...judged.map(
      (f) => `${nameText(f)}: ${valueText(f)}, ${f.limit && limitText(f.name, f.limit)}`,
    ),
  ]
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite${attributes(suite)}>
    <properties>
${properties.join('\n')}
    </properties>
${cases.join('\n')}
    <system-out>${escaped(output.join('\n'))}</system-out>
  </testsuite>
</testsuites>
`
}

/** Why a judged figure failed; null where it did not. */
const failureText = (figure: JudgedFigure): string | null =>
  figure.verdict === 'fail' ? (figure.finding ?? valueText(figure)) : null

function caseXml(classname: string, name: string, failure: string | null): string {
  const begin = `    <testcase${attributes({ classname, name, time: 0 })}`
  if (failure === null) return `${begin}/>`
  const message = failure.split('\n', 1)[0] as string
  return `${begin}><failure${attributes({ message, type: 'limit' })}>${escaped(failure)}</failure></testcase>`
}
