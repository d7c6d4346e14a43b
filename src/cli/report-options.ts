import type { Command } from 'commander'
import type { BenchReport } from '../report/bench-report.js'
import type { Failure } from '../report/documents.js'
import { CommandError, EXIT, explain } from './errors.js'
import { checkOutput, isSameFile } from './files.js'
import { checkWritable, createSecretFile } from './secret-file.js'
import { tell } from './terminal.js'

export interface ReportOptions {
  readonly report?: string
  readonly csv?: string
  readonly junit?: string
  readonly waveform: boolean
  readonly force?: true
  readonly showSecrets?: boolean
}

/** Adds the options of all commands that write reports; `--force` is for every file that the command writes. */
export function addReportOptions(command: Command): Command {
  return command
    .option(
      '--report <file>',
      'write a page of it in HTML, with charts and the light; where that is of credentials, the file is as secret as the password',
    )
    .option('--no-waveform', 'leave the light out of the page')
    .option('--csv <file>', 'write each single measurement as CSV')
    .option('--junit <file>', 'write the verdict and the figures with limits as JUnit XML')
    .option('--force', 'overwrite the files that it writes, if they are there')
}

/** Whether any report is asked for. */
export const wantsReport = ({ report, csv, junit }: ReportOptions): boolean =>
  [report, csv, junit].some((path) => path !== undefined)

/**
 * Refuses what could not be written, or would be written over, before there is any light.
 *
 * @param inputs files that are read
 * @param outputs other files that the command writes; these are checked, too
 */
export function checkReportOutputs(
  { report, csv, junit, force }: ReportOptions,
  inputs: readonly (string | undefined)[],
  outputs: readonly (string | undefined)[] = [],
): void {
  const reports = [report, csv, junit].filter((path) => path !== undefined)
  checkOutputs([...outputs, ...reports], inputs, force)
  for (const path of reports) checkWritable(path)
}

/** Refuses what is an input, or is written twice, or would be written over. */
export function checkOutputs(
  outputs: readonly (string | undefined)[],
  inputs: readonly (string | undefined)[],
  force: true | undefined,
): void {
  const written = outputs.filter((path) => path !== undefined)
  for (const [i, path] of written.entries()) {
    checkOutput(path, inputs, force)
    if (written.slice(0, i).some((other) => isSameFile(path, other))) {
      throw new CommandError(EXIT.usage, `${path} is written twice: give each output its own file`)
    }
  }
}

/** Writes the reports that are asked for, as `writeFiles` does. */
export async function writeReports(
  report: BenchReport,
  { report: page, csv, junit, waveform, force, showSecrets = false }: ReportOptions,
): Promise<Failure | null> {
  const makePage = async () => {
    const { htmlPage } = await import('../report/html/page.js')
    return [await htmlPage(report, { waveform, showSecrets })]
  }
  const failure = await writeFiles([[page, makePage]], force)
  if (failure === null && page !== undefined && waveform && report.waveform?.isSecret) {
    tell(`${page} holds the light and with it the password`)
  }
  const others: Output[] = [
    [csv, async () => [(await import('../report/table-csv.js')).tableCsv(report.table)]],
    [junit, async () => [(await import('../report/junit.js')).junitXml(report)]],
  ]
  const failureOfOthers = await writeFiles(others, force)
  return failure ?? failureOfOthers
}

type Pieces = Iterable<string> | AsyncIterable<string>

/** A file that is asked for, or not, and what makes its text, in pieces. */
export type Output = readonly [path: string | undefined, make: () => Promise<Pieces>]

/**
 * Writes the files that are asked for, all that can be written.
 *
 * @returns why one of them could not, which has been told: it belongs into the document, and decides the exit code; null where all
 *   were written
 */
export async function writeFiles(
  outputs: readonly Output[],
  force: true | undefined,
): Promise<Failure | null> {
  let failure: Failure | null = null
  for (const [path, make] of outputs) {
    if (path === undefined) continue
    try {
      await write(path, await make(), force)
    } catch (error) {
      const explained = explain(error)
      tell(explained.message)
      failure ??= explained
    }
  }
  if (failure) process.exitCode ??= failure.exitCode
  return failure
}

/** Pieces are gathered to so many characters, as each write takes its time. */
const WRITTEN_AT_ONCE = 1 << 16

async function write(path: string, pieces: Pieces, force: true | undefined): Promise<void> {
  const file = await createSecretFile(path, force)
  try {
    let waiting = ''
    for await (const piece of pieces) {
      waiting += piece
      if (waiting.length < WRITTEN_AT_ONCE) continue
      await file.write(waiting)
      waiting = ''
    }
    await file.write(waiting)
  } finally {
    await file.close()
  }
}
