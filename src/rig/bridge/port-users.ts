import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'

const ACCESS_MODE = 0o3
const O_WRONLY = 0o1

/**
 * The programs beside this one that read a serial port, or could: each, such as "picocom (PID 1234)", takes bytes that
 * were meant for the others. None where the machine does not tell: other users' programs are told to root only, and
 * without Linux's /proc none are.
 */
export function readersOf(path: string): string[] {
  const port = or('', () => realpathSync(path)) // a name in /dev may be a link
  if (port === '') return []
  return programs()
    .filter((pid) => Number(pid) !== process.pid && reads(pid, port))
    .map((pid) => `${or('a program', () => textOf(`/proc/${pid}/comm`).trim())} (PID ${pid})`)
}

/** The arguments of the programs that make a pseudo terminal, such as /dev/pts/3: they have its other end. None where the machine does not tell. */
export function makersOf(terminal: string): string[][] {
  return programs()
    .filter((pid) => openFiles(pid).some((file) => isOtherEnd(file, terminal)))
    .map((pid) => or('', () => textOf(`/proc/${pid}/cmdline`)).split('\0'))
}

/** What is wrong at a port that other programs read, and what to do; undefined where none is known to. */
export function sharingAt(path: string): string | undefined {
  const readers = readersOf(path)
  if (readers.length === 0) return undefined
  const [have, them] = readers.length > 1 ? ['have', 'them'] : ['has', 'it']
  return `${readers.join(' and ')} ${have} the port open, too: end ${them}`
}

/** A sentence about a port where bytes may have gone astray, with who else reads it. */
export function withSharing(path: string, sentence: string): string {
  const sharing = sharingAt(path)
  return sharing ? `${sentence}; ${sharing}` : sentence
}

interface OpenFile {
  readonly target: string
  /** Of proc(5). */
  readonly infoFile: string
}

const programs = (): string[] =>
  or([], () => readdirSync('/proc')).filter((name) => /^\d+$/.test(name))

function openFiles(pid: string): OpenFile[] {
  return or([], () => readdirSync(`/proc/${pid}/fd`)).map((fd) => ({
    target: or('', () => readlinkSync(`/proc/${pid}/fd/${fd}`)),
    infoFile: `/proc/${pid}/fdinfo/${fd}`,
  }))
}

function reads(pid: string, port: string): boolean {
  const files = openFiles(pid)
  const readable = files.some(({ target, infoFile }) => target === port && mayRead(infoFile))
  // A pseudo terminal's other end, which is the device, often has both ends open.
  return readable && !files.some((file) => isOtherEnd(file, port))
}

const isOtherEnd = ({ target, infoFile }: OpenFile, terminal: string): boolean =>
  /\bptmx$/.test(target) && `/dev/pts/${field('tty-index', infoFile)}` === terminal

function mayRead(infoFile: string): boolean {
  return (Number.parseInt(field('flags', infoFile) ?? '0', 8) & ACCESS_MODE) !== O_WRONLY
}

/** A field of what proc(5) tells of an open file, such as the flags of its open(2), in octal. */
function field(name: string, infoFile: string): string | undefined {
  const text = or('', () => textOf(infoFile))
  return new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1]
}

const textOf = (file: string): string => readFileSync(file, 'utf8')

/** What is not there, has ended meanwhile or may not be seen, is nothing. */
function or<T>(nothing: T, look: () => T): T {
  try {
    return look()
  } catch {
    return nothing
  }
}
