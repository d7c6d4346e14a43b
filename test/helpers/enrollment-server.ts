import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'

export const KEY = 'key-of-the-maker-0123456789abcdef'
export const PLAN_ID = 'fedcba9876543210'
export const DEVICE_ID = '30000c2a69000001'
export const AGENT_URL = 'https://agent.electricimp.com/abcdEFGH1234'
export const CLAIMED_AT = '2026-11-29T12:00:00Z'

/** A request that has arrived. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

/** What is answered instead of what is right. */
export type Fault = (response: http.ServerResponse, asked: Asked) => void

/** A body of that status. */
export const answering =
  (status: number, body = '', headers: http.OutgoingHttpHeaders = {}): Fault =>
  (response) =>
    response.writeHead(status, headers).end(body)

/** An enrollment server, v1 and v5, as far as they are published: a real one on loopback, for the client alone. */
export class EnrollmentServer implements AsyncDisposable {
  readonly asked: Asked[] = []
  /** For the next requests, one each. */
  readonly faults: Fault[] = []
  /** The form of Basic authentication that is taken. */
  form = `${KEY}:`
  /** By how many polls no device has come yet. */
  pollsBefore = 0
  readonly tokens: string[] = []
  /** Who comes with the first token, the second and so on. */
  deviceIds: readonly string[] = [DEVICE_ID]

  private constructor(private readonly server: http.Server | https.Server) {}

  static async open(tls?: https.ServerOptions): Promise<EnrollmentServer> {
    const server = tls ? https.createServer(tls) : http.createServer()
    const opened = new EnrollmentServer(server)
    server.on('request', (request, response) => void opened.#answer(request, response))
    server.on('tlsClientError', () => {}) // a client that does not trust it
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return opened
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo
    return `${this.server instanceof https.Server ? 'https' : 'http'}://127.0.0.1:${port}`
  }

  /** The paths that were asked for. */
  get paths(): string[] {
    return this.asked.map(({ method, path }) => `${method} ${path}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.server, 'close')
    this.server.close()
    this.server.closeAllConnections()
    await closed
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', url: path = '', headers } = request
    const asked = { method, path, headers, body: Buffer.concat(chunks).toString() }
    this.asked.push(asked)
    const fault = this.faults.shift()
    if (fault) fault(response, asked)
    else if (headers.authorization !== `Basic ${Buffer.from(this.form).toString('base64')}`) {
      response.writeHead(401).end()
    } else this.#serve(asked, response)
  }

  #serve({ method, path, body }: Asked, response: http.ServerResponse): void {
    const say = (answer: object): void => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    }
    const { type, plan_id = PLAN_ID } = body === '' ? {} : JSON.parse(body)
    const [, token = ''] = /^\/v1\/setup_tokens\/(\w+)$/.exec(path) ?? []
    if (method === 'POST' && path === '/v1/setup_tokens') say({ id: this.#newToken(), plan_id })
    else if (method === 'POST' && path === '/v5/enroll' && type === 'production_token') {
      say({ token: this.#newToken(), plan_id })
    } else if (method === 'GET' && this.tokens.includes(token)) {
      const isClaimed = this.pollsBefore-- <= 0
      say({
        impee_id: isClaimed ? this.#deviceOf(token) : '',
        plan_id: PLAN_ID,
        agent_url: isClaimed ? AGENT_URL : null,
        claimed_at: isClaimed ? CLAIMED_AT : null,
      })
    } else response.writeHead(404).end()
  }

  #deviceOf(token: string): string {
    const { deviceIds } = this
    return deviceIds[this.tokens.indexOf(token) % deviceIds.length] as string
  }

  #newToken(): string {
    const token = `a1b2c3d4${(this.tokens.length + 1).toString(16).padStart(8, '0')}`
    this.tokens.push(token)
    return token
  }
}
