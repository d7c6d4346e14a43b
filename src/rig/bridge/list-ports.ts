import { existsSync } from 'node:fs'
import { readdir, readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { PortInfo } from '@serialport/bindings-interface'
import { machineBinding } from './machine-binding.js'
import { isBoard, type UsbDevice } from './usb-boards.js'

/** A serial port of a USB device. */
export interface UsbPort extends UsbDevice {
  /** What to open, such as /dev/ttyACM0 or COM3. */
  readonly path: string
  /** Its name in /dev/serial/by-id, on Linux. */
  readonly byId?: string | undefined
}

/** Lists this computer's serial ports that are USB devices. */
export async function listUsbPorts(): Promise<UsbPort[]> {
  return process.platform === 'linux'
    ? listLinuxPorts()
    : usbPortsOf(await (await machineBinding()).list())
}

/** The USB device whose serial port a path leads to. */
export async function portAt(path: string): Promise<UsbPort | undefined> {
  // At once, as an emulated board's time goes on while a file is looked for.
  if (process.platform === 'linux' && !existsSync(path)) return undefined
  const target = await realpath(path).catch(() => path)
  return (await listUsbPorts()).find((port) => port.path === target)
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
  return (await usbTtys(root)).map(({ tty, device }) => {
    return { path: join(root, 'dev', tty), ...device, byId: byIds.get(tty) }
  })
}

/**
 * What may be a board but has no serial port, because its driver is missing or another program has taken it. By /sys
 * below `root`: elsewhere than on Linux none are known.
 */
export async function listBoardsWithoutPort(root = '/'): Promise<UsbDevice[]> {
  const devices = join(root, 'sys/bus/usb/devices')
  const withPort = (await usbTtys(root)).map(({ folder }) => folder)
  const boards = (await namesIn(devices)).sort().map(async (name) => {
    const folder = await realpath(join(devices, name)).catch(() => '/')
    const device = await usbDeviceIn(folder)
    return device && isBoard(device) && !withPort.includes(folder) ? [device] : []
  })
  return (await Promise.all(boards)).flat()
}

/** The ttys of USB devices, by name, with their device and its folder. */
async function usbTtys(root: string) {
  const folder = join(root, 'sys/class/tty')
  const ttys = (await namesIn(folder)).sort().map(async (tty) => {
    const found = await usbDeviceAbove(join(folder, tty, 'device'))
    return found ? [{ tty, ...found }] : []
  })
  return (await Promise.all(ttys)).flat()
}

/** The USB device that another device belongs to. */
async function usbDeviceAbove(path: string) {
  let folder = await realpath(path).catch(() => '/')
  for (; folder !== '/'; folder = dirname(folder)) {
    const device = await usbDeviceIn(folder)
    if (device) return { folder, device }
  }
  return undefined
}

/** A USB device by its folder; undefined for those of anything else, such as an interface of one. */
async function usbDeviceIn(folder: string): Promise<UsbDevice | undefined> {
  const [vendorId, productId, serialNumber] = await Promise.all(
    ['idVendor', 'idProduct', 'serial'].map((name) => textOf(join(folder, name))),
  )
  return vendorId && productId ? { vendorId, productId, serialNumber } : undefined
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
