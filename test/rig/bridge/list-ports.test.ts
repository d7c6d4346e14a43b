import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect } from 'vitest'
import {
  listBoardsWithoutPort,
  listLinuxPorts,
  usbPortsOf,
} from '../../../src/rig/bridge/list-ports.js'
import { type Folder, test } from '../../helpers/folder.js'

const UNO_BY_ID = 'usb-Arduino__www.arduino.cc__0043_7563331-if00'

/** Lays out files with their content, and links with their target behind an arrow. */
async function layOut(folder: Folder, tree: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(tree)) {
    const path = folder.at(name)
    await mkdir(dirname(path), { recursive: true })
    await (content.startsWith('-> ') ? symlink(content.slice(3), path) : writeFile(path, content))
  }
}

/** An Uno as cdc_acm shows it, a CH340 as usbserial does, a UART of the board, and a console. */
const TREE = {
  'sys/devices/usb1/idVendor': '1d6b\n',
  'sys/devices/usb1/idProduct': '0002\n',
  'sys/devices/usb1/1-1/idVendor': '2341\n',
  'sys/devices/usb1/1-1/idProduct': '0043\n',
  'sys/devices/usb1/1-1/serial': '7563331\n',
  'sys/devices/usb1/1-1/1-1:1.0/tty/ttyACM0/device': '-> ../..',
  'sys/devices/usb1/1-2/idVendor': '1a86\n',
  'sys/devices/usb1/1-2/idProduct': '7523\n',
  'sys/devices/usb1/1-2/1-2:1.0/ttyUSB0/tty/ttyUSB0/device': '-> ../..',
  'sys/devices/platform/serial8250/tty/ttyS0/device': '-> ../..',
  'sys/class/tty/ttyACM0': '-> ../../devices/usb1/1-1/1-1:1.0/tty/ttyACM0',
  'sys/class/tty/ttyUSB0': '-> ../../devices/usb1/1-2/1-2:1.0/ttyUSB0/tty/ttyUSB0',
  'sys/class/tty/ttyS0': '-> ../../devices/platform/serial8250/tty/ttyS0',
  'sys/class/tty/console/uevent': '',
  'dev/ttyACM0': '',
  [`dev/serial/by-id/${UNO_BY_ID}`]: '-> ../../ttyACM0',
}

describe("Linux's ports", () => {
  test('are those of USB devices, with what their device says of itself', async ({ folder }) => {
    await layOut(folder, TREE)
    expect(await listLinuxPorts(folder.path)).toEqual([
      {
        path: join(folder.path, 'dev/ttyACM0'),
        vendorId: '2341',
        productId: '0043',
        serialNumber: '7563331',
        byId: UNO_BY_ID,
      },
      { path: join(folder.path, 'dev/ttyUSB0'), vendorId: '1a86', productId: '7523' },
    ])
  })

  test('are none where there is neither /sys nor /dev/serial', async ({ folder }) => {
    expect(await listLinuxPorts(folder.path)).toEqual([])
  })

  test('leave out what is unplugged meanwhile, and links that lead nowhere', async ({ folder }) => {
    await layOut(folder, {
      'sys/class/tty/ttyACM0': '-> ../../devices/gone',
      'sys/class/tty/ttyUSB0/device': '-> gone',
      'dev/serial/by-id/usb-gone-if00': '-> ../../ttyACM0',
    })
    expect(await listLinuxPorts(folder.path)).toEqual([])
  })

  test('are listed on this computer without udevadm', async ({ skip }) => {
    skip(process.platform !== 'linux', 'this is not Linux')
    for (const { path } of await listLinuxPorts()) expect(path).toMatch(/^\/dev\/tty/)
  })
})

describe('boards without a serial port', () => {
  const devices = 'sys/bus/usb/devices'
  const LINKED = {
    ...TREE,
    [`${devices}/usb1`]: '-> ../../../devices/usb1',
    [`${devices}/1-1`]: '-> ../../../devices/usb1/1-1',
    [`${devices}/1-1:1.0`]: '-> ../../../devices/usb1/1-1/1-1:1.0',
    [`${devices}/1-2`]: '-> ../../../devices/usb1/1-2',
    [`${devices}/1-9`]: '-> ../../../devices/usb1/gone',
  }

  test('are none where each has its own', async ({ folder }) => {
    await layOut(folder, LINKED)
    expect(await listBoardsWithoutPort(folder.path)).toEqual([])
  })

  test('are those of known IDs, also beside one of the same kind that has a port', async ({
    folder,
  }) => {
    await layOut(folder, {
      ...LINKED,
      'sys/devices/usb1/1-3/idVendor': '1a86\n',
      'sys/devices/usb1/1-3/idProduct': '7523\n',
      'sys/devices/usb1/1-3/1-3:1.0/bInterfaceClass': 'ff\n',
      [`${devices}/1-3`]: '-> ../../../devices/usb1/1-3',
      'sys/devices/usb1/1-4/idVendor': '046d\n',
      'sys/devices/usb1/1-4/idProduct': 'c52b\n',
      [`${devices}/1-4`]: '-> ../../../devices/usb1/1-4',
    })
    expect(await listBoardsWithoutPort(folder.path)).toEqual([
      { vendorId: '1a86', productId: '7523' },
    ])
  })

  test('are none where there is no /sys', async ({ folder }) => {
    expect(await listBoardsWithoutPort(folder.path)).toEqual([])
  })
})

test('elsewhere they are the USB devices that serialport lists', () => {
  const other = { manufacturer: undefined, pnpId: undefined, locationId: undefined }
  const uno = { path: 'COM3', vendorId: '2A03', productId: '0043', serialNumber: '7563331' }
  const modem = { path: 'COM1', vendorId: undefined, productId: undefined, serialNumber: undefined }
  expect(usbPortsOf([uno, modem].map((port) => ({ ...other, ...port })))).toEqual([
    { path: 'COM3', vendorId: '2a03', productId: '0043', serialNumber: '7563331' },
  ])
})
