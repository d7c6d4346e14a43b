import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, constants, open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { SerialPortMock } from 'serialport'
import { afterEach, describe, expect, vi } from 'vitest'
import { openPort } from '../../../src/rig/bridge/port.js'
import { test as base } from '../../helpers/folder.js'
import { needs } from '../../helpers/requirements.js'

interface Terminal {
  readonly path: string
  readonly socat: ChildProcess
}

const test = base.extend<{ terminal: Terminal }>({
  terminal: async ({ folder }, use) => {
    const path = folder.at('block-lock') // a name that must not be taken for a reason
    const socat = spawn('socat', [`PTY,link=${path},rawer`, 'STDIO'], { stdio: 'pipe' })
    while (!existsSync(path)) await sleep(10)
    await use({ path, socat })
    if (socat.kill()) await once(socat, 'exit')
  },
})

/** Takes root's rights away, for which no file is forbidden. */
function actAsNobody(): void {
  if (process.getuid?.() === 0) process.seteuid?.(65534)
}

afterEach(() => {
  if (process.getuid?.() === 0) process.seteuid?.(0)
})

describe.skipIf(needs('socat'))('a serial port', () => {
  test('carries bytes both ways', async ({ terminal: { path, socat } }) => {
    const port = await openPort(path)
    port.write('to the board')
    expect(String((await once(socat.stdout ?? port, 'data'))[0])).toBe('to the board')
    socat.stdin?.write('from the board')
    expect(String((await once(port, 'data'))[0])).toBe('from the board')
    await new Promise((resolve) => port.close(resolve))
  })

  test('is opened but once by one program', async ({ terminal: { path } }) => {
    const first = await openPort(path)
    await expect(openPort(path)).rejects.toMatchObject({
      code: 'locked',
      message: `this program already has ${path} open: close it first`,
    })
    const other = await open(path, constants.O_RDWR | constants.O_NOCTTY) // or the terminal ends
    await new Promise((resolve) => first.close(resolve))
    const second = await openPort(path)
    await new Promise((resolve) => second.close(resolve))
    await other.close()
  })

  // Its other end keeps it alive, and so would the kernel keep it exclusive.
  test('that is a pseudo terminal is as before when its program was killed', async ({
    folder,
    terminal: { path },
    skip,
  }) => {
    skip(
      process.getuid?.() !== 0,
      'for root nothing is exclusive, and only root can be another user',
    )
    await chmod(folder.path, 0o755)
    await chmod(path, 0o666)
    const held = await open(path, constants.O_RDWR | constants.O_NOCTTY) // or the terminal ends
    const port = await openPort(path)
    expect(openedByOther(path)).toBe('opened')
    await new Promise((resolve) => port.close(resolve))
    await held.close()
  })

  test.skipIf(needs('/proc'))('whose device has gone', async ({ terminal: { path, socat } }) => {
    const stale = await open(path, constants.O_RDWR | constants.O_NOCTTY)
    socat.kill()
    await once(socat, 'exit')
    const stalePath = `/proc/self/fd/${stale.fd}`
    await expect(openPort(stalePath)).rejects.toMatchObject({
      code: 'unplugged',
      message: `nothing is connected to ${stalePath}: plug the board in again`,
    })
    await stale.close()
  })
})

/** What a user without rights is told who opens it without a look at locks. */
function openedByOther(path: string): string {
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups']
  const command = ['sh', '-c', 'exec 3<>"$0" && echo opened', path]
  const { stdout, stderr } = spawnSync('setpriv', [...nobody, ...command], { encoding: 'utf8' })
  return (stdout || stderr).trim()
}

const CONSOLE = '/dev/tty60'
test('a real terminal is taken exclusively, until it is closed', async ({ folder, skip }) => {
  const isThere = process.getuid?.() === 0 && existsSync(CONSOLE)
  skip(!isThere, 'only root can be another user, and has virtual consoles')
  await chmod(folder.path, 0o755)
  const path = folder.at('tty')
  execFileSync('mknod', ['-m', '666', path, 'c', '4', '60'])
  const port = await openPort(path)
  expect(openedByOther(path)).toMatch(/busy$/)
  await new Promise((resolve) => port.close(resolve))
  expect(openedByOther(path)).toBe('opened')
})

describe('what cannot be opened', () => {
  test('does not exist', async ({ folder }) => {
    const path = folder.at('locked, permission denied')
    await expect(openPort(path)).rejects.toMatchObject({
      code: 'missing',
      message: `cannot open ${path}: plug the board in and check the name`,
    })
  })

  test('is no serial port', async ({ folder }) => {
    for (const path of [await folder.file('file', ''), folder.path, '/dev/null']) {
      await expect(openPort(path)).rejects.toMatchObject({
        code: 'foreign',
        message: `${path} is not a serial port: name the board's port`,
      })
    }
  })

  test('is forbidden', async ({ folder }) => {
    const path = await folder.file('forbidden', '', 0)
    actAsNobody()
    await expect(openPort(path)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(`^no permission to open ${path}: add your user to its group`),
    })
  })

  test.each([
    ['Error Resource temporarily unavailable Cannot lock port', 'locked'],
    ['Error: Device or resource busy, cannot open /dev/x', 'locked'],
    ['Error: Resource busy, cannot open /dev/x', 'locked'],
    ['Opening COM3: Access denied', 'locked'],
    ['Error: No such device or address, cannot open /dev/x', 'unplugged'],
    ['Error: No such device, cannot open /dev/x', 'unplugged'],
    ['Error: Device not configured, cannot open /dev/x', 'unplugged'],
    ['Error: Input/output error setting custom baud rate of 115200', 'unplugged'],
    ['Opening COM3: File not found', 'missing'],
    ['Error: Too many open files, cannot open /dev/x', 'missing'],
  ])("the binding's %s is %s", async (message, code) => {
    const binding = { ...SerialPortMock.binding, open: () => Promise.reject(new Error(message)) }
    await expect(openPort('/dev/x', binding)).rejects.toMatchObject({ code })
  })
})

describe('low latency', () => {
  test('is asked for, and the board is not reset by it', async () => {
    const set = vi.fn(async () => {})
    await openPort('/dev/x', bindingWith(set))
    expect(set).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ lowLatency: true, dtr: true, rts: true, brk: false }),
    )
  })

  test('may be refused by the driver', async () => {
    const port = await openPort(
      '/dev/x',
      bindingWith(() => Promise.reject(new Error('no'))),
    )
    expect(port.isOpen).toBe(true)
  })
})

/** Serialport's mock, with one port whose settings are as given. */
function bindingWith(set: () => Promise<void>): typeof SerialPortMock.binding {
  const { binding } = SerialPortMock
  binding.reset()
  binding.createPort('/dev/x')
  return {
    ...binding,
    open: async (options) => Object.assign(await binding.open(options), { set }),
  }
}
