import type {
  Http,
  HttpCall,
  HttpHeaders,
  HttpRequest,
  HttpResponder,
  HttpResponse,
} from './agent-api.js'
import { requireFunction, requireString, toJson, wrongArgument } from './arguments.js'
import { textOf } from './exceptions.js'
import type { AgentRequest, AgentResponse } from './firmware.js'
import type { AgentHost } from './host.js'
import type { Program } from './program.js'

/** How long an agent waits for another's response, and somebody for an agent's, in seconds; ours, as the real ones are not public. */
const RESPONSE_WITHIN_S = 60
/** What there was instead of a response: the numbers of libcurl. */
const NO_CONNECTION = 7
const TIMED_OUT = 28

/** Both directions of an agent's HTTP. */
export class AgentHttp {
  readonly calls: Http
  #onRequest: ((request: HttpRequest, response: HttpResponder) => unknown) | undefined

  constructor(
    private readonly program: Program,
    private readonly host: AgentHost,
  ) {
    this.calls = {
      onrequest: (callback) => {
        requireFunction('http.onrequest', callback)
        this.#onRequest = callback
      },
      get: (url, headers = {}) => this.#request('http.get', 'GET', url, headers),
      put: (url, headers, body) => this.#request('http.put', 'PUT', url, headers, body),
      post: (url, headers, body) => this.#request('http.post', 'POST', url, headers, body),
      request: (method, url, headers, body) =>
        this.#request('http.request', method, url, headers, body),
      jsonencode: (data) => toJson('http.jsonencode', data),
      jsondecode: (text) => {
        requireString('http.jsondecode', 'text', text)
        return JSON.parse(text)
      },
      urlencode: (table) => {
        const call = 'http.urlencode'
        if (typeof table !== 'object' || table === null)
          throw wrongArgument(call, 'give it a table')
        const entries = Object.entries(table).map(([key, value]): [string, string] => {
          if (!['string', 'number', 'boolean'].includes(typeof value)) {
            throw wrongArgument(call, 'give it strings, numbers and booleans only')
          }
          return [key, String(value)]
        })
        return new URLSearchParams(entries).toString()
      },
      urldecode: (text) => {
        requireString('http.urldecode', 'text', text)
        return Object.fromEntries(new URLSearchParams(text))
      },
      agenturl: () => host.agentUrl,
    }
  }

  /** What has reached the agent's URL. */
  answer(request: AgentRequest): Promise<AgentResponse> {
    const { program, host } = this
    return new Promise((resolve) => {
      const waiting = new AbortController()
      const headers: Record<string, string> = {}
      let isSent = false
      const respond = (response: AgentResponse): void => {
        isSent = true
        waiting.abort()
        forget()
        resolve(response)
      }
      const forget = program.atEnd(() => respond(textResponse(503, 'The agent has ended.')))
      if (program.ended.aborted) {
        respond(textResponse(503, 'The agent has ended.'))
        return
      }
      host.timebase.sleep(RESPONSE_WITHIN_S * 1000, waiting.signal).then(
        () => respond(textResponse(504, 'The agent has not responded in time.')),
        () => {},
      )
      program.enqueue(() => {
        const handler = this.#onRequest
        if (!handler) {
          host.say({
            kind: 'hint',
            text: `no handler for ${request.method} ${request.path || '/'}: http.onrequest has not been called`,
          })
          respond(textResponse(404, 'This agent takes no requests.'))
          return
        }
        return handler(request, {
          header: (name, value) => {
            requireString('response.header', 'name', name)
            requireString('response.header', 'value', value)
            headers[name.toLowerCase()] = value
          },
          send: (statuscode, body) => {
            if (!(Number.isInteger(statuscode) && statuscode >= 200 && statuscode <= 599)) {
              throw wrongArgument('response.send', 'give it a status code from 200 to 599')
            }
            if (isSent) {
              host.say({
                kind: 'hint',
                text: 'response.send: a response has been sent already; this one is left out',
              })
            } else respond({ statusCode: statuscode, headers, body: textOf(body) })
          },
        })
      })
    })
  }

  #request(
    call: string,
    method: string,
    url: string,
    headers: HttpHeaders,
    body?: string,
  ): HttpCall {
    requireString(call, 'method', method)
    requireString(call, 'URL', url)
    if (!/^https?:/.test(url) || !URL.canParse(url)) {
      throw wrongArgument(call, 'give it a URL that begins with http:// or https://')
    }
    if (body !== undefined) requireString(call, 'body', body)
    const { program } = this
    return program.guard<HttpCall>({
      sendasync: (callback) => {
        requireFunction('sendasync', callback)
        void this.#fetch(method, url, headers, body).then((response) =>
          program.enqueue(() => callback(response)),
        )
      },
      sendsync: () => program.blocking(this.#fetch(method, url, headers, body)),
    })
  }

  /** Never rejects. */
  async #fetch(
    method: string,
    url: string,
    headers: HttpHeaders,
    body?: string,
  ): Promise<HttpResponse> {
    const abort = new AbortController()
    const waiting = new AbortController()
    const forget = this.program.atEnd(() => abort.abort())
    let isLate = false
    this.host.timebase.sleep(RESPONSE_WITHIN_S * 1000, waiting.signal).then(
      () => {
        isLate = true
        abort.abort()
      },
      () => {},
    )
    try {
      const response = await fetch(url, {
        method,
        headers,
        body: body ?? null,
        signal: abort.signal,
      })
      return {
        statuscode: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      }
    } catch (error) {
      return {
        statuscode: isLate ? TIMED_OUT : NO_CONNECTION,
        headers: {},
        body: isLate ? `no response within ${RESPONSE_WITHIN_S} s` : reasonOf(error),
      }
    } finally {
      waiting.abort()
      forget()
    }
  }
}

const textResponse = (statusCode: number, body: string): AgentResponse => ({
  statusCode,
  headers: { 'content-type': 'text/plain' },
  body,
})

/** Of a fetch, which has its reason within. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error
  return cause instanceof Error ? cause.message || message : message
}
