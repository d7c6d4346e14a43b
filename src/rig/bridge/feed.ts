import { ReadableStream, type ReadableStreamDefaultController } from 'node:stream/web'
import { RigError } from '../errors.js'
import type { Timebase } from '../timebase.js'
import type { Fields, Link } from './link.js'

/** Well below the board's keep-alive of 1 s. */
export const STATUS_INTERVAL_MS = 200

/** Is told what the replies to `COMMAND on` and `COMMAND off` say. */
export interface FeedHandler {
  onBegin(reply: Fields): void
  onEnd(reply: Fields): void
}

/**
 * What the board sends by itself between `COMMAND on` and `COMMAND off`: an iterable that ends when its
 * signal aborts or its reader leaves, keeps the board alive meanwhile, and fails when the board stops.
 */
export class Feed<T> {
  readonly items: ReadableStream<T>
  #controller!: ReadableStreamDefaultController<T>
  #ended = false
  /** Nobody takes items any more, whereas some may still come after the end. */
  #closed = false

  constructor(
    private readonly link: Link,
    private readonly timebase: Timebase,
    readonly command: 'sense' | 'edges',
    private readonly handler: FeedHandler,
    signal: AbortSignal,
  ) {
    this.items = new ReadableStream<T>({
      start: (controller) => {
        this.#controller = controller
        return this.#begin(signal)
      },
      cancel: () => {
        this.#closed = true
        return this.#end()
      },
    })
  }

  get ended(): boolean {
    return this.#ended
  }

  push(item: T): void {
    if (!this.#closed) this.#controller.enqueue(item)
  }

  fail(error: unknown): void {
    this.#ended = true
    this.#closed = true
    this.#controller.error(error)
  }

  async #begin(signal: AbortSignal): Promise<void> {
    if (signal.aborted) {
      this.#ended = true
      this.#closed = true
      return this.#controller.close()
    }
    this.handler.onBegin(await this.link.request(`${this.command} on`))
    void this.#keepAlive()
    if (signal.aborted) return this.#end()
    signal.addEventListener('abort', () => void this.#end(), { once: true })
  }

  async #end(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    try {
      // What still waits in the board comes before the reply.
      const reply = await this.link.request(`${this.command} off`)
      this.handler.onEnd(reply)
      if (!this.#closed) this.#controller.close()
      this.#closed = true
    } catch (error) {
      this.fail(error)
    }
  }

  async #keepAlive(): Promise<void> {
    try {
      while (!this.#ended) {
        await this.timebase.sleep(STATUS_INTERVAL_MS)
        if (this.#ended) return
        const status = await this.link.request('status')
        if (status[this.command] === '0' && !this.#ended) {
          throw new RigError(
            'broken-off',
            'the board has stopped listening, as this computer was silent for too long: try again',
          )
        }
      }
    } catch (error) {
      this.fail(error)
    }
  }
}
