import { ReadableStream, type ReadableStreamDefaultController } from 'node:stream/web'
import { RigError } from '../errors.js'
import type { Answer, Link } from './link.js'
import type { BoardEvent } from './protocol.js'

/** Of items that nobody takes: more than ten seconds of samples at the highest rate. */
const MOST_WAITING = 4096

/** What the board sends on its own between `COMMAND on` and `COMMAND off`, and what it makes of it. All of it throws RigError. */
export interface Stream<T, C extends 'sense' | 'edges' = 'sense' | 'edges'> {
  readonly command: C
  /** After so much silence something is wrong. */
  readonly longestSilenceS: number
  /** Is told what the reply to `COMMAND on` says. */
  begin(reply: Answer<`${C} on`>): void
  /** What a line of the board is, read at a time of this computer's clock, if it is an item. */
  take(line: BoardEvent, readS: number): T | undefined
  /** What is missing, if that is an item, by the reply to `COMMAND off`. */
  end(reply: Answer<`${C} off`>): T | undefined
}

/** A stream of the board: an iterable that ends when its signal aborts or its reader leaves, and fails when the board stops. */
export class Feed<T> {
  readonly items: ReadableStream<T>
  #controller!: ReadableStreamDefaultController<T>
  /** Lines that came before the reply that says when they began, with the times at which they were read. */
  #early: (readonly [line: BoardEvent, readS: number])[] | undefined = []
  #heardS = 0
  /** It has ended, or will as soon as the board has said so. */
  #ended = false
  /** Nobody takes items any more, whereas some may still come after the end. */
  #closed = false
  /** The one before it, as long as the board has not said that it has ended: all that comes is that one's. */
  #previous: Feed<unknown> | undefined
  /** Resolves when the board sends no more of it. */
  readonly over: Promise<void>
  #isOver!: () => void

  constructor(
    private readonly link: Link,
    private readonly stream: Stream<T>,
    signal: AbortSignal,
    previous: Feed<unknown> | undefined,
  ) {
    this.#previous = previous
    this.over = new Promise((resolve) => {
      this.#isOver = resolve
    })
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

  hear(line: BoardEvent, readS: number): void {
    if (this.#previous) {
      this.#previous.hear(line, readS)
      return
    }
    if (this.#closed) return
    this.#heardS = readS
    if (this.#early) {
      if (this.#early.push([line, readS]) > MOST_WAITING) this.fail(this.#notTaken())
      return
    }
    try {
      this.#push(this.stream.take(line, readS))
    } catch (error) {
      this.fail(error)
    }
  }

  /** What the board says of its streams, after all that it has sent before. */
  hearStatus({ toS, ...status }: Answer<'status'>): void {
    if (this.#previous || this.#early || this.#ended) return // it may have been asked before `on`, or after `off`
    if (!status[this.stream.command]) {
      const sentence =
        'the board has stopped sending, because this computer was silent for too long: try again'
      this.fail(new RigError('broken-off', sentence))
    } else if (toS - this.#heardS > this.stream.longestSilenceS) {
      const sentence = 'the board says that it is sampling, but sends no samples: reset it'
      this.fail(new RigError('no-answer', sentence))
    }
  }

  fail(error: unknown): void {
    this.#previous?.fail(error)
    this.#ended = true
    this.#closed = true
    this.#early = []
    this.#controller.error(error)
    this.#isOver()
  }

  async #begin(signal: AbortSignal): Promise<void> {
    await this.#previous?.over
    this.#previous = undefined
    if (signal.aborted || this.#ended) return this.#close()
    const begun = await this.#start()
    this.#heardS = begun.toS
    const early = this.#early ?? []
    this.#early = undefined
    for (const [line, readS] of early) this.hear(line, readS)
    if (signal.aborted) return this.#end()
    const abort = (): void => void this.#end()
    signal.addEventListener('abort', abort)
    void this.over.then(() => signal.removeEventListener('abort', abort))
  }

  async #start(): Promise<Answer<`${'sense' | 'edges'} on`>> {
    const { command } = this.stream
    try {
      const begun = await this.link.request(`${command} on`)
      this.stream.begin(begun)
      return begun
    } catch (error) {
      this.#ended = true
      this.#closed = true
      this.#early = undefined
      // The board may have begun, though its reply was lost or cannot be.
      await this.link.request(`${command} off`).catch(() => {})
      this.#isOver()
      throw error
    }
  }

  async #end(): Promise<void> {
    if (this.#ended || this.#previous) {
      this.#ended = true
      return this.over
    }
    this.#ended = true
    try {
      // What still waits in the board comes before the reply.
      this.#push(this.stream.end(await this.link.request(`${this.stream.command} off`)))
      this.#close()
    } catch (error) {
      this.fail(error)
    }
  }

  #close(): void {
    this.#ended = true
    if (!this.#closed) this.#controller.close()
    this.#closed = true
    this.#isOver()
  }

  #push(item: T | undefined): void {
    if (item === undefined || this.#closed) return
    if (1 - (this.#controller.desiredSize ?? 0) > MOST_WAITING) this.fail(this.#notTaken())
    else this.#controller.enqueue(item)
  }

  #notTaken(): RigError {
    const sentence = 'what the board sends was not read for too long: try again'
    return new RigError('broken-off', sentence)
  }
}
