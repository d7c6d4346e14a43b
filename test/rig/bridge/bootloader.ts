import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { constants, open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { Emulation } from '../../../src/rig/emulated/emulation.js'

// STK500 version 1 (Atmel AVR061, "STK500 Communication Protocol"), as far as avrdude's programmer
// "arduino" uses it. A command is its code, arguments and EOP; a reply is IN_SYNC, data and OK.
const EOP = 0x20
const IN_SYNC = 0x14
const OK = 0x10
const COMMAND = {
  getParameter: 0x41,
  setDevice: 0x42,
  setDeviceExt: 0x45,
  leaveProgMode: 0x51,
  loadAddress: 0x55,
  universal: 0x56,
  progPage: 0x64,
  readPage: 0x74,
  readSign: 0x75,
}

/** A bootloader's side of the protocol, and the flash that it writes. */
class Bootloader {
  readonly flash = new Uint8Array(0x8000).fill(0xff)
  /** An ATmega328P's (datasheet, "Signature Bytes"). */
  signature = [0x1e, 0x95, 0x0f]
  /** A byte of flash that is worn out and reads 0. */
  wornAddress: number | undefined
  /** After so many pages it does not answer any more. */
  diesAfterPages = Number.POSITIVE_INFINITY
  pagesWritten = 0
  /** The program runs, as it does when the programmer has left. */
  left = false
  #command: number[] = []
  #address = 0

  /** Resolves when it has written as many pages. */
  async wrote(pages: number): Promise<void> {
    while (this.pagesWritten < pages) await sleep(5)
  }

  /** Takes a byte and gives the reply, which is empty until a command is complete. */
  receive(byte: number): readonly number[] {
    this.#command.push(byte)
    if (this.#command.length < commandLength(this.#command)) return []
    const command = this.#command.splice(0)
    if (this.pagesWritten >= this.diesAfterPages) return []
    return command.at(-1) === EOP ? [IN_SYNC, ...this.#run(command), OK] : []
  }

  #run(command: readonly number[]): Iterable<number> {
    const [code, first = 0, second = 0] = command
    switch (code) {
      case COMMAND.getParameter: // the version, major and minor, is what avrdude wants
        return [4]
      case COMMAND.universal:
        return [0]
      case COMMAND.loadAddress: // of a word, low byte first
        this.#address = 2 * (first + 256 * second)
        return []
      case COMMAND.progPage:
        this.flash.set(command.slice(4, -1), this.#address)
        if (this.wornAddress !== undefined) this.flash[this.wornAddress] = 0
        this.pagesWritten++
        return []
      case COMMAND.readPage:
        return this.flash.slice(this.#address, this.#address + 256 * first + second)
      case COMMAND.readSign:
        return this.signature
      case COMMAND.leaveProgMode:
        this.left = true
    }
    return []
  }
}

function commandLength([code, first = 0, second = 0]: readonly number[]): number {
  switch (code) {
    case COMMAND.getParameter:
      return 3
    case COMMAND.setDevice:
      return 22
    case COMMAND.setDeviceExt:
      return 2 + first
    case COMMAND.loadAddress:
      return 4
    case COMMAND.universal:
      return 6
    case COMMAND.progPage:
      return 5 + 256 * first + second
    case COMMAND.readPage:
      return 5
    default:
      return 2
  }
}

/**
 * A board on a pseudo terminal until the end of the test. Its bootloader listens at one baud rate;
 * when it has been left, the emulated board runs what it wrote.
 */
export async function plugIn(
  path: string,
  bootloaderBaudRate = 115_200,
): Promise<{ bootloader: Bootloader; unplug: () => Promise<void> }> {
  const bootloader = new Bootloader()
  const socat = spawn('socat', [`PTY,link=${path},rawer`, 'STDIO'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const ended = once(socat, 'exit')
  while (!existsSync(path)) await sleep(20)
  const terminal = await open(path, constants.O_WRONLY | constants.O_NOCTTY) // socat would end when the last program closes it
  let program: Emulation | undefined

  const send = (bytes: readonly number[]): void => void socat.stdin.write(Uint8Array.from(bytes))
  socat.stdin.on('error', () => {}) // the board may be unplugged while it talks
  socat.stdout.on('data', (bytes: Buffer) => {
    const baudRate = baudRateOf(path)
    if (bootloader.left) {
      program ??= new Emulation({ image: bootloader.flash, realTime: true })
      program.onTransmit = (byte) => send([byte])
      program.board.receive(bytes, baudRate)
    } else if (baudRate === bootloaderBaudRate) {
      for (const byte of bytes) send(bootloader.receive(byte))
    }
  })
  const unplug = async (): Promise<void> => {
    socat.stdout.removeAllListeners('data')
    await program?.stop()
    await terminal.close()
    socat.kill()
    await ended
  }
  onTestFinished(unplug)
  return { bootloader, unplug }
}

/** What the program at the terminal has set: no bit is timed there, but the rate is kept. */
function baudRateOf(path: string): number {
  return Number(execFileSync('stty', ['-F', path, 'speed'], { encoding: 'utf8' }))
}
