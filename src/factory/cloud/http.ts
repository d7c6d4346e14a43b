import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import type { Answer, Exchange } from './exchange.js'
import { Refused } from './refused.js'

export interface ServeOptions {
  readonly host: string
  readonly port: number
  /** For the head of a request, and for all of it. */
  readonly headersTimeoutMs: number
  readonly requestTimeoutMs: number
  /** @throws Refused */
  handle(exchange: Exchange): Promise<Answer>
  /** What is answered for a refusal. */
  refusal(refused: Refused, path: string): Answer
  /** Of handlers, which are never the client's fault. */
  onFailure(error: unknown): void
}

/** Any request's: no published one needs a hundredth of it. */
export const MOST_BODY_BYTES = 2 ** 18
/** More is not kept for one who does not read it. */
const MOST_UNREAD_BYTES = 2 ** 20
/** Longer than clients keep a connection that rests. */
const KEEP_ALIVE_MS = 65_000

/** Resolves when the server listens. Errors: of the system, such as EADDRINUSE. */
export async function serve(options: ServeOptions): Promise<Server> {
  const { host, port, headersTimeoutMs: headersTimeout, requestTimeoutMs: requestTimeout } = options
  const connectionsCheckingInterval = Math.min(1000, headersTimeout)
  const server = createServer(
    {
      headersTimeout,
      requestTimeout,
      connectionsCheckingInterval,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    (request, response) => {
      answer(request, options)
        .then((answer) => send(response, answer))
        .catch((error) => {
          if (!(error instanceof Gone)) options.onFailure(error) // such as a header of an agent's that is none
          response.destroy()
        })
    },
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return server
}

async function answer(request: IncomingMessage, options: ServeOptions): Promise<Answer> {
  const { method = '', headers, url = '' } = request
  const [path = '', query] = url.split(/\?(.*)/s, 2)
  try {
    if (isLoopback(options.host)) checkHost(headers.host)
    const body = await readBody(request)
    return await options.handle({ method, path, query: new URLSearchParams(query), headers, body })
  } catch (error) {
    if (error instanceof Refused) return options.refusal(error, path)
    if (error instanceof Gone) throw error
    options.onFailure(error)
    const failing = new Refused(500, 'failing', 'the server cannot do that: see what it says')
    return options.refusal(failing, path)
  }
}

/** Whether only this computer reaches what listens there. */
export const isLoopback = (host: string): boolean => /^(127(\.\d+){3}|::1|localhost)$/.test(host)

/**
 * A page in a browser of this computer can have a name that leads here (DNS rebinding), and would then be as good as ours. Addresses and
 * "localhost" lead nowhere else.
 *
 * @throws Refused 403
 */
export function checkHost(host = ''): void {
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  if (isIP(name) || name.toLowerCase() === 'localhost') return
  throw new Refused(403, 'forbidden', 'this server answers to its address or to localhost only')
}

/** The client has not waited for an answer. */
class Gone extends Error {
  override readonly name = 'Gone'
}

/** All of a body. @throws Refused 413 */
function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > MOST_BODY_BYTES) {
        // What still comes is read, and not kept: a client hears its answer only when it has sent all.
        request.removeAllListeners('data').resume()
        reject(new Refused(413, 'too-large', `a body has at most ${MOST_BODY_BYTES} bytes`))
      } else chunks.push(chunk)
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
    request.on('close', () => reject(new Gone()))
    request.on('error', () => reject(new Gone()))
  })
}

function send(response: ServerResponse, answer: Answer): void {
  response.on('error', () => {}) // the client has gone
  if ('stream' in answer) {
    response.writeHead(200, { 'content-type': answer.contentType, 'cache-control': 'no-store' })
    response.flushHeaders()
    answer.stream({
      write: (text) => {
        if (response.writableLength > MOST_UNREAD_BYTES) response.destroy()
        else if (!response.writableEnded) response.write(text)
      },
      end: () => response.end(),
      ended: new Promise((resolve) => response.on('close', resolve)),
    })
    return
  }
  const { status, headers = {}, body } = answer
  const isText = typeof body === 'string'
  const type = body !== undefined && !isText && { 'content-type': 'application/json' }
  response.writeHead(status, { 'cache-control': 'no-store', ...type, ...headers })
  response.end(isText || body === undefined ? body : JSON.stringify(body))
}
