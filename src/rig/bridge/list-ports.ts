import { readdir, readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { PortInfo } from '@serialport/bindings-interface'
import { SerialPort } from 'serialport'

/** A serial port of a USB device. */
export interface UsbPort {
  /** What to open, such as /dev/ttyACM0 or COM3. */
  readonly path: string
  /** Four hex digits in lower case. */
  readonly vendorId: string
  /** Four hex digits in lower case. */
  readonly productId: string
  /** The USB device's; cheap converters have none. */
  readonly serialNumber?: string | undefined
  /** Its name in /dev/serial/by-id, on Linux. */
  readonly byId?: string | undefined
}

/** Lists this computer's serial ports that are USB devices. */
export async function listUsbPorts(): Promise<UsbPort[]> {
  return process.platform === 'linux' ? listLinuxPorts() : usbPortsOf(await SerialPort.list())
}

/** The USB devices among the ports that serialport lists. */
export function usbPortsOf(ports: readonly PortInfo[]): UsbPort[] {
  return ports.flatMap(({ path, vendorId, productId, serialNumber }) =>
    vendorId && productId
      ? { path, vendorId: vendorId.toLowerCase(), productId: productId.toLowerCase(), serialNumber }
      : [],
  )
}

/**
 * Linux's USB serial ports by name, from /sys and /dev below `root`: unlike serialport's own list this
 * needs no `udevadm`.
 */
export async function listLinuxPorts(root = '/'): Promise<UsbPort[]> {
  const byIds = await namesById(join(root, 'dev/serial/by-id'))
  const ttys = join(root, 'sys/class/tty')
  const ports = (await namesIn(ttys)).sort().map(async (tty) => {
    const device = await usbDeviceOf(join(ttys, tty, 'device'))
    return device ? [{ path: join(root, 'dev', tty), ...device, byId: byIds.get(tty) }] : []
  })
  return (await Promise.all(ports)).flat()
}

/** The IDs of the USB device that a tty's device belongs to. */
async function usbDeviceOf(device: string) {
  let folder = await realpath(device).catch(() => '/')
  for (; folder !== '/'; folder = dirname(folder)) {
    const [vendorId, productId, serialNumber] = await Promise.all(
      ['idVendor', 'idProduct', 'serial'].map((name) => textOf(join(folder, name))),
    )
    if (vendorId && productId) return { vendorId, productId, serialNumber }
  }
  return undefined
}

/** The names in /dev/serial/by-id by the tty that they link to. */
async function namesById(folder: string): Promise<ReadonlyMap<string, string>> {
  const links = (await namesIn(folder)).map(async (name) => {
    const target = await realpath(join(folder, name)).catch(() => '')
    return [basename(target), name] as const
  })
  return new Map(await Promise.all(links))
}

// What is missing, or vanishes on the way because it is unplugged, is no port: no error.
const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => [])
const textOf = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  )
