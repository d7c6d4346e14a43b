import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const BLINKUP = fileURLToPath(new URL('../../bin/blinkup', import.meta.url))
const EMULATED_BOARD = fileURLToPath(new URL('emulated-board.ts', import.meta.url))

/** 230 symbols. */
const MESSAGE = ['--ssid', 'net', '--open', '--rate', '142']
export const MESSAGE_MS = (1000 * 230) / 142

/** How the commands that play are called; `file` is of the capture. */
export const COMMANDS = {
  send: () => ['send', ...MESSAGE],
  verify: () => ['verify', ...MESSAGE],
  capture: (file: string) => ['capture', file, '--force', '--send', ...MESSAGE],
}

/** A command that runs, on the machine's clock. */
export class Command {
  stdout = ''
  stderr = ''
  endMs: number | undefined
  readonly process: ChildProcess
  /** Its exit code: a death by a signal counts as in a shell. */
  readonly ended: Promise<number>

  constructor(args: readonly string[]) {
    this.process = spawn(process.execPath, [BLINKUP, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.process.stdout?.setEncoding('utf8').on('data', (text) => {
      this.stdout += text
    })
    this.process.stderr?.setEncoding('utf8').on('data', (text) => {
      this.stderr += text
    })
    this.process.once('exit', () => {
      this.endMs = Date.now()
    })
    this.ended = once(this.process, 'close').then(([code, signal]) =>
      signal ? 128 + constants.signals[signal as NodeJS.Signals] : code,
    )
  }
}

/** The real firmware on an emulated board, in a process of its own. */
export class EmulatedBoard {
  /** When its LED has given light last, on the machine's clock. */
  lastLitMs = 0
  /** For how long it has played, by its own clock, which a busy machine holds up. */
  litForMs = 0
  #firstLitMs = 0
  readonly #process: ChildProcess

  private constructor(readonly path: string) {
    this.#process = spawn(process.execPath, ['--import', 'tsx', EMULATED_BOARD, path], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#process.stdin?.on('error', () => {}) // it has been killed
  }

  static async start(path: string): Promise<EmulatedBoard> {
    const board = new EmulatedBoard(path)
    const { stdout } = board.#process
    if (!stdout) throw new Error('a board says when it gives light')
    await once(stdout, 'data')
    stdout.setEncoding('utf8').on('data', (text: string) => {
      for (const [, ms, boardMs] of text.matchAll(/lit (\d+) (\d+)/g)) {
        board.lastLitMs = Number(ms)
        board.#firstLitMs ||= Number(boardMs)
        board.litForMs = Number(boardMs) - board.#firstLitMs
      }
    })
    return board
  }

  forgetLight(): void {
    this.lastLitMs = 0
    this.litForMs = 0
    this.#firstLitMs = 0
  }

  /** It hangs; its LED stays as it is. */
  hang(): void {
    this.#process.kill('SIGSTOP')
  }

  /** It goes on after that. */
  goOn(): void {
    this.#process.kill('SIGCONT')
  }

  /** It has no supply any more. */
  kill(): void {
    this.#process.kill('SIGKILL')
  }

  /** The cable is pulled; another supply goes on. */
  unplug(): void {
    this.#process.stdin?.write('u')
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await gone
  }
}
