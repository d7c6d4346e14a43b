import { FactoryError } from '../errors.js'
import { type Journal, openJournal } from './journal.js'
import { type Change, Changes } from './records.js'
import { World } from './world.js'

/** The world, and the file that keeps it. */
export class Store {
  readonly #journal: Journal | undefined

  private constructor(
    readonly world: World,
    /** Of a last line that was cut: see `openJournal`. */
    readonly tornBytes: number,
    journal: Journal | undefined,
    private readonly closeFile: () => Promise<void>,
  ) {
    this.#journal = journal
  }

  /**
   * The world of a file, as it was when the last process that had it ended, in whatever way; without a file an empty one in memory.
   *
   * @param isKept tells what is worth keeping: the file is written anew without the rest
   * @throws FactoryError 'locked', 'damaged'; errors of the system
   */
  static async open(path: string | undefined, isKept: (change: Change) => boolean): Promise<Store> {
    const world = new World()
    if (path === undefined) return new Store(world, 0, undefined, async () => {})
    const file = await openJournal(path)
    try {
      for (const [i, line] of file.lines.entries()) world.apply(readChanges(line, i, path))
      for (const change of Array.from(world.records())) {
        if (!isKept(change) && 'put' in change && change.put !== 'account') {
          world.apply([{ drop: change.put, id: change.record.id }])
        }
      }
      const lines = Array.from(world.records(), (change) => JSON.stringify([change]))
      const journal = await file.compact(lines)
      return new Store(world, file.tornBytes, journal, () => file.close())
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Makes changes, which are sure only when `settled` has resolved after it. Throws, and makes none, where they could not be read again. */
  commit(changes: readonly Change[]): void {
    if (changes.length === 0) return
    Changes.parse(changes)
    this.world.apply(changes)
    this.#journal?.append(JSON.stringify(changes))
  }

  /** Resolves when all changes so far outlive this process. No answer may tell of them before. */
  async settled(): Promise<void> {
    await this.#journal?.settled()
  }

  close(): Promise<void> {
    return this.closeFile()
  }
}

/** The changes of a line. @throws FactoryError 'damaged' */
export function readChanges(line: string, index: number, path: string): Change[] {
  // No cause: the parsers' errors quote the text, which may be a secret.
  const damaged = (): FactoryError =>
    new FactoryError(
      'damaged',
      `line ${index + 2} of ${path} is damaged: restore the file from a copy, or begin with another`,
    )
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    json = undefined
  }
  const { data } = Changes.safeParse(json)
  if (!data) throw damaged()
  return data
}
