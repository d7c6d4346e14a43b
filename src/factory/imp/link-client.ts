import { z } from 'zod'
import { machineTimebase, type Timebase } from '../../rig/timebase.js'
import { FactoryError } from '../errors.js'
import {
  type AgentMessage,
  BlessAnswer,
  ConnectAnswer,
  type ConnectRequest,
  FactoryToken,
  LinkEvent,
  LinkRefusal,
  type LogEntry,
  PING_INTERVAL_S,
  type Refusal,
} from '../link/messages.js'

/** A server that takes longer than this for an answer is taken for one that does not answer. */
const ANSWER_MS = 10_000
/** So many pings in a row are not lost in order. */
const SILENCE_MS = 3 * 1000 * PING_INTERVAL_S
/** Of an answer, and of a line of events. */
const MOST_BYTES = 2 ** 20

/** The server's answer is no. */
export class RefusedError extends FactoryError {
  constructor(
    readonly refusal: Refusal,
    message: string,
  ) {
    super('refused', message)
  }
}

/** The answer to what needs none. */
const Nothing = z.object({})

interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly session?: string
  readonly body?: unknown
}

/**
 * The device's side of link/messages.ts. What answers must keep to the schemas there: anything else is not our server.
 *
 * Each call rejects with RefusedError; with FactoryError 'unreachable' where nothing answers in time, or something else does; with the
 * signal's reason.
 */
export class LinkClient {
  readonly #base: URL

  /**
   * @param url of the server, http or https
   * @param timebase of the time-outs
   * @throws FactoryError 'wrong-argument'
   */
  constructor(
    url: string,
    private readonly timebase: Timebase = machineTimebase,
  ) {
    if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
      throw new FactoryError(
        'wrong-argument',
        'give the address of the server as a URL such as http://127.0.0.1:8880',
      )
    }
    this.#base = new URL(url.endsWith('/') ? url : `${url}/`)
  }

  /** Opens a session. */
  async connect(request: ConnectRequest, signal: AbortSignal): Promise<Session> {
    const call = { method: 'POST', path: 'connect', body: request } as const
    return new Session(this, await this.call(call, ConnectAnswer, signal))
  }

  /** Makes one call, and checks its answer. */
  async call<T>(call: Call, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    const late = new AbortController()
    const over = new AbortController()
    this.timebase.sleep(ANSWER_MS, over.signal).then(
      () => late.abort(),
      () => {},
    )
    try {
      const response = await this.#fetch(call, AbortSignal.any([signal, late.signal]))
      return understood(await textOf(response), schema)
    } catch (error) {
      throw this.#explained(error, signal)
    } finally {
      over.abort()
    }
  }

  /** The lines of an answer that does not end, each checked. Calls back when the answer begins. */
  async *lines<T>(
    call: Call,
    schema: z.ZodType<T>,
    signal: AbortSignal,
    onOpen: () => void,
  ): AsyncGenerator<T> {
    const silent = new AbortController()
    let timer = new AbortController()
    const listen = (): void => {
      timer.abort()
      timer = new AbortController()
      this.timebase.sleep(SILENCE_MS, timer.signal).then(
        () => silent.abort(),
        () => {},
      )
    }
    try {
      listen()
      const response = await this.#fetch(call, AbortSignal.any([signal, silent.signal]))
      onOpen()
      let text = ''
      for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        listen()
        const lines = (text + piece).split('\n')
        text = lines.pop() ?? ''
        if (text.length > MOST_BYTES) throw new ForeignAnswer()
        for (const line of lines) yield understood(line, schema)
      }
    } catch (error) {
      throw this.#explained(error, signal)
    } finally {
      timer.abort()
    }
  }

  /** An answer that is no refusal. */
  async #fetch({ method, path, session, body }: Call, signal: AbortSignal) {
    const response = await fetch(new URL(`link/${path}`, this.#base), {
      method,
      headers: {
        'Content-Type': 'application/json',
        ...(session !== undefined && { Authorization: `Bearer ${session}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: 'manual',
      signal,
    })
    if (response.ok) return response
    const { code, message } = understood(await textOf(response), LinkRefusal).error
    throw new RefusedError(code, message)
  }

  #explained(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason
    if (error instanceof FactoryError) return error
    const { origin } = this.#base
    return new FactoryError(
      'unreachable',
      error instanceof ForeignAnswer
        ? `what answers at ${origin} is not the server of these devices: check its address`
        : `nothing answers at ${origin}: start the server, or check its address`,
      { cause: error },
    )
  }
}

/** What no server of ours says. */
class ForeignAnswer extends Error {}

/** A device's session with the server: online as long as `events` is read. Errors of all: see LinkClient. */
export class Session {
  constructor(
    private readonly client: LinkClient,
    readonly answer: ConnectAnswer,
  ) {}

  /**
   * What the server has for the device, until the signal aborts. Calls back when the device is online: nothing is lost from then on.
   * Throws when the connection ends.
   */
  async *events(signal: AbortSignal, onOnline: () => void): AsyncGenerator<LinkEvent> {
    yield* this.client.lines(this.#of('GET', 'events'), LinkEvent, signal, onOnline)
    throw new FactoryError('unreachable', 'the server has ended the connection')
  }

  async log(entry: LogEntry, signal: AbortSignal): Promise<void> {
    await this.client.call(this.#of('POST', 'log', entry), Nothing, signal)
  }

  async message(message: AgentMessage, signal: AbortSignal): Promise<void> {
    await this.client.call(this.#of('POST', 'message', message), Nothing, signal)
  }

  bless(success: boolean, signal: AbortSignal): Promise<BlessAnswer> {
    return this.client.call(this.#of('POST', 'bless', { success }), BlessAnswer, signal)
  }

  factoryToken(signal: AbortSignal): Promise<FactoryToken> {
    return this.client.call(this.#of('POST', 'factory-token', {}), FactoryToken, signal)
  }

  /** Tells the server that the device goes offline, whether it hears it or not. */
  async close(): Promise<void> {
    const call = this.#of('DELETE', 'session')
    await this.client.call(call, Nothing, new AbortController().signal).catch(() => {})
  }

  #of(method: Call['method'], path: string, body?: unknown): Call {
    return { method, path, session: this.answer.session, body }
  }
}

function understood<T>(text: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new ForeignAnswer('not by the schema', { cause })
  }
}

async function textOf({ body }: Response): Promise<string> {
  let text = ''
  for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece
    if (text.length > MOST_BYTES) throw new ForeignAnswer()
  }
  return text
}
