import type { BindingInterface } from '@serialport/bindings-interface'
import { SerialPortStream } from '@serialport/stream'
import { SerialPort } from 'serialport'
import { RigError } from '../errors.js'
import { listBoardsWithoutPort } from './list-ports.js'
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

/**
 * Opens a serial port, the machine's own or one of another binding, and locks it. Programs that do not look at locks,
 * such as cat or ModemManager, may read it even so: see `readersOf`.
 *
 * @throws RigError 'missing', 'foreign' (no serial port), 'forbidden', 'locked' or 'unplugged'
 */
export function openPort(
  path: string,
  binding: BindingInterface = SerialPort.binding,
): Promise<SerialPortStream> {
  return new Promise((resolve, reject) => {
    const options = { path, binding, baudRate: START_BAUD_RATE, autoOpen: false }
    const port = new SerialPortStream(options)
    port.open((error) => {
      if (error) openError(path, error.message).then(reject)
      else port.set(LOW_LATENCY, () => resolve(port)) // works without it, too
    })
  })
}

/** What serialport's bindings say on Linux (glibc and musl) and macOS, and last on Windows. */
const LOCKED =
  /^Error:? (Resource temporarily unavailable|(Device or r|R)esource busy)|: Access denied$/
const FORBIDDEN = /^Error: Permission denied/
const NO_SERIAL_PORT = /^Error: (Is a directory|Inappropriate ioctl|Not a tty)/
const NOTHING_BEHIND = /^Error: (No such device|Device not configured|Input\/output|I\/O)/

async function openError(path: string, reason: string): Promise<RigError> {
  if (LOCKED.test(reason)) {
    const users = readersOf(path).join(' or ')
    const who = users && `; it is ${users}`
    return new RigError(
      'locked',
      `another program uses ${path}: close it, or wait for its end${who}`,
    )
  }
  if (FORBIDDEN.test(reason)) {
    return new RigError(
      'forbidden',
      `no permission to open ${path}: add your user to its group (on Debian: sudo usermod -aG dialout $USER) and log in again`,
    )
  }
  if (NO_SERIAL_PORT.test(reason)) {
    return new RigError('foreign', `${path} is no serial port: name the one of the board`)
  }
  if (NOTHING_BEHIND.test(reason)) {
    return new RigError('unplugged', `nothing is connected to ${path}: plug the board in again`)
  }
  const [board] = await listBoardsWithoutPort()
  if (board) {
    const { finding, repair } = lackOfPort(board)
    return new RigError('missing', `cannot open ${path}, but ${finding}: ${repair}`)
  }
  return new RigError('missing', `cannot open ${path}: plug the board in and check the name`)
}
