import type { ServerResponse } from 'node:http'

/** What a page is told. */
export interface PageEvent {
  readonly name: string
  /** As JSON. */
  readonly data: unknown
}

/** More than so many bytes are not kept for one who does not read them: some seconds of light. */
const MOST_UNREAD_BYTES = 2 ** 18

/**
 * Tells pages what happens, as server-sent events. Whoever comes gets the greeting first, which is all that one has to know of before.
 * One who reads too slowly misses what comes meanwhile, and gets the greeting anew when all before has been read.
 */
export class EventFeed {
  readonly #subscribers = new Map<ServerResponse, { isBehind: boolean }>()

  /**
   * @param greeting must not throw
   * @param onLeft is told when the last one who read has gone
   * @param mostSubscribers at the same time
   */
  constructor(
    private readonly greeting: () => readonly PageEvent[],
    private readonly onLeft: () => void = () => {},
    private readonly mostSubscribers = 8,
  ) {}

  get isRead(): boolean {
    return this.#subscribers.size > 0
  }

  get hasRoom(): boolean {
    return this.#subscribers.size < this.mostSubscribers
  }

  /** Takes over a response, until the client goes or the feed ends. */
  subscribe(response: ServerResponse): void {
    const reader = { isBehind: false }
    this.#subscribers.set(response, reader)
    response.on('close', () => {
      this.#subscribers.delete(response)
      if (!this.isRead) this.onLeft()
    })
    response.on('error', () => {}) // the client has gone
    response.on('drain', () => {
      if (!reader.isBehind) return
      reader.isBehind = false
      response.write(textOf(this.greeting()))
    })
    response.write(textOf(this.greeting()))
  }

  publish(event: PageEvent): void {
    if (!this.isRead) return
    const text = textOf([event])
    for (const [response, reader] of this.#subscribers) {
      reader.isBehind ||= response.writableLength > MOST_UNREAD_BYTES
      if (!reader.isBehind) response.write(text)
    }
  }

  /** Ends all subscriptions. */
  end(): void {
    for (const response of this.#subscribers.keys()) response.end()
  }
}

const textOf = (events: readonly PageEvent[]): string =>
  events.map(({ name, data }) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join('')
