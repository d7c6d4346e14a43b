import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { DeviceReport } from '../records/cycle-record.js'
import { urlOf } from '../server-url.js'
import { urlTokenCheck } from '../url-token.js'
import { type Blessing, readBlessing, readDeviceReport } from './device-report.js'
import { RateLimit } from './rate-limit.js'

export interface ReportEndpointOptions {
  /** Default 127.0.0.1, which other computers do not reach. */
  readonly host?: string | undefined
  /** Default any that is free. */
  readonly port?: number | undefined
  /** The secret in the URL, as of `newUrlToken`. */
  readonly token: string
  /** For all of a request; default 10 s. */
  readonly requestTimeoutMs?: number
  /** Stores a report: it is on disk when this returns or resolves. Whatever it throws is told to the sender, too. */
  keep(report: DeviceReport): void | Promise<void>
  /** Stores that a device was blessed, in the same way. */
  bless(blessing: Blessing): void | Promise<void>
  /** What could not be stored, and why. */
  onFailure(error: unknown): void
}

interface Answer {
  readonly status: number
  readonly text: string
}

/** Published bodies have less than a hundredth of it. */
const MOST_BODY_BYTES = 2 ** 16
/** The oldest ends for one more: who has something to tell is done in less than a second. More than wait to be accepted, who may come at once. */
const MOST_CONNECTIONS = 1024
/** Longer than proxies keep a connection that rests. */
const KEEP_ALIVE_MS = 65_000

/** Eight rigs tell a few reports a minute, at worst all at once: a device gone mad leaves room for the others. */
const STATION_BURST = 100
const STATION_PER_SECOND = 20
const DEVICE_BURST = 10
const DEVICE_PER_SECOND = 0.5
const DEVICE_SLOTS = 1024

/** As the published fixtures answer. */
const KEPT = { status: 200, text: 'OK' } as const
const NOT_KEPT = { status: 500, text: 'Transmission failed - please try again' } as const
const NOT_FOUND = { status: 404, text: 'Not Found' } as const
const NOT_POSTED = { status: 405, text: 'Post what a device has to tell' } as const
const TOO_LONG = { status: 413, text: `A report has at most ${MOST_BODY_BYTES} bytes` } as const
const TOO_MANY = { status: 429, text: 'Too many reports - please try again' } as const

/**
 * Takes what devices under test tell of themselves: what their agents post to `factory_fixture_url`, and at `/blessing` below that the server's
 * webhook of a blessing. It is stored first, and only then answered with 200. Whoever has not the token learns and costs next to nothing.
 */
export class ReportEndpoint implements AsyncDisposable {
  readonly #server: Server
  readonly #isToken: (token: string) => boolean
  readonly #stationLimit = new RateLimit(STATION_BURST, STATION_PER_SECOND)
  readonly #deviceLimit = new RateLimit(DEVICE_BURST, DEVICE_PER_SECOND, DEVICE_SLOTS)
  readonly #answers = new Map<number, number>()

  private constructor(private readonly options: ReportEndpointOptions) {
    this.#isToken = urlTokenCheck(options.token)
    const requestTimeout = options.requestTimeoutMs ?? 10_000
    this.#server = createServer(
      {
        requestTimeout,
        headersTimeout: requestTimeout,
        connectionsCheckingInterval: Math.min(1000, requestTimeout),
        keepAliveTimeout: KEEP_ALIVE_MS,
      },
      (request, response) => void this.#serve(request, response),
    )
    limitConnections(this.#server)
  }

  /**
   * Resolves when the endpoint listens. Errors: of the system, such as EADDRINUSE.
   *
   * @throws RangeError for a token that is no secret
   */
  static async open(options: ReportEndpointOptions): Promise<ReportEndpoint> {
    const endpoint = new ReportEndpoint(options)
    await new Promise<void>((resolve, reject) => {
      endpoint.#server.once('error', reject)
      endpoint.#server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve)
    })
    return endpoint
  }

  /** To be posted to, as others reach it where they can. It has the secret in it. */
  get url(): string {
    return `${urlOf(this.#server)}/${this.options.token}`
  }

  /** How many were answered so, by HTTP status. */
  get answers(): ReadonlyMap<number, number> {
    return this.#answers
  }

  /** Ends every connection, and frees the port. What was not answered with 200 may not be stored. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => {}) // the client has gone
    const answer = await this.#answer(request)
    if (!answer) return
    const { status, text } = answer
    this.#answers.set(status, (this.#answers.get(status) ?? 0) + 1)
    const allow = status === NOT_POSTED.status && { allow: 'POST' }
    response.writeHead(status, { 'content-type': 'text/plain', ...allow }).end(text)
  }

  /** Null for one who has not waited for it. */
  async #answer(request: IncomingMessage): Promise<Answer | null> {
    const { method, url = '', headers } = request
    const [, token = '', place] = /^\/([^/?]*)([^?]*)/.exec(url) ?? []
    if (!this.#isToken(token)) return NOT_FOUND
    const isBlessing = place === '/blessing'
    if (!isBlessing && place !== '' && place !== '/') return NOT_FOUND
    if (method !== 'POST') return NOT_POSTED
    const body = await readBody(request)
    if (body === 'gone') return null
    if (body === 'too long') return TOO_LONG
    const type = headers['content-type']
    if (isBlessing) {
      const told = readBlessing(body, type)
      if ('status' in told) return told
      return this.#store(told.deviceId, () => this.options.bless(told))
    }
    const told = readDeviceReport(body, type)
    if ('status' in told) return told
    return this.#store(told.deviceId ?? told.mac ?? '', () => this.options.keep(told))
  }

  async #store(device: string, store: () => void | Promise<void>): Promise<Answer> {
    const nowS = performance.now() / 1000
    // First the device's: what that refuses takes no room of the others.
    const hasRoom = this.#deviceLimit.take(nowS, device) && this.#stationLimit.take(nowS)
    if (!hasRoom) return TOO_MANY
    try {
      await store()
      return KEPT
    } catch (error) {
      this.options.onFailure(error)
      return NOT_KEPT
    }
  }
}

function limitConnections(server: Server): void {
  const open = new Set<Socket>()
  server.on('connection', (socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    const [oldest] = open
    if (open.size > MOST_CONNECTIONS) oldest?.destroy()
  })
}

function readBody(request: IncomingMessage): Promise<Buffer | 'too long' | 'gone'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= MOST_BODY_BYTES) return void chunks.push(chunk)
      // What still comes is read, and not kept: a client hears its answer only when it has sent all.
      request.removeAllListeners('data').resume()
      resolve('too long')
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
    request.on('close', () => resolve('gone'))
    request.on('error', () => resolve('gone'))
  })
}
