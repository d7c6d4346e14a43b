import { fstatSync, realpathSync, statSync } from 'node:fs'
import { isatty } from 'node:tty'
import type { BindingInterface } from '@serialport/bindings-interface'
import { SerialPortStream } from '@serialport/stream'
import { RigError } from '../errors.js'
import { loadSystemCalls } from '../system-calls.js'
import { truePath } from './known-boards.js'
import { listBoardsWithoutPort } from './list-ports.js'
import { machineBinding } from './machine-binding.js'
import { readersOf } from './port-users.js'
import { lackOfPort } from './usb-boards.js'

/** The rate of the board after a reset (firmware-bridge/PROTOCOL.md). */
export const START_BAUD_RATE = 115_200
/** For samples that come faster than the first rate can carry; common USB converters make it exactly. */
export const FAST_BAUD_RATE = 500_000

/**
 * Linux's drivers with a latency timer, above all FTDI's of 16 ms, then deliver at once. DTR stays as it
 * is after opening.
 */
const LOW_LATENCY = { dtr: true, lowLatency: true }

/** <asm-generic/ioctls.h> */
const TIOCEXCL = 0x540c

/** The machine's ports that this process has open, by their true paths. */
const openHere = new Set<string>()

export const isOpenHere = (path: string): boolean => openHere.has(truePath(path))

/**
 * Opens a serial port, the machine's own or one of another binding, for this program alone: with a lock (flock(2)), and where
 * it can also exclusively. Programs that look at no lock may read it even so if they have had it open before, are root's,
 * such as ModemManager, or it is not exclusive: see `readersOf`.
 *
 * @throws RigError 'missing', 'foreign' (no serial port, or this program's own terminal), 'forbidden', 'locked' or 'unplugged'
 */
export async function openPort(
  path: string,
  binding?: BindingInterface,
): Promise<SerialPortStream> {
  return binding ? openWith(binding, path) : openHeld(await machineBinding(), path)
}

/** A port of the machine, which this program opens once only: to open it again would restart the board. */
async function openHeld(binding: BindingInterface, path: string): Promise<SerialPortStream> {
  const own = truePath(path)
  if (openHere.has(own)) {
    throw new RigError('locked', `this program already has ${path} open: close it first`)
  }
  openHere.add(own)
  const release = () => openHere.delete(own)
  try {
    const port = await openWith(binding, path)
    return port.once('close', release)
  } catch (error) {
    release()
    throw error
  }
}

function openWith(binding: BindingInterface, path: string): Promise<SerialPortStream> {
  return new Promise((resolve, reject) => {
    const options = { path, binding, baudRate: START_BAUD_RATE, autoOpen: false }
    const port = new SerialPortStream(options)
    if (isOwnTerminal(path)) {
      const sentence = `${path} is the terminal that this program runs in: name the board's port`
      return reject(new RigError('foreign', sentence))
    }
    port.open((error) => {
      if (error) openError(path, error).then(reject)
      // It works without either, too.
      else {
        port.set(LOW_LATENCY, async () => {
          await takeExclusively(port).catch(() => {})
          resolve(port)
        })
      }
    })
  })
}

/**
 * Keeps everybody but root from opening the port until the last program has closed it, however that ends (TIOCEXCL,
 * ioctl_tty(2)). Not a pseudo terminal: that would stay so after a kill -9, as its other end keeps it alive.
 */
async function takeExclusively(port: SerialPortStream): Promise<void> {
  const { fd } = port.port as { fd?: number | null } // of serialport's bindings but Windows'
  if (process.platform !== 'linux' || typeof fd !== 'number') return
  if (realpathSync(port.path).startsWith('/dev/pts/')) return
  const { ioctl } = await loadSystemCalls()
  ioctl(fd, TIOCEXCL, null)
}

/** The user's terminal would get what is for a board, and stay closed to other programs. */
function isOwnTerminal(path: string): boolean {
  try {
    const { rdev } = statSync(path)
    const ofStreams = [0, 1, 2].filter(isatty).map((fd) => fstatSync(fd).rdev)
    return realpathSync(path) === '/dev/tty' || ofStreams.includes(rdev)
  } catch {
    return false // whoever opens it will tell
  }
}

/** What serialport's bindings say on Linux (glibc and musl) and macOS, and last on Windows. */
const LOCKED =
  /^Error:? (Resource temporarily unavailable|(Device or r|R)esource busy)|: Access denied$/
const FORBIDDEN = /^Error: Permission denied/
const NO_SERIAL_PORT = /^Error: (Is a directory|Inappropriate ioctl|Not a tty)/
const NOTHING_BEHIND = /^Error: (No such device|Device not configured|Input\/output|I\/O)/

async function openError(path: string, cause: Error): Promise<RigError> {
  const reason = cause.message
  if (LOCKED.test(reason)) {
    const users = readersOf(path).join(' or ')
    const who = users && `; it is ${users}`
    return new RigError(
      'locked',
      `another program uses ${path}: close it, or wait until it ends${who}`,
      { cause },
    )
  }
  if (FORBIDDEN.test(reason)) {
    return new RigError(
      'forbidden',
      `no permission to open ${path}: add your user to its group (on Debian: sudo usermod -aG dialout $USER) and log in again`,
      { cause },
    )
  }
  if (NO_SERIAL_PORT.test(reason)) {
    return new RigError('foreign', `${path} is not a serial port: name the board's port`, { cause })
  }
  if (NOTHING_BEHIND.test(reason)) {
    return new RigError('unplugged', `nothing is connected to ${path}: plug the board in again`, {
      cause,
    })
  }
  const [board] = await listBoardsWithoutPort()
  if (board) {
    const { finding, repair } = lackOfPort(board)
    return new RigError('missing', `cannot open ${path}, but ${finding}: ${repair}`, { cause })
  }
  return new RigError('missing', `cannot open ${path}: plug the board in and check the name`, {
    cause,
  })
}
