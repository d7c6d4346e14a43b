import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base } from 'vitest'

export class Folder {
  constructor(readonly path: string) {}

  /** The path of a name in the folder. */
  at(name: string): string {
    return join(this.path, name)
  }

  /** Makes a file, for its owner only unless a mode is given, and gives its path. */
  async file(name: string, content: string | Uint8Array, mode = 0o600): Promise<string> {
    await writeFile(this.at(name), content, { mode })
    return this.at(name)
  }
}

/** A test with an empty folder of its own, which is removed afterwards. */
export const test = base.extend<{ folder: Folder }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
  folder: async ({}, use) => {
    const path = await mkdtemp(join(tmpdir(), 'blinkup-'))
    await use(new Folder(path))
    await rm(path, { recursive: true })
  },
})
