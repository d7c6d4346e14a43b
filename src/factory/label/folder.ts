import { access, constants, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LabelError } from './errors.js'
import type { Label, LabelOutput } from './printing.js'

/** Writes labels into a folder, as a picture and as a page each: whoever sees one there sees all of it. */
export class LabelFolder implements LabelOutput {
  constructor(private readonly path: string) {}

  async put({ name, png, pdf }: Label): Promise<void> {
    try {
      await writeWhole(join(this.path, `${name}.png`), png)
      await writeWhole(join(this.path, `${name}.pdf`), pdf)
    } catch (cause) {
      throw this.#error(cause)
    }
  }

  async doubt(): Promise<string | null> {
    return access(this.path, constants.W_OK | constants.X_OK).then(
      () => null,
      (cause) => this.#error(cause).message,
    )
  }

  #error(cause: unknown): LabelError {
    const sentence = `nothing can be written in ${this.path} (${(cause as Error).message}): make that folder, or room in it`
    return new LabelError('unwritable', sentence, { cause })
  }
}

async function writeWhole(path: string, content: Buffer): Promise<void> {
  const draft = `${path}.new`
  const file = await open(draft, 'w')
  try {
    await file.writeFile(content)
    await file.sync()
    await file.close()
    await rename(draft, path)
  } catch (error) {
    await file.close().catch(() => {})
    await rm(draft, { force: true }).catch(() => {})
    throw error
  }
}
