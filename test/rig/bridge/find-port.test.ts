import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, vi } from 'vitest'
import { findPort, locatePort } from '../../../src/rig/bridge/find-port.js'
import { readImage } from '../../../src/rig/bridge/image.js'
import { forgetName, rememberName } from '../../../src/rig/bridge/known-boards.js'
import type { UsbPort } from '../../../src/rig/bridge/list-ports.js'
import { openBridge } from '../../../src/rig/bridge/open.js'
import { openBridgeCalled } from '../../../src/rig/bridge/open-called.js'
import { openPort } from '../../../src/rig/bridge/port.js'
import { serveEmulatedBoard } from '../../../src/rig/emulated/serve.js'
import { test as base } from '../../helpers/folder.js'
import { needs } from '../../helpers/requirements.js'
import { plugIn } from './bootloader.js'

// The real one, which is counted.
vi.mock('../../../src/rig/bridge/port.js', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../../src/rig/bridge/port.js')>()
  return { ...original, openPort: vi.fn(original.openPort) }
})

const OPTIONS = { brightness: 1, greyRatio: 0.52, sampleRateHz: 1000 }

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

const R4: UsbPort = {
  path: '/dev/ttyACM2',
  vendorId: '2341',
  productId: '0069',
  serialNumber: 'F412FA',
  byId: 'usb-Arduino_UNO_R4_Minima_F412FA-if00',
}

const find = (name: string | undefined, ...ports: UsbPort[]): Promise<string> =>
  findPort(
    name,
    undefined,
    async () => ports,
    async () => [],
  )

const test = base

