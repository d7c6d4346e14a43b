import { accessSync, constants, lstatSync, readlinkSync, type Stats, statSync } from 'node:fs'
import { type FileHandle, open, readlink, unlink } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CommandError, EXIT, isOutOfResources, isSystemError, systemReason } from './errors.js'
import { READER_PATIENCE_MS, unread } from './reader.js'

/** A file that is being written, and what it holds is a secret. Its errors name it. */
export interface SecretFile {
  /** Writes all of the content after what has been written, as far as its reader takes it and until the signal. */
  write(content: string | Uint8Array, signal?: AbortSignal): Promise<void>
  close(): Promise<void>
}

/**
 * Creates a file that only its owner may read; or takes an older one of this user, with something in it only where that is to be
 * overwritten. What another user owns, or could have put in the way, is refused, whatever the kernel's own guards are (`fs.protected_*`
 * of proc_sys_fs(5)): all is judged on what is open, so that nobody can exchange it meanwhile. A device or a pipe is written as it is; a
 * FIFO has some time to find its reader.
 */
export async function createSecretFile(path: string, overwrite = false): Promise<SecretFile> {
  const file = await naming(path, openSecret(path, overwrite))
  return {
    write: (content, signal) => naming(path, writeAll(file, path, Buffer.from(content), signal)),
    close: () => naming(path, file.close()),
  }
}

/** Refuses, before there is anything to write, what `createSecretFile` would. */
export function checkSecretFile(path: string, overwrite: boolean): void {
  try {
    const real = followLinks(path)
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats) checkOlder(path, real, stats, overwrite)
  } catch (error) {
    if (!isSystemError(error)) throw error // whoever opens it will tell
  }
}

/** Refuses a folder, and a file that cannot be made or written to; whether there is room for it shows only when it is written. */
export function checkWritable(path: string): void {
  try {
    const real = followLinks(path)
    const stats = statSync(real, { throwIfNoEntry: false })
    if (stats?.isDirectory()) throw cannotWrite(path, 'it is a folder')
    if (!stats) accessSync(dirname(real), constants.W_OK | constants.X_OK)
    else if (stats.isFile()) accessSync(real, constants.W_OK)
  } catch (error) {
    if (!isSystemError(error) || isOutOfResources(error)) throw error
    throw cannotWrite(path, systemReason(error), error)
  }
}

async function openSecret(path: string, overwrite: boolean): Promise<FileHandle> {
  if (process.platform === 'win32') return open(path, 'w') // owners and modes are no matter there
  const real = followLinks(path)
  const older = statSync(path, { throwIfNoEntry: false })
  if (older && !older.isFile()) return openDevice(path, real, older.isFIFO())
  const folder = await open(dirname(real), constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    const at = join(await pathOf(folder, path, dirname(real)), basename(real))
    return (await createFile(at)) ?? (await reopenFile(path, real, at, overwrite))
  } finally {
    await folder.close()
  }
}

/** A path of an open folder that stays its own, whatever others rename; where the system has no such path, its name. */
async function pathOf(folder: FileHandle, path: string, name: string): Promise<string> {
  const at = `/proc/self/fd/${folder.fd}`
  const opened = await readlink(at).catch(() => undefined)
  if (opened === undefined) return name
  if (opened !== name) throw refusal(`${path} is being moved by another program`)
  return at
}

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants

