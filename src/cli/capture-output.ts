import { isReadableByOthers, STANDARD_OUTPUT } from './files.js'
import { interruptible } from './interrupt.js'
import { createSecretFile } from './secret-file.js'
import { print, warn } from './terminal.js'

export type Write = (text: string) => Promise<void>

export interface CaptureOutput {
  /** To make, readable by its owner only; standard output where undefined. */
  readonly file: string | undefined
  readonly force: boolean | undefined
  readonly isSecret: boolean
}

/** Does the work whose text is a capture. Ctrl-C and its like abort the signal. Throws CommandError, and what the work throws. */
export async function writeCapture(
  { file, force, isSecret }: CaptureOutput,
  work: (write: Write, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  if (file === undefined && isSecret && isReadableByOthers(STANDARD_OUTPUT)) {
    warn('other users may read this capture, which is a secret: name its file as the argument')
  }
  const output = file === undefined ? undefined : await createSecretFile(file, force)
  try {
    await interruptible((signal) =>
      work((text) => (output ? output.write(text, signal) : print(text, signal)), signal),
    )
  } finally {
    await output?.close()
  }
}
