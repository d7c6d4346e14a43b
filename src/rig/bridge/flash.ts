import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Remedy, RigError, type RigErrorCode } from '../errors.js'
import { IMAGE_URL, readImage } from './image.js'
import { forgetName } from './known-boards.js'
import { portAt } from './list-ports.js'
import { openPort } from './port.js'
import { reasonForSilence } from './silence.js'
import { runTool, type ToolOptions } from './tool.js'
import { mayBeOldNano } from './usb-boards.js'

/** The boards and their bootloaders' baud rates: optiboot's, and that of ATmegaBOOT on older Nanos. */
export const BOOTLOADER_BAUD_RATES = { uno: 115_200, nano: 115_200, 'nano-old': 57_600 } as const
export type BoardModel = keyof typeof BOOTLOADER_BAUD_RATES

/** How often avrdude resets the board and asks for its bootloader, 5 s each; its default is 10. */
const ATTEMPTS = 2

/**
 * Flashing takes some 10 s. avrdude 7.1 goes on for minutes when the board falls silent in the middle,
 * and for ever when it is unplugged.
 */
const TIMEOUT_MS = 60_000

/** What avrdude says when the bootloader does not answer, as version 7.1 words it. */
const NO_ANSWER = /not in sync/i

/** What it says when it fails otherwise, and what that means. */
const FAILURES: readonly (readonly [says: RegExp, code: RigErrorCode, message: string])[] = [
  [
    /expected signature/i,
    'foreign',
    'the chip is not an ATmega328P: use an Arduino Uno or a Nano with that chip',
  ],
  [
    /verification (error|mismatch)/i,
    'damaged',
    'the flash does not hold what was written: flash again, and if that does not help use another board',
  ],
]

/** The firmware that comes with this package. */
export interface ShippedImage {
  /** Its file, in Intel HEX. */
  readonly path: string
  readonly version: string
  /** Flash it takes. */
  readonly sizeBytes: number
  /** Of the file, in hex. */
  readonly sha256: string
}

/** Describes the shipped firmware; its version is the one that it will tell of itself. */
export function shippedImage(): ShippedImage {
  const flash = readImage()
  const [, version] = / firmware=(\S+)/.exec(Buffer.from(flash).toString('latin1')) ?? []
  if (version === undefined) throw new Error('the firmware image has no version: build it again')
  return {
    path: fileURLToPath(IMAGE_URL),
    version,
    sizeBytes: flash.findLastIndex((byte) => byte !== 0xff) + 1,
    sha256: createHash('sha256').update(readFileSync(IMAGE_URL)).digest('hex'),
  }
}

/**
 * Writes the shipped firmware to the board at a serial port through its bootloader, with avrdude, which
 * also reads it back and compares.
 *
 * @throws RigError when the port cannot be opened, avrdude is missing, or it fails; the signal's reason
 *   when that aborts: avrdude has ended then, and the board may hold a part of the firmware
 */
export async function flashBridge(
  portPath: string,
  board: BoardModel,
  { signal, onOutput }: ToolOptions,
): Promise<void> {
  // avrdude does not look at the lock of a program that uses the port.
  const port = await openPort(portPath)
  forgetName(portPath)
  await new Promise((resolve) => port.close(resolve))
  const args = ['-p', 'm328p', '-c', 'arduino', '-x', `attempts=${ATTEMPTS}`, '-P', portPath]
  args.push('-b', String(BOOTLOADER_BAUD_RATES[board]))
  args.push('-D', '-U', `flash:w:${fileURLToPath(IMAGE_URL)}:i`)
  const { exit, output } = await runAvrdude(args, { signal, onOutput })
  if (exit === 0) return
  if (NO_ANSWER.test(output)) {
    const reason = await reasonForSilence(portPath)
    const remedy = reason === undefined ? await otherBootloader(portPath, board) : undefined
    throw new RigError(
      'no-answer',
      `the bootloader does not answer (avrdude ended with ${exit}): ${reason ?? adviceOn(remedy)}`,
      { remedy },
    )
  }
  const [, code, message] = FAILURES.find(([says]) => says.test(output)) ?? [
    undefined,
    'damaged' as const,
    'the firmware was not written: read what avrdude says, and flash again',
  ]
  throw new RigError(code, `${message} (avrdude ended with ${exit})`)
}

async function otherBootloader(path: string, board: BoardModel): Promise<Remedy | undefined> {
  if (board === 'nano-old') return 'flash-new-bootloader'
  const device = await portAt(path)
  return device === undefined || mayBeOldNano(device) ? 'flash-old-bootloader' : undefined
}

function adviceOn(remedy: Remedy | undefined): string {
  const port = 'check that this is the right port'
  if (remedy === undefined) return port
  const age = remedy === 'flash-old-bootloader' ? 'old' : 'new'
  return `${port}, or flash it as a board with the ${age} bootloader`
}

async function runAvrdude(args: readonly string[], { signal, onOutput }: ToolOptions) {
  const late = new AbortController()
  const timeout = setTimeout(() => {
    const message = 'the board fell silent: plug it in again, and flash again'
    late.abort(new RigError('unplugged', message))
  }, TIMEOUT_MS)
  let output = ''
  try {
    const exit = await runTool('avrdude', args, {
      signal: AbortSignal.any([signal, late.signal]),
      onOutput: (text) => {
        output += text
        onOutput(text)
      },
    })
    return { exit, output }
  } finally {
    clearTimeout(timeout)
  }
}
