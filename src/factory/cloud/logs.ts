/** A line of what happens, for whoever runs the server. Secrets are not in it. */
export interface CloudEvent {
  readonly atMs: number
  /** Null for what is of no device. */
  readonly deviceId: string | null
  readonly kind:
    | 'token' // one was given out
    | 'enrolled'
    | 'refused'
    | 'online'
    | 'offline'
    | 'blessed'
    | 'bless-failed' // the device says that it has failed its test
    | 'group' // moved by hand
    | 'device-log'
    | 'device-error'
    | 'agent-log'
    | 'agent-error'
    | 'hint' // what a real one would not tell
    | 'webhook'
    | 'failure' // of the server itself
  readonly text: string
}

/** For all devices together. */
const MOST_LINES = 10_000
const MOST_CHARACTERS = 2000

/** The latest events, and who listens. */
export class Logs {
  #events: CloudEvent[] = []
  readonly #listeners = new Set<(event: CloudEvent) => void>()

  add(event: CloudEvent): void {
    const kept = { ...event, text: event.text.slice(0, MOST_CHARACTERS) }
    this.#events.push(kept)
    if (this.#events.length >= 2 * MOST_LINES) this.#events = this.#events.slice(-MOST_LINES)
    for (const listener of this.#listeners) listener(kept)
  }

  /** @returns what ends it */
  listen(listener: (event: CloudEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The latest events of a device, newest first. */
  of(deviceId: string): CloudEvent[] {
    return this.#events.filter((event) => event.deviceId === deviceId).reverse()
  }
}
