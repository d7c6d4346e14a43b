import { basename } from 'node:path'
import { RigError } from '../errors.js'
import { knownName } from './known-boards.js'
import { listBoardsWithoutPort, listUsbPorts, type UsbPort } from './list-ports.js'
import { askIdentity } from './open.js'
import { isOpenHere } from './port.js'
import { readersOf } from './port-users.js'
import {
  BOARD_IDS,
  isBoard,
  lackOfPort,
  otherArduino,
  TAKE_ANOTHER,
  type UsbDevice,
  usbIdOf,
} from './usb-boards.js'

/** What a board can be named (firmware-bridge/PROTOCOL.md). */
const BOARD_NAME = /^[\w-]{1,16}$/

/**
 * The path of the serial port that `name` means:
 * - a path, such as /dev/ttyACM0, ./board or COM3, is taken as it is;
 * - otherwise it is the last part of a path, a USB serial number, or a name in /dev/serial/by-id,
 *   of which a part will do;
 * - failing these it is the name that its owner has given the board, for which every port with the USB IDs of
 *   a board is opened and asked, but those that another program is known to have open, and those whose board this
 *   process has open or has asked before; that restarts the boards, and takes some seconds;
 * - without a name, it is the only port with the USB IDs of an Arduino Uno, a Nano, or a board like them.
 *
 * @throws RigError 'missing' when there is no such port, 'ambiguous' when there are several, 'foreign' when it is that
 *   of an Arduino with another chip; the signal's reason when that aborts
 */
export async function findPort(
  name?: string,
  signal?: AbortSignal,
  listPorts = listUsbPorts,
  listWithoutPort: () => Promise<UsbDevice[]> = listBoardsWithoutPort,
): Promise<string> {
  return (await locatePort(name, signal, listPorts, listWithoutPort)).path
}

/** The same, and the board's name where it was found by that. */
export async function locatePort(
  name?: string,
  signal?: AbortSignal,
  listPorts = listUsbPorts,
  listWithoutPort: () => Promise<UsbDevice[]> = listBoardsWithoutPort,
): Promise<{ readonly path: string; readonly boardName?: string }> {
  if (name !== undefined && /[/\\]|^COM\d+$/i.test(name)) return { path: name }
  const ports = await listPorts()
  const boards = ports.filter(isBoard)
  let found = name === undefined ? boards : portsCalled(name, ports)
  const isBoardName = name !== undefined && found.length === 0 && BOARD_NAME.test(name)
  if (isBoardName) found = await boardsCalled(name, boards, signal)
  const [only] = found
  if (!only) throw missing(name, ports, await listWithoutPort())
  if (found.length > 1) throw ambiguous(name, found)
  const other = otherArduino(only)
  if (other) throw new RigError('foreign', `${only.path} is ${other}: ${TAKE_ANOTHER}`)
  return { path: only.path, ...(isBoardName && { boardName: name }) }
}

function portsCalled(name: string, ports: readonly UsbPort[]): UsbPort[] {
  const exactly = ports.filter(({ path, serialNumber, byId }) =>
    [basename(path), serialNumber, byId].includes(name),
  )
  return exactly.length > 0 ? exactly : ports.filter(({ byId }) => byId?.includes(name))
}

/** One after another, so that several that look at once ask each board but once. */
let asking: Promise<unknown> = Promise.resolve()

async function boardsCalled(
  name: string,
  boards: readonly UsbPort[],
  signal: AbortSignal | undefined,
): Promise<UsbPort[]> {
  const found = asking.then(async () => {
    const names = await Promise.all(boards.map(({ path }) => nameAt(path, signal)))
    return boards.filter((_, index) => names[index] === name)
  })
  asking = found.catch(() => {})
  return found
}

/** What the board at a port is called; nothing where it is in use, or something else. */
async function nameAt(path: string, signal: AbortSignal | undefined) {
  if (readersOf(path).length > 0) return undefined
  const known = knownName(path)
  if (known !== undefined || isOpenHere(path)) return known
  try {
    return (await askIdentity(path, signal)).serialNumber
  } catch (error) {
    if (error instanceof RigError) return undefined
    throw error
  }
}

/** What was looked for, what there is instead, and what to do. */
function missing(
  name: string | undefined,
  ports: readonly UsbPort[],
  [lacking]: readonly UsbDevice[],
): RigError {
  const wanted =
    name === undefined
      ? `no Uno or Nano is plugged in (USB IDs ${BOARD_IDS.join(', ')})`
      : `no USB serial port and no free board is called ${name}`
  if (lacking) {
    const { finding, repair } = lackOfPort(lacking)
    const found = name === undefined ? finding : `${wanted}; ${finding}`
    return new RigError('missing', `${found}: ${repair}`)
  }
  const inUse = ports.filter(isBoard).flatMap(({ path }) => {
    const users = readersOf(path)
    return users.length > 0 ? [`${path} is open in ${users.join(' and ')}`] : []
  })
  const others = ports.flatMap((port) => {
    const other = otherArduino(port)
    return other ? [`${port.path} is ${other}`] : []
  })
  const found = [wanted, ...inUse, ...others].join('; ')
  const end = inUse.length > 0 ? 'end that, ' : ''
  const free = ports.filter((port) => !otherArduino(port))
  const such = free.length > 0 ? `, such as ${listOf(free)}` : ''
  return new RigError(
    'missing',
    `${found}: ${end}plug the board in, or name the serial port${such}`,
  )
}

function ambiguous(name: string | undefined, found: readonly UsbPort[]): RigError {
  const what = name === undefined ? 'may be the board' : `match ${name}`
  return new RigError('ambiguous', `several serial ports ${what}: name one of ${listOf(found)}`)
}

function listOf(ports: readonly UsbPort[]): string {
  return ports
    .map((port) => {
      const serialNumber = port.serialNumber
        ? `serial number ${port.serialNumber}`
        : 'no serial number'
      return `${port.path} (${usbIdOf(port)}, ${serialNumber})`
    })
    .join(', ')
}
