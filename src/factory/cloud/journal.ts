import { createHash } from 'node:crypto'
import { type FileHandle, open, readFile, realpath, rename, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { basename, dirname, join, resolve } from 'node:path'
import { FactoryError } from '../errors.js'

/** What the journal begins with: whoever reads another file's lines is refused. */
const HEADER = 'blinkup.cloud-state/1'
const NEWLINE = 0x0a

export interface JournalFile {
  /** Its lines, oldest first; none for a new one. */
  readonly lines: readonly string[]
  /** Bytes of a last line that was never finished, as whoever wrote it was killed: nobody was promised what it says. */
  readonly tornBytes: number
  /** Begins the file anew with these lines. Those that read it meanwhile, or are killed, find the old one or the new one whole. */
  compact(lines: Iterable<string>): Promise<Journal>
  close(): Promise<void>
}

/**
 * Opens the journal of a file, which may not be there yet. Until it is closed no other process gets it: on Linux and Windows, which
 * let go of what a killed process had.
 *
 * @throws FactoryError 'locked', 'damaged'; errors of the system
 */
export async function openJournal(path: string): Promise<JournalFile> {
  const real = await realpath(path).catch(async () =>
    join(await realpath(dirname(resolve(path))), basename(path)),
  )
  const unlock = await lock(real, path)
  try {
    const { lines, tornBytes } = readLines(await readOlder(real), path)
    let journal: Journal | undefined
    return {
      lines,
      tornBytes,
      compact: async (kept) => {
        journal = await Journal.begin(real, kept)
        return journal
      },
      close: async () => {
        await journal?.close()
        await unlock()
      },
    }
  } catch (error) {
    await unlock()
    throw error
  }
}

async function readOlder(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Uint8Array()
    throw error
  }
}

/**
 * The whole lines of a journal after its header.
 *
 * @throws FactoryError 'damaged' for a file that is none
 */
export function readLines(
  bytes: Uint8Array,
  name: string,
): Pick<JournalFile, 'lines' | 'tornBytes'> {
  const end = bytes.lastIndexOf(NEWLINE) + 1
  const tornBytes = bytes.length - end
  if (bytes.length === 0) return { lines: [], tornBytes }
  const [header, ...lines] = Buffer.from(bytes.subarray(0, end)).toString('utf8').split('\n')
  if (header !== HEADER) {
    throw new FactoryError('damaged', `${name} is no state of this server: name another file`)
  }
  return { lines: lines.slice(0, -1), tornBytes }
}

/** Appends lines to a file. Those that come while some are being written follow together. */
export class Journal {
  #waiting = ''
  #writing: Promise<void> = Promise.resolve()
  #isWriting = false
  #failure: unknown

  private constructor(private readonly file: FileHandle) {}

  static async begin(path: string, lines: Iterable<string>): Promise<Journal> {
    const draft = `${path}.new`
    await rm(draft, { force: true }) // of who was killed, or what another user has put in the way
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.appendFile(`${[HEADER, ...lines].join('\n')}\n`)
      await file.sync()
      await rename(draft, path)
      await syncFolder(dirname(path))
    } catch (error) {
      await file.close()
      throw error
    }
    return new Journal(file)
  }

  append(line: string): void {
    if (this.#failure !== undefined) return // whoever waits for it is told
    this.#waiting += `${line}\n`
    if (this.#isWriting) return
    this.#isWriting = true
    this.#writing = this.#write()
  }

  /** Resolves when all that was appended is on the disk; rejects when it is not, from then on for ever. */
  async settled(): Promise<void> {
    await this.#writing
    if (this.#failure !== undefined) throw this.#failure
  }

  async close(): Promise<void> {
    await this.#writing
    await this.file.close()
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting !== '' && this.#failure === undefined) {
        const lines = this.#waiting
        this.#waiting = ''
        await this.file.appendFile(lines)
        await this.file.datasync()
      }
    } catch (cause) {
      this.#failure = new Error(
        `the state cannot be written (${(cause as Error).message}), so nothing more is promised: make room for it, and start again`,
        { cause },
      )
    }
    this.#isWriting = false
  }
}

/** What was renamed in it stays so when the power fails. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return // folders cannot be opened there
  const folder = await open(path)
  await folder.sync().finally(() => folder.close())
}

/** A name that only one process of this machine can listen at, and that is free when that one ends, however it ends. */
async function lock(real: string, path: string): Promise<() => Promise<void>> {
  const name = `blinkup-cloud-${createHash('sha256').update(real).digest('hex')}`
  const address = { linux: `\0${name}`, win32: `\\\\.\\pipe\\${name}` }[process.platform as string]
  if (address === undefined) return async () => {}
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, resolve)
  }).catch((cause) => {
    throw new FactoryError('locked', `another process uses ${path}: end it, or name another file`, {
      cause,
    })
  })
  server.unref()
  return () => new Promise((resolve) => server.close(() => resolve()))
}
