import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, existsSync, lstatSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { RigError } from '../errors.js'
import { Emulation } from './emulation.js'

const LOOK_INTERVAL_MS = 20
/**
 * Runs an emulated board in real time on a pseudo terminal that appears under the name `path`, made by
 * socat, until `signal` aborts. Any program that opens a serial port can talk to it.
 *
 * @param onReady called when the terminal is there
 * @throws RigError when the name is taken, or socat is missing or ends
 */
export async function serveEmulatedBoard(
  path: string,
  signal: AbortSignal,
  onReady: () => void,
): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })) {
    throw new RigError('locked', `${path} exists already: end what uses it, or choose another name`)
  }
  const socat = spawn('socat', [`PTY,link=${quoted(path)},rawer`, 'STDIO'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true, // Ctrl-C is for this program, which then ends socat
  })
  const ended = endOf(socat, path)
  ended.catch(() => {})
  let terminal: FileHandle | undefined
  const emulation = new Emulation({ realTime: true })
  const { board } = emulation
  try {
    terminal = await Promise.race([openTerminal(path, ended), ended])
    emulation.onTransmit = (byte) => socat.stdin.write(Uint8Array.of(byte))
    // A pseudo terminal has no baud rate of its own: bytes reach the board at the board's.
    socat.stdout.on('data', (bytes: Buffer) => board.receive(bytes, board.baudRate))
    onReady()
    if (!signal.aborted) await Promise.race([once(signal, 'abort'), ended])
  } finally {
    await emulation.stop()
    await terminal?.close()
    socat.kill()
    await ended.catch(() => {})
  }
}

/** The path as a part of a socat address, where these characters have a meaning (socat(1)). */
function quoted(path: string): string {
  return path.replace(/[\\,:!"'()[\]{}]/g, '\\$&')
}

/** Rejects when socat ends, or cannot even start. */
async function endOf(socat: ChildProcess, path: string): Promise<never> {
  socat.stdin?.on('error', () => {}) // told by its end
  try {
    await once(socat, 'exit')
  } catch {
    throw new RigError(
      'missing',
      'socat is missing: install it (on Debian: sudo apt install socat)',
    )
  }
  throw new RigError(
    'unplugged',
    `socat has ended: no terminal at ${path}, see whether the name is a good one`,
  )
}

/** Holds the terminal open, because socat would end when the last program closes it; but reads nothing of it. */
async function openTerminal(path: string, ended: Promise<never>): Promise<FileHandle> {
  while (!existsSync(path)) await Promise.race([sleep(LOOK_INTERVAL_MS), ended])
  return open(path, constants.O_WRONLY | constants.O_NOCTTY)
}
