import { ReadableStream, type ReadableStreamDefaultController } from 'node:stream/web'
import { RigError } from '../errors.js'
import type { Timebase } from '../timebase.js'
import type { BoardEvent, Fields, Link } from './link.js'

/** Well below the board's keep-alive of 1 s. */
export const STATUS_INTERVAL_MS = 200

/** What the board sends on its own between `COMMAND on` and `COMMAND off`, and what it makes of it. */
export interface Stream<T> {
  readonly command: 'sense' | 'edges'
  /** Is told what the reply to `COMMAND on` says. */
  begin(reply: Fields): void
  /** What a line of the board is, if it is an item. */
  take(line: BoardEvent): T | undefined
  /** What is missing, if that is an item, by the reply to `COMMAND off`. Throws RigError if it is not. */
  end(reply: Fields): T | undefined
}

/**
 * A stream of the board: an iterable that ends when its signal aborts or its reader leaves, keeps the board
 * alive meanwhile, and fails when the board stops.
 */
export class Feed<T> {
  readonly items: ReadableStream<T>
  #controller!: ReadableStreamDefaultController<T>
  /** Lines that came before the reply that says when they began. */
  #early: BoardEvent[] | undefined = []
  #ended = false
  /** Nobody takes items any more, whereas some may still come after the end. */
  #closed = false

  constructor(
    private readonly link: Link,
    private readonly timebase: Timebase,
    private readonly stream: Stream<T>,
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

  hear(line: BoardEvent): void {
    if (this.#early) this.#early.push(line)
    else this.#push(this.stream.take(line))
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
    this.stream.begin(await this.link.request(`${this.stream.command} on`))
    const early = this.#early ?? []
    this.#early = undefined
    for (const line of early) this.hear(line)
    void this.#keepAlive()
    if (signal.aborted) return this.#end()
    signal.addEventListener('abort', () => void this.#end(), { once: true })
  }

  async #end(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    try {
      // What still waits in the board comes before the reply.
      this.#push(this.stream.end(await this.link.request(`${this.stream.command} off`)))
      if (!this.#closed) this.#controller.close()
      this.#closed = true
    } catch (error) {
      this.fail(error)
    }
  }

  #push(item: T | undefined): void {
    if (item !== undefined && !this.#closed) this.#controller.enqueue(item)
  }

  async #keepAlive(): Promise<void> {
    try {
      while (!this.#ended) {
        await this.timebase.sleep(STATUS_INTERVAL_MS)
        if (this.#ended) return
        const status = await this.link.request('status')
        if (status[this.stream.command] === '0' && !this.#ended) {
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
