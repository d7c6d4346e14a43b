import { once } from 'node:events'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type Remedy, RigError, type RigErrorCode } from '../../rig/errors.js'
import type { RigInfo } from '../../rig/rig.js'
import type { Order, Played, Player } from './player.js'

export type Request = Order | 'abort' | 'close'
export type Answer =
  | { readonly done: Played | null; readonly info: RigInfo | null }
  | {
      readonly rigError: {
        readonly code: RigErrorCode
        readonly message: string
        readonly remedy: Remedy | undefined
      }
    }

/** The built thread, or its source where this module runs from its own; a loader given by an option is not used in threads. */
function threadUrl(): URL {
  const extension = extname(import.meta.url)
  const thread = new URL(`player-thread${extension}`, import.meta.url)
  if (extension !== '.ts') return thread
  const loader = import.meta.resolve('tsx/esm/api')
  const script = `import { register } from '${loader}'; register(); await import('${thread}')`
  return new URL(`data:text/javascript,${encodeURIComponent(script)}`)
}

/** A player whose rig runs in a thread of its own, which takes a core of its own: for rigs that are all computed. */
export class ThreadPlayer implements Player {
  readonly #worker = new Worker(threadUrl(), { execArgv: [] })
  readonly #ended: Promise<never>
  #closed: Promise<void> | undefined
  #info: RigInfo | null = null

  /** Of the rig that was opened last; null before a message was played. */
  get info(): RigInfo | null {
    return this.#info
  }

  constructor() {
    this.#ended = Promise.race([
      once(this.#worker, 'exit').then(() => {
        throw new Error('a thread has ended')
      }),
      new Promise<never>((_, reject) => {
        this.#worker.once('error', reject)
      }),
    ])
    this.#ended.catch(() => {}) // told to who waits for an answer
  }

  async play(order: Order, signal: AbortSignal): Promise<Played> {
    signal.throwIfAborted()
    const abort = (): void => this.#worker.postMessage('abort' satisfies Request)
    signal.addEventListener('abort', abort)
    try {
      const played = await this.#ask(order)
      if (!played) throw new Error('a thread has not answered what it was asked')
      return played
    } catch (error) {
      signal.throwIfAborted()
      throw error
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#ask('close')
      .then(() => {})
      .finally(() => this.#worker.terminate())
    return this.#closed
  }

  async #ask(request: Request): Promise<Played | null> {
    const answered = once(this.#worker, 'message') as Promise<[Answer]>
    answered.catch(() => {}) // an error of the thread, which is told by its end
    this.#worker.postMessage(request)
    const [answer] = await Promise.race([answered, this.#ended])
    if ('done' in answer) {
      this.#info = answer.info
      return answer.done
    }
    const { code, message, remedy } = answer.rigError
    throw new RigError(code, message, { remedy })
  }
}
