import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, existsSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { HostileBoard } from './board.js'
import { machineClock } from './clocks.js'
import type { Lie } from './lies.js'

const LOOK_INTERVAL_MS = 20
/** As much as a pipe takes. */
const FLOOD_BYTES = 65_536

/** A hostile board on a pseudo terminal, on the machine's clock. */
export interface HostileTerminal {
  readonly board: HostileBoard
  end(): Promise<void>
}

/** Puts a board under the name `path`, made by socat, for any program that opens a serial port. */
export async function serveHostileBoard(
  path: string,
  lies: readonly Lie[],
): Promise<HostileTerminal> {
  const socat = spawn('socat', [`PTY,link=${path},rawer`, 'STDIO'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true, // Ctrl-C is for the program that it serves
  })
  socat.stdin.on('error', () => {}) // it has been unplugged
  const ended = once(socat, 'exit')
  const board = new HostileBoard(
    machineClock,
    {
      floodBytes: FLOOD_BYTES,
      send: (bytes, sent) => void socat.stdin.write(bytes, (error) => error ?? sent?.()),
      unplug: () => void socat.kill('SIGKILL'),
    },
    lies,
  )
  while (!existsSync(path)) {
    if (socat.exitCode !== null) throw new Error(`socat has made no terminal at ${path}`)
    await sleep(LOOK_INTERVAL_MS)
  }
  // Held open, because socat would end when the last program closes it; nothing is read of it.
  const held = openSync(path, constants.O_WRONLY | constants.O_NOCTTY)
  socat.stdout.on('data', (bytes: Buffer) => board.receive(bytes))
  return {
    board,
    end: async () => {
      closeSync(held)
      socat.kill('SIGKILL')
      await ended
    },
  }
}
