import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BoardsMessage } from './boards-process.js'

const PROCESS = fileURLToPath(new URL('boards-process.ts', import.meta.url))

export type EndedLight = Extract<BoardsMessage, { kind: 'light' }>

/**
 * Honest boards, each with an LED that its photodiode sees, in real time, and in a process of their own, so that neither they nor what
 * is tried with them takes the other's time. Eight that are sampled 1000 times a second take less than a tenth of a core. With
 * whoever has started them they end, too.
 */
export class BoardsBeside implements AsyncDisposable {
  private constructor(
    private readonly boards: ChildProcess,
    /** One each. */
    readonly ports: readonly string[],
  ) {}

  /** @param onLight is told of each light when it has ended */
  static async start(
    folder: string,
    count: number,
    onLight: (light: EndedLight) => void,
  ): Promise<BoardsBeside> {
    const ports = Array.from({ length: count }, (_, i) => join(folder, `board-${i}`))
    const boards = fork(PROCESS, ports, { execArgv: ['--import', 'tsx'] })
    const ended = once(boards, 'exit')
    const ready = new Promise<void>((resolve) => {
      boards.on('message', (message: BoardsMessage) => {
        if (message.kind === 'ready') resolve()
        else onLight(message)
      })
    })
    const isReady = await Promise.race([ready.then(() => true), ended.then(() => false)])
    if (!isReady) throw new Error('the boards have ended before they were ready')
    return new BoardsBeside(boards, ports)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.boards, 'exit')
    this.boards.disconnect()
    await ended
  }
}
