import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, existsSync, lstatSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makersOf } from '../bridge/port-users.js'
import type { ModelledLight } from '../config.js'
import { RigError } from '../errors.js'
import { Emulation } from './emulation.js'

const LOOK_INTERVAL_MS = 20
/**
 * Runs an emulated board in real time on a pseudo terminal that appears under the name `path`, made by
 * socat, until `signal` aborts. Any program that opens a serial port can talk to it.
 *
 * @param onReady called when the terminal is there
 * @param optics what lies between its LED and its sensor, where it is not as on a good bench
 * @throws RigError when the name is taken, or socat is missing or ends
 */
export async function serveEmulatedBoard(
  path: string,
  signal: AbortSignal,
  onReady: () => void,
  optics: Partial<ModelledLight> = {},
): Promise<void> {
  if (isLeft(path)) rmSync(path)
  if (lstatSync(path, { throwIfNoEntry: false })) {
    throw new RigError('locked', `${path} already exists: end what uses it, or choose another name`)
  }
  // socat ends, and removes the link, when its standard input does: also when this program is killed.
  const socat = spawn('socat', [`PTY,${linkOption(path)},rawer`, 'STDIO'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true, // Ctrl-C is for this program, which then ends socat
  })
  const ended = endOf(socat, path)
  ended.catch(() => {})
  let terminal: FileHandle | undefined
  const emulation = new Emulation({ optics, realTime: true })
  const { board } = emulation
  try {
    terminal = await Promise.race([openTerminal(path, ended), ended])
    emulation.onTransmit = (byte) => socat.stdin.write(Uint8Array.of(byte))
    // A pseudo terminal has no baud rate of its own: bytes reach the board at the board's.
    socat.stdout.on('data', (bytes: Buffer) => {
      emulation.catchUp() // on a busy machine, or its clock would seem to be slow
      board.receive(bytes, board.baudRate)
    })
    onReady()
    if (!signal.aborted) await Promise.race([once(signal, 'abort'), ended])
  } finally {
    await emulation.stop()
    await terminal?.close()
    socat.kill()
    await ended.catch(() => {})
  }
}

/**
 * Whether a name is that of a board whose socat was killed: a link to a pseudo terminal that is no more, or has become that of
 * another link. Anything else is somebody's.
 */
function isLeft(path: string): boolean {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return false
  const terminal = readlinkSync(path)
  if (!/^\/dev\/pts\/\d+$/.test(terminal)) return false
  if (!existsSync(terminal)) return true
  const makers = makersOf(terminal).map((args) => args.join())
  return (
    makers.length > 0 &&
    makers.every((maker) => /\blink=\//.test(maker) && !maker.includes(`${linkOption(path)},`))
  )
}

/** The same for all names of a path, as a part of a socat address, where some characters have a meaning (socat(1)). */
function linkOption(path: string): string {
  const folder = dirname(resolve(path))
  const link = join(existsSync(folder) ? realpathSync(folder) : folder, basename(path))
  return `link=${link.replace(/[\\,:!"'()[\]{}]/g, '\\$&')}`
}

/** Rejects when socat ends, or cannot even start. */
async function endOf(socat: ChildProcess, path: string): Promise<never> {
  socat.stdin?.on('error', () => {}) // told by its end
  try {
    await once(socat, 'exit')
  } catch (cause) {
    throw new RigError(
      'missing',
      'socat is missing: install it (on Debian: sudo apt install socat)',
      { cause },
    )
  }
  throw new RigError(
    'unplugged',
    `socat has ended, so there is no terminal at ${path}: check that a link can be created there, and start again`,
  )
}

/** Holds the terminal open, because socat would end when the last program closes it; but reads nothing of it. */
async function openTerminal(path: string, ended: Promise<never>): Promise<FileHandle> {
  while (!existsSync(path)) await Promise.race([sleep(LOOK_INTERVAL_MS), ended])
  return open(path, constants.O_WRONLY | constants.O_NOCTTY)
}
