import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Command, Option } from 'commander'
import { DEFAULT_GREY_RATIO } from '../modulation/index.js'
import { findPort } from '../rig/bridge/find-port.js'
import {
  BOOTLOADER_BAUD_RATES,
  type BoardModel,
  flashBridge,
  shippedImage,
} from '../rig/bridge/flash.js'
import type { BridgeIdentity } from '../rig/bridge/identity.js'
import { IMAGE_URL } from '../rig/bridge/image.js'
import { askIdentity, openBridge } from '../rig/bridge/open.js'
import { withSharing } from '../rig/bridge/port-users.js'
import { runTool } from '../rig/bridge/tool.js'
import { RigError } from '../rig/errors.js'
import { printDocument } from './document.js'
import { CommandError, EXIT } from './errors.js'
import { interruptible } from './interrupt.js'
import { print, relay, tell } from './terminal.js'

const FIRMWARE_URL = new URL('..', IMAGE_URL)
const NAME_PORT = ['--port <name>', 'serial port of the board, such as /dev/ttyACM0'] as const

interface InfoOptions {
  readonly port?: string
  readonly json?: true
}

interface NameOptions {
  readonly port?: string
}

interface FlashOptions {
  readonly port: string
  readonly board: BoardModel
}

export function addFirmware(program: Command): void {
  const firmware = program
    .command('firmware')
    .description('the firmware of the bridge: look at it, build it, flash it, name a board')
  firmware
    .command('info')
    .description('tell what firmware comes with this program and, with --port, what a board runs')
    .option(...NAME_PORT)
    .option('--json', 'print it as JSON')
    .action((options) => interruptible((signal) => info(options, signal)))
  firmware
    .command('build')
    .description('build the firmware from its source and compare it with the shipped image')
    .action(() => interruptible(build))
  firmware
    .command('flash')
    .description('write the shipped firmware to a board, check it and greet it; needs avrdude')
    .requiredOption(...NAME_PORT)
    .addOption(
      new Option(
        '--board <model>',
        'nano-old is a Nano with the old bootloader, as many copies have',
      )
        .choices(Object.keys(BOOTLOADER_BAUD_RATES))
        .default('uno'),
    )
    .action((options) => interruptible((signal) => flash(options, signal)))
  firmware
    .command('name')
    .argument('<serial>', '1 to 16 letters, digits, hyphens or underscores')
    .description('give a board a serial number, which it keeps')
    .option(...NAME_PORT)
    .action((serial, options) => interruptible((signal) => name(serial, options, signal)))
}

async function info({ port, json }: InfoOptions, signal: AbortSignal): Promise<void> {
  const image = shippedImage()
  const board = port === undefined ? null : await askIdentity(await findPort(port, signal), signal)
  const isShippedVersion = board?.firmwareVersion === image.version
  if (json) {
    return printDocument({
      schema: 'blinkup.firmware/1',
      image,
      board: board && { ...board, isShippedVersion },
      error: null,
    })
  }
  const lines = [
    `image    ${image.path}`,
    `version  ${image.version}`,
    `size     ${image.sizeBytes} bytes of flash`,
    `sha256   ${image.sha256}`,
  ]
  if (board) {
    const comparison = isShippedVersion ? 'the shipped version' : 'not the shipped version'
    lines.push(`board    ${formatIdentity(board)}: ${comparison}`)
  }
  await print(`${lines.join('\n')}\n`)
}

async function build(signal: AbortSignal): Promise<void> {
  const folder = fileURLToPath(FIRMWARE_URL)
  // Everything anew: what an older build has left is no witness.
  const args = ['--always-make', '-C', folder]
  await withOutput(async (onOutput) => {
    const exit = await runTool('make', args, { signal, onOutput })
    if (exit === 0) return
    throw new CommandError(
      EXIT.noDevice,
      `make ended with ${exit}: read its output; it needs avr-gcc, avr-objcopy and avr-libc (on Debian: sudo apt install gcc-avr binutils-avr avr-libc)`,
    )
  })
  const built = join(folder, 'build', basename(IMAGE_URL.pathname))
  const isShipped = (await readFile(built)).equals(await readFile(IMAGE_URL))
  await print(`${built} ${isShipped ? 'is identical to' : 'differs from'} the shipped image\n`)
  if (!isShipped) process.exitCode = EXIT.checkFailed
}

async function flash(options: FlashOptions, signal: AbortSignal): Promise<void> {
  const port = await findPort(options.port, signal)
  tell(`writing firmware ${shippedImage().version} to the board at ${port}; leave it plugged in`)
  try {
    await withOutput((onOutput) => flashBridge(port, options.board, { signal, onOutput }))
  } catch (error) {
    if (signal.aborted) tell('the board may hold only part of the firmware: flash it again')
    throw error
  }
  await print(`${port}: ${formatIdentity(await askFlashed(port, signal))}\n`)
}

/** Bootloaders know the chip by its signature, which copies have; but not how fast its clock is. */
async function askFlashed(port: string, signal: AbortSignal): Promise<BridgeIdentity> {
  try {
    return await askIdentity(port, signal)
  } catch (error) {
    if (!(error instanceof RigError && error.code === 'no-answer')) throw error
    const sentence =
      'the firmware was written and read back, but the board does not speak 115,200 baud, so it has no 16 MHz ATmega328P (LGT8F328P, 8 MHz or 3.3 V board?): use an Uno R3 or a Nano that has'
    throw new RigError('no-answer', withSharing(port, sentence), { cause: error })
  }
}

async function name(serialNumber: string, { port }: NameOptions, signal: AbortSignal) {
  const path = await findPort(port, signal)
  const options = { brightness: 1, greyRatio: DEFAULT_GREY_RATIO, sampleRateHz: 1000, signal }
  const bridge = await openBridge(path, options)
  try {
    await bridge.setSerialNumber(serialNumber)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new CommandError(EXIT.usage, error.message, { cause: error })
  } finally {
    await bridge[Symbol.asyncDispose]()
  }
  await print(`${path}: ${formatIdentity(await askIdentity(path, signal))}\n`)
}

function formatIdentity(board: BridgeIdentity): string {
  return `${board.name} ${board.firmwareVersion}, protocol ${board.protocolVersion}, serial number ${board.serialNumber}`
}

/** Shows what another program says: at once on a terminal, otherwise only when the work fails. */
async function withOutput(work: (onOutput: (text: string) => void) => Promise<void>) {
  let hidden = ''
  try {
    await work((text) => {
      if (process.stderr.isTTY) relay(text)
      else hidden += text
    })
  } catch (error) {
    relay(hidden)
    throw error
  }
}
