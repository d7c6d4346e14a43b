import { access, constants, readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Check, failure, ok, warning } from '../check.js'
import type { PartInfo } from '../rig.js'
import { shippedImage } from './flash.js'
import { listBoardsWithoutPort, listUsbPorts, type UsbPort } from './list-ports.js'
import { readersOf } from './port-users.js'
import { lackOfPort, otherArduino, TAKE_ANOTHER } from './usb-boards.js'

/** Looks at the serial ports of this machine, without opening them: that would reset the boards. */
export async function checkSerialPorts(): Promise<Check[]> {
  const ports = await listUsbPorts()
  const lacking = (await listBoardsWithoutPort()).map((board) => {
    const { finding, repair } = lackOfPort(board)
    return warning('serial port', finding, repair)
  })
  if (ports.length + lacking.length === 0) {
    return [ok('serial ports', 'no USB serial port is plugged in')]
  }
  const checks = ports.map(async (port) => [
    await checkAccess(port),
    ...(await checkLatency(port.path)),
  ])
  return [...(await Promise.all(checks)).flat(), ...lacking]
}

async function checkAccess(port: UsbPort): Promise<Check> {
  const { path, vendorId, productId, serialNumber } = port
  const name = 'serial port'
  const number = serialNumber ? `serial number ${serialNumber}` : 'no serial number'
  const finding = `${path}, USB ID ${vendorId}:${productId}, ${number}`
  const mayOpen = await access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  )
  if (!mayOpen) {
    const repair = 'sudo usermod -aG dialout $USER, then log in again'
    return failure(name, `${finding}: this user may not open it`, repair)
  }
  const readers = readersOf(path)
  if (readers.length > 0) {
    const users = readers.join(' and ')
    const use = readers.length > 1 ? 'use' : 'uses'
    return warning(name, `${finding}: ${users} ${use} it`, `end ${users}`)
  }
  const other = otherArduino(port)
  return other ? warning(name, `${finding}, is ${other}`, TAKE_ANOTHER) : ok(name, finding)
}

/** FTDI's driver holds what it receives back for this long (its latency_timer). */
async function checkLatency(path: string): Promise<Check[]> {
  const file = `/sys/bus/usb-serial/devices/${basename(path)}/latency_timer`
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return []
  const ms = Number(text)
  return [
    ms <= 1
      ? ok('latency timer', `${path} delivers after ${ms} ms`)
      : warning(
          'latency timer',
          `${path} delivers after ${ms} ms only`,
          `echo 1 | sudo tee ${file}, or install the udev rules`,
        ),
  ]
}

/** Looks at who answered at a port. */
export function checkFirmware({ firmwareVersion, serialNumber }: PartInfo): Check {
  const { version } = shippedImage()
  return firmwareVersion === version
    ? ok('firmware', `${firmwareVersion}, serial number ${serialNumber ?? '-'}`)
    : warning(
        'firmware',
        `${firmwareVersion}, but ${version} comes with this program`,
        'flash the board',
        'flash',
      )
}
