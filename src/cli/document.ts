import type { DocumentName, DocumentOf, Failure } from '../report/documents.js'
import { print, tell, warnings } from './terminal.js'

/** A document as a command makes it: the warnings are those of the run. */
export type Made<N extends DocumentName> = { [M in N]: Omit<DocumentOf<M>, 'warnings'> }[N]

/** Whether whoever runs the command expects a document. */
let isWanted = false
/** There is one document, and no other after a part of it. */
let isBegun = false

export function expectDocument(isExpected: boolean): void {
  isWanted = isExpected
}

/** Prints the document of a command. Escaped or not, the strings of JSON are the same to its readers. */
export function printDocument(document: Made<DocumentName>): Promise<void> {
  isBegun = true
  // Said nowhere else, as the text of the document would.
  if (document.error?.code === 'check-failed') tell(document.error.message)
  return print(`${JSON.stringify({ ...document, warnings: warnings() }, null, 2)}\n`)
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
