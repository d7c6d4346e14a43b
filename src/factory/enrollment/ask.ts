import http from 'node:http'
import https from 'node:https'
import type { TLSSocket } from 'node:tls'
import { getSystemErrorMap } from 'node:util'
import { EnrollmentError } from './errors.js'

export interface Question {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly authorization: string
  /** Sent as JSON; undefined for no body. */
  readonly body?: unknown
  /** Certificates of the only authorities that are trusted, in PEM; undefined for the public ones. */
  readonly ca: string | undefined
  /** For all of it, to the end of the answer. */
  readonly timeoutS: number
  readonly signal?: AbortSignal | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

/** An answer fills a hundredth of it. */
const MOST_ANSWER_BYTES = 2 ** 16

/**
 * Asks a server once. Not by fetch: on Node.js 20 that cannot be told of the CA of a private cloud, and one way for both is
 * less. Each question has a connection of its own, as one that has rested may be dead: whether a POST that is lost on it has made
 * something, nobody would know. No redirection is followed, which would carry the key elsewhere.
 *
 * @throws EnrollmentError 'unreachable', 'untrusted', 'not-understood'; the signal's reason
 */
export async function ask(question: Question): Promise<Answer> {
  const { url, signal, timeoutS } = question
  signal?.throwIfAborted()
  const timeout = AbortSignal.timeout(1000 * timeoutS)
  const ending = signal ? AbortSignal.any([signal, timeout]) : timeout
  const request = open(question, ending)
  try {
    return await answerTo(request, url.host)
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof EnrollmentError) throw error
    const { host } = url
    const { authorizationError } = (request.socket ?? {}) as Partial<TLSSocket>
    if (authorizationError) {
      const reason = (error as Error).message
      throw new EnrollmentError(
        'untrusted',
        `the certificate of ${host} is not trusted (${reason}): check the URL and this computer's clock, and give the CA of a private cloud`,
        { cause: error },
      )
    }
    const { code = '', message } = error as NodeJS.ErrnoException
    if (code.startsWith('HPE_')) throw noServer(host, message, error)
    const reason = timeout.aborted ? `no answer in ${timeoutS} s` : reasonOf(error)
    throw new EnrollmentError(
      'unreachable',
      `the enrollment server ${host} was not reached (${reason}): check the URL and this computer's network`,
      { cause: error },
    )
  } finally {
    request.destroy()
  }
}

function open(question: Question, signal: AbortSignal): http.ClientRequest {
  const { method, url, authorization, body, ca } = question
  const text = body === undefined ? '' : JSON.stringify(body)
  const request = (url.protocol === 'https:' ? https : http).request(url, {
    method,
    signal,
    agent: false,
    rejectUnauthorized: true, // whatever NODE_TLS_REJECT_UNAUTHORIZED says: the key is sent
    ...(ca !== undefined && { ca }),
    headers: {
      authorization,
      accept: 'application/json',
      ...(text !== '' && { 'content-type': 'application/json' }),
      ...(method === 'POST' && { 'content-length': Buffer.byteLength(text) }),
    },
  })
  request.end(text)
  return request
}

function answerTo(request: http.ClientRequest, host: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.on('error', reject)
    request.on('response', (response) => {
      const { statusCode: status = 0, headers } = response
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('error', reject)
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        bytes += chunk.length
        if (bytes > MOST_ANSWER_BYTES) reject(noServer(host, 'it says more than 64 KiB'))
      })
      response.on('end', () => {
        resolve({ status, headers, body: Buffer.concat(chunks).toString('utf8') })
      })
    })
  })
}

const noServer = (host: string, fault: string, cause?: unknown): EnrollmentError =>
  new EnrollmentError(
    'not-understood',
    `what answers at ${host} is no enrollment server (${fault}): check the URL`,
    { cause },
  )

function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  const known = Array.from(getSystemErrorMap().values()).find(([name]) => name === code)
  return known?.[1] ?? (message || code)
}
