import type { DocumentName, DocumentOf, Failure, LineName, LineOf } from '../report/documents.js'
import { print, tell, warnings } from './terminal.js'

/** A document as a command makes it: the warnings are those of the run. */
export type Made<N extends DocumentName> = { [M in N]: Omit<DocumentOf<M>, 'warnings'> }[N]

/** Commands that run until they are told to end: each of their documents is a line, and so is why they failed. */
const LINE_COMMANDS: ReadonlySet<string | undefined> = new Set(['cloud', 'dut', 'fixture', 'tune'])

/** Whether whoever runs the command expects a document. */
let isWanted = false
/** There is one document, and no other after a part of it. */
let isBegun = false

export function expectDocument(isExpected: boolean): void {
  isWanted = isExpected
}

/** Whether the command that these arguments begin with prints its documents as lines. */
export const printsLines = ([command]: readonly string[]): boolean => LINE_COMMANDS.has(command)

/** Prints the document of a command. Escaped or not, the strings of JSON are the same to its readers. */
export function printDocument(document: Made<DocumentName>): Promise<void> {
  isBegun = true
  // Said nowhere else, as the text of the document would.
  if (document.error?.code === 'check-failed') tell(document.error.message)
  const indent = printsLines(process.argv.slice(2)) ? 0 : 2
  return print(`${JSON.stringify({ ...document, warnings: warnings() }, null, indent)}\n`)
}

/** Prints one of many documents, as a line. */
export function printLine(document: LineOf<LineName>): Promise<void> {
  return print(`${JSON.stringify(document)}\n`)
}

/** Prints why there is no other document, where one is expected: at once what is taken at once, for who cannot wait. */
export async function printFailure(error: Failure): Promise<void> {
  if (isWanted && !isBegun) await printDocument({ schema: 'blinkup.error/1', error })
}

/** Whether arguments ask for a document, as far as they can be told before they are understood. */
export function asksForDocument(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  const options = end < 0 ? args : args.slice(0, end)
  return options.some(
    (option, i) =>
      option === '--json' ||
      option === '--format=json' ||
      (option === 'json' && options[i - 1] === '--format'),
  )
}
