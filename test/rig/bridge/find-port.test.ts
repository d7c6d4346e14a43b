import { describe, expect, test } from 'vitest'
import { findPort } from '../../../src/rig/bridge/find-port.js'
import type { UsbPort } from '../../../src/rig/bridge/list-ports.js'

const UNO: UsbPort = {
  path: '/dev/ttyACM0',
  vendorId: '2341',
  productId: '0043',
  serialNumber: '7563331',
  byId: 'usb-Arduino__www.arduino.cc__0043_7563331-if00',
}
const CLONE: UsbPort = {
  path: '/dev/ttyUSB0',
  vendorId: '1a86',
  productId: '7523',
  byId: 'usb-1a86_USB_Serial-if00-port0',
}
const GPS: UsbPort = {
  path: '/dev/ttyACM1',
  vendorId: '1546',
  productId: '01a7',
  byId: 'usb-u-blox_AG_GPS-if00',
}

const find = (name: string | undefined, ...ports: UsbPort[]): Promise<string> =>
  findPort(name, async () => ports)

describe('a name', () => {
  test.each(['/dev/ttyACM0', './board', 'COM3', 'com12', '\\\\.\\COM12'])(
    '%s is a path, taken as it is',
    async (path) => {
      const noList = () => Promise.reject(new Error('not to be asked'))
      expect(await findPort(path, noList)).toBe(path)
    },
  )

  test.each([
    ['the last part of the path', 'ttyACM0'],
    ['the serial number', '7563331'],
    ['the whole name in by-id', UNO.byId],
    ['a part of the name in by-id', 'Arduino'],
  ])('may be %s', async (_, name) => {
    expect(await find(name, GPS, CLONE, UNO)).toBe('/dev/ttyACM0')
  })

  test('finds any USB serial port, not only those of known boards', async () => {
    expect(await find('GPS', GPS, CLONE, UNO)).toBe('/dev/ttyACM1')
  })

  test('is rather the whole of one than a part of another', async () => {
    const other = { ...CLONE, byId: `${CLONE.byId}-${UNO.serialNumber}` }
    expect(await find(UNO.serialNumber, other, UNO)).toBe(UNO.path)
  })

  test('that nothing has is told with the names that there are', async () => {
    await expect(find('board', UNO, CLONE)).rejects.toMatchObject({
      code: 'missing',
      message:
        'no USB serial port is called board: plug the board in, or name the serial port, such as ' +
        '/dev/ttyACM0 (2341:0043, serial number 7563331), /dev/ttyUSB0 (1a86:7523, no serial number)',
    })
  })

  test('that is a part of several is told with their names', async () => {
    await expect(find('usb-', UNO, CLONE)).rejects.toMatchObject({
      code: 'ambiguous',
      message:
        'several serial ports match usb-: name one of ' +
        '/dev/ttyACM0 (2341:0043, serial number 7563331), /dev/ttyUSB0 (1a86:7523, no serial number)',
    })
  })

  test('that several devices share as their serial number is ambiguous', async () => {
    const twin = { ...UNO, path: '/dev/ttyACM7' }
    await expect(find('7563331', UNO, twin)).rejects.toMatchObject({ code: 'ambiguous' })
  })
})

describe('without a name', () => {
  test('the only board is taken, whatever else is plugged in', async () => {
    expect(await find(undefined, GPS, UNO)).toBe('/dev/ttyACM0')
    expect(await find(undefined, CLONE, GPS)).toBe('/dev/ttyUSB0')
  })

  test('several boards are told with their names', async () => {
    await expect(find(undefined, UNO, GPS, CLONE)).rejects.toMatchObject({
      code: 'ambiguous',
      message:
        'several serial ports may be the board: name one of ' +
        '/dev/ttyACM0 (2341:0043, serial number 7563331), /dev/ttyUSB0 (1a86:7523, no serial number)',
    })
  })

  test('no board is told with what was looked for', async () => {
    await expect(find(undefined)).rejects.toMatchObject({
      code: 'missing',
      message: expect.stringMatching(
        /^no Uno or Nano is plugged in \(USB IDs 2341:0001, .*, 1a86:7523\): plug the board in, or name the serial port$/,
      ),
    })
    await expect(find(undefined, GPS)).rejects.toMatchObject({
      code: 'missing',
      message: expect.stringContaining(', such as /dev/ttyACM1 (1546:01a7, no serial number)'),
    })
  })
})