describe('a name', () => {
  test.each(['/dev/ttyACM0', './board', 'COM3', 'com12', '\\\\.\\COM12'])(
    '%s is a path, taken as it is',
    async (path) => {
      const noList = () => Promise.reject(new Error('not to be asked'))
      expect(await findPort(path, undefined, noList)).toBe(path)
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
        'no USB serial port and no free board is called board: plug the board in, or name the serial port, such as ' +
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

describe('an Arduino with another chip', () => {
  const what = '/dev/ttyACM2 is an Uno R4 Minima (2341:0069), which has another chip'

  test('is not taken without a name', async () => {
    expect(await find(undefined, R4, UNO)).toBe(UNO.path)
  })

  test('is told as such, and its port not offered', async () => {
    await expect(find(undefined, R4)).rejects.toMatchObject({
      code: 'missing',
      message: expect.stringMatching(
        /; .* another chip: plug the board in, or name the serial port$/,
      ),
    })
    await expect(find('line-7', R4, GPS)).rejects.toMatchObject({
      code: 'missing',
      message: `no USB serial port and no free board is called line-7; ${what}: plug the board in, or name the serial port, such as /dev/ttyACM1 (1546:01a7, no serial number)`,
    })
  })

  test.each(['ttyACM2', 'F412FA', 'R4_Minima'])('is refused by the name %s', async (name) => {
    await expect(find(name, R4, UNO)).rejects.toMatchObject({
      code: 'foreign',
      message: `${what}: use an Uno R3, or a Nano with an ATmega328P`,
    })
  })
})

test('a board without a serial port is told instead', async () => {
  const lost = findPort(
    undefined,
    undefined,
    async () => [GPS],
    async () => [CLONE],
  )
  await expect(lost).rejects.toMatchObject({
    code: 'missing',
    message: expect.stringMatching(
      /^a possible Uno or Nano \(USB ID 1a86:7523\) is plugged in but has no serial port: /,
    ),
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

describe.skipIf(needs('socat'))('the name given to a board', () => {
  /** Two boards of a kind that cannot be told apart from outside, called left and right. */
  const test = base.extend<{ left: UsbPort; right: UsbPort }>({
    left: async ({ folder }, use) => serve(folder.at('board-1'), 'left', use),
    right: async ({ folder }, use) => serve(folder.at('board-2'), 'right', use),
  })

  test('tells like boards apart', async ({ left, right }) => {
    expect(await find('left', right, left, GPS)).toBe(left.path)
    expect(await find('right', right, left, GPS)).toBe(right.path)
  })

  test('is not asked for when something else has that name', async ({ left, right }) => {
    const named = { ...left, serialNumber: 'right' }
    expect(await find('right', named, right)).toBe(left.path)
  })

  test('is not found while another program uses the board, which is left alone', async ({
    left,
    right,
  }) => {
    const port = await openPort(right.path)
    let isDisturbed = false
    port.on('data', () => {
      isDisturbed = true
    })
    await expect(find('right', left, right)).rejects.toMatchObject({
      code: 'missing',
      message: expect.stringMatching(/^no USB serial port and no free board is called right: /),
    })
    expect(isDisturbed).toBe(false)
    await new Promise((resolve) => port.close(resolve))
  })

  test('is not found while a program that locks nothing reads the board, which is named', async ({
    left,
  }) => {
    const cat = spawn('cat', [left.path])
    let stolen = ''
    cat.stdout.on('data', (bytes) => {
      stolen += bytes
    })
    await expect
      .poll(() => find('left', left).catch(({ message }) => message))
      .toBe(
        `no USB serial port and no free board is called left; ${left.path} is open in cat (PID ${cat.pid}): end that, plug the board in, or name the serial port, such as ${left.path} (1a86:7523, no serial number)`,
      )
    stolen = ''
    await find('left', left).catch(() => {})
    expect(stolen).toBe('')
    cat.kill()
    await once(cat, 'exit')
    expect(await find('left', left)).toBe(left.path)
  })

  test('is found on a board that was left at 500,000 baud, and is not reset by opening', async ({
    folder,
  }) => {
    const path = folder.at('tty')
    const { bootloader } = await plugIn(path)
    bootloader.flash.set(readImage())
    bootloader.left = true
    await giveName(path, 'fast')
    const port = await openPort(path)
    port.write('baud 500000\n')
    await once(port, 'data')
    await new Promise((resolve) => port.close(resolve))
    expect(await find('fast', { ...CLONE, path })).toBe(path)
  }, 20_000)

  test('is asked for once, and by several that look at once but once: to ask restarts a board', async ({
    left,
    right,
  }) => {
    const openings = () =>
      [left, right].map(
        ({ path }) => vi.mocked(openPort).mock.calls.filter(([port]) => port === path).length,
      )
    vi.mocked(openPort).mockClear()
    const found = await Promise.all(
      ['left', 'right', 'left'].map((name) => find(name, left, right)),
    )
    expect(found).toEqual([left.path, right.path, left.path])
    expect(openings()).toEqual([1, 1])
    const bridge = await openBridge(right.path, OPTIONS)
    expect(await find('left', left, right)).toBe(left.path)
    expect(await find('right', left, right)).toBe(right.path)
    await expect(find('middle', left, right)).rejects.toMatchObject({ code: 'missing' })
    expect(openings()).toEqual([1, 2]) // its own
    await expect(openBridge(right.path, OPTIONS)).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining('this program already has'),
    })
    expect(bridge.lost.aborted).toBe(false)
    await bridge[Symbol.asyncDispose]()
    expect(openings()).toEqual([1, 3]) // and the one that was refused
  })

  test('is looked for again when another board answers where it was', async ({ left, right }) => {
    expect(await find('left', left, right)).toBe(left.path)
    rememberName(right.path, 'left') // it was there when it was asked
    rememberName(left.path, 'right')
    const bridge = await openBridgeCalled('left', OPTIONS, (name, signal) =>
      locatePort(name, signal, async () => [left, right]),
    )
    expect(bridge.info).toMatchObject({ name: left.path, serialNumber: 'left' })
    await bridge[Symbol.asyncDispose]()
  })

  test('that two boards have is ambiguous', async ({ left, right }) => {
    await giveName(right.path, 'left')
    await expect(find('left', left, right)).rejects.toMatchObject({ code: 'ambiguous' })
  })

  test('is not waited for when it is given up', async ({ left }) => {
    const signal = AbortSignal.abort(new Error('given up'))
    await expect(findPort('left', signal, async () => [left])).rejects.toThrow('given up')
  })
})

async function serve(path: string, name: string, use: (port: UsbPort) => Promise<void>) {
  const end = new AbortController()
  let served: Promise<void> = Promise.resolve()
  await new Promise<void>((resolve, reject) => {
    served = serveEmulatedBoard(path, end.signal, resolve)
    served.catch(reject)
  })
  await giveName(path, name)
  await use({ ...CLONE, path })
  end.abort()
  await served
}

async function giveName(path: string, name: string): Promise<void> {
  const bridge = await openBridge(path, OPTIONS)
  await bridge.setSerialNumber(name)
  await bridge[Symbol.asyncDispose]()
  forgetName(path) // as if another program had named it
}
