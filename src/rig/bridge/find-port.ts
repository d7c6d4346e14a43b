import { basename } from 'node:path'
import { RigError } from '../errors.js'
import { listUsbPorts, type UsbPort } from './list-ports.js'
import { askIdentity } from './open.js'

/**
 * The USB vendor and product IDs of Arduino's Uno, from boards.txt of its AVR core 1.8.7, and of the
 * converters on Nanos and on compatible boards, from linux-usb.org's usb.ids.
 */
const BOARD_IDS: readonly string[] = [
  '2341:0001', // Uno
  '2341:0043', // Uno R3
  '2341:006a', // Uno
  '2341:0243', // Uno R3
  '2a03:0043', // Uno R3 of arduino.org
  '0403:6001', // FTDI FT232
  '0403:6015', // FTDI FT-X
  '067b:2303', // Prolific PL2303
  '10c4:ea60', // Silicon Labs CP210x
  '1a86:5523', // QinHeng CH341
  '1a86:7523', // QinHeng CH340
]

/** What a board can be named (firmware-bridge/PROTOCOL.md). */
const BOARD_NAME = /^[\w-]{1,16}$/

/**
 * The path of the serial port that `name` means:
 * - a path, such as /dev/ttyACM0, ./board or COM3, is taken as it is;
 * - otherwise it is the last part of a path, a USB serial number, or a name in /dev/serial/by-id,
 *   of which a part will do;
 * - failing these it is the name that its owner has given the board, for which every port with the USB IDs of
 *   a board is opened and asked, unless another program uses it; that restarts the boards, and takes some seconds;
 * - without a name, it is the only port with the USB IDs of an Arduino Uno, a Nano, or a board like them.
 *
 * @throws RigError 'missing' when there is no such port, 'ambiguous' when there are several; the signal's
 *   reason when that aborts
 */
export async function findPort(
  name?: string,
  signal?: AbortSignal,
  listPorts = listUsbPorts,
): Promise<string> {
  if (name !== undefined && /[/\\]|^COM\d+$/i.test(name)) return name
  const ports = await listPorts()
  const boards = ports.filter(isBoard)
  let found = name === undefined ? boards : portsCalled(name, ports)
  if (name !== undefined && found.length === 0 && BOARD_NAME.test(name)) {
    found = await boardsCalled(name, boards, signal)
  }
  const [only] = found
  if (!only) throw missing(name, ports)
  if (found.length > 1) throw ambiguous(name, found)
  return only.path
}

function isBoard(port: UsbPort): boolean {
  return BOARD_IDS.includes(usbIdOf(port))
}

function portsCalled(name: string, ports: readonly UsbPort[]): UsbPort[] {
  const exactly = ports.filter(({ path, serialNumber, byId }) =>
    [basename(path), serialNumber, byId].includes(name),
  )
  return exactly.length > 0 ? exactly : ports.filter(({ byId }) => byId?.includes(name))
}

async function boardsCalled(
  name: string,
  boards: readonly UsbPort[],
  signal: AbortSignal | undefined,
): Promise<UsbPort[]> {
  const asked = boards.map(async (board) => {
    try {
      const { serialNumber } = await askIdentity(board.path, signal)
      return serialNumber === name ? [board] : []
    } catch (error) {
      if (error instanceof RigError) return [] // in use, or something else
      throw error
    }
  })
  return (await Promise.all(asked)).flat()
}

function missing(name: string | undefined, ports: readonly UsbPort[]): RigError {
  const wanted =
    name === undefined
      ? `no Uno or Nano is plugged in (USB IDs ${BOARD_IDS.join(', ')})`
      : `no USB serial port, and no board that is free, is called ${name}`
  const others = ports.length > 0 ? `, such as ${listOf(ports)}` : ''
  return new RigError('missing', `${wanted}: plug the board in, or name the serial port${others}`)
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

function usbIdOf({ vendorId, productId }: UsbPort): string {
  return `${vendorId}:${productId}`
}
