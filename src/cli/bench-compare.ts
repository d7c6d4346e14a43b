import type { Command } from 'commander'
import {
  type Change,
  COMPARE_CONFIDENCE,
  type Comparison,
  compareRuns,
  type Outcome,
} from '../bench/compare.js'
import { FIGURES, type FigureKind } from '../bench/figures.js'
import { withUnit } from '../report/bench-rows.js'
import type { DocumentOf } from '../report/documents.js'
import { measuredRun } from '../report/measured-run.js'
import { printDocument } from './document.js'
import { CommandError, EXIT, explain } from './errors.js'
import { nameOf, readChunks } from './files.js'
import { type Coloured, print } from './terminal.js'

/** Those of a soak are far below a megabyte; a device or a pipe may have no end. */
const MOST_BYTES = 2 ** 26

type Verdict = DocumentOf<'blinkup.bench-compare/1'>['verdict']

export function addBenchCompare(bench: Command): void {
  bench
    .command('compare')
    .argument('<before>', 'document of a run, as --json has printed it; - for standard input')
    .argument('<after>', 'document of another run of the same command')
    .description(
      'say what became worse between two runs of verify or of the bench, and what better, beyond what chance explains',
    )
    .option('--json', 'print the comparison as JSON')
    .action(async (before: string, after: string, { json }) => {
      const [a, b] = [await load(before), await load(after)]
      if (a.schema !== b.schema) {
        throw unfit(
          `${nameOf(before)} is a ${a.schema}, and ${nameOf(after)} a ${b.schema}: compare two runs of one command`,
        )
      }
      const comparison = compareRuns(a.run, b.run)
      if (judgedOf(comparison).length === 0) {
        throw unfit(
          `${nameOf(before)} and ${nameOf(after)} have no figure that can be compared: measure again`,
        )
      }
      const verdict = verdictOf(comparison)
      const error =
        verdict === 'worse'
          ? new CommandError(EXIT.checkFailed, `worse than before: ${namesOf(comparison, 'worse')}`)
          : null
      await (json
        ? printDocument({
            schema: 'blinkup.bench-compare/1',
            verdict,
            confidence: COMPARE_CONFIDENCE,
            comparedSchema: a.schema,
            ...comparison,
            error: error && explain(error),
          })
        : print(compareText(comparison, verdict)))
      if (error) process.exitCode = error.exitCode
    })
}

const unfit = (message: string, cause?: unknown): CommandError =>
  new CommandError(EXIT.badData, message, { code: 'no-document', cause })

async function load(path: string) {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of readChunks(path)) {
    chunks.push(chunk)
    length += chunk.length
    if (length > MOST_BYTES) throw unfit(`${nameOf(path)} is larger than any document of a run`)
  }
  let document: unknown
  try {
    document = JSON.parse(Buffer.concat(chunks).toString())
  } catch (error) {
    throw unfit(`${nameOf(path)} is no whole JSON document: give what --json has printed`, error)
  }
  const measured = measuredRun(document)
  if (typeof measured === 'string') throw unfit(`${nameOf(path)} ${measured}`)
  return measured
}

const judgedOf = ({ changes }: Comparison): readonly Change[] =>
  changes.filter(({ outcome }) => outcome !== 'unknown')

function verdictOf({ changes }: Comparison): Verdict {
  const has = (outcome: Outcome): boolean => changes.some((change) => change.outcome === outcome)
  return has('worse') ? 'worse' : has('better') ? 'better' : 'same'
}

const namesOf = ({ changes }: Comparison, outcome: Outcome): string =>
  changes
    .filter((change) => change.outcome === outcome)
    .map(({ name }) => name)
    .join(', ')

const VERDICTS: Readonly<Record<Verdict, Coloured>> = {
  worse: { colour: 'red', text: 'WORSE' },
  better: { colour: 'green', text: 'BETTER' },
  same: { colour: 'green', text: 'SAME' },
}

function compareText(comparison: Comparison, verdict: Verdict): (string | Coloured)[] {
  const { changes, differing, lacking } = comparison
  const counts = `figures compared: ${judgedOf(comparison).length}; of two runs of the same rig one pair in 20, at most, is said to differ`
  const told = (value: unknown): string => (value === null ? 'not told' : JSON.stringify(value))
  const lines = [
    `  ${counts}`,
    ...differing.map(
      ({ name, before, after }) => `setting ${name}: ${told(before)} before, ${told(after)} after`,
    ),
    ...changes.map(changeText),
    ...lacking.map(
      ({ name, witness, from }) => `${nameOfFigure({ name, witness })}: not measured ${from}`,
    ),
  ]
  return [VERDICTS[verdict], `${lines.join('\n')}\n`]
}

const nameOfFigure = ({ name, witness }: Pick<Change, 'name' | 'witness'>): string =>
  witness === null ? name : `${name} by ${witness}`

function changeText(change: Change): string {
  const { name, before, after, uncertainty, chance, outcome } = change
  const { unit }: FigureKind = FIGURES[name]
  const short = (value: number): string => String(Number(value.toPrecision(4)))
  const off = uncertainty === null ? '' : ` ± ${String(Number(uncertainty.toPrecision(2)))}`
  const difference = withUnit(`${after >= before ? '+' : ''}${short(after - before)}${off}`, unit)
  const why =
    chance === null
      ? 'by how much it may be off is not known'
      : outcome === 'same'
        ? 'chance explains it'
        : `${sureness(chance)} sure`
  return `${outcome.padEnd(9)}${nameOfFigure(change)}: ${short(before)} before, ${short(after)} after (${difference}); ${why}`
}

/** Never all of it. */
function sureness(chance: number): string {
  const percent = 100 * (1 - chance)
  return percent > 99.99 ? 'more than 99.99 %' : `${percent.toFixed(percent > 99 ? 2 : 1)} %`
}
