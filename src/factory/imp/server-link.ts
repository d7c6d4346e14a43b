import type { Timebase } from '../../rig/timebase.js'
import { FactoryError } from '../errors.js'
import type {
  AgentMessage,
  BlessAnswer,
  ConnectAnswer,
  ConnectRequest,
  FactoryToken,
  LogEntry,
  Refusal,
} from '../link/messages.js'
import { type LinkClient, RefusedError, type Session } from './link-client.js'

/** How long after a failure it is tried again: twice as long each time, up to the most. */
const FIRST_WAIT_MS = 250
const MOST_WAIT_MS = 5000

/** What no other attempt mends: the device needs another token. */
const FINAL: ReadonlySet<Refusal> = new Set([
  'token-unknown',
  'token-expired',
  'token-claimed',
  'bad-request',
  'too-large',
])

/** Lines of the log that wait for the connection; of more the oldest are lost. */
const MOST_LOGS = 200

export interface ServerLinkOptions {
  readonly client: LinkClient
  readonly timebase: Timebase
  onConnected(answer: ConnectAnswer): void
  /** It was connected, and is no more. */
  onLost(reason: string): void
  /** It cannot connect; told once until the reason is another. */
  onStuck(reason: string): void
  onMessage(name: string, data: unknown): void
  /** The server wants the device to restart. */
  onRestart(): void
  /** The server refuses what the program asked for. */
  onRefused(sentence: string): void
}

/** Keeps a device connected to the server. */
export class ServerLink {
  #session: Session | null = null
  /** Aborts when the session is over, whoever finds out. */
  #sessionOver = new AbortController()
  /** Who waits for a session. */
  #waiting: (() => void)[] = []
  #logs: LogEntry[] = []
  #logging: Promise<void> = Promise.resolve()

  constructor(private readonly options: ServerLinkOptions) {}

  get isConnected(): boolean {
    return this.#session !== null
  }

  /**
   * Connects, and again whenever the connection is lost, until the signal aborts or the server refuses the device for good.
   */
  async run(request: ConnectRequest, signal: AbortSignal): Promise<void> {
    const { client, timebase, onStuck } = this.options
    let waitMs = FIRST_WAIT_MS
    let told = ''
    while (!signal.aborted) {
      try {
        await this.#live(await client.connect(request, signal), signal)
        waitMs = FIRST_WAIT_MS
        told = ''
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof FactoryError)) throw error
        if (error.message !== told) onStuck(error.message)
        told = error.message
        if (error instanceof RefusedError && FINAL.has(error.refusal)) return
      }
      await timebase.sleep(waitMs, signal).catch(() => {})
      waitMs = Math.min(2 * waitMs, MOST_WAIT_MS)
    }
  }

  /** Says goodbye to the server, if it is there. */
  async close(): Promise<void> {
    const session = this.#session
    this.#end('the device has disconnected')
    await session?.close()
  }

  /** Sends a line of the log as soon as there is a connection, in the order of the lines. */
  log(entry: LogEntry): void {
    this.#logs.push(entry)
    if (this.#logs.length > MOST_LOGS) this.#logs.shift()
    this.#sendLogs()
  }

  /** Resolves to whether the server has it. */
  async send(message: AgentMessage): Promise<boolean> {
    const session = this.#session
    if (!session) return false
    try {
      await session.message(message, this.#sessionOver.signal)
      return true
    } catch (error) {
      this.#judge(session, error)
      if (isRefusal(error)) this.options.onRefused(error.message)
      return false
    }
  }

  /** Asks until there is an answer, or the signal aborts. A refusal is an answer: not blessed. */
  async bless(success: boolean, signal: AbortSignal): Promise<BlessAnswer> {
    let waitMs = FIRST_WAIT_MS
    for (;;) {
      const session = await this.#connected(signal)
      try {
        return await session.bless(success, AbortSignal.any([signal, this.#sessionOver.signal]))
      } catch (error) {
        signal.throwIfAborted()
        this.#judge(session, error)
        if (isRefusal(error)) {
          this.options.onRefused(error.message)
          return { blessed: false, loadCodeAfterBlessing: false }
        }
      }
      await this.options.timebase.sleep(waitMs, signal)
      waitMs = Math.min(2 * waitMs, MOST_WAIT_MS)
    }
  }

  /** @throws FactoryError 'not-a-fixture', 'unreachable', 'refused' */
  async factoryToken(): Promise<FactoryToken> {
    const session = this.#session
    if (!session) throw new FactoryError('unreachable', 'the device is not connected to the server')
    try {
      return await session.factoryToken(this.#sessionOver.signal)
    } catch (error) {
      this.#judge(session, error)
      if (error instanceof RefusedError && error.refusal === 'not-a-fixture') {
        throw new FactoryError('not-a-fixture', error.message, { cause: error })
      }
      if (error instanceof FactoryError) throw error
      throw new FactoryError('unreachable', 'the connection to the server was lost', {
        cause: error,
      })
    }
  }

  async #live(session: Session, signal: AbortSignal): Promise<void> {
    const over = new AbortController()
    const begin = (): void => {
      this.#session = session
      this.#sessionOver = over
      this.options.onConnected(session.answer)
      for (const wake of this.#waiting.splice(0)) wake()
      this.#sendLogs()
    }
    try {
      const until = AbortSignal.any([signal, over.signal])
      for await (const event of session.events(until, begin)) {
        if (event.event === 'message') this.options.onMessage(event.name, event.data)
        if (event.event === 'restart') this.options.onRestart()
      }
    } catch (error) {
      if (signal.aborted) return
      if (this.#session !== session && !over.signal.aborted) throw error // it was never online
      this.#end(sentenceOf(error))
    } finally {
      this.#end('the device has disconnected')
    }
  }

  /** Ends the session, once. */
  #end(reason: string): void {
    if (!this.#session) return
    this.#session = null
    this.#sessionOver.abort(new FactoryError('unreachable', reason))
    this.options.onLost(reason)
  }

  /** An error that only a lost connection has ends the session, so that there is a new one. */
  #judge(session: Session, error: unknown): void {
    const isLost = !(error instanceof RefusedError) || error.refusal === 'session-over'
    if (isLost && session === this.#session) this.#end(sentenceOf(error))
  }

  async #connected(signal: AbortSignal): Promise<Session> {
    for (;;) {
      signal.throwIfAborted()
      if (this.#session) return this.#session
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }

  #sendLogs(): void {
    this.#logging = this.#logging.then(async () => {
      for (;;) {
        const session = this.#session
        const [entry] = this.#logs
        if (!session || !entry) return
        try {
          await session.log(entry, this.#sessionOver.signal)
        } catch (error) {
          this.#judge(session, error)
          if (!isRefusal(error)) {
            if (session !== this.#session) return // it waits for the next connection
            const { signal } = this.#sessionOver
            await this.options.timebase.sleep(FIRST_WAIT_MS, signal).catch(() => {})
            continue
          }
        }
        if (this.#logs[0] === entry) this.#logs.shift()
      }
    })
  }
}

/** Whether the server has understood and says no: not in trouble of its own, and not because it has forgotten the session. */
const isRefusal = (error: unknown): error is RefusedError =>
  error instanceof RefusedError && error.refusal !== 'session-over' && error.refusal !== 'failing'

const sentenceOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
