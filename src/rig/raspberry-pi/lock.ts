import { spawnSync } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import { RigError } from '../errors.js'
import { loadSystemCalls, type SystemCalls } from '../system-calls.js'
import { refusalOf } from './sysfs.js'

// <linux/fcntl.h>, and struct flock of 64 bits, the same on every processor of a Pi.
const F_OFD_SETLK = 37
const F_WRLCK = 1
const FLOCK = { bytes: 32, type: 0, start: 8, length: 16 }
// flock(2)
const LOCK_SH = 1
const LOCK_NB = 4

/**
 * Takes things that have no owner in the kernel, such as channels of a PWM, for this program alone, by locks on the file
 * in sysfs that exports them: each is the byte of its number.
 *
 * That file can only be opened, even to be locked, by those who may use what it exports, as it can be written but not be
 * read (mode 0200, and 0220 or 0770 by udev's rules); so nobody else can hinder. A lock belongs to the open file, which the
 * process that paces the light inherits: however both end, the kernel frees it then. A container sees it that has the
 * host's sysfs, as it has with the host's network or its /sys; with a network of its own the kernel gives sysfs other files.
 *
 * Without koffi, util-linux's flock locks the whole file, of which the others then hold a share.
 *
 * @param names what the numbers are, such as "BCM 17"
 * @returns the open file: to close it gives all of them back
 * @throws RigError 'locked' when another program has one of them, 'forbidden' or 'missing'
 */
export async function lock(
  exportFile: string,
  names: ReadonlyMap<number, string>,
): Promise<number> {
  const calls = await loadSystemCalls().catch(() => undefined)
  try {
    const fd = openSync(exportFile, constants.O_WRONLY)
    try {
      if (calls) lockBytes(calls, fd, exportFile, names)
      else lockWhole(fd, exportFile)
      return fd
    } catch (error) {
      closeSync(fd)
      throw error
    }
  } catch (error) {
    throw error instanceof RigError ? error : refusalOf(error, exportFile)
  }
}

function lockBytes(
  { flock, fcntl }: SystemCalls,
  fd: number,
  exportFile: string,
  names: ReadonlyMap<number, string>,
): void {
  refuseIfTaken(exportFile, () => flock(fd, LOCK_SH | LOCK_NB))
  for (const [number, name] of names) {
    const byte = Buffer.alloc(FLOCK.bytes)
    byte.writeInt16LE(F_WRLCK, FLOCK.type)
    byte.writeBigInt64LE(BigInt(number), FLOCK.start)
    byte.writeBigInt64LE(1n, FLOCK.length)
    refuseIfTaken(name, () => fcntl(fd, F_OFD_SETLK, byte))
  }
}

/** The lock stays with the open file when the program that has taken it is at its end. */
function lockWhole(fd: number, exportFile: string): void {
  const { error, status } = spawnSync('flock', ['-n', '-x', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', fd],
  })
  if (error) {
    throw new RigError('missing', `flock cannot be run (${error.message}): install util-linux`, {
      cause: error,
    })
  }
  if (status !== 0) throw taken(exportFile)
}

function refuseIfTaken(name: string, takeIt: () => void): void {
  try {
    takeIt()
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EAGAIN' ? taken(name, error) : error
  }
}

/** Tells that another program has what has this name. */
export function taken(name: string, cause?: unknown): RigError {
  return new RigError('locked', `another blinkup uses ${name}: wait until it ends, or end it`, {
    cause,
  })
}
