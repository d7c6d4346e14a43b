import { existsSync } from 'node:fs'
import { constants, cp, open, readdir, readFile, symlink, utimes } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { shippedImage } from '../../src/rig/bridge/flash.js'
import { readImage } from '../../src/rig/bridge/image.js'
import { openPort } from '../../src/rig/bridge/port.js'
import { BLINKUP, blinkup, type Ended, Run, start, startOnTerminal } from '../helpers/blinkup.js'
import { test as base, type Folder } from '../helpers/folder.js'
import { needs } from '../helpers/requirements.js'
import { plugIn } from '../rig/bridge/bootloader.js'

const test = base
const PACKAGE_URL = new URL('../../', import.meta.url)
const { path: imagePath, version, sizeBytes, sha256 } = shippedImage()
const NO_COMPILER = needs('/usr/bin/make') || needs('/usr/bin/avr-gcc')

describe('firmware info', () => {
  test('describes the shipped image', async () => {
    expect(await blinkup(['firmware', 'info'])).toEqual({
      exitCode: 0,
      stdout:
        `image    ${imagePath}\nversion  ${version}\n` +
        `size     ${sizeBytes} bytes of flash\nsha256   ${sha256}\n`,
      stderr: '',
    })
  })

  test('as JSON', async () => {
    const { exitCode, stdout } = await blinkup(['firmware', 'info', '--json'])
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      schema: 'blinkup.firmware/1',
      image: { path: imagePath, version, sizeBytes, sha256 },
      board: null,
      error: null,
      warnings: [],
    })
  })

  test.skipIf(needs('socat'))('a board with another version', async ({ folder }) => {
    const { bootloader } = await plugIn(folder.at('tty'))
    const other = version.replace(/\d/g, '9')
    const image = Buffer.from(readImage())
    image.write(other, image.indexOf(`firmware=${version}`) + 'firmware='.length)
    bootloader.flash.set(image)
    bootloader.left = true
    const { exitCode, stdout } = await blinkup(['firmware', 'info', '--port', folder.at('tty')])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(
      new RegExp(`^board {4}blinkup-bridge ${other}, .*: not the shipped version$`, 'm'),
    )
  })
})

describe.skipIf(NO_COMPILER)('firmware build', () => {
  test('makes the very image that is shipped', async ({ folder }) => {
    await copyPackage(folder)
    expect(await build(folder)).toEqual({
      exitCode: 0,
      stdout: `${folder.at('firmware-bridge/build/blinkup-bridge.hex')} is identical to the shipped image\n`,
      stderr: '',
    })
  })

  test('sees a change of the source, even beside an older build', async ({ folder }) => {
    await copyPackage(folder)
    await build(folder)
    const source = folder.at('firmware-bridge/src/commands.c')
    const text = await readFile(source, 'utf8')
    await folder.file('firmware-bridge/src/commands.c', text.replace(version, '9.9.9'))
    await utimes(source, 0, 0)
    const { exitCode, stdout } = await build(folder)
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/ differs from the shipped image\n$/)
  })

  test('make is missing', async ({ folder }) => {
    await copyPackage(folder)
    expect(await build(folder, folder.path)).toEqual({
      exitCode: 69,
      stdout: '',
      stderr: 'blinkup: make is missing: install it (on Debian: sudo apt install make)\n',
    })
  })

  test('the compiler is missing', async ({ folder }) => {
    await copyPackage(folder)
    for (const tool of ['make', 'mkdir']) await symlink(`/usr/bin/${tool}`, folder.at(tool))
    const { exitCode, stdout, stderr } = await build(folder, folder.path)
    expect({ exitCode, stdout }).toEqual({ exitCode: 69, stdout: '' })
    expect(stderr).toMatch(
      /avr-gcc.*\nblinkup: make ended with 2: [^\n]*apt install gcc-avr[^\n]*\n$/s,
    )
  })
})