/** A new file; null where there is one. */
async function createFile(at: string): Promise<FileHandle | null> {
  try {
    return await open(at, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  } catch (error) {
    if (isSystemError(error) && error.code === 'EEXIST') return null
    throw error
  }
}

async function reopenFile(
  path: string,
  real: string,
  at: string,
  overwrite: boolean,
): Promise<FileHandle> {
  const file = await open(at, O_WRONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    const stats = await file.stat()
    checkOlder(path, real, stats, overwrite)
    if ((stats.mode & 0o077) === 0) {
      await file.truncate()
      return file
    }
    // Others may have it open already, and would read on.
    await unlink(at)
    const anew = await createFile(at)
    if (!anew) throw refusal(`${path} is being created by another program`)
    await file.close()
    return anew
  } catch (error) {
    await file.close()
    throw error
  }
}

async function openDevice(path: string, real: string, isFifo: boolean): Promise<FileHandle> {
  const patientUntilMs = performance.now() + READER_PATIENCE_MS
  for (;;) {
    try {
      const file = await open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY)
      try {
        const stats = await file.stat()
        checkOlder(path, real, stats, true)
        if (stats.isFIFO()) await file.chmod(0o600)
        return file
      } catch (error) {
        await file.close()
        throw error
      }
    } catch (error) {
      const isWaiting = isFifo && isSystemError(error) && error.code === 'ENXIO'
      if (!isWaiting) throw error
      if (performance.now() > patientUntilMs) throw unread(path, error)
      await sleep(POLL_MS)
    }
  }
}

const POLL_MS = 20

async function writeAll(
  file: FileHandle,
  path: string,
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  let takenMs = performance.now()
  for (let at = 0; at < bytes.length; ) {
    try {
      at += (await file.write(bytes, at)).bytesWritten
      takenMs = performance.now()
    } catch (error) {
      if (!isSystemError(error) || error.code !== 'EAGAIN') throw error
      signal?.throwIfAborted()
      if (performance.now() - takenMs > READER_PATIENCE_MS) throw unread(path, error)
      await sleep(POLL_MS)
    }
  }
}

/** Refuses what is there already and is not, or not for sure, this user's alone. */
function checkOlder(path: string, real: string, stats: Stats, overwrite: boolean): void {
  const user = process.geteuid?.()
  const isSystems = stats.uid === 0 && !stats.isFile() // such as /dev/null
  if (user !== undefined && stats.uid !== user && !isSystems) {
    throw refusal(`${path} belongs to another user, who could read what is secret`)
  }
  if (!stats.isFile()) return
  if (stats.nlink > 1 && mayOthersWrite(dirname(real))) {
    throw refusal(
      `${path} has other names (hard links), and is in a folder that other users can write to`,
    )
  }
  // An empty file, such as mktemp makes, has nothing to lose.
  if (stats.size > 0 && !overwrite) {
    throw refusal(`${path} already exists`, 'or use --force to overwrite it')
  }
}

const MOST_LINKS = 40

/**
 * The path of a file without its links, as they are followed by the system; where one is in a folder that others may write, they may
 * have put it there.
 */
function followLinks(path: string): string {
  if (process.platform === 'win32') return path
  const rest = (isAbsolute(path) ? path : process.cwd() + sep + path).split(sep)
  let folder: string = sep
  for (let links = 0; rest.length > 0; ) {
    const at = resolve(folder, rest.shift() as string)
    if (!lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink()) {
      folder = at
      continue
    }
    if (mayOthersWrite(folder)) {
      throw refusal(`${path} goes through a link in a folder that other users can write to`)
    }
    if (++links > MOST_LINKS) throw refusal(`${path} has too many links`)
    const target = readlinkSync(at)
    if (target.startsWith(sep)) folder = sep
    rest.unshift(...target.split(sep))
  }
  return folder
}

function mayOthersWrite(folder: string): boolean {
  const { uid, mode } = lstatSync(folder)
  return (mode & 0o022) !== 0 || (uid !== 0 && uid !== process.geteuid?.())
}

const refusal = (fault: string, remedy = ''): CommandError =>
  new CommandError(EXIT.usage, `${fault}: write to another file${remedy && `, ${remedy}`}`)

/** Names the file in what the system says of the work on it. */
async function naming<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!isSystemError(error) || isOutOfResources(error)) throw error
    throw cannotWrite(path, systemReason(error), error)
  }
}

const cannotWrite = (path: string, reason: string, cause?: unknown): CommandError =>
  new CommandError(EXIT.inputOutput, `cannot write ${path || "''"}: ${reason}`, { cause })
