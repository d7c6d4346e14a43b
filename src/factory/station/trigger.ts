import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { Edge, EdgeInput } from '../../rig/rig.js'

/** A button, a footswitch or another contact, and which of its changes starts a cycle. */
export interface Contact {
  readonly on: 'press' | 'release'
  /** It pulls its line low when it is pressed. */
  readonly activeLow: boolean
  /** How long its line has to keep a level until that counts. */
  readonly debounceMs: number
}

/**
 * Contacts bounce for some milliseconds, seldom for more than 10, and the hum of the mains on a long cable changes a line
 * every 8 or 10 ms: 20 ms are longer than both, and too short to be felt.
 */
export const DEBOUNCE_MS = 20

/** Makes triggers of the edges of a contact, however it bounces, in constant memory. */
export class Debouncer {
  readonly #debounceS: number
  /** What it has come to rest at; undefined before the first edge. */
  #restsPressed: boolean | undefined
  /** A release that was pressed before anybody looked starts nothing. */
  #pressSeen = false
  #newest: { readonly pressed: boolean; readonly timeS: number } | undefined

  constructor(private readonly contact: Contact) {
    this.#debounceS = contact.debounceMs / 1000
  }

  /** When it will have come to rest if no edge comes before, by the clock of its edges; undefined while it is at rest. */
  get restsAtS(): number | undefined {
    if (!this.#newest || this.#newest.pressed === this.#restsPressed) return undefined
    return this.#newest.timeS + this.#debounceS
  }

  /** Takes the next edge, and tells whether the time before it has made a trigger. */
  take({ timeS, high, afterLoss }: Pick<Edge, 'timeS' | 'high' | 'afterLoss'>): boolean {
    const pressed = high !== this.contact.activeLow
    this.#restsPressed ??= !pressed
    // Where edges are missing nobody knows whether it was at rest.
    const triggered = !afterLoss && this.restBy(timeS)
    this.#newest = { pressed, timeS }
    return triggered
  }

  /** Takes that no more edge has come until then, and tells whether that makes a trigger. */
  restBy(timeS: number): boolean {
    const { restsAtS } = this
    if (!this.#newest || restsAtS === undefined || timeS < restsAtS) return false
    const { pressed } = this.#newest
    this.#restsPressed = pressed
    const triggered = this.contact.on === 'press' ? pressed : !pressed && this.#pressSeen
    this.#pressSeen ||= pressed
    return triggered
  }
}

/**
 * A trigger for each press, or release, from now until `signal` aborts, which ends the iteration normally. What the input
 * throws, it throws.
 */
export async function* triggers(
  input: EdgeInput,
  contact: Contact,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<void, void> {
  const debouncer = new Debouncer(contact)
  const ended = new AbortController()
  const edges = input
    .edges({ signal: AbortSignal.any([signal, ended.signal]) })
    [Symbol.asyncIterator]()
  let next = edges.next()
  try {
    for (;;) {
      const { restsAtS } = debouncer
      const step = await (restsAtS === undefined
        ? next
        : Promise.race([next, quiet(contact.debounceMs)]))
      if (step?.done) return
      if (step) next = edges.next()
      const triggered = step ? debouncer.take(step.value) : debouncer.restBy(restsAtS ?? 0)
      if (triggered) yield
    }
  } finally {
    ended.abort()
    await edges.return?.()
  }
}

/** Passes so long, and until what has come in meanwhile is read, even if this process was held up. */
async function quiet(ms: number): Promise<undefined> {
  await sleep(ms)
  await setImmediate()
}
