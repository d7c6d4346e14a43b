import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { urlOf } from '../factory/server-url.js'
import { newUrlToken, urlTokenCheck } from '../factory/url-token.js'
import type { EventFeed } from './event-feed.js'

/** What is refused to a page, in a sentence that it may show. */
export class Refusal extends Error {
  override readonly name = 'Refusal'

  constructor(
    readonly status: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** What there is at a path. */
export type Route =
  | {
      readonly kind: 'content'
      readonly type: string
      /** Under which it is to be saved; without one it is shown. */
      readonly fileName?: string
      /** @throws Refusal */
      read(query: URLSearchParams): Promise<Content> | Content
    }
  | { readonly kind: 'events'; readonly feed: EventFeed }
  | {
      readonly kind: 'action'
      /** For other programs, such as a line's controller, instead of pages. */
      readonly isForPrograms?: true
      /** Does what a page asks for in JSON, whatever that is. @throws Refusal */
      act(input: unknown): Promise<void> | void
    }

/** Pieces are made as they are read. */
export type Content = string | Uint8Array | Iterable<string>

export interface PageServerOptions {
  /** By their paths after the token, without a slash before them; the page itself is at the empty path. */
  readonly routes: Readonly<Record<string, Route>>
  /** Default 127.0.0.1, which other computers do not reach. */
  readonly host?: string | undefined
  /** Default any that is free. */
  readonly port?: number | undefined
  /** The secret in the URL; default a new one. With the same one each time a page is found again when the server was restarted. */
  readonly token?: string | undefined
  /** Of routes, which are never the page's fault. */
  onFailure(error: unknown): void
}

const MOST_BODY_BYTES = 2 ** 14
const MOST_CONNECTIONS = 64
const REQUEST_TIMEOUT_MS = 10_000

/** Nothing but what this server gives itself; and no other page gets it, shows it in a frame, or learns of its address. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/**
 * Serves a page to whoever knows its URL, which has a secret in it: of this computer, unless another host is asked for. What comes for another
 * host's name, or from another site's page, is refused.
 */
export class PageServer implements AsyncDisposable {
  readonly #token: string
  readonly #isToken: (token: string) => boolean
  readonly #server: Server
  readonly #host: string

  private constructor(private readonly options: PageServerOptions) {
    this.#token = options.token ?? newUrlToken()
    this.#isToken = urlTokenCheck(this.#token)
    this.#host = options.host ?? '127.0.0.1'
    this.#server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
      response.on('error', () => {}) // the client has gone
      this.#answer(request, response).catch((error) => this.#refuse(response, error))
    })
    this.#server.maxConnections = MOST_CONNECTIONS
  }

  /**
   * Resolves when the server listens. Errors: of the system, such as EADDRINUSE.
   *
   * @throws RangeError for a token that is no secret
   */
  static async open(options: PageServerOptions): Promise<PageServer> {
    const server = new PageServer(options)
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject)
      server.#server.listen(options.port ?? 0, server.#host, resolve)
    })
    return server
  }

  /** Of the page, as others reach it where they can, with the secret that lets in. */
  get url(): string {
    return `${urlOf(this.#server)}/${this.#token}/`
  }

  /** Ends every connection, and frees the port. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const route of Object.values(this.options.routes)) {
      if (route.kind === 'events') route.feed.end()
    }
    this.#server.closeAllConnections()
    await closed
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    checkHost(request, this.#host)
    const [path = '', query] = (request.url ?? '').split(/\?(.*)/s, 2)
    const [, token = '', name = null] = /^\/([^/]*)(?:\/(.*))?$/s.exec(path) ?? []
    const { routes } = this.options
    const route = name !== null && Object.hasOwn(routes, name) ? routes[name] : undefined
    if (route?.kind === 'action' && route.isForPrograms) checkNoBrowser(request)
    else checkOrigin(request)
    if (!this.#isToken(token)) {
      throw new Refusal(403, 'open this page by the URL that the command has printed')
    }
    if (!route) throw new Refusal(404, 'there is nothing at this address')
    await this.#serve(route, request, response, new URLSearchParams(query))
  }

  async #serve(
    route: Route,
    request: IncomingMessage,
    response: ServerResponse,
    query: URLSearchParams,
  ): Promise<void> {
    const method = route.kind === 'action' ? 'POST' : 'GET'
    if (request.method !== method) {
      response.setHeader('allow', method)
      throw new Refusal(405, `this address takes ${method} only`)
    }
    if (route.kind === 'action') {
      await route.act(await readJson(request))
      response.writeHead(200, { ...HEADERS, 'content-type': 'application/json' }).end('{}')
    } else if (route.kind === 'events') {
      if (!route.feed.hasRoom) throw new Refusal(503, 'this page is open too often: close some')
      response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' })
      route.feed.subscribe(response)
    } else {
      const content = await route.read(query)
      response.writeHead(200, {
        ...HEADERS,
        'content-type': route.type,
        ...(route.fileName && {
          'content-disposition': `attachment; filename="${route.fileName}"`,
        }),
      })
      if (typeof content === 'string' || content instanceof Uint8Array) response.end(content)
      else await pipeline(Readable.from(content), response).catch(() => {}) // the client has gone
    }
  }

  #refuse(response: ServerResponse, error: unknown): void {
    if (!(error instanceof Refusal)) this.options.onFailure(error)
    if (response.headersSent) return void response.destroy()
    const { status, message } =
      error instanceof Refusal
        ? error
        : new Refusal(500, 'the server cannot do that: see what it says')
    response
      .writeHead(status, { ...HEADERS, 'content-type': 'application/json', connection: 'close' })
      .end(JSON.stringify({ error: message }))
  }
}

/** This computer's, as it is given, and in a network without a server of names (mDNS). */
const OWN_NAMES = [hostname(), `${hostname()}.local`]

/**
 * Another site's name can lead here (DNS rebinding), and its page would then be as good as ours. Addresses and "localhost" lead
 * nowhere else, and neither do the name that is listened at and this computer's.
 */
function checkHost({ headers }: IncomingMessage, ours: string): void {
  const name = (headers.host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  const names = ['localhost', ours, ...OWN_NAMES].map((known) => known.toLowerCase())
  if (isIP(name) || names.includes(name.toLowerCase())) return
  throw new Refusal(421, 'this server answers to its address or its own name only')
}

/** What a browser says of where a request comes from: a page of ours, or somebody who has typed its URL. */
function checkOrigin({ headers, method }: IncomingMessage): void {
  const { origin, host, 'sec-fetch-site': site = 'none' } = headers
  const isOurs = origin === undefined ? method !== 'POST' : origin === `http://${host}`
  if (isOurs && ['none', 'same-origin'].includes(String(site))) return
  throw new Refusal(403, 'only a page of this server may ask for that')
}

/** A browser says with each POST where it comes from, whatever page has made it ask. */
function checkNoBrowser({ headers }: IncomingMessage): void {
  if (headers.origin === undefined && headers['sec-fetch-site'] === undefined) return
  throw new Refusal(403, 'only another program may ask for that')
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    throw new Refusal(415, 'say what is to be done in JSON')
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > MOST_BODY_BYTES) throw new Refusal(413, 'that is too long')
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch (cause) {
    throw new Refusal(400, 'say what is to be done in JSON', { cause })
  }
}