describe.skipIf(needs('socat') || needs('/usr/bin/avrdude'))('firmware flash', () => {
  test('what was written runs, answers and is the shipped version', async ({ folder }) => {
    const port = folder.at('tty')
    await plugIn(port)
    expect(await blinkup(['firmware', 'flash', '--port', port])).toEqual({
      exitCode: 0,
      stdout: `${port}: blinkup-bridge ${version}, protocol 1, serial number -\n`,
      stderr: expect.stringMatching(/^blinkup: writing firmware [^\n]*\n$/),
    })

    const { stdout } = await blinkup(['firmware', 'info', '--json', '--port', port])
    expect(JSON.parse(stdout).board).toMatchObject({
      name: 'blinkup-bridge',
      firmwareVersion: version,
      protocolVersion: '1',
      serialNumber: '-',
      isShippedVersion: true,
    })
  })

  test('a failure shows what avrdude says, and what to do', async ({ folder }) => {
    const { bootloader } = await plugIn(folder.at('tty'))
    bootloader.wornAddress = 0
    const ended = await blinkup(['firmware', 'flash', '--port', folder.at('tty')])
    expect(ended).toMatchObject({ exitCode: 74, stdout: '' })
    expect(ended.stderr).toMatch(
      /verification mismatch.*\nblinkup: the flash does not hold [^\n]*\n$/s,
    )
  })

  test.skipIf(needs('script'))('on a terminal avrdude is heard', async ({ folder }) => {
    await plugIn(folder.at('tty'))
    const flash = `'${process.execPath}' '${BLINKUP}' firmware flash`
    const command = `${flash} --port '${folder.at('tty')}'`
    const { exitCode, stdout } = await startOnTerminal(command).ended
    expect(exitCode).toBe(0)
    expect(stdout).toContain('bytes of flash verified')
  })

  test('a port that another program uses is left alone', async ({ folder }) => {
    const { bootloader } = await plugIn(folder.at('tty'))
    const other = await openPort(folder.at('tty'))
    const { exitCode, stderr } = await blinkup(['firmware', 'flash', '--port', folder.at('tty')])
    expect(exitCode).toBe(75)
    expect(stderr).toContain('another program uses')
    expect(bootloader.pagesWritten).toBe(0)
    await new Promise((resolve) => other.close(resolve))
  })

  test('Ctrl-C ends avrdude first', async ({ folder }) => {
    const port = folder.at('tty')
    const { bootloader } = await plugIn(port)
    const run = start(['firmware', 'flash', '--port', port])
    await bootloader.wrote(10)
    expect(await programsAt(port)).toContain('avrdude')
    run.process.kill('SIGINT')
    const { exitCode, stdout, stderr } = await run.ended
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' })
    expect(stderr).toContain('flash it again\nblinkup: interrupted by SIGINT')
    expect(await programsAt(port)).not.toContain('avrdude')
    expect(bootloader.left).toBe(false)
  })
})

describe.skipIf(needs('socat'))('a silent port', () => {
  const test = base.extend<{ port: string }>({
    port: async ({ folder }, use) => {
      const path = folder.at('tty')
      const socat = new Run('socat', [`PTY,link=${path},rawer`, 'STDIO'], {})
      while (!existsSync(path)) await sleep(10)
      const terminal = await open(path, constants.O_WRONLY | constants.O_NOCTTY) // or socat ends
      await use(path)
      await terminal.close()
      socat.process.kill()
      await socat.ended
    },
  })

  test('says what to do', async ({ port }) => {
    expect(await blinkup(['firmware', 'info', '--port', port])).toEqual({
      exitCode: 69,
      stdout: '',
      stderr: `blinkup: nothing at ${port} answers as a blinkup-bridge: reset the board, or flash its firmware (blinkup firmware flash)\n`,
    })
  })

  test('that another program reads, which does not lock it, names that', async ({
    folder,
    port,
  }) => {
    await symlink(port, folder.at('blinkup-bridge'))
    const cat = new Run('cat', [port], {})
    for (const args of [
      ['firmware', 'info', '--port', folder.at('blinkup-bridge')],
      ['send', '--rig', 'bridge', '--port', port, '--ssid', 'net', '--open'],
    ]) {
      const { exitCode, stderr } = await blinkup(args)
      expect(exitCode).toBe(69)
      expect(stderr).toMatch(
        new RegExp(
          `^blinkup: nothing at \\S+ answers as a blinkup-bridge: cat \\(PID ${cat.process.pid}\\) has the port open, too: end it$`,
          'm',
        ),
      )
    }
    cat.process.kill()
    await cat.ended
  })

  test('after a flash that succeeded: the board has another clock', async ({ folder, port }) => {
    await folder.file('avrdude', '#!/bin/sh\nexit 0\n', 0o755)
    const env = { PATH: `${folder.path}:${process.env.PATH}` }
    const { exitCode, stdout, stderr } = await blinkup(['firmware', 'flash', '--port', port], {
      env,
    })
    expect({ exitCode, stdout }).toEqual({ exitCode: 69, stdout: '' })
    expect(stderr.split('\n').at(-2)).toBe(
      'blinkup: the firmware was written and read back, but the board does not speak 115,200 baud, so it has no 16 MHz ATmega328P (LGT8F328P, 8 MHz or 3.3 V board?): use an Uno R3 or a Nano that has',
    )
  })
})

/** Copies what is installed, so that a build touches nothing else. */
async function copyPackage(folder: Folder): Promise<void> {
  for (const name of ['bin', 'dist', 'firmware-bridge', 'package.json']) {
    await cp(new URL(name, PACKAGE_URL), folder.at(name), { recursive: true })
  }
  await symlink(new URL('node_modules', PACKAGE_URL), folder.at('node_modules'))
}

/** Runs `firmware build` of the package in the folder. */
function build(folder: Folder, path = process.env.PATH): Promise<Ended> {
  const args = [folder.at('bin/blinkup'), 'firmware', 'build']
  return new Run(process.execPath, args, { env: { PATH: path } }).ended
}

/** The names of the programs that have been given the port as an argument of its own. */
async function programsAt(port: string): Promise<string[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const commands = await Promise.all(
    processes.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')),
  )
  return commands
    .map((command) => command.split('\0'))
    .filter((args) => args.includes(port))
    .map(([program = '']) => program)
}
