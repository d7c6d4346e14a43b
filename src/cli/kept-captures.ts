import { mkdir, readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { SoakMessage } from '../bench/soak-tally.js'
import type { SampleBlock } from '../light/samples.js'
import { CSV_HEADER, csvLines } from '../recording/csv.js'
import { CommandError, EXIT, explain, isSystemError, systemReason } from './errors.js'
import { createSecretFile } from './secret-file.js'
import { warn } from './terminal.js'

/** More of them tell nothing new, and would fill the disk. */
export const MOST_CAPTURES = 100

/** As it is named here. */
const CAPTURE = /^message-\d{6,}-[a-z-]+\.csv$/

/** Keeps the light of messages that failed, a file each, readable by the owner only. */
export class KeptCaptures {
  #blocks: SampleBlock[] = []
  #kept = 0
  #isFaultTold = false

  private constructor(
    private readonly folder: string,
    private readonly force: boolean,
  ) {}

  /**
   * Makes the folder where there is none, and refuses one that holds such captures already, unless they are to be replaced.
   *
   * @throws CommandError
   */
  static async open(folder: string, force = false): Promise<KeptCaptures> {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const older = (await readdir(folder)).filter((name) => CAPTURE.test(name))
      if (older.length > 0 && !force) {
        throw new CommandError(
          EXIT.usage,
          `${folder} holds captures of an earlier run: name another folder, or use --force to replace them`,
        )
      }
      for (const name of older) await unlink(join(folder, name))
    } catch (error) {
      if (!isSystemError(error)) throw error
      const reason = systemReason(error)
      throw new CommandError(EXIT.inputOutput, `cannot use the folder ${folder}: ${reason}`, {
        cause: error,
      })
    }
    return new KeptCaptures(folder, force)
  }

  /** How many there are. */
  get kept(): number {
    return this.#kept
  }

  /** Takes light of a message whose verdict is still to come. */
  take(block: SampleBlock): void {
    this.#blocks.push(block)
  }

  /** Forgets what was taken. */
  drop(): void {
    this.#blocks = []
  }

  /**
   * Writes what was taken of a message, as `blinkup capture` does. What cannot be written ends nothing: it is told once.
   *
   * @returns its file; null where it is not kept
   */
  async keep({ number, reason }: SoakMessage): Promise<string | null> {
    const blocks = this.#blocks
    this.drop()
    if (this.#kept === MOST_CAPTURES) return null
    const path = join(this.folder, `message-${String(number).padStart(6, '0')}-${reason}.csv`)
    try {
      await write(path, blocks, this.force)
      this.#kept++
      return path
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      await unlink(path).catch(() => {}) // a part of it says less than nothing
      if (!this.#isFaultTold) {
        warn(`${explain(error).message}; the soak goes on, and tries again at each failure`)
      }
      this.#isFaultTold = true
      return null
    }
  }
}

async function write(path: string, blocks: readonly SampleBlock[], force: boolean): Promise<void> {
  const file = await createSecretFile(path, force)
  try {
    await file.write(CSV_HEADER)
    for (const block of blocks) await file.write(csvLines(block))
  } finally {
    await file.close()
  }
}
